"""The store: curated answers, found by topic and condition, and rendered by id.

Load it once at start with `load_store()`; it never changes afterwards and may be shared between threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from . import render
from .errors import Fault, KnowledgeError
from .files import DEFAULT_ROOT, Content, read_content, read_facts
from .policy import Policy
from .references import find_broken_references
from .schema import (
    GENERAL_THEMES,
    THEME_LABELS,
    Answer,
    Caveat,
    Condition,
    Evidence,
    Fact,
    GlossaryEntry,
    Organisation,
    Topic,
)
from .source_list import SourceList

Pair = tuple[str, str | None]


def load_store(root: Path | None = None) -> Store:
    """Reads the knowledge folder.

    Args:
        root: the folder; the one that this package lives in by default.

    Raises:
        KnowledgeError: a file is missing, malformed or names something that does not exist; `.faults` lists all of it.
            Rules of writing (reading grade, review dates, banned claims) are `python -m knowledge check`'s.
    """
    content = read_content(root or DEFAULT_ROOT)
    faults: list[Fault] = content.faults + find_broken_references(content)
    if faults or content.policy is None:
        raise KnowledgeError(faults)
    return Store(root or DEFAULT_ROOT, content, content.policy)


class Store:
    """Everything curated, in read-only mappings: `answers`, `topics`, `conditions`, `sources`, `caveats`, `evidence`,
    `glossary` and `facts`, each by id (sources by the organisation's name)."""

    def __init__(self, root: Path, content: Content, policy: Policy) -> None:
        self.root = root
        self.policy = policy
        self.answers: Mapping[str, Answer] = MappingProxyType(content.answers)
        self.topics: Mapping[str, Topic] = MappingProxyType(content.topics)
        self.conditions: Mapping[str, Condition] = MappingProxyType(content.conditions)
        self.sources: Mapping[str, Organisation] = MappingProxyType(content.organisations)
        self.caveats: Mapping[str, Caveat] = MappingProxyType(content.caveats)
        self.evidence: Mapping[str, Evidence] = MappingProxyType(content.evidence)
        self.glossary: Mapping[str, GlossaryEntry] = MappingProxyType(content.glossary)
        self._required: dict[Answer, tuple[str, ...]] = {}
        self.source_list = SourceList(content.organisations, content.works)

    @cached_property
    def facts(self) -> Mapping[str, Fact]:
        """The fact base, read when first asked for: serving never needs it.

        Raises:
            KnowledgeError: a fact file is malformed.
        """
        faults: list[Fault] = []
        facts = read_facts(self.root, faults)
        if faults:
            raise KnowledgeError(faults)
        return MappingProxyType(facts)

    def find_answer(self, topic: str, condition: str | None) -> Answer | None:
        """The answer on a topic.

        Args:
            topic: an id of topics.yml; one that is not there has no answer.
            condition: a condition's slug, `autoimmune`, `immune_system`, or None.

        Returns:
            With a condition its own answer, else that of the theme which holds for every condition (stem cells, the
            clinic). Without one, the theme's answer. None where there is none, or where `needs_condition(topic)`.
        """
        found = self.topics.get(topic)
        if found is None:
            return None
        subjects = [condition] if condition else []
        subjects += [theme for theme in GENERAL_THEMES if theme in found.subjects]
        if condition is None and not self.needs_condition(topic):
            subjects.append("autoimmune")
        return next((self.answers[i] for s in subjects if (i := f"{s}.{topic}") in self.answers), None)

    def needs_condition(self, topic: str) -> bool:
        """Whether the topic can only be answered for a condition (or for autoimmune disease as a whole)."""
        found = self.topics.get(topic)
        return found is not None and "conditions" in found.subjects and not set(GENERAL_THEMES) & set(found.subjects)

    def find_nearest(self, topic: str, condition: str | None, limit: int = 3) -> list[Pair]:
        """What to offer where there is no answer: neighbouring topics of the condition, then the topic in general.

        Returns:
            Up to `limit` (topic, condition) pairs that have answers, nearest first; empty for an unknown topic.
        """
        if topic not in self.topics:
            return []
        wanted = [(near, condition) for near in self.topics[topic].next]
        return self._with_answers([*wanted, (topic, "autoimmune")], limit)

    def next_questions(self, answer_id: str, limit: int = 3) -> list[Pair]:
        """What to offer after an answer: its topic's neighbours that have answers, most wanted first.

        Raises:
            KeyError: there is no such answer.
        """
        answer = self.answers[answer_id]
        subject = None if answer.theme in GENERAL_THEMES else answer.subject
        wanted = [(topic, subject) for topic in self.topics[answer.topic].next]
        return [pair for pair in self._with_answers(wanted, limit + 1) if self.find_answer(*pair) is not answer][:limit]

    def _with_answers(self, wanted: Iterable[Pair], limit: int) -> list[Pair]:
        pairs: dict[Pair, None] = {}
        for topic, condition in wanted:
            answer = self.find_answer(topic, condition)
            if answer:
                pairs[(topic, None if answer.theme in GENERAL_THEMES else answer.subject)] = None
        return list(pairs)[:limit]

    def condition_label(self, slug: str) -> str:
        """A condition's or theme's name for the middle of a sentence, like `lupus` or `Graves' disease`.

        Raises:
            KeyError: there is no such condition or theme.
        """
        return THEME_LABELS[slug] if slug in THEME_LABELS else self.conditions[slug].label

    def topic_label(self, topic: str) -> str:
        """A topic's name for the middle of a sentence, like `the symptoms`.

        Raises:
            KeyError: there is no such topic.
        """
        return self.topics[topic].label

    def choice_label(self, topic: str, condition: str | None) -> str:
        """The question that a choice asks, like `What are the symptoms of lupus?`.

        Raises:
            KeyError: there is no such topic or condition.
        """
        found = self.topics[topic]
        if found.question_general and condition not in self.conditions:
            return found.question_general
        return found.question.replace("{condition}", self.condition_label(condition or "autoimmune"))

    def required_caveats(self, answer_id: str) -> tuple[str, ...]:
        """The caveat ids without which the answer may not be shown (S-14)."""
        return self.required_caveats_of(self.answers[answer_id])

    def required_caveats_of(self, answer: Answer) -> tuple[str, ...]:
        """The same for an answer; worked out once, since it reads the whole text."""
        known = self._required.get(answer)
        if known is None:
            known = self._required[answer] = self.policy.required_caveats(answer, self.topics[answer.topic])
        return known

    def version_of(self, answer_id: str) -> str:
        """SHA-256 (64 hex digits) of all that a patient can see of the answer: what a sign-off is given to."""
        return render.compute_version(self, self.answers[answer_id])

    def render_answer(
        self,
        answer_id: str,
        *,
        today: date,
        mode: render.Mode,
        values: Mapping[str, str] | None = None,
        signed_off: bool = False,
    ) -> dict[str, Any]:
        """The answer as contracts/answer.json describes it. See `render.render_answer`."""
        return render.render_answer(
            self, self.answers[answer_id], today=today, mode=mode, values=values or {}, signed_off=signed_off
        )

    def message_caveats(
        self, rendered: list[dict[str, Any]], *, kind: str, first: bool, values: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """The caveats that a message carries beside those of its answers. See `render.message_caveats`."""
        return render.message_caveats(self, rendered, kind=kind, first=first, values=values or {})
