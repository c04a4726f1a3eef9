"""Recognises questions about autoimmune disease in general that do not call it so: "what is a flare"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from components.condition_names import read_words
from components.runtime import ROOT

THEME = "autoimmune"
MAX_BETWEEN = 3  # words between "what is" and the word that is asked about: "what is a so called flare"


class GeneralWords:
    """The lists of data/lookups/general_words.yml."""

    def __init__(self, root: Path = ROOT) -> None:
        """Reads the lists once."""
        listed = yaml.safe_load((root / "data" / "lookups" / "general_words.yml").read_text(encoding="utf-8"))
        words = _any_of(listed["defined"])
        asked = rf"^(?:so |and |but |please )?{_any_of(listed['asks'])} (?:[^ ]+ ){{0,{MAX_BETWEEN}}}{words}(?: |$)"
        asked_after = rf"^(?:[^ ]+ ){{0,2}}{words} {_any_of(listed['asks_after'])}(?: |$)"
        self._things = re.compile(rf"(?:^| ){_any_of(listed['things'])}(?: |$)")
        self._defined = re.compile(f"{asked}|{asked_after}")

    def find_theme(self, text: str) -> str | None:
        """Returns `autoimmune` where the text asks about a thing that belongs to all these diseases, else None."""
        plain = " ".join(word.plain for word in read_words(text))
        return THEME if self._things.search(plain) or self._defined.search(plain) else None


def _any_of(forms: Iterable[str]) -> str:
    longest_first = sorted(forms, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(form) for form in longest_first) + ")"
