"""Recognises how a question about one person is put ("should i stop ..."), beside the classifier, without learning."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message

from components.encoder import TOPIC_TEXT
from components.runtime import ROOT

CUE = "personal_cue"
PERSONAL = "personal_advice"
MAX_GAP = 3
# The classifier is sure of another matter: a cue does not make "should i take the bus" a question about health.
# 0.6 is a little above the confidence that the topic classifier itself asks for (0.5 at most trainings).
SURE = 0.6
NOT_ABOUT_HEALTH = frozenset([
    "out_of_scope", "hours", "location", "booking", "contact", "insurance", "records", "complaint", "talk_to_person",
    "greet", "goodbye", "thank_you", "help", "bot_challenge", "small_talk", "abuse",
])  # fmt: skip
_WORD = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_](?:['’]?[^\W_])*")
_NUMBER = r"\d[\d.,:/]*"


def read_plain(text: str) -> str:
    """Returns the words of a text in small letters, without apostrophes, parted by single spaces."""
    return " ".join(word.casefold().replace("'", "").replace("’", "") for word in _WORD.findall(text))


class PersonalCues:
    """The cues of data/lookups/personal_cues.yml, by their first word; gaps are bounded, so that a search is linear."""

    def __init__(self, root: Path = ROOT) -> None:
        """Reads and compiles the cues once.

        Raises:
            KeyError: if a cue names a set that the file does not hold.
        """
        listed = yaml.safe_load((root / "data" / "lookups" / "personal_cues.yml").read_text(encoding="utf-8"))
        self._sets: dict[str, list[str]] = {name: [str(f) for f in forms] for name, forms in listed["sets"].items()}
        self._by_first_word: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for cue in listed["cues"]:
            pattern = re.compile(self._compile(cue))
            for word in sorted({form.split()[0] for form in self._forms(cue.split()[0])}):
                self._by_first_word.setdefault(word, []).append((cue, pattern))
        self._vetoes = re.compile("|".join(r"(?:^|(?<= ))" + self._compile(veto) for veto in listed["vetoes"]))

    def find(self, plain: str) -> str | None:
        """Returns the first cue that a plain text (`read_plain`) holds; None without one, or with a veto."""
        start = 0
        for word in plain.split(" "):
            for cue, pattern in self._by_first_word.get(word, ()):
                if pattern.match(plain, start):
                    return None if self._vetoes.search(plain) else cue
            start += len(word) + 1
        return None

    def _compile(self, cue: str) -> str:
        return "".join(self._compile_part(part) for part in cue.split()) + r"(?:(?<= )|$)"

    def _forms(self, part: str) -> list[str]:
        return self._sets[part[1:-1]] if part.startswith("<") else part.split("|")

    def _compile_part(self, part: str) -> str:
        if part == "*":
            return rf"(?:[^ ]+ ){{0,{MAX_GAP}}}"
        if part == "<number>":
            return rf"{_NUMBER}(?: |$)"
        either = "|".join(re.escape(form) for form in sorted(self._forms(part), key=len, reverse=True))
        return rf"(?:{either})(?: |$)"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class PersonalCueFinder(IntentClassifier, GraphComponent):
    """Makes a message with a cue a personal question; stands after the topic classifier and before the tier."""

    def __init__(self) -> None:
        """Reads the cues once."""
        self._cues = PersonalCues()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PersonalCueFinder:
        """Builds the component; it has nothing to configure and nothing to train."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the attribute `personal_cue`, and the intent where one was found; Rasa calls it for every message."""
        for message in messages:
            text = message.get(TOPIC_TEXT)  # conditions hidden, misspellings mended
            cue = self._cues.find(read_plain(text)) if text else None
            message.set(CUE, cue, add_to_output=True)
            if cue and not _is_sure_of_another_matter(message.get(INTENT) or {}):
                message.set(INTENT, {"name": PERSONAL, "confidence": 1.0}, add_to_output=True)
        return messages


def _is_sure_of_another_matter(intent: dict[str, Any]) -> bool:
    name = str(intent.get("name"))
    return name.startswith("report_") or (name in NOT_ABOUT_HEALTH and intent.get("confidence", 0.0) >= SURE)
