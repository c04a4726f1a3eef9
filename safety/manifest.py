"""SHA-256 manifest of the pack: an altered file is never used (SAFETY S-5, X-10)."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

NAME = "manifest.json"
ROOT = Path(__file__).resolve().parent
_SINGLE = ("cues.yml", "figurative.yml", "sources.yml", "words.yml")


def data_files(root: Path) -> list[Path]:
    """Every file that decides what the screen says, sorted."""
    found = [root / name for name in _SINGLE if (root / name).exists()]
    for folder in ("rules", "cards", "regions"):
        found += (root / folder).glob("*.yml")
    return sorted(found)


def digest(root: Path) -> dict[str, str]:
    """Path below root to SHA-256 in hexadecimal."""
    return {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in data_files(root)}


def write(root: Path = ROOT) -> Path:
    """Writes the manifest of a pack that a person has reviewed; returns its path."""
    path = root / NAME
    path.write_text(json.dumps({"files": digest(root)}, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path


def faults(root: Path = ROOT) -> list[str]:
    """What differs from the manifest; empty if every byte is as signed off.

    A missing or unreadable manifest is a fault like any other.
    """
    try:
        expected = json.loads((root / NAME).read_text(encoding="utf-8"))["files"]
        actual = digest(root)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"{NAME}: cannot be read ({type(error).__name__})"]
    if not expected:
        return [f"{NAME}: names no file"]
    out = [f"{name}: missing" for name in expected if name not in actual]
    out += [f"{name}: not in the manifest" for name in actual if name not in expected]
    return out + [f"{name}: altered" for name in expected if name in actual and actual[name] != expected[name]]


def keep_good_copy(destination: Path, root: Path = ROOT) -> bool:
    """Copies a pack whose manifest holds to a folder that `load_pack(last_good=…)` can fall back to.

    Returns:
        False, and nothing is copied, if the pack is not as its manifest says.
    """
    if faults(root):
        return False
    fresh = destination.with_name(destination.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for path in [*data_files(root), root / NAME]:
        target = fresh / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shutil.rmtree(destination, ignore_errors=True)
    fresh.rename(destination)
    return True
