"""What may pass between the desk and Rasa: plain words in (SAFETY X-2), known ids out (S-8)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from safety.normalise import strip_invisible

KINDS = frozenset(
    [
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
)
TIERS = frozenset(["none", "urgent", "safeguarding", "crisis", "emergency"])
KEYS = frozenset(["v", "kind", "lines", "answers", "choices", "tier", "offer_person", "questions"])
_EXTERNAL = re.compile(r"external\s*:", re.IGNORECASE)
_SLASHES = "/\\\u2044\u2215\u29f8\u29f5\u27cb\u2571"


def neutralise(text: str) -> str:
    """The text as it may be handed to Rasa: no leading slash payload, no `EXTERNAL: ` (X-2).

    The words stay, so that `/deny{} i cant breathe` is still read as words. The last step before sending.

    Args:
        text: the patient's words, any length.

    Returns:
        NFKC text without control or zero-width characters that starts with neither a slash nor `EXTERNAL:`.
    """
    text = strip_invisible(text)
    while True:
        before = text
        # Rasa strips Unicode white space first, so whatever hides behind it counts as leading.
        text = text.strip().lstrip(_SLASHES)
        while text and unicodedata.category(text[0])[0] in ("Z", "C", "M"):
            text = text[1:]
        found = _EXTERNAL.match(text)
        text = text[found.end() :] if found else text
        if text == before:
            return text


def is_neutral(text: str) -> bool:
    """True if the text can be neither a slash payload nor an external event for Rasa."""
    return not text.strip().startswith("/") and not _EXTERNAL.match(text.strip()) and neutralise(text) == text


@dataclass(frozen=True)
class CheckedTurn:
    """A turn that holds only ids known to the caller.

    Attributes:
        turn: the clean turn; None if nothing of it may be used and a fallback must be shown.
        dropped: what was taken out, as field and reason; ids of bad form are not repeated, they may hold free text.
    """

    turn: dict[str, Any] | None
    dropped: tuple[str, ...]


def check_turn(
    turn: Any,
    *,
    known_lines: Collection[str],
    known_answers: Collection[str],
    known_topics: Collection[str] | None = None,
    known_conditions: Collection[str] | None = None,
) -> CheckedTurn:
    """Keeps of a turn only what the desk can render from its own store (S-8).

    Args:
        turn: what Rasa returned, parsed from JSON; any shape.
        known_lines: ids of the responses in the domain.
        known_answers: ids of the answers in the store.
        known_topics: topics that a choice or question may name; None accepts any slug.
        known_conditions: likewise for conditions.

    Returns:
        The clean turn and what was dropped. Raise an alert if anything was.
    """
    if not isinstance(turn, Mapping):
        return CheckedTurn(None, ("turn: not an object",))
    if turn.get("v") != 1 or turn.get("kind") not in KINDS or turn.get("tier", "none") not in TIERS:
        return CheckedTurn(None, ("turn: unknown version, kind or tier",))
    dropped = [f"{_shown(key)}: unknown field" for key in turn if key not in KEYS]
    lines = _known(turn.get("lines"), known_lines, "lines", dropped)
    answers = _known(turn.get("answers"), known_answers, "answers", dropped)
    choices = [
        c
        for c in _list(turn.get("choices"), "choices", dropped)
        if _pair(c, known_topics, known_conditions, "choices", dropped)
    ]
    questions = [
        q
        for q in _list(turn.get("questions"), "questions", dropped)
        if _question(q, known_topics, known_conditions, dropped)
    ]
    clean = {
        "v": 1,
        "kind": turn["kind"],
        "lines": lines,
        "answers": answers,
        "choices": [{"topic": c.get("topic"), "condition": c.get("condition")} for c in choices],
        "tier": turn.get("tier", "none"),
        "offer_person": turn.get("offer_person") is True,
        "questions": questions,
    }
    if clean["kind"] == "answer" and not answers:
        return CheckedTurn(None, (*dropped, "answers: none left for an answer"))
    if answers and clean["kind"] not in ("answer", "clinician"):
        return CheckedTurn(None, (*dropped, "answers: not allowed with this kind"))
    return CheckedTurn(clean, tuple(dropped))


def _shown(value: Any) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[a-z0-9_.]{1,60}", value) else "(not an id)"


def _list(value: Any, name: str, dropped: list[str]) -> list[Any]:
    if isinstance(value, list):
        return value
    if value is not None:
        dropped.append(f"{name}: not a list")
    return []


def _known(value: Any, known: Collection[str], name: str, dropped: list[str]) -> list[str]:
    items = _list(value, name, dropped)
    good = [i for i in items if isinstance(i, str) and i in known]
    dropped += [f"{name}: {_shown(i)} is unknown" for i in items if not (isinstance(i, str) and i in known)]
    return good


def _slug(value: Any, known: Collection[str] | None) -> bool:
    if value is None:
        return True
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", value) or len(value) > 60:
        return False
    return known is None or value in known


def _pair(
    item: Any, topics: Collection[str] | None, conditions: Collection[str] | None, name: str, dropped: list[str]
) -> bool:
    good = isinstance(item, Mapping) and _slug(item.get("topic"), topics) and _slug(item.get("condition"), conditions)
    if not good:
        dropped.append(f"{name}: an item with an unknown topic or condition")
    return good


def _question(
    item: Any, topics: Collection[str] | None, conditions: Collection[str] | None, dropped: list[str]
) -> bool:
    if not _pair(item, topics, conditions, "questions", dropped):
        return False
    if set(item) != {"topic", "condition", "confidence", "alternatives"} or not _is_share(item["confidence"]):
        dropped.append("questions: an item of unknown form")
        return False
    others = _list(item["alternatives"], "questions", dropped)
    good = all(
        _pair(o, topics, conditions, "questions", dropped)
        and set(o) == {"topic", "condition", "confidence"}
        and _is_share(o["confidence"])
        for o in others
    )
    if not good:
        dropped.append("questions: an alternative of unknown form")
    return good


def _is_share(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1
