"""The main flow: which answers a question gets, and what happens when something is missing."""

from __future__ import annotations

import pytest

from actions.answers import decide_answer
from actions.understanding import Context, Mention, Question, Understanding
from tests.actions.conftest import NOTHING, understood


@pytest.fixture()
def decide(store, check_turn):
    return lambda understanding, context=NOTHING: check_turn(decide_answer(understanding, context, store))


def test_a_question_about_a_condition_gets_its_answer(decide):
    turn = decide(understood("definition", "lupus"))
    assert (turn["kind"], turn["answers"]) == ("answer", ["lupus.definition"])
    assert turn["questions"][0]["condition"] == "lupus"
    assert turn["choices"]


def test_two_conditions_get_two_answers_in_order(decide):
    turn = decide(understood("definition", "multiple_sclerosis", "lupus"))
    assert turn["answers"] == ["multiple_sclerosis.definition", "lupus.definition"]


def test_two_questions_get_two_answers_each_for_its_own_condition(decide):
    understanding = Understanding(
        "definition",
        0.9,
        mentions=(Mention("lupus", 8), Mention("multiple_sclerosis", 40)),
        questions=(Question("definition", 0.9, 0, 20), Question("symptoms", 0.8, 21, 60)),
    )
    assert decide(understanding)["answers"] == ["lupus.definition", "multiple_sclerosis.symptoms"]


def test_a_follow_up_uses_the_condition_talked_about_before(decide):
    turn = decide(understood("stem_cell_evidence"), Context(condition="lupus", topic="definition"))
    assert turn["answers"] == ["lupus.stem_cell_evidence"]


def test_a_named_condition_wins_over_the_one_before(decide):
    turn = decide(understood("definition", "multiple_sclerosis"), Context(condition="lupus"))
    assert turn["answers"] == ["multiple_sclerosis.definition"]


def test_a_bare_condition_takes_the_topic_of_the_question_before(decide):
    turn = decide(understood("name_condition", "lupus"), Context(topic="symptoms", asked=True))
    assert turn["answers"] == ["lupus.symptoms"]


def test_a_bare_condition_without_a_topic_is_asked_what_about_it(decide):
    turn = decide(understood("name_condition", "lupus"))
    assert (turn["kind"], turn["lines"]) == ("clarify", ["utter_which_about_condition"])
    assert {choice["condition"] for choice in turn["choices"]} == {"lupus"}


def test_a_missing_condition_is_asked_for_with_choices_that_have_answers(decide, store):
    turn = decide(understood("symptoms"))
    assert (turn["kind"], turn["lines"]) == ("clarify", ["utter_which_condition"])
    assert turn["choices"]
    assert all(store.find_answer(choice["topic"], choice["condition"]) for choice in turn["choices"])


def test_an_ambiguous_name_is_asked_about(decide):
    turn = decide(understood("diet_lifestyle", candidates=(("celiac_disease", "crohns_disease"),)))
    assert (turn["kind"], turn["lines"]) == ("clarify", ["utter_which_did_you_mean"])
    assert [choice["condition"] for choice in turn["choices"]] == ["celiac_disease", "crohns_disease"]


def test_the_context_makes_an_ambiguous_name_clear(decide):
    context = Context(condition="celiac_disease")
    turn = decide(understood("definition", candidates=(("celiac_disease", "crohns_disease"),)), context)
    assert turn["questions"][0]["condition"] == "celiac_disease"


def test_a_condition_that_is_not_covered_is_never_answered_with_the_one_before(decide):
    turn = decide(understood("definition", uncovered=("fibromyalgia",)), Context(condition="lupus"))
    assert (turn["kind"], turn["answers"]) == ("out_of_scope", [])
    assert turn["questions"][0]["condition"] is None


def test_a_pair_without_an_answer_says_so_and_offers_what_comes_near(decide, store):
    missing = next(
        (topic, slug)
        for slug in store.conditions
        for topic in store.topics
        if "conditions" in store.topics[topic].subjects and not store.find_answer(topic, slug)
    )
    turn = decide(understood(missing[0], missing[1]))
    assert (turn["kind"], turn["lines"]) == ("fallback", ["utter_no_answer_for_pair"])
    assert turn["offer_person"] is True


def test_a_question_about_stem_cells_needs_no_condition(decide):
    assert decide(understood("stem_cell_definition"))["answers"] == ["stem_cells.stem_cell_definition"]


def test_how_common_a_condition_is_comes_from_who_gets_it(decide):
    turn = decide(understood("epidemiology", "lupus"))
    assert turn["answers"] == ["lupus.risk_factors"]


def test_a_choice_gives_the_answer_that_it_names(decide):
    turn = decide(understood("symptoms", "lupus", is_choice=True, confidence=1.0), Context(condition="psoriasis"))
    assert turn["answers"] == ["lupus.symptoms"]


def test_every_answer_can_be_reached_by_its_topic_and_condition(decide, store):
    for answer in store.answers.values():
        condition = [answer.subject] if answer.subject in store.conditions else []
        condition = condition or [t for t in ("autoimmune", "immune_system") if t == answer.subject]
        turn = decide(understood(answer.topic, *condition))
        assert answer.id in turn["answers"], answer.id


def test_four_questions_about_four_conditions_stay_within_the_contract(decide):
    turn = decide(understood("definition", "lupus", "psoriasis", "vitiligo", "als", "itp", "cidp"))
    assert len(turn["answers"]) <= 4


def test_a_general_word_gets_the_general_answer(decide):
    turn = decide(understood("medicines", general="autoimmune"))
    assert turn["answers"] == ["autoimmune.medicines"]


def test_the_condition_talked_about_before_comes_before_a_general_word(decide):
    turn = decide(understood("medicines", general="autoimmune"), Context(condition="lupus"))
    assert turn["answers"] == ["lupus.medicines"]


def test_a_general_word_does_not_answer_for_a_condition_that_is_not_covered(decide):
    assert decide(understood("medicines", general="autoimmune", uncovered=("gout",)))["answers"] == []


def test_asking_which_condition_offers_the_general_answer_first(decide, store):
    turn = decide(understood("symptoms"))
    assert turn["choices"][0] == {"topic": "symptoms", "condition": "autoimmune"}
    assert store.find_answer("symptoms", "autoimmune")
