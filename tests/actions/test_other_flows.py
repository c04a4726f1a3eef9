"""Asking back, questions about one person, small talk, danger: each turn keeps the contract."""

from __future__ import annotations

import pytest

from actions.clarify import decide_clarify
from actions.handoff import decide_handoff
from actions.out_of_scope import decide_out_of_scope
from actions.personal import decide_personal
from actions.safety_cards import decide_safety
from actions.small_talk import decide_small_talk
from actions.understanding import Context
from tests.actions.conftest import NOTHING, understood


@pytest.fixture()
def decide(store, check_turn):
    return lambda flow, understanding, context=NOTHING: check_turn(flow(understanding, context, store))


UNSURE = {"confidence": 0.3, "ranking": (("treatment", 0.3), ("medicines", 0.25), ("out_of_scope", 0.2))}


def test_an_unsure_message_is_asked_back_once(decide):
    turn = decide(decide_clarify, understood("nlu_fallback", "lupus", **UNSURE))
    assert (turn["kind"], turn["lines"]) == ("clarify", ["utter_did_you_mean"])
    assert turn["choices"][0] == {"topic": "treatment", "condition": "lupus"}
    assert turn["offer_person"] is True


def test_it_offers_no_topic_that_is_far_behind(decide):
    unsure = understood("nlu_fallback", "lupus", confidence=0.3, ranking=(("treatment", 0.3), ("cure", 0.01)))
    assert [c["topic"] for c in decide(decide_clarify, unsure)["choices"]] == ["treatment"]


def test_a_message_that_says_nothing_about_a_known_condition_is_asked_what_is_wanted(decide):
    nothing = understood("nlu_fallback", confidence=0.6, ranking=(("report_safeguarding", 0.6), ("greet", 0.2)))
    turn = decide(decide_clarify, nothing, Context(condition="lupus", topic="definition"))
    assert (turn["kind"], turn["lines"]) == ("clarify", ["utter_which_about_condition"])
    assert {c["condition"] for c in turn["choices"]} == {"lupus"}


def test_a_message_that_says_nothing_about_no_condition_is_not_guessed_at(decide):
    nothing = understood("nlu_fallback", confidence=0.6, ranking=(("greet", 0.2),))
    assert decide(decide_clarify, nothing)["kind"] == "fallback"


@pytest.mark.parametrize("more", [{}, {"uncovered": ("gout",)}])
def test_another_language_is_told_that_only_english_is_understood(decide, more):
    turn = decide(decide_out_of_scope, understood("out_of_scope", "lupus", other_language=True, **more))
    assert (turn["kind"], turn["lines"]) == ("out_of_scope", ["utter_english_only"])
    assert (turn["answers"], turn["choices"], turn["offer_person"]) == ([], [], True)


def test_a_second_unsure_message_is_not_asked_about_again(decide):
    turn = decide(decide_clarify, understood("nlu_fallback", "lupus", **UNSURE), Context(asked=True))
    assert (turn["kind"], turn["lines"], turn["offer_person"]) == ("fallback", ["utter_do_not_know"], True)


def test_a_condition_in_an_unsure_message_still_answers_the_question_asked_before(decide):
    unsure = understood("nlu_fallback", "lupus", **UNSURE)
    turn = decide(decide_clarify, unsure, Context(topic="symptoms", asked=True))
    assert turn["answers"] == ["lupus.symptoms"]


def test_an_unsure_message_about_a_foreign_condition_is_out_of_scope(decide):
    turn = decide(decide_clarify, understood("nlu_fallback", uncovered=("gout",), **UNSURE), Context(condition="lupus"))
    assert turn["kind"] == "out_of_scope"


def test_a_personal_question_points_to_a_clinician_with_the_general_answer(decide):
    ranking = (("personal_advice", 0.6), ("treatment", 0.3), ("cure", 0.01))
    turn = decide(decide_personal, understood("personal_advice", "lupus", ranking=ranking))
    assert (turn["kind"], turn["answers"], turn["offer_person"]) == ("clinician", ["lupus.treatment"], True)
    assert turn["lines"] == ["utter_personal_question", "utter_personal_general"]


@pytest.mark.parametrize(
    "ranking",
    [
        (),
        (("personal_advice", 0.99), ("causes", 0.004)),
        (("personal_advice", 0.8), ("causes", 0.04), ("cure", 0.04), ("types", 0.04)),
        (("personal_advice", 0.7), ("diet_lifestyle", 0.17), ("treatment", 0.05)),
        (("personal_advice", 0.3), ("diet_lifestyle", 0.3), ("treatment", 0.29)),
    ],
)
def test_a_personal_question_without_a_clear_general_one_gets_no_answer(decide, ranking):
    turn = decide(decide_personal, understood("personal_advice", "lupus", ranking=ranking))
    assert (turn["kind"], turn["answers"]) == ("clinician", [])


def test_a_personal_question_about_a_foreign_condition_does_not_use_the_one_before(decide):
    ranking = (("personal_advice", 0.6), ("treatment", 0.3))
    unsure = understood("personal_advice", uncovered=("gout",), ranking=ranking)
    assert decide(decide_personal, unsure, Context(condition="lupus"))["answers"] == []


def test_out_of_scope_offers_topics_and_a_person(decide):
    turn = decide(decide_out_of_scope, understood("out_of_scope"))
    assert (turn["kind"], turn["offer_person"]) == ("out_of_scope", True)
    assert turn["choices"]


@pytest.mark.parametrize(
    "intent",
    ["greet", "goodbye", "thank_you", "help", "bot_challenge", "small_talk", "affirm", "deny", "abuse", "worried"],
)
def test_small_talk_has_one_line_and_no_answer(decide, intent):
    turn = decide(decide_small_talk, understood(intent))
    assert (turn["kind"], turn["lines"], turn["answers"]) == ("small_talk", [f"utter_{intent}"], [])


def test_yes_takes_the_only_choice_that_was_offered(decide):
    context = Context(pending=(("symptoms", "lupus"),), asked=True)
    assert decide(decide_small_talk, understood("affirm"), context)["answers"] == ["lupus.symptoms"]


def test_yes_to_several_choices_takes_none(decide):
    context = Context(pending=(("symptoms", "lupus"), ("cure", "lupus")), asked=True)
    assert decide(decide_small_talk, understood("affirm"), context)["kind"] == "small_talk"


def test_asking_for_a_person_offers_one(decide):
    turn = decide(decide_handoff, understood("talk_to_person"))
    assert (turn["kind"], turn["offer_person"]) == ("handoff", True)


@pytest.mark.parametrize("tier", ["emergency", "crisis", "urgent", "safeguarding"])
def test_danger_withholds_every_answer(decide, tier):
    turn = decide(decide_safety, understood(f"report_{tier}", "lupus", tier=tier))
    assert (turn["kind"], turn["tier"], turn["answers"], turn["lines"]) == (tier, tier, [], [])


def test_a_tier_that_does_not_exist_counts_as_urgent(decide):
    assert decide(decide_safety, understood("report_emergency", tier="calm"))["tier"] == "urgent"
