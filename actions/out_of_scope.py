"""Matters that AskImmune does not cover."""

from __future__ import annotations

from typing import Any

from actions.answers import START_CHOICES, not_covered
from actions.base import Flow
from actions.turns import make_question, make_turn
from actions.understanding import Context, Understanding
from knowledge import Store


def decide_out_of_scope(understanding: Understanding, context: Context, store: Store) -> dict[str, Any]:
    """Returns the turn that says what is covered, with somewhere to go on, and the offer of a person (C15)."""
    if understanding.other_language:
        question = make_question(None, None, understanding.confidence)
        return make_turn("out_of_scope", lines=["utter_english_only"], offer_person=True, questions=[question])
    if understanding.uncovered and not understanding.conditions:
        return not_covered(None)
    return make_turn(
        "out_of_scope",
        lines=["utter_out_of_scope"],
        choices=START_CHOICES,
        offer_person=True,
        questions=[make_question(None, None, understanding.confidence)],
    )


class ActionOutOfScope(Flow):
    """Rasa runs it for out_of_scope."""

    action_name = "action_out_of_scope"
    decide = staticmethod(decide_out_of_scope)
