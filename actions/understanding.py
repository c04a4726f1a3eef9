"""What a flow decides from: the understood message and the context, read from Rasa's tracker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker

Pair = tuple[str | None, str | None]
THEMES = ("autoimmune", "immune_system")


@dataclass(frozen=True)
class Mention:
    """A condition or theme that the message names, and where."""

    slug: str
    start: int = 0


@dataclass(frozen=True)
class Question:
    """One question of the message: its topic (or other intent), how sure, and where it stands."""

    intent: str
    confidence: float
    start: int = 0
    end: int = 10_000


@dataclass(frozen=True)
class Understanding:
    """A message as the components understood it.

    Attributes:
        intent: the best intent, or nlu_fallback.
        confidence: of the best intent, 0 to 1.
        ranking: intents and confidences, best first.
        mentions: conditions and themes that are named, in order.
        candidates: for each ambiguous name, the slugs that it may mean.
        uncovered: named conditions that have no answers here.
        general: the theme that a general word stands for ("immunosuppressants"), or None.
        questions: the questions of a message that holds several; empty otherwise.
        tier: the verdict of layer B, or of both layers outside the desk's channel.
        footer: whether the screen asks for the emergency line below the answer.
        is_choice: whether the patient picked a choice instead of typing.
        other_language: whether the message is clearly not English.
    """

    intent: str
    confidence: float = 1.0
    ranking: tuple[tuple[str, float], ...] = ()
    mentions: tuple[Mention, ...] = ()
    candidates: tuple[tuple[str, ...], ...] = ()
    uncovered: tuple[str, ...] = ()
    general: str | None = None
    questions: tuple[Question, ...] = ()
    tier: str = "none"
    footer: bool = False
    is_choice: bool = False
    other_language: bool = False

    @property
    def conditions(self) -> tuple[str, ...]:
        """The named conditions in order, each once; themes only where no condition is named."""
        slugs = tuple(dict.fromkeys(mention.slug for mention in self.mentions))
        return tuple(slug for slug in slugs if slug not in THEMES) or slugs


@dataclass(frozen=True)
class Context:
    """What the conversation is about so far.

    Attributes:
        condition: of the last question, or None.
        topic: of the last question, or None.
        pending: the choices that the last turn offered.
        asked: whether the last turn asked back, so that it is not done twice.
        region: the patient's region, or None.
    """

    condition: str | None = None
    topic: str | None = None
    pending: tuple[Pair, ...] = field(default=())
    asked: bool = False
    region: str | None = None


def read_understanding(tracker: Tracker) -> Understanding:
    """Reads the latest message of a tracker; fields that are absent count as empty."""
    message = tracker.latest_message or {}
    intent = message.get("intent") or {}
    entities = [e for e in message.get("entities") or [] if e.get("entity") == "condition" and e.get("value")]
    return Understanding(
        intent=intent.get("name") or "nlu_fallback",
        confidence=_probability(intent.get("confidence")),
        ranking=tuple((r["name"], _probability(r["confidence"])) for r in message.get("intent_ranking") or []),
        mentions=tuple(Mention(e["value"], e.get("start") or 0) for e in entities),
        candidates=tuple(tuple(c["conditions"]) for c in message.get("condition_candidates") or []),
        uncovered=tuple(message.get("uncovered") or ()),
        general=message.get("general"),
        questions=tuple(
            Question(q["name"], _probability(q["confidence"]), q["start"], q["end"])
            for q in message.get("questions") or []
        ),
        tier=_read_tier(message, intent.get("name") or ""),
        footer=bool((message.get("screen") or {}).get("footer")),
        is_choice=bool(message.get("choice")),
        other_language=message.get("language") == "other",
    )


def _probability(value: Any) -> float:
    return min(1.0, max(0.0, float(value or 0.0)))


def _read_tier(message: Mapping[str, Any], intent: str) -> str:
    """The intent's name carries the highest tier of both layers (components/)."""
    if intent.startswith("report_"):
        return intent.removeprefix("report_")
    return (message.get("tier") or {}).get("tier", "none")


def read_metadata(tracker: Tracker) -> Mapping[str, Any]:
    """Returns the metadata of the latest message; empty outside the desk's channel."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return event.get("metadata") or {}
    return {}


def read_context(tracker: Tracker) -> Context:
    """Reads the context: the desk sends it with each message; elsewhere it is in slots."""
    metadata = read_metadata(tracker)
    if metadata.get("channel") == "desk":
        sent = metadata["context"]
        pending = tuple((p["topic"], p["condition"]) for p in sent["pending"])
        return Context(sent["condition"], sent["topic"], pending, bool(sent.get("asked")), sent["region"])
    last = tracker.get_slot("last_turn") or {}
    return Context(
        tracker.get_slot("condition"),
        tracker.get_slot("topic"),
        tuple((p["topic"], p["condition"]) for p in last.get("choices", [])),
        last.get("kind") == "clarify",
    )
