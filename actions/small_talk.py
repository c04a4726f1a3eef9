"""Greetings, thanks and other talk; also yes and no, which mean something only after an offer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actions.answers import NAME_ONLY, START_CHOICES, decide_answer
from actions.base import Flow
from actions.turns import make_turn
from actions.understanding import Context, Mention, Understanding
from knowledge import Store

WITH_CHOICES = ("greet", "help", "affirm", "small_talk")
WITH_PERSON = ("deny", "abuse", "worried", "help")


def decide_small_talk(understanding: Understanding, context: Context, store: Store) -> dict[str, Any]:
    """Returns the line of the intent; a yes to a single offered choice takes it."""
    intent = understanding.intent
    if intent == "affirm" and len(context.pending) == 1:
        return _take(understanding, context, store)
    return make_turn(
        "small_talk",
        lines=[f"utter_{intent}"],
        choices=START_CHOICES if intent in WITH_CHOICES else (),
        offer_person=intent in WITH_PERSON,
    )


def _take(understanding: Understanding, context: Context, store: Store) -> dict[str, Any]:
    topic, condition = context.pending[0]
    mentions = (Mention(condition),) if condition else ()
    taken = replace(understanding, intent=topic or NAME_ONLY, mentions=mentions, is_choice=True)
    return decide_answer(taken, context, store)


class ActionSmallTalk(Flow):
    """Rasa runs it for greet, thank_you and the like."""

    action_name = "action_small_talk"
    decide = staticmethod(decide_small_talk)
