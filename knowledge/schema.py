"""What the knowledge files hold, as immutable records. `parse.py` builds them; nothing here reads a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

#: Themes: subjects that are no condition.
THEMES = ("autoimmune", "immune_system", "stem_cells", "clinic")
#: Themes whose answers hold for every condition, so that a question needs no condition.
GENERAL_THEMES = ("stem_cells", "clinic")
#: How the themes are named in the middle of a sentence.
THEME_LABELS = {
    "autoimmune": "autoimmune disease",
    "immune_system": "the immune system",
    "stem_cells": "stem-cell therapy",
    "clinic": "the clinic",
}
#: Closed list of evidence codes, strongest first.
EVIDENCE_CODES = ("strong_trials", "some_trials", "early_trials", "lab_only", "not_effective", "harmful")
#: Closed list of source classes, and those that can carry an answer (S-21).
SOURCE_CLASSES = ("guideline", "regulator", "government", "trial", "charity", "reference", "journal", "university")
STRONG_CLASSES = frozenset({"guideline", "regulator", "government", "trial"})


@dataclass(frozen=True)
class Source:
    """One page or paper that an answer rests on.

    Attributes:
        organisation: its name in sources.yml.
        year: year of publication, or None where the page gives none.
        accessed: the day somebody read it.
    """

    organisation: str
    title: str
    url: str
    year: int | None
    accessed: date


@dataclass(frozen=True)
class Answer:
    """One curated answer, as written; caveats are worked out by policy.py.

    Attributes:
        more: further text in Markdown (bold, lists, links), or "".
        condition: slug, or None where `theme` is set.
        theme: one of THEMES, or None where `condition` is set.
        caveats: caveat ids beyond those that the policy requires.
        empty: clinic answers only: what to say where the clinic's profile has no value.
        checked_on: None in clinic answers only, as is review_by.
        version: SHA-256 (hex, 64 characters) of all that a patient can see of the answer.
    """

    id: str
    title: str
    short: str
    more: str
    topic: str
    condition: str | None
    theme: str | None
    evidence: str | None
    caveats: tuple[str, ...]
    glossary: tuple[str, ...]
    sources: tuple[Source, ...]
    facts: tuple[str, ...]
    as_of: date | None
    jurisdiction: tuple[str, ...]
    checked_on: date | None
    review_by: date | None
    locale: str
    empty: str
    version: str = ""

    @property
    def subject(self) -> str:
        """The first half of the id: a condition's slug or a theme."""
        return self.condition or self.theme or ""

    @property
    def text(self) -> str:
        """Short and further text together."""
        return f"{self.short}\n\n{self.more}".strip()


@dataclass(frozen=True)
class Topic:
    """One line of topics.yml.

    Attributes:
        question: how a choice asks it; `{condition}` is filled with a label.
        question_general: the same where no condition is meant, or None.
        subjects: `conditions` and themes that may have an answer on it.
        review_months: longest time between check and review (S-22).
        facts: aspects of the fact base that a writer starts from.
        next: topics offered after an answer, most wanted first.
    """

    id: str
    label: str
    question: str
    question_general: str | None
    intent: str
    subjects: tuple[str, ...]
    caveats: tuple[str, ...]
    review_months: int
    facts: tuple[str, ...]
    next: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """A condition that can be named; `label` is the form for the middle of a sentence."""

    slug: str
    name: str
    label: str
    also: tuple[str, ...]
    abbreviations: tuple[str, ...]
    common_misspellings: tuple[str, ...]


@dataclass(frozen=True)
class Organisation:
    """An organisation that may be cited. `hosts` are the web addresses that belong to it."""

    name: str
    source_class: str
    homepage: str
    aliases: tuple[str, ...]
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Caveat:
    """A fixed sentence that must stand with certain answers. `position` is `above` or `below` the answer."""

    id: str
    code: str
    position: str
    text: str
    short: str


@dataclass(frozen=True)
class Evidence:
    """An evidence code in words. `rank` 1 is the strongest."""

    code: str
    label: str
    meaning: str
    rank: int


@dataclass(frozen=True)
class GlossaryEntry:
    """A medical name in one plain line. `id` is the file's name, `term` the word as a reader meets it."""

    id: str
    term: str
    text: str


@dataclass(frozen=True)
class Fact:
    """One record of the fact base: background for writers, never shown to a patient.

    Attributes:
        condition: slug, or None where the fact is general.
        aspect: the fact's subject (`aspect` or `topic` in the file).
        verified: whether the support was read at one of its sources.
    """

    id: str
    condition: str | None
    aspect: str
    statement: str
    verified: bool
