"""Starts everything on this machine and says where to look: what `make run` calls."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from honcho.manager import Manager  # noqa: E402
from honcho.printer import Printer  # noqa: E402

from stack import PARTS, Stack, StackError, stack_environment  # noqa: E402
from stack.settings import port_is_taken  # noqa: E402

PORT_MEANINGS = {
    "ASKIMMUNE_PORT": "the desk",
    "ASKIMMUNE_RASA_PORT": "the Rasa server",
    "ASKIMMUNE_ACTIONS_PORT": "the action server",
}


def main(argv: list[str] | None = None) -> int:
    """Trains if needed, starts the four processes, waits until they are ready; Ctrl-C ends them.

    Returns:
        0 after Ctrl-C or SIGTERM, 1 when something could not start; the last line then says what to do.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("ASKIMMUNE_HOME") or ROOT / "var"))
    options = parser.parse_args(argv)
    home = options.home
    home.mkdir(parents=True, exist_ok=True)
    env = stack_environment(home)
    for name, meaning in PORT_MEANINGS.items():
        if port_is_taken(int(env[name])):
            print(f"Port {env[name]} ({meaning}) is taken. End what uses it, or choose another: {name}=… make run")
            return 1
    if subprocess.run(
        [str(ROOT / ".venv/bin/python"), "scripts/train.py", "--if-changed"], cwd=ROOT, env=env
    ).returncode:
        return 1
    stack = Stack(env, home / "logs")
    try:
        stack.migrate()
    except StackError as error:
        print(error)
        return 1
    return _run_all(stack)


def _run_all(stack: Stack) -> int:
    manager = Manager(Printer(output=sys.stdout))
    for part in PARTS:
        manager.add_process(part, stack.commands[part], env=stack.env, cwd=str(ROOT))
    ready = threading.Event()
    threading.Thread(target=_announce, args=(stack, ready), daemon=True).start()
    print("Starting (Ctrl-C ends all of it)", flush=True)
    manager.loop()
    if ready.is_set() and manager.returncode in (None, 0, 130, -2, -15, 143):
        return 0
    if manager.returncode:
        print("A process ended by itself (its lines are above), so everything was stopped.")
        return 1
    return 0


def _announce(stack: Stack, ready: threading.Event) -> None:
    """Prints the addresses as soon as health says ok; says what is down if that takes long."""
    started = time.monotonic()
    warned = False
    while not ready.is_set():
        health = stack.health()
        if health and health.get("status") == "ok":
            ready.set()
            _print_addresses(stack.url, time.monotonic() - started)
        elif not warned and time.monotonic() - started > 60:
            warned = True
            print(f"Still waiting; health: {health}", flush=True)
        time.sleep(0.25)


def _print_addresses(url: str, seconds: float) -> None:
    print(
        f"""
AskImmune is ready ({seconds:.0f} s).
  Demo clinic page with the widget   {url}/demo/
  Full-page chat                     {url}/chat/
  Staff console                      {url}/staff/
First staff account (in another terminal):
  make staff NAME=yourname
Demonstration content, not yet signed off by a clinician. Ctrl-C ends everything.
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
