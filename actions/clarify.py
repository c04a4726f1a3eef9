"""When a message was not understood: ask once what was meant, then say so and offer a person."""

from __future__ import annotations

from typing import Any

from actions.answers import NAME_ONLY, ask_topic, decide_answer, not_covered
from actions.base import Flow
from actions.turns import make_question, make_turn
from actions.understanding import Context, Pair, Understanding
from knowledge import Store

MIN_CONFIDENCE = 0.08  # a topic below this is not worth offering
MAX_OFFERED = 3


def decide_clarify(understanding: Understanding, context: Context, store: Store) -> dict[str, Any]:
    """Returns the turn for a message below the threshold, or one that no rule fits."""
    if understanding.uncovered and not understanding.conditions:
        return not_covered(None)
    if context.asked and understanding.conditions and context.topic:
        # The last turn asked which condition; whatever else this message says, it names one.
        named = Understanding(NAME_ONLY, understanding.confidence, mentions=understanding.mentions)
        return decide_answer(named, context, store)
    topics = [
        (name, value) for name, value in understanding.ranking if name in store.topics and value >= MIN_CONFIDENCE
    ]
    condition = next(iter(understanding.conditions), context.condition)
    choices = _choices(topics, condition, store)
    if context.asked:
        return do_not_know(understanding)
    if not choices:
        # "my daughter" after a question about lupus: nothing to guess, but the condition is known.
        return ask_topic(understanding, context, store) if condition else do_not_know(understanding)
    best, confidence = topics[0]
    question = make_question(best, condition, confidence, topics[1:])
    return make_turn("clarify", lines=["utter_did_you_mean"], choices=choices, offer_person=True, questions=[question])


def _choices(topics: list[tuple[str, float]], condition: str | None, store: Store) -> list[Pair]:
    """The likeliest questions that have an answer; without a condition those about autoimmune disease in general."""
    pairs: list[Pair] = []
    for topic, _ in topics:
        subject = condition if "conditions" in store.topics[topic].subjects else None
        if subject is None and store.needs_condition(topic):
            subject = "autoimmune"
        if store.find_answer(topic, subject):
            pairs.append((topic, subject))
    return pairs[:MAX_OFFERED]


def do_not_know(understanding: Understanding) -> dict[str, Any]:
    """Returns the honest turn: no answer, and the offer of a person."""
    question = make_question(None, None, understanding.confidence)
    return make_turn("fallback", lines=["utter_do_not_know"], offer_person=True, questions=[question])


class ActionClarify(Flow):
    """Asks back; Rasa runs it for nlu_fallback and where no rule fits."""

    action_name = "action_clarify"
    decide = staticmethod(decide_clarify)
