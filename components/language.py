"""Tells a message that is clearly not English, so that it is not answered on the chance of a familiar word (C15)."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.condition_names import read_words
from components.content_words import read_function_words
from components.runtime import ROOT

LANGUAGE = "language"
OTHER = "other"
OUT_OF_SCOPE = "out_of_scope"
_INVERTED = frozenset("¿¡")
MIN_FOREIGN_LETTERS = 2  # a lone "α" or "β" is a symbol


class LanguageFinder:
    """Decides by script, inverted punctuation and the closed list of data/lookups/other_languages.yml."""

    def __init__(self, root: Path = ROOT) -> None:
        """Reads the lists once."""
        listed = yaml.safe_load((root / "data" / "lookups" / "other_languages.yml").read_text(encoding="utf-8"))
        self._sure = frozenset(word for words in listed["sure"].values() for word in words)
        self._shared = frozenset(listed["shared"])
        self._english = read_function_words(root) - self._sure - self._shared

    def is_other(self, text: str) -> bool:
        """Tells whether a text is clearly in another language than English; a doubt counts as English."""
        words = [word.plain for word in read_words(text)]
        sure = sum(word in self._sure for word in words)
        shared = sum(word in self._shared for word in words)
        english = sum(word in self._english for word in words)
        # A condition's name is often Latin in any script: without an English word, a quarter of the letters decides.
        if not _INVERTED.isdisjoint(text) or _share_of_other_script(text) > (0.5 if english else 0.25):
            return True
        if sure <= english or len(words) < 2:
            return False
        return sure + shared >= 2 or 2 * sure >= len(words)


def _share_of_other_script(text: str) -> float:
    """Returns which share of the letters is not Latin; letters that are Latin in another width or style are Latin."""
    letters = [] if text.isascii() else [c for c in unicodedata.normalize("NFKC", text) if c.isalpha()]
    foreign = sum(not unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return foreign / len(letters) if foreign >= MIN_FOREIGN_LETTERS else 0.0


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class EnglishOnly(IntentClassifier, GraphComponent):
    """Makes a message in another language out of scope; stands after the topic and before the tier."""

    def __init__(self) -> None:
        """Reads the lists once."""
        self._finder = LanguageFinder()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EnglishOnly:
        """Builds the component; it has nothing to configure and nothing to train."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the attribute `language` and the intent of a message that is not English."""
        for message in messages:
            if self._finder.is_other(message.get(TEXT) or ""):
                message.set(LANGUAGE, OTHER, add_to_output=True)
                message.set(INTENT, {"name": OUT_OF_SCOPE, "confidence": 1.0}, add_to_output=True)
        return messages
