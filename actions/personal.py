"""Questions about one person: a decision, a diagnosis, a result (SAFETY C5 to C8). Never decided here."""

from __future__ import annotations

from typing import Any

from actions.base import Flow
from actions.turns import make_question, make_turn
from actions.understanding import Context, Understanding
from knowledge import Store

PERSONAL = "personal_advice"
# Of what the classifier gives to topics, at least this share must go to one for its general answer to be shown.
MIN_SHARE = 0.6
# ... and it must have got at least this much of the whole. Tuned on the development set: at 0.4 and 0.02 nine of 35
# personal questions got a general answer and three of those were on a neighbouring topic; here three, all fitting.
MIN_CONFIDENCE = 0.25


def decide_personal(understanding: Understanding, context: Context, store: Store) -> dict[str, Any]:
    """Returns the turn: who can answer, the general answer where there is one, and the offer of a person (S-15)."""
    topic, share = _general_topic(understanding, store)
    condition = _condition(understanding, context)
    answer = store.find_answer(topic, condition) if topic and share >= MIN_SHARE else None
    question = make_question(topic, condition, understanding.confidence)
    return make_turn(
        "clinician",
        lines=["utter_personal_question", "utter_personal_general"] if answer else ["utter_personal_question"],
        answers=[answer.id] if answer else [],
        choices=store.next_questions(answer.id) if answer else [],
        offer_person=True,
        questions=[question],
    )


def _general_topic(understanding: Understanding, store: Store) -> tuple[str | None, float]:
    """The topic of the general question behind the personal one, and its share among all topics."""
    asked = [(q.intent, q.confidence) for q in understanding.questions if q.intent in store.topics]
    topics = asked or [(name, value) for name, value in understanding.ranking if name in store.topics]
    total = sum(value for _, value in topics)
    if not topics:
        return None, 0.0
    name, value = max(topics, key=lambda pair: pair[1])
    if value < MIN_CONFIDENCE:
        return None, 0.0
    return name, value / total


def _condition(understanding: Understanding, context: Context) -> str | None:
    if understanding.conditions or understanding.uncovered or understanding.candidates:
        return next(iter(understanding.conditions), None)
    return context.condition


class ActionPersonal(Flow):
    """Points to a clinician; Rasa runs it for personal_advice."""

    action_name = "action_personal"
    decide = staticmethod(decide_personal)
