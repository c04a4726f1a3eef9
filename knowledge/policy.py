"""Which caveats must stand with an answer and with a message, by caveats/policy.yml (S-14)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import Fault
from .fields import Fields
from .schema import EVIDENCE_CODES, THEMES, Answer, Topic

FILE = "caveats/policy.yml"
#: The closed list of message kinds (API.md, "A message").
MESSAGE_KINDS = [
    "text",
    "answer",
    "clarify",
    "emergency",
    "crisis",
    "urgent",
    "safeguarding",
    "clinician",
    "fallback",
    "out_of_scope",
    "handoff",
    "small_talk",
]


@dataclass(frozen=True)
class AnswerRule:
    """One rule for answers: it applies where any of its conditions holds. `words` is one compiled alternation."""

    caveat: str
    always: bool
    short: bool
    topics: frozenset[str]
    themes: frozenset[str]
    evidence: frozenset[str]
    words: re.Pattern[str] | None

    def applies_to(self, answer: Answer) -> bool:
        """Whether the answer needs this rule's caveat."""
        return (
            self.always
            or answer.topic in self.topics
            or answer.theme in self.themes
            or answer.evidence in self.evidence
            or bool(self.words and self.words.search(f"{answer.title} {answer.text}"))
        )


@dataclass(frozen=True)
class MessageRule:
    """One rule for messages. `form`: `full`, `short`, or `first` (full once in a conversation, then short)."""

    caveat: str
    kinds: frozenset[str]
    form: str


@dataclass(frozen=True)
class Policy:
    """The whole of policy.yml."""

    answers: tuple[AnswerRule, ...]
    messages: tuple[MessageRule, ...]
    default_values: Mapping[str, str]
    two_sources_themes: frozenset[str]
    two_sources_topics: frozenset[str]
    evidence_topics: frozenset[str]
    clinic_fields: frozenset[str]

    def required_caveats(self, answer: Answer, topic: Topic) -> tuple[str, ...]:
        """The caveat ids that must stand with the answer, in the policy's order, the answer's own ones included."""
        by_rule = [rule.caveat for rule in self.answers if rule.applies_to(answer)]
        wanted = {*by_rule, *topic.caveats, *answer.caveats}
        order = list(dict.fromkeys(rule.caveat for rule in self.answers))
        return tuple(sorted(wanted, key=lambda c: (order.index(c) if c in order else -1, c)))

    def shows_short_form(self, caveat_id: str) -> bool:
        """Whether an answer shows this caveat's short form."""
        return any(rule.short for rule in self.answers if rule.caveat == caveat_id)

    def strong_sources_needed(self, answer: Answer) -> int:
        """How many sources of a strong class the answer needs (S-21)."""
        if answer.theme == "clinic":
            return 0
        two = answer.theme in self.two_sources_themes or answer.topic in self.two_sources_topics
        return 2 if two else 1

    def needs_evidence(self, answer: Answer) -> bool:
        """Whether the answer must carry an evidence code."""
        return answer.condition is not None and answer.topic in self.evidence_topics


def parse_policy(data: object) -> tuple[Policy, list[Fault]]:
    """Reads policy.yml."""
    f = Fields(
        FILE, data, ["answers", "messages", "default_values", "two_sources", "evidence_required", "clinic_fields"]
    )
    answers = [_answer_rule(f, n, record) for n, record in enumerate(f.records("answers"))]
    messages = [_message_rule(f, n, record) for n, record in enumerate(f.records("messages"))]
    two: Mapping[str, Any] = f.data.get("two_sources") or {}
    evidence: Mapping[str, Any] = f.data.get("evidence_required") or {}
    policy = Policy(
        answers=tuple(answers),
        messages=tuple(messages),
        default_values={str(k): str(v) for k, v in (f.data.get("default_values") or {}).items()},
        two_sources_themes=frozenset(two.get("themes", ())),
        two_sources_topics=frozenset(two.get("topics", ())),
        evidence_topics=frozenset(evidence.get("topics", ())),
        clinic_fields=frozenset(f.texts("clinic_fields")),
    )
    return policy, f.faults


def _answer_rule(parent: Fields, number: int, record: object) -> AnswerRule:
    f = Fields(
        FILE, record, ["caveat", "always", "short", "topics", "themes", "evidence", "words"], f"answers[{number}]."
    )
    words = f.texts("words", required=False)
    rule = AnswerRule(
        caveat=f.identifier("caveat"),
        always=f.data.get("always") is True,
        short=f.data.get("short") is True,
        topics=frozenset(f.texts("topics", required=False)),
        themes=frozenset(f.texts("themes", required=False)),
        evidence=frozenset(f.texts("evidence", required=False)),
        words=re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE) if words else None,
    )
    for name, used, known in (("themes", rule.themes, THEMES), ("evidence", rule.evidence, EVIDENCE_CODES)):
        for unknown in sorted(used - set(known)):
            f.fault(name, f"names {unknown!r}", f"use one of: {', '.join(known)}")
    parent.faults += f.faults
    return rule


def _message_rule(parent: Fields, number: int, record: object) -> MessageRule:
    f = Fields(FILE, record, ["caveat", "kinds", "form"], f"messages[{number}].")
    kinds = frozenset(f.texts("kinds"))
    for unknown in sorted(kinds - set(MESSAGE_KINDS)):
        f.fault("kinds", f"names {unknown!r}", f"use one of: {', '.join(MESSAGE_KINDS)}")
    rule = MessageRule(f.identifier("caveat"), kinds, f.choice("form", ("full", "short", "first")) or "full")
    parent.faults += f.faults
    return rule
