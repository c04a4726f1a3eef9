"""The patient asks for a person."""

from __future__ import annotations

from typing import Any

from actions.base import Flow
from actions.turns import make_turn
from actions.understanding import Context, Understanding
from knowledge import Store


def decide_handoff(understanding: Understanding, context: Context, store: Store) -> dict[str, Any]:
    """Returns the offer; the desk asks for consent and opens the ticket (SAFETY S-19)."""
    return make_turn("handoff", lines=["utter_offer_person"], offer_person=True)


class ActionHandoff(Flow):
    """Rasa runs it for talk_to_person."""

    action_name = "action_handoff"
    decide = staticmethod(decide_handoff)
