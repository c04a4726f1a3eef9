"""Mends everyday words that patients misspell, so that the topic does not depend on spelling."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from components.runtime import ROOT


class Spelling:
    """The closed list of data/lookups/spellings.yml; a word that is not in it stays as it was typed."""

    def __init__(self, root: Path = ROOT) -> None:
        """Reads the list once."""
        listed = yaml.safe_load((root / "data" / "lookups" / "spellings.yml").read_text(encoding="utf-8"))
        self._right = {wrong: right for right, forms in listed.items() for wrong in forms if wrong != right}
        forms = sorted(self._right, key=len, reverse=True)
        self._wrong = re.compile(r"\b(?:" + "|".join(map(re.escape, forms)) + r")\b", re.IGNORECASE)

    def mend(self, text: str) -> str:
        """Returns the text with each listed misspelling replaced by the right word in small letters."""

        return self._wrong.sub(lambda match: self._right[match.group().casefold()], text)
