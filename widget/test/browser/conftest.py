"""A real Chromium against the mock desk: one process of Node for the desk, one browser, a fresh context for each test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

WIDGET = Path(__file__).resolve().parents[2]
CHROMIUM_ARGS = [
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
WATCH = """
window.violations = []; window.pageErrors = [];
addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.sourceFile), true);
addEventListener('error', (event) => pageErrors.push(event.message));
addEventListener('unhandledrejection', (event) => pageErrors.push(String(event.reason)));
"""


class MockDesk:
    """The mock desk in its own process, steered over its control address.

    Args:
        origin: Where it listens, like ``http://127.0.0.1:40001``.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def control(self, what: str, **body: object) -> dict:
        """Sends one order (``faults``, ``push``, ``frame``, ``status``, ``drop``, ``host``, ``forget``) and returns what the desk holds."""
        request = urllib.request.Request(f"{self.origin}/control/{what}", json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=5) as response:
            return json.load(response)


@pytest.fixture
def desk() -> Iterator[MockDesk]:
    """A mock desk of its own for each test, so that nothing of an earlier chat is left."""
    process = subprocess.Popen(
        ["node", "test/support/mock_desk.js", "--serve"], cwd=WIDGET, stdout=subprocess.PIPE, text=True
    )
    try:
        yield MockDesk(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's or the system's Chromium; nothing is downloaded."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=CHROMIUM_ARGS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A wide page; it fails the test on any policy violation or uncaught error."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(WATCH)
    context.set_default_timeout(6_000)
    opened = context.new_page()
    yield opened
    if not opened.is_closed() and opened.url.startswith("http"):
        assert opened.evaluate("[...violations, ...pageErrors]") == []
    context.close()
