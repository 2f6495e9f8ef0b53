"""The processes of the benchmark: how each is configured, started, found ready and ended.

Every process starts in a session of its own, on the core it is given, and dies with run.py whatever happens to it.
"""

import ctypes
import http.client
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
HELD_CONNECTIONS = 10_000
WANTED_FILES = 2 * HELD_CONNECTIONS + 1_000

NGINX = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.err;
worker_rlimit_nofile {files};
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  client_body_buffer_size 64k;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  upstream provider {{ server 127.0.0.1:{provider}; keepalive 1024; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 600s;
    }}
  }}
}}
"""

HAPROXY = """
global
  nbthread 1
  maxconn {connections}
  no strict-limits
  tune.bufsize 16384
defaults
  mode http
  http-reuse always
  option http-no-delay
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
frontend clients
  bind 127.0.0.1:{port} backlog 4096
  default_backend provider
backend provider
  server one 127.0.0.1:{provider}
"""

HANSE = """
[server]
listen = "127.0.0.1:{port}"
threads = 1
[log]
access = "{folder}/access.log"
[provider.local]
kind = "openai-compatible"
url = "http://127.0.0.1:{provider}/v1"
[provider.claude]
kind = "anthropic"
url = "http://127.0.0.1:{provider}"
key_env = "BENCH_KEY"
[model.bench]
offers = ["local/bench-model"]
[model.bench-translated]
offers = ["claude/bench-claude"]
"""


class Trouble(Exception):
    """Something that makes a figure impossible; the message says what and what to do."""


@dataclass
class Server:
    name: str
    port: int
    process: subprocess.Popen

    @property
    def pid(self) -> int:
        return self.process.pid


def cores() -> tuple[int, int]:
    """The core of the proxies and the core of the load."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise Trouble("two cores are needed: one for the proxy, one for the load")
    return usable[0], usable[1]


def free_port() -> int:
    """A port below the range that outgoing connections take theirs from."""
    for _ in range(1000):
        port = random.randrange(20_000, 31_000)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
                return port
            except OSError:
                continue
    raise Trouble("no free port")


def raise_open_files() -> int:
    """Raises this process's limit as far as it may go; its children inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (max(WANTED_FILES, hard), hard):  # beyond the hard limit with the right privilege only
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            return limit
        except (OSError, ValueError):
            continue
    return soft


def _prepare(core: int) -> None:
    """Runs in the child, before it becomes the server."""
    os.setsid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: nothing is left behind
    os.sched_setaffinity(0, {core})
    try:
        # Other work on the machine takes half of a core's time else; `nice` does not reach across sessions.
        Path("/proc/self/autogroup").write_text("-15")
    except OSError:
        pass


def launch(command: list[str], core: int, folder: Path, name: str, **options) -> subprocess.Popen:
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "BENCH_KEY": "bench-secret"}
    errors = (folder / f"{name}.stderr").open("ab")
    output = options.pop("stdout", errors)
    with errors:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=environment,
            preexec_fn=lambda: _prepare(core), **options,
        )


def _command(name: str, folder: Path, port: int, provider: int, tools: Path, hanse: str) -> list[str]:
    files = raise_open_files()
    values = {"folder": folder, "port": port, "provider": provider, "files": files}
    config = folder / f"{name}.conf"
    if name == "relay":
        return [str(tools / "relay"), str(port), str(provider)]
    if name == "nginx":
        config.write_text(NGINX.format(connections=files - 100, **values))
        return [_binary("nginx"), "-e", f"{folder}/nginx.err", "-p", str(folder), "-c", str(config)]
    if name == "haproxy":
        config.write_text(HAPROXY.format(connections=HELD_CONNECTIONS + 100, **values))
        return [_binary("haproxy"), "-db", "-f", str(config)]
    if name == "hanse":
        config = folder / "hanse.toml"
        config.write_text(HANSE.format(**values))
        return [hanse, "serve", "--config", str(config)]
    raise Trouble(f"no such server: {name}")


def _binary(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise Trouble(f"{name} is not installed (Debian package: {name}); its column is left out")
    return found


def is_installed(name: str) -> bool:
    try:
        _binary(name)
        return True
    except Trouble:
        return False


def start(name: str, folder: Path, provider: int, tools: Path, hanse: str) -> Server:
    port = free_port()
    process = launch(_command(name, folder, port, provider, tools, hanse), cores()[0], folder, name)
    server = Server(name, port, process)
    try:
        _await_ready(server, folder)
    except BaseException:
        stop(process)
        raise
    return server


def _await_ready(server: Server, folder: Path) -> None:
    for _ in range(500):
        if server.process.poll() is not None:
            break
        if _is_ready(server):
            return
        time.sleep(0.02)
    said = (folder / f"{server.name}.stderr").read_text(errors="replace")[-2000:]
    raise Trouble(f"{server.name} did not start: {said or 'it said nothing'}")


def _is_ready(server: Server) -> bool:
    try:
        if server.name != "hanse":
            socket.create_connection((HOST, server.port), 1).close()
            return True
        connection = http.client.HTTPConnection(HOST, server.port, timeout=1)
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
        connection.close()
        return status == 200
    except (OSError, http.client.HTTPException):
        return False


def stop(process: subprocess.Popen) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def rss_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise Trouble(f"process {pid} has no memory")
