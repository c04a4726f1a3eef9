"""Layer A inside Rasa: the same cards in `rasa shell`; out of the way on the desk's channel."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.constants import INTENT, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.screen import Screen


def screened(text: str, **data: object) -> Message:
    return Screen().process([Message({TEXT: text, **data})])[0]


def test_an_emergency_becomes_the_intent():
    message = screened("I have crushing chest pain and I can't breathe")
    assert message.get("screen")["tier"] == "emergency"
    assert message.get(INTENT)["name"] == "report_emergency"


def test_it_never_lowers_what_layer_b_found():
    message = screened("what is lupus", tier={"tier": "crisis"}, intent={"name": "report_crisis"})
    assert message.get(INTENT)["name"] == "report_crisis"


def test_an_ordinary_question_keeps_its_intent():
    message = screened("what is lupus", intent={"name": "definition"})
    assert message.get(INTENT)["name"] == "definition"


@pytest.mark.parametrize("text", ["i can't breathe", "what is lupus"])
def test_the_desk_screens_for_itself(text):
    assert screened(text, **{METADATA: {"channel": "desk"}}).get("screen") is None
