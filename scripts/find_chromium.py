"""Prints the path of a Chromium for the browser tests; installs one where that is possible."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(argv: list[str] | None = None) -> int:
    """Looks on the path and in Playwright's folder; else installs, by apt as root on Debian or Ubuntu, or by Playwright.

    Returns:
        0 with the path on standard output, 1 with one line on standard error.
    """
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    path = _find() or _install_with_apt() or _playwrights_own() or _install_with_playwright()
    if path is None:
        print("No Chromium for the browser tests: install Chromium or set CHROMIUM to its path.", file=sys.stderr)
        return 1
    print(path)
    return 0


def _find() -> str | None:
    wanted = os.environ.get("CHROMIUM")
    if wanted and Path(wanted).exists():
        return wanted
    return next((path for path in map(shutil.which, NAMES) if path), None)


def _install_with_apt() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    print("Installing Chromium with apt for the browser tests", file=sys.stderr)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _find()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install_with_playwright() -> str | None:
    print("Fetching Chromium with Playwright for the browser tests", file=sys.stderr)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _playwrights_own()


if __name__ == "__main__":
    sys.exit(main())
