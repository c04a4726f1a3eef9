"""The names of the conditions, read from the lists, and the words of a message."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from rapidfuzz.distance import DamerauLevenshtein

from components.runtime import ROOT

# The word must be at least this long for so many typing errors; shorter words only match exactly.
ERRORS_BY_LENGTH = ((14, 2), (9, 2), (7, 1))
_WORD = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*['’]?")


def normalise(word: str) -> str:
    """Returns a word without case, accents and apostrophes: `Sjögren's` gives `sjogrens`."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if c.isalnum())


class Word(NamedTuple):
    """One word of a message: as typed, normalised, and where it stands."""

    typed: str
    plain: str
    start: int
    end: int


def read_words(text: str) -> list[Word]:
    """Returns the words of a text; hyphens and slashes part words, apostrophes do not."""
    found = (Word(m.group(), normalise(m.group()), m.start(), m.end()) for m in _WORD.finditer(text))
    return [word for word in found if word.plain]


def _key(text: str) -> str:
    return " ".join(word.plain for word in read_words(text))


class ConditionNames:
    """Every form of every condition, read from knowledge/conditions.yml and data/lookups/."""

    def __init__(self, root: Path = ROOT) -> None:
        """Reads the three files; a form that two conditions list is ambiguous from then on."""
        conditions = yaml.safe_load((root / "knowledge" / "conditions.yml").read_text(encoding="utf-8"))
        short = yaml.safe_load((root / "data" / "lookups" / "short_forms.yml").read_text(encoding="utf-8"))
        uncovered = yaml.safe_load((root / "data" / "lookups" / "uncovered_conditions.yml").read_text(encoding="utf-8"))
        self.forms: dict[str, tuple[tuple[str, ...], str]] = {}
        self.abbreviations: dict[str, tuple[str, ...]] = {}
        self._fuzzy: list[tuple[str, str]] = []
        self.asked_about = {normalise(form) for form in short["asked_about"]}
        self._read_conditions(conditions, short["names"])
        for form, slugs in short["ambiguous"].items():
            self.forms[_key(form)] = (tuple(slugs), "ambiguous")
        for theme, forms in short["themes"].items():
            self.forms.update({_key(form): ((theme,), "theme") for form in forms})
        for form in uncovered:
            self.forms.setdefault(_key(form), ((), "uncovered"))
        self._fuzzy += [(key, key) for key, (_, kind) in self.forms.items() if kind == "uncovered"]
        self._fuzzy = [pair for pair in dict.fromkeys(self._fuzzy) if len(pair[0]) >= ERRORS_BY_LENGTH[-1][0]]

    def _read_conditions(self, conditions: dict[str, Any], names: dict[str, list[str]]) -> None:
        slugs_of: dict[str, set[str]] = {}
        short_of: dict[str, set[str]] = {}
        for slug, entry in conditions.items():
            proper = [entry["name"], *entry["also"], *names.get(slug, [])]
            for form in [*proper, *entry["common_misspellings"]]:
                slugs_of.setdefault(_key(form), set()).add(slug)
            self._fuzzy += [(_key(form), _key(form)) for form in proper]
            for form in entry["abbreviations"]:
                short_of.setdefault(normalise(form), set()).add(slug)
        for key, slugs in slugs_of.items():
            self.forms[key] = (tuple(sorted(slugs)), "condition" if len(slugs) == 1 else "ambiguous")
        self.abbreviations = {key: tuple(sorted(slugs)) for key, slugs in short_of.items()}

    def find_close(self, typed: str) -> tuple[str, int] | None:
        """Returns the closest form and the number of typing errors, or None if none is close enough."""
        allowed = next((errors for length, errors in ERRORS_BY_LENGTH if len(typed) >= length), 0)
        if not allowed:
            return None
        best: tuple[str, int] | None = None
        for form, key in self._fuzzy:
            if form[0] != typed[0] or abs(len(form) - len(typed)) > allowed:
                continue
            distance = DamerauLevenshtein.distance(form, typed, score_cutoff=allowed)
            if distance <= allowed and (best is None or distance < best[1]):
                best = (key, distance)
        return best
