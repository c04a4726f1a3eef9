"""Claims that no curated text, card or staff template may make (S-8); the rules are data, in lint.yml.

The checker refuses them in answers; the desk warns staff of them. Every pattern is bounded, so matching takes time
linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')]?\s|\n")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2011": "-", "\u00a0": " "})
_CLAUSE_END = re.compile(r"[,;:]")
_MARKS = re.compile(r"\*\*|^[-*] ", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """One banned claim. `excerpt` is the sentence it stands in, `remedy` what to write instead."""

    rule: str
    found: str
    excerpt: str
    remedy: str


@dataclass(frozen=True)
class Rule:
    """One pattern and what excuses it: words before it (up to `within`, in its clause or sentence) or around it."""

    id: str
    pattern: re.Pattern[str]
    case_sensitive: bool
    unless_before: re.Pattern[str] | None
    unless_sentence: re.Pattern[str] | None
    within: int
    clause: bool
    remedy: str

    def find(self, sentence: str) -> Iterable[Finding]:
        """Every finding in one sentence."""
        text = sentence if self.case_sensitive else sentence.casefold()
        if self.unless_sentence and self.unless_sentence.search(text):
            return
        for match in self.pattern.finditer(text):
            lead = text[: match.start()]
            lead = _CLAUSE_END.split(lead)[-1] if self.clause else lead
            before = " ".join(lead.split()[-self.within :])
            if not (self.unless_before and self.unless_before.search(before)):
                yield Finding(self.id, match.group(0), sentence, self.remedy)


def find_banned(text: str) -> list[Finding]:
    """The banned claims of a text, in order; empty where it is clean.

    Honest negations pass: "there is no cure", "no one can guarantee", "do not stop taking".
    """
    straight = _MARKS.sub("", text.translate(_QUOTES))
    sentences = [" ".join(part.split()) for part in _SENTENCE_END.split(straight)]
    return [finding for sentence in sentences if sentence for rule in load_rules() for finding in rule.find(sentence)]


@lru_cache(maxsize=1)
def load_rules() -> tuple[Rule, ...]:
    """The rules of lint.yml, with the conditions' names filled in.

    Raises:
        re.error: a pattern is malformed.
    """
    data: Mapping[str, Any] = _load("lint.yml")
    names = "|".join(re.escape(name) for name in _condition_names())
    rules = [_build(record, names) for record in data["rules"]]
    if data["clinic_names"]:
        listed = "|".join(re.escape(name.casefold()) for name in data["clinic_names"])
        remedy = "never name a clinic; describe what to check and who to ask"
        rules.append(Rule("clinic", re.compile(rf"\b(?:{listed})\b"), False, None, None, 0, False, remedy))
    return tuple(rules)


def _build(record: Mapping[str, Any], names: str) -> Rule:
    unless: Mapping[str, Any] = record.get("unless") or {}
    return Rule(
        id=record["id"],
        pattern=re.compile(record["pattern"].replace("{condition}", f"(?:{names})")),
        case_sensitive=bool(record.get("case_sensitive")),
        unless_before=re.compile(unless["before"]) if "before" in unless else None,
        unless_sentence=re.compile(unless["sentence"]) if "sentence" in unless else None,
        within=int(unless.get("within", 0)),
        clause=unless.get("clause") is True,
        remedy=record["remedy"],
    )


def _condition_names() -> list[str]:
    """Names and abbreviations of every condition, in small letters, longest first."""
    names = {"an autoimmune disease", "autoimmune disease", "cancer", "diabetes", "an infection"}
    for record in _load("conditions.yml").values():
        names |= {record["name"], *record.get("also", ()), *record.get("abbreviations", ())}
    return sorted({name.casefold() for name in names}, key=lambda name: (-len(name), name))


def _load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
