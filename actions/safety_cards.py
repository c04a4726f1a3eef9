"""Danger now: the ordinary answer is withheld and a card is shown (SAFETY C1 to C4)."""

from __future__ import annotations

from typing import Any

from actions.base import Flow
from actions.turns import make_turn
from actions.understanding import Context, Understanding
from knowledge import Store

TIERS = ("emergency", "crisis", "urgent", "safeguarding")


def decide_safety(understanding: Understanding, context: Context, store: Store) -> dict[str, Any]:
    """Returns a turn without any answer; a verdict that is not a tier counts as urgent."""
    tier = understanding.tier if understanding.tier in TIERS else "urgent"
    return make_turn(tier, tier=tier)


class ActionSafety(Flow):
    """Rasa runs it for report_emergency, report_crisis, report_urgent and report_safeguarding."""

    action_name = "action_safety"
    decide = staticmethod(decide_safety)
