"""Runs the conversation tests with `rasa test` and fails on any wrong prediction: part of `make test`."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "results" / "conversations"
CORRECT = re.compile(r"Correct:\s+(\d+) / (\d+)")


def main(argv: list[str] | None = None) -> int:
    """Tests every story of tests/conversations against the trained model.

    Returns:
        0 when every story was predicted right, 1 otherwise or when no story ran.
    """
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    RESULTS.mkdir(parents=True, exist_ok=True)
    command = [
        str(ROOT / ".venv/bin/rasa"),
        "test",
        "core",
        "--model",
        "models/askimmune.tar.gz",
        "--stories",
        "tests/conversations",
        "--out",
        str(RESULTS),
        "--fail-on-prediction-errors",
    ]
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    output = done.stdout + done.stderr
    (RESULTS / "log.txt").write_text(output)
    counts = CORRECT.search(output)
    if done.returncode or not counts or counts[1] != counts[2] or counts[2] == "0":
        print(output[-4000:])
        failed = RESULTS / "failed_test_stories.yml"
        print(failed.read_text() if failed.exists() else "No story was run.")
        return 1
    print(f"Conversation tests: {counts[1]} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
