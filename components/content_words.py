"""Finds the words of a message that say something by themselves: "and now?" has none, "my mum" has one."""

from __future__ import annotations

from pathlib import Path

import yaml

from components.condition_names import read_words
from components.runtime import ROOT


def read_function_words(root: Path = ROOT) -> frozenset[str]:
    """Returns the closed list of data/lookups/function_words.yml."""
    listed = yaml.safe_load((root / "data" / "lookups" / "function_words.yml").read_text(encoding="utf-8"))
    return frozenset(word for words in listed.values() for word in words)


def read_content(text: str, function_words: frozenset[str]) -> list[str]:
    """Returns the words of a text that are not in the closed list, without case, accents and apostrophes.

    Numbers count only beside two real words: `/restart@0.99{}` says no more than "restart".
    """
    content = [word.plain for word in read_words(text) if word.plain not in function_words]
    words = [word for word in content if not word.isdigit()]
    return content if len(words) >= 2 else words
