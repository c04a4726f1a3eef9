"""The main flow: a question is answered from knowledge/, by topic and condition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from actions.base import Flow
from actions.turns import make_question, make_turn
from actions.understanding import THEMES, Context, Pair, Question, Understanding
from knowledge import Store

NAME_ONLY = "name_condition"
# Asked of one condition, these topics are answered by its neighbour: there is no such answer per condition.
FOR_A_CONDITION = {
    "epidemiology": "risk_factors",
    "triggers": "flares",
    "stem_cell_success": "stem_cell_evidence",
    "stem_cell_therapy": "stem_cell_evidence",
}
FIRST_TOPICS = ("definition", "symptoms", "treatment", "stem_cell_evidence")
# Offered where a condition is missing; the general answer comes first, for those who mean no condition.
COMMON_CONDITIONS = (
    "autoimmune", "rheumatoid_arthritis", "lupus", "multiple_sclerosis", "hashimotos", "psoriasis", "celiac_disease",
    "type_1_diabetes", "crohns_disease",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One topic asked of one condition (None where the topic needs none, or where it is not known)."""

    topic: str
    condition: str | None
    confidence: float


def decide_answer(understanding: Understanding, context: Context, store: Store) -> dict[str, Any]:
    """Returns the turn for a question: answers, or what is missing to give one."""
    questions = _questions(understanding, context, store)
    if not questions:
        return ask_topic(understanding, context, store)
    unclear = _unclear_names(understanding, context)
    if unclear and not understanding.conditions:
        return _ask_which(questions[0], unclear)
    if understanding.uncovered and not understanding.conditions and _wants_condition(questions, store):
        return not_covered(questions[0])
    asked = [pair for question in questions for pair in _pairs(question, understanding, context, store)]
    unknown = [pair for pair in asked if pair.condition is None and store.needs_condition(pair.topic)]
    if unknown and len(unknown) == len(asked):
        return _ask_condition(unknown[0], understanding, store)
    return _give_answers([pair for pair in asked if pair not in unknown], understanding, store)


def _questions(understanding: Understanding, context: Context, store: Store) -> list[Question]:
    """The topics that are asked; a bare condition name takes the topic of the question before."""
    several = [q for q in understanding.questions if q.intent in store.topics]
    if len(several) > 1:
        return several
    if understanding.intent in store.topics:
        return [Question(understanding.intent, understanding.confidence)]
    if understanding.intent == NAME_ONLY and context.topic in store.topics:
        return [Question(str(context.topic), understanding.confidence)]
    return []


def _unclear_names(understanding: Understanding, context: Context) -> list[tuple[str, ...]]:
    """Ambiguous names that neither the context nor the choices just offered make clear."""
    known = {context.condition} - {None}
    return [slugs for slugs in understanding.candidates if not known & set(slugs)]


def _wants_condition(questions: Iterable[Question], store: Store) -> bool:
    """Tells whether a question is about a condition, as most are; those about stem cells may name any."""
    return any("conditions" in store.topics[q.intent].subjects for q in questions)


def _pairs(question: Question, understanding: Understanding, context: Context, store: Store) -> list[Asked]:
    """Pairs a question with the conditions it is about, in the order in which they were named."""
    topic = question.intent
    subjects = store.topics[topic].subjects
    if "conditions" not in subjects and topic not in FOR_A_CONDITION:
        return [Asked(topic, _theme(understanding, subjects), question.confidence)]
    named = _named(question, understanding, context)
    if topic in FOR_A_CONDITION:
        pairs = [(FOR_A_CONDITION[topic], c) if c not in THEMES else (topic, c) for c in named]
        return [Asked(t, c, question.confidence) for t, c in pairs] or [Asked(topic, None, question.confidence)]
    named = named or _carried(understanding, context, store, topic)
    if not named:
        return [Asked(topic, _general(understanding, store, topic), question.confidence)]
    return [Asked(topic, condition, question.confidence) for condition in named]


def _general(understanding: Understanding, store: Store, topic: str) -> str | None:
    """The theme of a general word ("what do immunosuppressants do"), where it has an answer on the topic."""
    held = understanding.general and store.find_answer(topic, understanding.general)
    return understanding.general if held else None


def _named(question: Question, understanding: Understanding, context: Context) -> list[str]:
    """The conditions in the question's own words, else in the whole message, else an ambiguous name made clear."""
    own = [m.slug for m in understanding.mentions if question.start <= m.start < question.end]
    own = [slug for slug in own if slug in understanding.conditions]
    clear = [context.condition for slugs in understanding.candidates if context.condition in slugs]
    return list(dict.fromkeys([*(own or understanding.conditions), *(c for c in clear if c)]))


def _carried(understanding: Understanding, context: Context, store: Store, topic: str) -> list[str]:
    """The condition talked about before; never for a question that names another one."""
    if understanding.uncovered or understanding.is_choice or not context.condition:
        return []
    held = context.condition in store.conditions or context.condition in THEMES
    return [context.condition] if held and store.find_answer(topic, context.condition) else []


def _theme(understanding: Understanding, subjects: Iterable[str]) -> str | None:
    return next((c for c in understanding.conditions if c in subjects), None)


def _give_answers(asked: list[Asked], understanding: Understanding, store: Store) -> dict[str, Any]:
    found = [(pair, store.find_answer(pair.topic, pair.condition)) for pair in asked]
    answers = [answer.id for _, answer in found if answer]
    missing = [pair for pair, answer in found if answer is None]
    others = _other_topics(understanding, store) if len(asked) == 1 else []
    questions = [make_question(p.topic, p.condition, p.confidence, others) for p in asked]
    if not answers:
        return _no_answer(missing[0], questions, store)
    choices: list[Pair] = [pair for answer in answers for pair in store.next_questions(answer)]
    choices += [pair for p in missing for pair in store.find_nearest(p.topic, p.condition)]
    asked_pairs = {(p.topic, p.condition) for p in asked}
    return make_turn(
        "answer",
        lines=["utter_some_missing"] if missing else [],
        answers=answers,
        choices=[pair for pair in choices if pair not in asked_pairs][:4],
        offer_person=bool(missing),
        questions=questions,
    )


def _no_answer(pair: Asked, questions: list[dict[str, Any]], store: Store) -> dict[str, Any]:
    """Says so, offers what comes nearest and a person."""
    line = "utter_no_answer_for_pair" if pair.condition else "utter_no_answer_for_topic"
    choices = store.find_nearest(pair.topic, pair.condition)
    return make_turn("fallback", lines=[line], choices=choices, offer_person=True, questions=questions)


def _other_topics(understanding: Understanding, store: Store) -> list[tuple[str, float]]:
    return [(name, value) for name, value in understanding.ranking[1:4] if name in store.topics]


def _ask_condition(pair: Asked, understanding: Understanding, store: Store) -> dict[str, Any]:
    held = [c for c in COMMON_CONDITIONS if store.find_answer(pair.topic, c)]
    question = make_question(pair.topic, None, pair.confidence, _other_topics(understanding, store))
    return make_turn(
        "clarify",
        lines=["utter_which_condition"],
        choices=[(pair.topic, condition) for condition in held],
        questions=[question],
    )


def _ask_which(question: Question, unclear: list[tuple[str, ...]]) -> dict[str, Any]:
    choices: list[Pair] = [(question.intent, slug) for slugs in unclear for slug in slugs]
    return make_turn(
        "clarify",
        lines=["utter_which_did_you_mean"],
        choices=choices,
        questions=[make_question(question.intent, None, question.confidence)],
    )


def ask_topic(understanding: Understanding, context: Context, store: Store) -> dict[str, Any]:
    """Returns the turn that asks what is wanted about a condition, which is known, while no topic is."""
    unclear = _unclear_names(understanding, context)
    if unclear and not understanding.conditions:
        choices: list[Pair] = [("definition", slug) for slugs in unclear for slug in slugs]
        return make_turn("clarify", lines=["utter_which_did_you_mean"], choices=choices)
    if understanding.uncovered and not understanding.conditions:
        return not_covered(None)
    condition = next(iter(understanding.conditions), context.condition)
    if condition is None:
        return make_turn("clarify", lines=["utter_help"], choices=START_CHOICES, offer_person=True)
    choices = [(topic, condition) for topic in FIRST_TOPICS if store.find_answer(topic, condition)]
    question = make_question(None, condition, understanding.confidence)
    return make_turn("clarify", lines=["utter_which_about_condition"], choices=choices, questions=[question])


def not_covered(question: Question | None) -> dict[str, Any]:
    """Returns the turn for a condition that AskImmune has no answers for."""
    # A question without a condition: what was talked about before must not answer the next "is it catching?".
    asked = [make_question(question.intent if question else None, None, question.confidence if question else 1.0)]
    return make_turn(
        "out_of_scope",
        lines=["utter_condition_not_covered"],
        choices=START_CHOICES,
        offer_person=True,
        questions=asked,
    )


START_CHOICES: tuple[Pair, ...] = (
    ("definition", "autoimmune"),
    ("stem_cell_definition", None),
    ("stem_cell_evidence", None),
)


class ActionAnswer(Flow):
    """Answers a question about a topic; Rasa runs it for every topic intent."""

    action_name = "action_answer"
    decide = staticmethod(decide_answer)
