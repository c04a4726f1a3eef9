"""Trains the assistant's model when something that it depends on has changed.

`python scripts/train.py` always trains; `--if-changed` trains only when the data, the configuration or the
encoder differ from what the model was trained on, and says what; `--verify` only checks that the model file
is the one that was trained here (SAFETY X-10), which must be done before `rasa run` loads it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import time
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "models"
NAME = "askimmune"
MODEL = MODELS / f"{NAME}.tar.gz"
DIGESTS = MODELS / f"{NAME}.inputs.json"
CHECKSUM = MODELS / f"{NAME}.sha256"
LOG = MODELS / "train.log"
# Everything that training reads. knowledge/answers is not among them: new answers need no training.
INPUTS = (
    "config.yml",
    "domain.yml",
    "data/**/*.yml",
    "components/**/*.py",
    "knowledge/topics.yml",
    "knowledge/conditions.yml",
    "models/encoder/manifest.json",
)


def sha256(path: Path) -> str:
    """Returns the SHA-256 of a file as 64 hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_inputs(root: Path = ROOT) -> dict[str, str]:
    """Returns the SHA-256 of every file that training reads, by path."""
    files = sorted(path for pattern in INPUTS for path in root.glob(pattern) if path.is_file())
    return {path.relative_to(root).as_posix(): sha256(path) for path in files}


def find_reason(inputs: dict[str, str]) -> str | None:
    """Says why the model must be trained, or returns None if it is up to date."""
    if not MODEL.is_file():
        return "there is no model yet"
    if not is_verified():
        return "the model file is not the one that was trained here"
    try:
        before = json.loads(DIGESTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "it is not known what the model was trained on"
    changed = sorted(name for name in {*before, *inputs} if before.get(name) != inputs.get(name))
    if not changed:
        return None
    more = f" and {len(changed) - 3} more files" if len(changed) > 3 else ""
    return f"changed: {', '.join(changed[:3])}{more}"


def is_verified() -> bool:
    """Tells whether the model file has the SHA-256 that was written after training."""
    try:
        return CHECKSUM.read_text(encoding="utf-8").split()[0] == sha256(MODEL)
    except (OSError, IndexError):
        return False


def build_encoder() -> bool:
    """Builds the sentence encoder unless it is there; returns whether it is there afterwards."""
    command = [
        str(ROOT / "scripts" / "uv"),
        "run",
        "--quiet",
        "--no-project",
        str(ROOT / "scripts" / "build_encoder.py"),
    ]
    if (MODELS / "encoder" / "manifest.json").is_file():
        return True
    print("Building the sentence encoder (once)", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def run_rasa() -> int:
    """Runs `rasa train` with its output in a log file; returns its exit code."""
    rasa = Path(sys.executable).with_name("rasa")
    command = [str(rasa), "train", "--fixed-model-name", NAME, "--out", str(MODELS), "--force"]
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    with LOG.open("w", encoding="utf-8") as log:
        return subprocess.run(command, cwd=ROOT, env=environment, stdout=log, stderr=log, check=False).returncode


def read_reports() -> dict[str, dict[str, object]]:
    """Returns what the classifiers measured while they were trained."""
    reports = {}
    with tarfile.open(MODEL) as archive:
        for member in archive.getmembers():
            name = Path(member.name).name
            content = archive.extractfile(member) if name in ("topics.json", "tiers.json") else None
            if content is not None:
                reports[name.removesuffix(".json")] = json.loads(content.read())
    return reports


def write_card(inputs: dict[str, str], seconds: float) -> None:
    """Writes models/MODEL_CARD.md: data digest, versions, what training measured, and the command."""
    reports = read_reports()
    topics, tiers = reports["topics"], reports["tiers"]
    encoder = json.loads((MODELS / "encoder" / "manifest.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    rows = {
        "Trained": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC in {seconds:.0f} s by `scripts/train.py`",
        "Inputs": f"{len(inputs)} files, digest `{digest[:16]}`",
        "Model file": f"`models/{MODEL.name}`, SHA-256 `{sha256(MODEL)}`",
        "Encoder": f"{encoder['model']}, {encoder['check']['precision']} (Apache-2.0)",
        "Versions": ", ".join(
            f"{name} {version(name)}" for name in ("rasa", "scikit-learn", "onnxruntime", "tokenizers")
        ),
        "Examples": f"{topics['examples']} in {topics['classes']} intents",
        "C": topics["c"],
        "Confidence threshold": topics["threshold"],
        "Right in cross-validation": f"{topics['cross_validated_accuracy']:.1%} of the examples",
        "Above the threshold in cross-validation": f"{topics['accepted']:.1%}",
        "Tier thresholds": ", ".join(f"{name} {value}" for name, value in tiers["thresholds"].items()),
        "Danger missed by layer B in cross-validation": tiers["cross_validated_missed"],
        "False alarms of layer B in cross-validation": tiers["cross_validated_false_alarms"],
        "... of these on frightening but safe messages": tiers["cross_validated_false_alarms_frightening"],
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    (MODELS / "MODEL_CARD.md").write_text(_CARD.format(table=table), encoding="utf-8")


_CARD = """# Model card: askimmune

Written by `scripts/train.py`; do not edit. Understands patients' questions in English: which topic is asked, how sure
that is, and whether the message reports danger. It writes no text: answers are looked up in `knowledge/`.

| | |
| --- | --- |
{table}

**Not for** diagnosis, triage or emergencies: the deterministic screen in `safety/` runs before this model and does not
depend on it. Figures from cross-validation are on the authors' own examples and may flatter or slight the
model; `make eval` measures it on questions that were kept out of training (`docs/eval_log.csv`). The training examples
were written for this project; no patient's messages are among them. English only.
"""


def train(inputs: dict[str, str]) -> int:
    """Trains, records what was trained on, and returns the exit code."""
    started = time.monotonic()
    code = run_rasa()
    if code != 0 or not MODEL.is_file():
        print(
            f"Training failed (exit code {code}); the reason is at the end of {LOG.relative_to(ROOT)}.", file=sys.stderr
        )
        return code or 1
    seconds = time.monotonic() - started
    CHECKSUM.write_text(f"{sha256(MODEL)}  {MODEL.name}\n", encoding="utf-8")
    DIGESTS.write_text(json.dumps(inputs, indent=1) + "\n", encoding="utf-8")
    write_card(inputs, seconds)
    print(f"Trained in {seconds:.0f} s: models/{MODEL.name}", flush=True)
    return 0


def main(argv: list[str] | None = None) -> int:
    """Trains or verifies; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--if-changed", action="store_true", help="train only if something changed")
    choice.add_argument(
        "--verify", action="store_true", help="only check the model file; exit code 1 if it was changed"
    )
    args = parser.parse_args(argv)
    if args.verify:
        good = is_verified()
        print(
            "The model file is the one that was trained here." if good else "The model file was changed or is missing."
        )
        return 0 if good else 1
    MODELS.mkdir(exist_ok=True)
    if not build_encoder():
        print("Training stopped: the sentence encoder could not be built (see above).", file=sys.stderr)
        return 1
    inputs = read_inputs()
    reason = find_reason(inputs) or (None if args.if_changed else "you asked for it")
    if reason is None:
        print("The model is up to date.", flush=True)
        return 0
    print(f"Training the assistant ({reason}); this takes about half a minute", flush=True)
    return train(inputs)


if __name__ == "__main__":
    sys.exit(main())
