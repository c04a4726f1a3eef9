"""Help lines by region (SAFETY S-9): data with source and dates; an unknown region gets all the common numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from safety.manifest import ROOT
from safety.rules import read_yaml

UNKNOWN = "unknown"
MAX_REVIEW_DAYS = 180
USES = (
    "emergency",
    "emergency_no_voice",
    "crisis",
    "crisis_no_voice",
    "urgent",
    "poison",
    "abuse",
    "abuse_no_voice",
    "child",
)
# If even the region files cannot be read, the patient still gets numbers (S-5).
_LAST_RESORT = ("911", "999", "112", "000")


@dataclass(frozen=True)
class HelpLine:
    """One number.

    Attributes:
        use: one of `USES`.
        number: as people read it.
        href: `tel:` or `sms:` link.
        verified: the organisation's own page was read on `verified_on`.
    """

    id: str
    use: str
    label: str
    number: str
    href: str
    organisation: str
    source: str
    verified: bool
    verified_on: date
    review_by: date
    note: str


@dataclass(frozen=True)
class Region:
    """All lines of one region; `code` is ISO 3166-1 alpha-2 or `unknown`."""

    code: str
    name: str
    lines: tuple[HelpLine, ...]

    def lines_for(self, use: str) -> tuple[HelpLine, ...]:
        """Lines of one use, in the order of the file; empty if the region has none."""
        return tuple(line for line in self.lines if line.use == use)


def last_resort() -> Region:
    """The common emergency numbers, built into the code."""
    day = date(2026, 11, 24)
    lines = tuple(
        HelpLine(f"emergency_{n}", "emergency", f"Call {n}", n, f"tel:{n}", "", "", False, day, day, "built in")
        for n in _LAST_RESORT
    )
    return Region(UNKNOWN, UNKNOWN, lines)


def read_region(path: Path) -> Region:
    """A region file, checked only for its shape.

    Raises:
        KeyError, TypeError, OSError: unreadable or incomplete.
    """
    raw = read_yaml(path)
    lines = tuple(
        HelpLine(**{**line, "number": str(line["number"]), "note": str(line.get("note", ""))}) for line in raw["lines"]
    )
    return Region(str(raw["region"]), str(raw["name"]), lines)


@lru_cache(maxsize=64)
def _load(root: Path, code: str) -> Region:
    return read_region(root / "regions" / f"{code}.yml")


def held(root: Path = ROOT) -> list[str]:
    """Codes of the regions that we hold numbers for, without `unknown`."""
    return sorted(p.stem for p in (root / "regions").glob("*.yml") if p.stem != UNKNOWN)


def get_region(region: str | None, root: Path = ROOT) -> Region:
    """The region's lines; unknown, unheld and unreadable all give every common number. Never raises."""
    code = (region or "").strip().upper()
    code = "GB" if code == "UK" else code
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        code = UNKNOWN
    for name in (code, UNKNOWN):
        try:
            return _load(root, name)
        except Exception:  # S-5: a missing or broken file must not leave a patient without a number
            continue
    return last_resort()


def emergency_numbers(region: str | None) -> list[dict[str, str]]:
    """Emergency numbers as the API shows them: `label`, `number`, `href`."""
    return [{"label": n.label, "number": n.number, "href": n.href} for n in get_region(region).lines_for("emergency")]


def join_or(words: list[str]) -> str:
    """ "a", "a or b", "a, b or c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def emergency_line(region: str | None) -> str:
    """One plain sentence with the emergency number of the region, or all the common ones."""
    found = get_region(region)
    numbers = [n.number for n in found.lines_for("emergency")]
    tail = ", or your local emergency number" if found.code == UNKNOWN else ""
    return f"If this is an emergency, call {join_or(numbers)}{tail}."


def crisis_line(region: str | None) -> str:
    """One plain sentence with the crisis line of the region."""
    found = get_region(region)
    calls = [
        n.label[:1].lower() + n.label[1:] for n in [*found.lines_for("crisis"), *found.lines_for("crisis_no_voice")]
    ]
    if not calls:
        return f"If you think of hurting yourself, call your local crisis line. {emergency_line(region)}"
    tail = ", or your local crisis line" if found.code == UNKNOWN else ""
    return f"If you think of hurting yourself, {join_or(calls)}{tail}."
