"""Finds the conditions that a message names: names, abbreviations, misspellings; never a guess."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from rapidfuzz.distance import DamerauLevenshtein
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.runtime import ROOT

CANDIDATES = "condition_candidates"
UNCOVERED = "uncovered"
MAX_WORDS = 6
# The word must be at least this long for so many typing errors; shorter words only match exactly.
ERRORS_BY_LENGTH = ((14, 2), (9, 2), (7, 1))
_WORD = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*['’]?")
# "ms" is also a form of address and "mg" a unit: in small letters they count only in such company.
_BEFORE_SHORT = frozenset(
    [
        "with",
        "for",
        "have",
        "has",
        "had",
        "of",
        "cure",
        "cures",
        "cause",
        "causes",
        "treat",
        "treats",
        "treating",
        "is",
        "and",
        "or",
        "about",
        "got",
        "help",
        "helps",
        "my",
        "the",
        "against",
        "if",
        "get",
        "getting",
        "in",
        "like",
        "to",
        "from",
    ]
)
_AFTER_SHORT = frozenset(
    [
        "and",
        "or",
        "is",
        "in",
        "the",
        "my",
        "symptoms",
        "symptom",
        "treatment",
        "treatments",
        "patients",
        "patient",
        "diagnosis",
        "cause",
        "causes",
        "cured",
        "cure",
        "medicine",
        "medicines",
        "drugs",
        "relapse",
        "flare",
        "flares",
        "be",
        "hereditary",
        "contagious",
        "affect",
        "disease",
        "a",
        "get",
        "run",
        "from",
        "caused",
        "treated",
        "diagnosed",
        "stem",
        "with",
        "when",
        "while",
        "prognosis",
        "outlook",
        "diet",
        "specialist",
        "for",
        "do",
        "does",
        "can",
        "people",
    ]
)
# Small words that may stand beside a bare condition name: "and MS?", "what about lupus".
_FILLERS = frozenset(
    [
        "and",
        "what",
        "about",
        "how",
        "the",
        "for",
        "with",
        "or",
        "same",
        "in",
        "i",
        "have",
        "has",
        "my",
        "got",
        "a",
        "an",
        "im",
        "meant",
        "mean",
        "said",
        "no",
        "yes",
        "ok",
        "okay",
        "please",
        "then",
        "now",
        "so",
        "also",
        "sorry",
        "disease",
        "condition",
        "question",
        "on",
        "of",
        "to",
        "me",
        "thats",
        "hi",
        "hello",
        "one",
        "this",
        "that",
        "but",
        "you",
        "ones",
    ]
)


def normalise(word: str) -> str:
    """Returns a word without case, accents and apostrophes: `Sjögren's` gives `sjogrens`."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if c.isalnum())


class Word(NamedTuple):
    """One word of a message: as typed, normalised, and where it stands."""

    typed: str
    plain: str
    start: int
    end: int


class Mention(NamedTuple):
    """A found name: the conditions that it may mean (none for one that is not covered), and where it stands."""

    slugs: tuple[str, ...]
    start: int
    end: int
    confidence: float
    typed: str
    kind: str  # condition | ambiguous | uncovered | theme


def read_words(text: str) -> list[Word]:
    """Returns the words of a text; hyphens and slashes part words, apostrophes do not."""
    found = (Word(m.group(), normalise(m.group()), m.start(), m.end()) for m in _WORD.finditer(text))
    return [word for word in found if word.plain]


def _key(text: str) -> str:
    return " ".join(word.plain for word in read_words(text))


class ConditionNames:
    """Every form of every condition, read from knowledge/conditions.yml and data/lookups/."""

    def __init__(self, root: Path = ROOT) -> None:
        """Reads the three files; a form that two conditions list is ambiguous from then on."""
        conditions = yaml.safe_load((root / "knowledge" / "conditions.yml").read_text(encoding="utf-8"))
        short = yaml.safe_load((root / "data" / "lookups" / "short_forms.yml").read_text(encoding="utf-8"))
        uncovered = yaml.safe_load((root / "data" / "lookups" / "uncovered_conditions.yml").read_text(encoding="utf-8"))
        self.forms: dict[str, tuple[tuple[str, ...], str]] = {}
        self.abbreviations: dict[str, tuple[str, ...]] = {}
        self._fuzzy: list[tuple[str, str]] = []
        self.asked_about = {normalise(form) for form in short["asked_about"]}
        self._read_conditions(conditions, short["names"])
        for form, slugs in short["ambiguous"].items():
            self.forms[_key(form)] = (tuple(slugs), "ambiguous")
        for theme, forms in short["themes"].items():
            self.forms.update({_key(form): ((theme,), "theme") for form in forms})
        for form in uncovered:
            self.forms.setdefault(_key(form), ((), "uncovered"))
        self._fuzzy += [(key, key) for key, (_, kind) in self.forms.items() if kind == "uncovered"]
        self._fuzzy = [pair for pair in dict.fromkeys(self._fuzzy) if len(pair[0]) >= ERRORS_BY_LENGTH[-1][0]]

    def _read_conditions(self, conditions: dict[str, Any], names: dict[str, list[str]]) -> None:
        slugs_of: dict[str, set[str]] = {}
        short_of: dict[str, set[str]] = {}
        for slug, entry in conditions.items():
            proper = [entry["name"], *entry["also"], *names.get(slug, [])]
            for form in [*proper, *entry["common_misspellings"]]:
                slugs_of.setdefault(_key(form), set()).add(slug)
            self._fuzzy += [(_key(form), _key(form)) for form in proper]
            for form in entry["abbreviations"]:
                short_of.setdefault(normalise(form), set()).add(slug)
        for key, slugs in slugs_of.items():
            self.forms[key] = (tuple(sorted(slugs)), "condition" if len(slugs) == 1 else "ambiguous")
        self.abbreviations = {key: tuple(sorted(slugs)) for key, slugs in short_of.items()}

    def find_close(self, typed: str) -> tuple[str, int] | None:
        """Returns the closest form and the number of typing errors, or None if none is close enough."""
        allowed = next((errors for length, errors in ERRORS_BY_LENGTH if len(typed) >= length), 0)
        if not allowed:
            return None
        best: tuple[str, int] | None = None
        for form, key in self._fuzzy:
            if form[0] != typed[0] or abs(len(form) - len(typed)) > allowed:
                continue
            distance = DamerauLevenshtein.distance(form, typed, score_cutoff=allowed)
            if distance <= allowed and (best is None or distance < best[1]):
                best = (key, distance)
        return best


class Resolver:
    """Finds mentions in a text; holds no state between texts."""

    def __init__(self, names: ConditionNames | None = None) -> None:
        """Uses the project's own names unless others are given."""
        self._names = names or ConditionNames()

    def find(self, text: str) -> list[Mention]:
        """Returns the mentions in order, the longest first where two overlap.

        A theme ("autoimmune disease") counts only where nothing more exact is named.
        """
        words = read_words(text)
        shouting = text.isupper() and len(words) > 3
        mentions: list[Mention] = []
        taken: set[int] = set()
        for size in range(min(MAX_WORDS, len(words)), 0, -1):
            for first in range(len(words) - size + 1):
                window = range(first, first + size)
                if taken.isdisjoint(window):
                    mention = self._match(words, first, size, shouting)
                    if mention:
                        mentions.append(mention)
                        taken.update(window)
        mentions.sort(key=lambda m: m.start)
        exact = [m for m in mentions if m.kind != "theme"]
        return exact or mentions

    def _match(self, words: list[Word], first: int, size: int, shouting: bool) -> Mention | None:
        part = words[first : first + size]
        key = " ".join(word.plain for word in part)
        start, end = part[0].start, part[-1].end
        typed = " ".join(word.typed for word in part)
        if key in self._names.forms:
            slugs, kind = self._names.forms[key]
            return Mention(slugs, start, end, 1.0, typed, kind)
        if size == 1:
            short = self._match_abbreviation(words, first, shouting)
            if short:
                return short
        if part[0].plain in _FILLERS or part[-1].plain in _FILLERS:
            return None
        close = self._names.find_close(key)
        if close is None or (size == 1 and len(key) < 9 and close[1] > 1):
            return None
        slugs, kind = self._names.forms[close[0]]
        return Mention(slugs, start, end, round(1 - close[1] / len(key), 2), typed, kind)

    def _match_abbreviation(self, words: list[Word], first: int, shouting: bool) -> Mention | None:
        word = words[first]
        slugs = self._names.abbreviations.get(word.plain)
        if not slugs:
            return None
        capitals = sum(c.isupper() for c in word.typed) >= 2 and not shouting
        if word.plain in self._names.asked_about:
            return Mention(slugs, word.start, word.end, 0.5, word.typed, "ambiguous") if capitals else None
        if word.plain == "ms" and not capitals and not self._is_illness(words, first):
            return None
        kind = "condition" if len(slugs) == 1 else "ambiguous"
        return Mention(slugs, word.start, word.end, 1.0 if capitals else 0.9, word.typed, kind)

    @staticmethod
    def _is_illness(words: list[Word], first: int) -> bool:
        """Tells "can stem cells cure ms" from "ms smith is my nurse"."""
        after = words[first + 1] if first + 1 < len(words) else None
        if after is None or after.plain in _AFTER_SHORT:
            return True
        if words[first].typed == "Ms" or after.typed[0].isupper():
            return False
        return first > 0 and words[first - 1].plain in _BEFORE_SHORT

    def hide_conditions(self, text: str, stand_in: str = "lupus") -> str:
        """Returns the text with every condition's name replaced by one and the same name.

        The topic classifier reads this: which disease is meant must not sway which topic is. Tuned on data/nlu:
        4-fold cross-validated accuracy 0.77 instead of 0.72; `lupus` was the best of four stand-ins by log loss.
        Conditions that are not covered and themes stay as they are.
        """
        for mention in sorted(self.find(text), key=lambda m: -m.start):
            if mention.kind in ("condition", "ambiguous"):
                text = text[: mention.start] + stand_in + text[mention.end :]
        return text

    @staticmethod
    def names_only(text: str, mentions: list[Mention]) -> bool:
        """Tells whether a message holds nothing but condition names and small words ("and MS?")."""
        if not any(m.kind in ("condition", "ambiguous", "theme") for m in mentions):
            return False
        spans = [(m.start, m.end) for m in mentions]
        rest = [w for w in read_words(text) if not any(start <= w.start < end for start, end in spans)]
        return all(w.plain in _FILLERS for w in rest)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ConditionResolver(GraphComponent):
    """Writes entities `condition`, candidates of ambiguous names, and conditions that are not covered."""

    def __init__(self) -> None:
        """Reads the names once."""
        self._resolver = Resolver()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ConditionResolver:
        """Builds the component; it has nothing to configure and nothing to train."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds what a message names; Rasa calls it for every message."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            mentions = self._resolver.find(text)
            sure = [m for m in mentions if m.kind in ("condition", "theme")]
            entities = [self._entity(m) for m in sure]
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
            named = {m.slugs[0] for m in sure}  # "ankylosing spondylitis (AS)" explains its own short form
            asked = [m for m in mentions if m.kind == "ambiguous" and named.isdisjoint(m.slugs)]
            message.set(
                CANDIDATES,
                [{"typed": m.typed, "start": m.start, "end": m.end, "conditions": list(m.slugs)} for m in asked],
                add_to_output=True,
            )
            foreign = [m.typed for m in mentions if m.kind == "uncovered"] if mentions else self._carried(message)
            message.set(UNCOVERED, foreign, add_to_output=True)
            message.set("names_only", self._resolver.names_only(text, mentions), add_to_output=True)
        return messages

    def _carried(self, message: Message) -> list[str]:
        """What "it" means where the last condition that the patient named is one that is not covered."""
        recent = ((message.get(METADATA) or {}).get("context") or {}).get("recent") or []
        for text in reversed(recent):
            mentions = self._resolver.find(text)
            if mentions:
                return [m.typed for m in mentions] if all(m.kind == "uncovered" for m in mentions) else []
        return []

    @staticmethod
    def _entity(mention: Mention) -> dict[str, Any]:
        return {
            "entity": "condition",
            "value": mention.slugs[0],
            "start": mention.start,
            "end": mention.end,
            "confidence_entity": mention.confidence,
            "extractor": "ConditionResolver",
        }
