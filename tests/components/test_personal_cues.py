"""How a question about one person is put, and general questions that sound alike (SAFETY C5 to C8, C11)."""

from __future__ import annotations

import time

import pytest
import yaml
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.encoder import TOPIC_TEXT
from components.mentions import Resolver
from components.personal_cues import CUE, PersonalCueFinder, PersonalCues, read_plain
from components.runtime import ROOT
from components.spelling import Spelling


@pytest.fixture(scope="module")
def find():
    """Returns a function that finds the cue in a text as a patient types it."""
    cues, resolver, spelling = PersonalCues(), Resolver(), Spelling()
    return lambda text: cues.find(read_plain(spelling.mend(resolver.hide_conditions(text))))


@pytest.mark.parametrize(
    "text",
    [
        "Should I stop my azathioprine?",
        "can i halve my tablets",
        "Can we just take paracetamol as well?",
        "is it ok if I come off prednisolone",
        "how many tablets should i take",
        "I've forgotten my injection",
        "do you think I've got MS",
        "have i got crohns",
        "could this be scleroderma",
        "my son has UC, can he have ice cream",
        "my ESR is 62",
        "my c3 and c4 came back low",
        "TSH of 0.02",
        "can you explain my blood results",
        "is rituximab right for me",
        "am I a good candidate for a transplant",
        "would i qualify",
        "which stem cell clinic is the best",
        "recommend a good clinic",
        "what would you do",
        "if you were me, would you wait",
        "my neurologist wants me to start ocrelizumab",
    ],
)
def test_a_personal_question_is_recognised(find, text):
    assert find(text)


@pytest.mark.parametrize(
    "text",
    [
        "who is suitable for a stem cell transplant",
        "can people with MS take part in trials",
        "can i take part in a stem cell study",
        "what does a biopsy show",
        "what is an ANA test",
        "what foods should i avoid",
        "which doctor should i see",
        "do i need a donor for a transplant",
        "can i catch lupus",
        "is it safe to hug someone with psoriasis",
        "does methotrexate work in RA",
        "how do i know if a clinic is honest",
        "do i have lupus for life",
        "is a flare the same as a relapse",
        "can stem cells cure lupus",
    ],
)
def test_a_general_question_holds_no_cue(find, text):
    assert find(text) is None


def test_cues_rarely_stand_in_the_examples_of_other_intents(find):
    texts = [
        line[2:]
        for path in (ROOT / "data" / "nlu").glob("*.yml")
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if entry["intent"] != "personal_advice" and not entry["intent"].startswith("report_")
        for line in entry["examples"].splitlines()
    ]
    found = [text for text in texts if find(text)]
    assert len(texts) > 2000
    assert len(found) <= 0.01 * len(texts), found


@pytest.mark.parametrize("part", ["should my ana of ", "i have ", "my ", "can you recommend the ", "a "])
def test_a_long_message_is_read_in_linear_time(part):
    cues = PersonalCues()
    text = read_plain(part * (2000 // len(part)))
    started = time.perf_counter()
    cues.find(text)
    assert time.perf_counter() - started < 0.25


def understand(intent: str, confidence: float, text: str = "should i take the tram") -> Message:
    message = Message({TEXT: text, TOPIC_TEXT: text, INTENT: {"name": intent, "confidence": confidence}})
    return PersonalCueFinder().process([message])[0]


def test_a_cue_makes_the_message_personal_and_is_recorded():
    message = understand("treatment", 0.9, "should i stop my tablets")
    assert message.get(INTENT) == {"name": "personal_advice", "confidence": 1.0}
    assert message.get(CUE)


def test_without_a_cue_the_topic_stays():
    message = understand("treatment", 0.9, "how is it treated")
    assert (message.get(INTENT)["name"], message.get(CUE)) == ("treatment", None)


@pytest.mark.parametrize("intent", ["out_of_scope", "booking", "report_urgent"])
def test_a_cue_does_not_take_over_another_sure_matter(intent):
    assert understand(intent, 0.9).get(INTENT)["name"] == intent


def test_a_cue_takes_over_a_matter_that_is_not_sure():
    assert understand("out_of_scope", 0.4).get(INTENT)["name"] == "personal_advice"


def test_words_are_read_without_case_apostrophes_and_punctuation():
    assert read_plain("I’ve a TSH of 0.02, ANA 1:320!") == "ive a tsh of 0.02 ana 1:320"
