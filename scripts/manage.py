"""Runs one of the desk's management commands with the settings that `make run` uses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from stack import stack_environment  # noqa: E402


def main(argv: list[str] | None = None) -> int:
    """Passes its arguments on to `desk/manage.py`; returns its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    env = stack_environment(Path(os.environ.get("ASKIMMUNE_HOME") or ROOT / "var"))
    command = [".venv/bin/python", "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT / "desk", env=env).returncode


if __name__ == "__main__":
    sys.exit(main())
