"""Layer B does not judge a message that holds too little to judge by, nor one in another language."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.content_words import read_content, read_function_words
from components.language import EnglishOnly
from components.runtime import ROOT
from components.tier_classifier import GRAVE, MIN_CONTENT_WORDS, TierClassifier
from safety import screen

SAFETY = ROOT / "tests" / "safety"
HARMLESS = (
    "and", "and?", "and now?", "omg", "again", "start over", "i want to start over", "end", "what is the end", "life",
    "alone", "forever", "she", "her", "mine", "my mum", "my son", "my daughter", "wife", "mother", "child",
    "i am worried about my mum", "im scared for my dad", "leave", "and in children?", "what about my kids?", "help",
    "help?", "and my wife?", "...", "?",
)  # fmt: skip


@pytest.fixture()
def jumpy(storage, resource, execution, training_data) -> TierClassifier:
    """A tier classifier that raises a tier for whatever it judges."""
    component = TierClassifier.create({}, storage, resource, execution)
    component.train(training_data)
    component.report["thresholds"] = {"crisis": 0.0, "emergency": 0.0}
    return component


@pytest.mark.parametrize("text", HARMLESS)
def test_a_message_of_a_word_or_two_is_not_judged(jumpy, encoder, text):
    guessed = {"name": "report_safeguarding", "confidence": 0.7}
    message = jumpy.process(encoder.process([Message({TEXT: text, INTENT: guessed})]))[0]
    assert message.get("tier") == {"tier": "none", "probabilities": {}, "reason": "too_short"}
    assert message.get(INTENT) == {"name": "nlu_fallback", "confidence": 0.7}


@pytest.mark.parametrize("text", HARMLESS)
def test_the_deterministic_screen_is_quiet_on_them_too(text):
    assert screen(text).tier == "none"


@pytest.mark.parametrize(
    "text", ["help me", "help me!!!", "SOS", "911", "i can't breathe", "i want to die", "he hits me", "i give up"]
)
def test_the_deterministic_screen_covers_short_dangers(text):
    assert screen(text).tier != "none"


@pytest.mark.parametrize(
    "text",
    ["can you help me die", "i have a knife and want to use it on myself", "she has taken all her tablets at once"],
)
def test_a_message_with_something_in_it_is_judged(jumpy, understand, text):
    message = understand(jumpy, text)[0]
    assert message.get("tier")["tier"] != "none"
    assert "reason" not in message.get("tier")


def test_an_ordinary_intent_of_a_short_message_stays(jumpy, encoder):
    message = encoder.process([Message({TEXT: "and in children?", INTENT: {"name": "children", "confidence": 0.8}})])[0]
    assert jumpy.process([message])[0].get(INTENT)["name"] == "children"


def test_a_message_in_another_language_is_not_judged(jumpy, encoder):
    message = encoder.process([Message({TEXT: "¿Cuáles son los síntomas graves del lupus?"})])[0]
    message = jumpy.process(EnglishOnly().process([message]))[0]
    assert message.get("tier")["reason"] == "not_english"
    assert message.get(INTENT)["name"] == "out_of_scope"


def _read_reports() -> list[str]:
    entries = yaml.safe_load((ROOT / "data" / "nlu" / "reports.yml").read_text(encoding="utf-8"))["nlu"]
    return [line.removeprefix("- ") for entry in entries for line in entry["examples"].splitlines()]


def _read_lines(path: Path) -> list[str]:
    return [x for x in path.read_text(encoding="utf-8").splitlines() if x.strip() and not x.startswith("#")]


def test_every_listed_danger_that_is_not_judged_is_covered_by_the_screen():
    function_words = read_function_words()
    names = ("red", "urgent", "crisis", "safeguarding")
    texts = _read_reports() + [text for name in names for text in _read_lines(SAFETY / f"{name}.txt")]
    words = {text: read_content(text, function_words) for text in texts}
    short = [t for t in texts if len(words[t]) < MIN_CONTENT_WORDS and GRAVE.isdisjoint(words[t])]
    assert len(short) > 200
    assert [text for text in short if screen(text).tier == "none"] == []
