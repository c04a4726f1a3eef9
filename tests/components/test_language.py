"""What is clearly not English, and English with a foreign word in it (C15)."""

from __future__ import annotations

import pytest
import yaml
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.language import LANGUAGE, EnglishOnly, LanguageFinder
from components.runtime import ROOT
from tests.components.test_short_texts_and_tier import SAFETY, _read_lines


@pytest.fixture(scope="module")
def is_other():
    return LanguageFinder().is_other


@pytest.mark.parametrize(
    "text",
    [
        "¿Qué es el lupus?", "¿lupus?", "que es el lupus", "tengo lupus", "no hablo inglés", "me duele el pecho",
        "Quels sont les symptômes du lupus ?", "c'est quoi le lupus", "Qu'est-ce que le lupus ?",
        "o que é lupus", "quais são os sintomas de lupus", "eu tenho lupus",
        "was ist Lupus", "Wie wird Lupus behandelt?", "ist lupus heilbar",
        "что такое волчанка", "что такое lupus", "ما هو الذئبة", "什么是狼疮", "狼疮", "lupus 是什么", "क्या है lupus",
        "τι είναι ο λύκος",
    ],
)  # fmt: skip
def test_another_language_is_recognised(is_other, text):
    assert is_other(text)


@pytest.mark.parametrize(
    "text",
    [
        "what is lupus", "hola", "hola, what is lupus", "gracias", "my abuela has lupus", "lupus", "MS", "la lupus",
        "what is maladie de Still", "is it called esclerosis in spanish", "does que mean what", "what is de Quervain's",
        "Sjögren's syndrome", "anti-TNF-α medicines", "TNFαβ inhibitors", "β-cells", "is an über dose risky",
        "I die a little", "no", "me", "was war hat die", "what does 狼疮 mean", "ｌｕｐｕｓ", "🙂", "",
    ],
)  # fmt: skip
def test_english_with_a_foreign_word_stays(is_other, text):
    assert not is_other(text)


def test_no_english_example_is_taken_for_another_language(is_other):
    texts = [
        line.removeprefix("- ")
        for path in (ROOT / "data" / "nlu").glob("*.yml")
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if entry["intent"] != "out_of_scope"
        for line in entry["examples"].splitlines()
    ]
    texts += [text for path in SAFETY.glob("*.txt") for text in _read_lines(path)]
    assert len(texts) > 4000
    assert [text for text in texts if is_other(text)] == []


def test_another_language_is_out_of_scope_whatever_the_topic_classifier_said():
    message = Message({TEXT: "¿Qué es el lupus?", INTENT: {"name": "definition", "confidence": 0.9}})
    message = EnglishOnly().process([message])[0]
    assert (message.get(LANGUAGE), message.get(INTENT)) == ("other", {"name": "out_of_scope", "confidence": 1.0})


def test_english_keeps_its_intent():
    message = Message({TEXT: "what is lupus", INTENT: {"name": "definition", "confidence": 0.9}})
    message = EnglishOnly().process([message])[0]
    assert (message.get(LANGUAGE), message.get(INTENT)["name"]) == (None, "definition")
