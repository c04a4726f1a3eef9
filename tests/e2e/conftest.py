"""Real processes on free ports, a real browser, and nothing mocked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from stack import Stack, free_port, stack_environment  # noqa: E402
from tests.e2e.patient import Patient  # noqa: E402

OUTPUT = ROOT / "test-output"
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PORTS = ("ASKIMMUNE_PORT", "ASKIMMUNE_RASA_PORT", "ASKIMMUNE_ACTIONS_PORT")


def make_stack(home: Path, **settings: str) -> Stack:
    """A migrated stack on free ports that has not started yet."""
    env = stack_environment(home, ports={name: free_port() for name in PORTS})
    # One address asks all the questions here.
    env |= {"ASKIMMUNE_RATE_PER_ADDRESS": "0", "ASKIMMUNE_REGION": "US", **settings}
    stack = Stack(env, home / "logs")
    stack.migrate()
    return stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """All four processes, ready; shared by the tests of one file. The ends of their logs are printed on a failure."""
    stack = make_stack(tmp_path_factory.mktemp("home"))
    failed_before = request.session.testsfailed
    with stack:
        stack.start()
        stack.wait_until_ready()
        yield stack
    if request.session.testsfailed > failed_before:
        print(stack.log_ends())


@pytest.fixture
def patient(stack: Stack) -> Iterator[Patient]:
    with Patient(stack.url) as patient:
        yield patient


@pytest.fixture
def make_staff(stack: Stack) -> Callable[[str, str], str]:
    """Makes a staff account and returns its password."""

    def make(username: str, role: str) -> str:
        password = f"correct-horse-{username}-42"
        name = ["--username", username, "--name", username.title(), "--role", role]
        command = [".venv/bin/python", "manage.py", "create_staff", *name]
        env = stack.env | {"ASKIMMUNE_STAFF_PASSWORD": password}
        done = subprocess.run(command, cwd=ROOT / "desk", env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return password

    return make


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
