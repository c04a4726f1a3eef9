"""General words, follow-ups and misspellings: what short messages mean."""

from __future__ import annotations

import pytest
import yaml
from rasa.shared.nlu.constants import METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.condition_resolver import ConditionResolver
from components.encoder import FOLLOW_UP_VECTOR, TOPIC_TEXT
from components.follow_ups import read_topics, spell_out
from components.general_words import GeneralWords
from components.runtime import ROOT
from components.spelling import Spelling
from knowledge import load_store

TOPICS = read_topics()
AFTER_THERAPY = {"topic": "stem_cell_therapy", "condition": None}


@pytest.mark.parametrize(
    "text",
    [
        "what do immunosuppressants do",
        "What is an ANA test?",
        "why would my body attack itself",
        "what is a flare",
        "so what's a flare-up",
        "relapse meaning",
        "explain what a flare is",
    ],
)
def test_a_general_word_means_autoimmune_disease(text):
    assert GeneralWords().find_theme(text) == "autoimmune"


@pytest.mark.parametrize(
    "text",
    [
        "what are the symptoms",
        "how is it treated",
        "what triggers a flare",
        "i am in a flare",
        "my plan is anapaest",
        "",
    ],
)
def test_other_questions_still_need_a_condition(text):
    assert GeneralWords().find_theme(text) is None


def test_a_named_condition_comes_before_a_general_word():
    message = ConditionResolver().process([Message({TEXT: "are steroids used in lupus"})])[0]
    assert message.get("general") is None


@pytest.mark.parametrize(
    ("word", "topic"), [("ANA", "diagnosis"), ("immunosuppress", "medicines"), ("flare", "flares")]
)
def test_the_general_answer_exists_for_what_a_general_word_asks(word, topic):
    listed = yaml.safe_load((ROOT / "data" / "lookups" / "general_words.yml").read_text(encoding="utf-8"))
    assert any(word.casefold() in form for form in [*listed["things"], *listed["defined"]])
    assert load_store().find_answer(topic, "autoimmune")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("how much is it", "how much is stem cell therapy"),
        ("and what are the risks of that?", "and what are the risks of stem cell therapy?"),
        ("the price?", "the price of stem cell therapy"),
        ("does it hurt", "does stem cell therapy hurt"),
    ],
)
def test_a_follow_up_names_its_subject(text, expected):
    assert spell_out(text, AFTER_THERAPY, TOPICS) == expected


def test_a_follow_up_on_car_t_is_about_car_t():
    assert spell_out("is it safe", {"topic": "car_t"}, TOPICS) == "is CAR-T therapy safe"


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("how much is it", {"topic": "symptoms", "condition": "lupus"}),
        ("how much is it", {}),
        ("are stem cells safe", AFTER_THERAPY),
        ("where is your clinic and how do i get to it", AFTER_THERAPY),
        ("and the treatment?", {"topic": "stem_cell_evidence", "condition": "lupus"}),
    ],
)
def test_a_message_that_needs_no_help_stays(text, context):
    assert spell_out(text, context, TOPICS) is None


@pytest.mark.parametrize(("text", "helped"), [("how much is it", True), ("is it catching, lupus", False)])
def test_the_encoder_adds_a_vector_only_where_no_condition_is_named(encoder, text, helped):
    message = Message({TEXT: text, METADATA: {"context": AFTER_THERAPY}})
    assert (encoder.process([message])[0].get(FOLLOW_UP_VECTOR) is not None) is helped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lupus desease symtoms", "lupus disease symptoms"),
        ("Traetment?", "treatment?"),
        ("what dose is usual", "what dose is usual"),
        ("diseased", "diseased"),
    ],
)
def test_listed_misspellings_are_mended_and_other_words_stay(text, expected):
    assert Spelling().mend(text) == expected


def test_no_right_word_is_listed_as_a_misspelling():
    listed = yaml.safe_load((ROOT / "data" / "lookups" / "spellings.yml").read_text(encoding="utf-8"))
    wrong = [form for forms in listed.values() for form in forms]
    assert len(wrong) == len(set(wrong))
    assert not set(listed) & set(wrong)


def test_the_topic_is_read_from_mended_words_and_the_tier_from_the_patients_own(encoder):
    message = encoder.process([Message({TEXT: "lupus desease"})])[0]
    assert (message.get(TEXT), message.get(TOPIC_TEXT)) == ("lupus desease", "lupus disease")
