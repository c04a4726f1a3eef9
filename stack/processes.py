"""Starts, watches, kills and stops the processes of the Procfile."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from stack.settings import ROOT

PARTS = ("actions", "rasa", "desk", "worker")
_STOP_WAIT_S = 8.0


class StackError(RuntimeError):
    """A part did not start, or ended by itself; the message says which and shows the end of its log."""


class Stack:
    """Runs some or all parts of the Procfile, each in a process group of its own, with a log file each.

    Args:
        env: the environment of every part (`stack_environment`).
        logs: folder for `<part>.log`.
    """

    def __init__(self, env: dict[str, str], logs: Path) -> None:
        self.env = env
        self.logs = logs
        self.commands = _read_procfile(ROOT / "Procfile")
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Address of the desk."""
        return f"http://127.0.0.1:{self.env['ASKIMMUNE_PORT']}"

    @property
    def rasa_url(self) -> str:
        """Address of the Rasa server."""
        return f"http://127.0.0.1:{self.env['ASKIMMUNE_RASA_PORT']}"

    def start(self, *parts: str) -> None:
        """Starts the named parts, or all four; does not wait for them."""
        for part in parts or PARTS:
            log = (self.logs / f"{part}.log").open("ab")
            self.running[part] = subprocess.Popen(
                ["sh", "-c", self.commands[part]],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            log.close()

    def migrate(self) -> None:
        """Brings the desk's database up to date.

        Raises:
            StackError: if a migration fails.
        """
        command = [".venv/bin/python", "manage.py", "migrate", "--verbosity", "0"]
        done = subprocess.run(command, cwd=ROOT / "desk", env=self.env, capture_output=True, text=True)
        if done.returncode:
            raise StackError(f"The database could not be brought up to date:\n{done.stderr[-2000:]}")

    def health(self) -> dict[str, object] | None:
        """The body of `/health/ready`, or None while the desk does not answer."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/health/ready", timeout=3) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)
        except (OSError, ValueError):
            return None

    def wait_until_ready(self, timeout_s: float = 120.0) -> dict[str, object]:
        """Waits for health `ok`.

        Returns:
            The health body.

        Raises:
            StackError: if a part ends, or `timeout_s` passes.
        """
        deadline = time.monotonic() + timeout_s
        health = None
        while time.monotonic() < deadline:
            self.raise_if_ended()
            health = self.health()
            if health and health.get("status") == "ok":
                return health
            time.sleep(0.25)
        raise StackError(f"Not ready after {timeout_s:.0f} s; health is {health}.\n{self.log_ends()}")

    def wait_for_port(self, url: str, timeout_s: float = 60.0) -> None:
        """Waits until `url` answers anything at all over HTTP.

        Raises:
            StackError: if a part ends, or `timeout_s` passes.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            self.raise_if_ended()
            try:
                urllib.request.urlopen(url, timeout=3).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.2)
        raise StackError(f"{url} did not answer within {timeout_s:.0f} s.\n{self.log_ends()}")

    def raise_if_ended(self) -> None:
        """Raises StackError when a part has ended that nobody stopped."""
        for part, process in self.running.items():
            if process.poll() is not None:
                raise StackError(f"{part} ended with code {process.returncode}.\n{self.log_ends(part)}")

    def kill(self, part: str) -> None:
        """Ends a part at once, as a crash would (SIGKILL to its process group)."""
        process = self.running.pop(part)
        _signal_group(process, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Ends all parts: SIGTERM, then SIGKILL for those that do not go."""
        for process in self.running.values():
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_WAIT_S
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()
        self.running.clear()

    def log_ends(self, *parts: str, lines: int = 15) -> str:
        """The last lines of the logs of the named parts, or of all."""
        ends = []
        for part in parts or PARTS:
            path = self.logs / f"{part}.log"
            if path.exists():
                text = path.read_text(errors="replace").splitlines()[-lines:]
                ends.append(f"--- {part}\n" + "\n".join(text))
        return "\n".join(ends)


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def _read_procfile(path: Path) -> dict[str, str]:
    lines = re.findall(r"^([a-z]+):\s*(.+)$", path.read_text(), flags=re.MULTILINE)
    return dict(lines)
