"""`python -m knowledge check [path ...]`: every fault of the knowledge folder, in one run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from .check import find_faults
from .files import DEFAULT_ROOT


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns 0 without faults, 1 with, 2 for a path that is not there."""
    parser = argparse.ArgumentParser(prog="python -m knowledge", description="Check the curated answers.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="list every fault, with file, field and remedy")
    check.add_argument("paths", nargs="*", help="only faults of these files or folders, like answers/lupus")
    check.add_argument("--root", type=Path, default=DEFAULT_ROOT, help="the knowledge folder")
    check.add_argument("--today", type=date.fromisoformat, help="judge dates at this day (default: RELEASE_DATE)")
    check.add_argument("--due-within", type=int, default=0, metavar="DAYS", help="reviews due so soon are faults too")
    options = parser.parse_args(argv)
    return _check(options.root.resolve(), options.paths, options.today, options.due_within)


def _check(root: Path, paths: Sequence[str], today: date | None, due_within_days: int) -> int:
    wanted = []
    for path in paths:
        found = next((p for p in (root / path, Path(path).resolve()) if p.exists() and p.is_relative_to(root)), None)
        if found is None:
            print(f"no such file or folder below {root}: {path}", file=sys.stderr)
            return 2
        wanted.append(found.relative_to(root).as_posix())
    faults = find_faults(root, today, due_within_days)
    if wanted:
        faults = [f for f in faults if any(f.file == w or f.file.startswith(f"{w}/") or w == "." for w in wanted)]
    for fault in faults:
        print(fault)
    print(f"{len(faults)} fault(s)" if faults else "no faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
