"""`python -m safety manifest | check [--today YYYY-MM-DD] | screen TEXT`."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from safety import manifest


def main(argv: list[str] | None = None) -> int:
    """Runs one command; returns 0 if all is well, else 1."""
    parser = argparse.ArgumentParser(prog="python -m safety", description=__doc__)
    parser.add_argument("--root", type=Path, default=manifest.ROOT, help="folder of the pack")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("manifest", help="write manifest.json anew, after a person has looked at the change")
    check = commands.add_parser("check", help="run every rule's examples, dates, sources, cards and the manifest")
    check.add_argument(
        "--today", nargs="?", const=date.today().isoformat(), default=None, help="day for review dates; bare: today"
    )
    one = commands.add_parser("screen", help="show the verdict on one message")
    one.add_argument("text")
    args = parser.parse_args(argv)
    if args.command == "manifest":
        print(manifest.write(args.root))
        return 0
    if args.command == "screen":
        from safety.pack import load_pack

        print(load_pack(args.root).screen(args.text))
        return 0
    from safety.check import check_pack

    faults = check_pack(args.root, today=date.fromisoformat(args.today) if args.today else None)
    print("\n".join(faults) or "safety pack: no fault found")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
