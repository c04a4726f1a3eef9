"""Whether every id in the knowledge files names something that exists."""

from __future__ import annotations

from collections.abc import Iterable

from .errors import Fault
from .files import Content
from .schema import EVIDENCE_CODES, THEMES, Answer, Topic

SUBJECT_GROUPS = ("conditions", *THEMES)


def find_broken_references(content: Content) -> list[Fault]:
    """Every id that resolves to nothing, in topics, caveat policy and answers.

    Facts, organisations and glossary terms are check.py's: no running service stops for an explanation that is missing.
    """
    faults = _in_policy(content)
    for topic in content.topics.values():
        faults += _in_topic(content, topic)
    for code in EVIDENCE_CODES:
        if code not in content.evidence:
            faults.append(Fault("evidence.yml", code, "is missing", "give it a label, a meaning and a rank"))
    for answer_id, answer in content.answers.items():
        faults += _in_answer(content, content.answer_files[answer_id], answer)
    return faults


def _unknown(file: str, field: str, used: Iterable[str], known: Iterable[str], where: str) -> list[Fault]:
    known = set(known)
    return [
        Fault(file, field, f"names {item!r}, which does not exist", f"use an id of {where}, or add it there")
        for item in used
        if item not in known
    ]


def _in_topic(content: Content, topic: Topic) -> list[Fault]:
    file = "topics.yml"
    return [
        *_unknown(file, f"{topic.id}.next", topic.next, content.topics, "topics.yml"),
        *_unknown(file, f"{topic.id}.caveats", topic.caveats, content.caveats, "caveats/"),
        *_unknown(file, f"{topic.id}.subjects", topic.subjects, SUBJECT_GROUPS, ", ".join(SUBJECT_GROUPS)),
    ]


def _in_policy(content: Content) -> list[Fault]:
    if content.policy is None:
        return []
    file = "caveats/policy.yml"
    faults = []
    for number, rule in enumerate(content.policy.answers):
        faults += _unknown(file, f"answers[{number}].caveat", [rule.caveat], content.caveats, "caveats/")
        faults += _unknown(file, f"answers[{number}].topics", sorted(rule.topics), content.topics, "topics.yml")
    for number, message in enumerate(content.policy.messages):
        faults += _unknown(file, f"messages[{number}].caveat", [message.caveat], content.caveats, "caveats/")
    return faults


def _in_answer(content: Content, file: str, answer: Answer) -> list[Fault]:
    faults = [
        *_unknown(file, "caveats", answer.caveats, content.caveats, "caveats/"),
        *_unknown(file, "topic", [answer.topic], content.topics, "topics.yml"),
    ]
    if answer.condition:
        faults += _unknown(file, "condition", [answer.condition], content.conditions, "conditions.yml")
    topic = content.topics.get(answer.topic)
    group = "conditions" if answer.condition else answer.theme
    if topic and group not in topic.subjects:
        allowed = ", ".join(topic.subjects)
        faults.append(Fault(file, "topic", f"is not for {group}", f"topics.yml allows it for: {allowed}"))
    return faults
