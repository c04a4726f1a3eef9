"""The turn: the one answer that an action gives, as ids (contracts/turn.json)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from actions.understanding import Pair

MAX_ANSWERS = 4
MAX_CHOICES = 12
MAX_LINES = 4
MAX_ALTERNATIVES = 5


def make_turn(
    kind: str,
    *,
    lines: Sequence[str] = (),
    answers: Sequence[str] = (),
    choices: Iterable[Pair] = (),
    offer_person: bool = False,
    questions: Sequence[dict[str, Any]] = (),
    tier: str = "none",
) -> dict[str, Any]:
    """Returns a turn of the given kind; repeated answers and choices are dropped, lists are cut to the contract."""
    return {
        "v": 1,
        "kind": kind,
        "lines": list(dict.fromkeys(lines))[:MAX_LINES],
        "answers": list(dict.fromkeys(answers))[:MAX_ANSWERS],
        "choices": [{"topic": t, "condition": c} for t, c in dict.fromkeys(choices)][:MAX_CHOICES],
        "tier": tier,
        "offer_person": offer_person,
        "questions": list(questions)[:MAX_ANSWERS],
    }


def make_question(
    topic: str | None, condition: str | None, confidence: float, alternatives: Iterable[tuple[str, float]] = ()
) -> dict[str, Any]:
    """Returns one question of a turn; `alternatives` are further topics with their confidence, best first."""
    return {
        "topic": topic,
        "condition": condition,
        "confidence": round(confidence, 4),
        "alternatives": [
            {"topic": name, "condition": condition, "confidence": round(value, 4)} for name, value in alternatives
        ][:MAX_ALTERNATIVES],
    }
