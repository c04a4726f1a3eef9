"""Says in full what a short follow-up means after a question about stem cells: "how much is it"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from components.runtime import ROOT

THEME = "stem_cells"
# What a follow-up is about; two topics are about something else than the therapy.
SUBJECT = "stem cell therapy"
OTHER_SUBJECTS = {"car_t": "CAR-T therapy", "prp_exosomes": "PRP and exosomes"}
MAX_WORDS = 12  # a longer message says itself what it is about
MAX_BARE_WORDS = 4  # "and the price?", "any risks"
_STANDS_IN = re.compile(r"\b(?:it|that|this|they|them|these|those)\b(?!')", re.IGNORECASE)
_NAMES_SUBJECT = re.compile(
    r"\b(?:stem|cells?|transplants?|hsct|ahsct|msc|car|prp|exosomes?|clinics?|you|your)\b", re.I
)


def read_topics(theme: str = THEME, root: Path = ROOT) -> frozenset[str]:
    """Returns the topics that have an answer on the theme, from knowledge/topics.yml."""
    topics = yaml.safe_load((root / "knowledge" / "topics.yml").read_text(encoding="utf-8"))
    return frozenset(name for name, topic in topics.items() if theme in topic["subjects"])


def spell_out(text: str, context: Mapping[str, Any], theme_topics: frozenset[str]) -> str | None:
    """Returns the follow-up with its subject named, or None where the message needs no such help.

    Args:
        text: the patient's message; it must name no condition, which the caller knows.
        context: `topic` and `condition` of the last question. With a condition "it" may as well mean the illness.
        theme_topics: topics after which "it" means the therapy.
    """
    topic = context.get("topic")
    words = text.split()
    if topic not in theme_topics or len(words) > MAX_WORDS or _NAMES_SUBJECT.search(text):
        return None
    subject = OTHER_SUBJECTS.get(topic, SUBJECT)
    if _STANDS_IN.search(text):
        return _STANDS_IN.sub(subject, text, count=1)
    if len(words) <= MAX_BARE_WORDS and not context.get("condition"):
        return f"{text.rstrip(' ?!.')} of {subject}"
    return None
