"""Clients of other makers through Hanse to a simulated cloud of another language. Prints a table with their versions.

Each makes a text, a stream and a turn with a tool; agents work off a task of three calls. Keys and signatures are
checked, and nothing but the loopback can be reached.
"""

from clients_agents import AGENTS, version_of
from clients_classes import CLASSES
from clients_lab import CLIENT_KEY, CLOUDS, SECRET, Line, clouds, leave_the_network
from runner import Suite
from tongue import Results, User, Wants

suite = Suite("clients")
WORDS = 'Fog over Lübeck, 日本語, \U0001f98a, "quotes" and \\ slashes'
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["C", "F"]}},
    "required": ["city", "unit"],
}
PROGRAMS: dict = {}  # by the name of the case: what makes its Program
table: list[tuple] = []
network: list[str] = []


def start(lab):
    """The gateway; the first call leaves the network and starts the programs of this run."""

    def make():
        trouble = leave_the_network()
        network.append(f"NOT cut off from the network: {trouble}" if trouble else "cut off from any network")
        clouds(lab)
        return Line({name: lambda make=make: make(lab) for name, make in PROGRAMS.items() if name in suite.chosen})

    line = lab.keep("line", make)
    return clouds(lab), line


def client(name: str, version, cloud: str, limit_s: float = 120):
    """A case that is a row of the table."""

    def register(function):
        def run(lab):
            table.append((name, version() if callable(version) else version, cloud, "FAILED"))
            function(lab)
            table[-1] = (*table[-1][:-1], "passed")

        suite.add(f"{name} to {cloud}", run, limit_s)

    return register


def check_tongue(lab, tongue, key: str, model: str) -> None:
    gateway, _ = start(lab)

    def ask(turns, **wants):
        return tongue.ask(gateway.base, model, turns, Wants(**wants), key).ok()

    for stream in (False, True):
        said = ask([User(f"echo {WORDS}")], stream=stream)
        assert said.text == WORDS and said.stop == "end", said
        assert said.input > 0 and said.output > 0, said
        first = User("call get_weather with city=Lübeck unit=C")
        said = ask([first], stream=stream, tools={"get_weather": WEATHER})
        assert [call.name for call in said.calls] == ["get_weather"] and said.stop == "tool", said
        assert said.calls[0].arguments == {"city": "Lübeck", "unit": "C"}, said
        then = [first, said, Results([(said.calls[0], "12 degrees")])]
        last = ask(then, stream=stream, tools={"get_weather": WEATHER})
        assert last.text == "The tool answered: 12 degrees" and last.stop == "end", last


for class_name, module, tongue, signs, cloud_name in CLASSES:

    @client(f"Python {class_name}{' (signed)' if signs else ''}", module.__version__, cloud_name)
    def python_class(lab, tongue=tongue, key=SECRET if signs else CLIENT_KEY, cloud=cloud_name):
        check_tongue(lab, tongue, key, f"to-{cloud}")


for agent, (package, make_agent, check_agent) in AGENTS.items():
    for cloud_name in CLOUDS:
        PROGRAMS[f"{agent} to {cloud_name}"] = lambda lab, make=make_agent, cloud=cloud_name: make(
            lab, clouds(lab).base, cloud
        )

        @client(agent, lambda package=package: version_of(package), cloud_name)
        def agent_task(lab, name=f"{agent} to {cloud_name}", check=check_agent):
            check(start(lab)[1].ended(name).ok())


def lines() -> list[str]:
    """The table."""
    rows = [("client", "version", "cloud", ""), *table]
    return ["", *network[:1], *(f"{name:<44}{version:<12}{cloud:<11}{how}" for name, version, cloud, how in rows)]


suite.notes = lines
