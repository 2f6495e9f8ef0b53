"""Clients of other makers through Hanse to a simulated cloud of another language. Prints a table with their versions.

Each makes a text, a stream and a turn with a tool; agents work off a task of three calls. Keys and signatures are
checked, and nothing but the loopback can be reached.
"""

import json

from clients_agents import AGENTS, version_of
from clients_classes import CLASSES
from clients_lab import CLIENT_KEY, SECRET, Line, clouds, leave_the_network
from clients_programs import (
    FRAMEWORKS,
    NODES,
    WORDS,
    check_outcome,
    framework,
    framework_version,
    node_client,
    node_version,
)
from runner import Skip, Suite
from tongue import Results, User, Wants

suite = Suite("clients")
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["C", "F"]}},
    "required": ["city", "unit"],
}
PROGRAMS: dict = {}  # by the name of the case: what makes its Program
SPEAKS_H2 = "Node @aws-sdk/client-bedrock-runtime to gemini"
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


def program(name: str, version, cloud: str, make, check) -> None:
    """A client that is a program of its own: started with the others of this run, judged by what it printed."""
    case = f"{name} to {cloud}"
    assert case not in PROGRAMS, f"two cases are called {case}"
    PROGRAMS[case] = make

    @client(name, version, cloud)
    def judged(lab):
        check(start(lab)[1].ended(case))


for node, modules, node_clients in NODES:
    for node_name, cloud_name in node_clients.items():
        program(
            f"Node {node_name}",
            lambda modules=modules, name=node_name: node_version(modules, name),
            cloud_name,
            lambda lab, of=(node, modules, node_name, cloud_name): node_client(lab, clouds(lab).base, *of),
            lambda ended, name=node_name: check_outcome(ended.ok(), name),
        )


@suite.case(name="AWS's Node SDK speaks HTTP/2 from the first byte, and its client is known by its signature")
def aws_by_http2(lab):
    gateway, line = start(lab)
    if SPEAKS_H2 not in suite.chosen:
        raise Skip(f"'{SPEAKS_H2}' is not part of this run")
    line.ended(SPEAKS_H2).ok()
    log = [*gateway.lines, *gateway.stderr_text().splitlines()]
    said = [json.loads(text) for text in log if text.startswith('{"time"')]
    asked = [entry for entry in said if "/converse" in entry["path"] and entry["http"] == 2]
    assert len(asked) == 6 and all(entry["client"] == "robot" for entry in asked), asked


for framework_name, cloud_name in FRAMEWORKS.items():
    program(
        f"Python {framework_name}",
        lambda name=framework_name: framework_version(name),
        cloud_name,
        lambda lab, name=framework_name: framework(lab, clouds(lab).base, name),
        lambda ended, name=framework_name: check_outcome(ended.ok(), name),
    )

for agent, (package, make_agent, check_agent, agent_clouds) in AGENTS.items():
    for cloud_name in agent_clouds:
        program(
            agent,
            lambda package=package: version_of(package),
            cloud_name,
            lambda lab, make=make_agent, cloud=cloud_name: make(lab, clouds(lab).base, cloud),
            check_agent,
        )


def lines() -> list[str]:
    """The table."""
    rows = [("client", "version", "cloud", ""), *table]
    return ["", *network[:1], *(f"{name:<48}{version:<12}{cloud:<11}{how}" for name, version, cloud, how in rows)]


suite.notes = lines
