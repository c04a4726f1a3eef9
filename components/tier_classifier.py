"""Layer B of the safety screen (S-7): a learned verdict on how urgent a message is, apart from its topic."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack

from components import logistic
from components.content_words import read_content, read_function_words
from components.encoder import encoder_digest, sentence_vector
from components.language import LANGUAGE
from components.word_features import WordFeatures

# Lowest to highest, in the same order as the deterministic screen.
TIERS = ("none", "urgent", "safeguarding", "crisis", "emergency")
REPORT = "report_"
TIER = "tier"
FALLBACK = "nlu_fallback"
# A shorter message ("and now?", "my mum") gives the model nothing to judge by, and a word alone made it page the staff.
# The deterministic screen, which needs no model, covers the short pleas ("911", "i want to die").
MIN_CONTENT_WORDS = 3
# ... except with one of these, where two words can be all that is said ("can you help me die").
GRAVE = frozenset(["die", "kill"])
# Intents whose messages may sound like danger and are none: fear, idioms, questions about grave things.
FRIGHTENING = frozenset(
    ["worried", "personal_advice", "urgent_signs", "abuse", "small_talk", "complications", "outlook"]
)


def tier_of_intent(intent: str | None) -> str:
    """Returns the tier that an intent's name carries: `report_crisis` gives crisis, any other none."""
    name = (intent or "")[len(REPORT) :] if (intent or "").startswith(REPORT) else "none"
    return name if name in TIERS else "none"


def _read_examples(training_data: TrainingData) -> tuple[np.ndarray, list[str], list[str]]:
    """Returns the sentence vectors, the words and the intents of the training examples."""
    examples = [e for e in training_data.intent_examples if e.get(TEXT)]
    vectors = [vector for example in examples if (vector := sentence_vector(example)) is not None]
    if not examples or len(vectors) < len(examples):
        raise RasaException("Examples have no vector: components.encoder.Encoder must come first in the pipeline.")
    return np.stack(vectors), [e.get(TEXT) for e in examples], [e.get(INTENT) for e in examples]


def find_thresholds(
    probabilities: np.ndarray, classes: list[str], groups: Sequence[tuple[np.ndarray, float]]
) -> dict[str, float]:
    """Returns for each tier the lowest probability that keeps false alarms within the budget of every group.

    Args:
        probabilities: out-of-fold, shape (n, n_classes).
        classes: the order of the columns.
        groups: of safe messages, each a mask of shape (n,) and the share of it that may raise any one tier.
    """
    found = {}
    for column, name in enumerate(classes):
        if name != "none":
            lowest = max(_lowest_within(probabilities[mask, column], budget) for mask, budget in groups)
            found[name] = round(float(np.clip(lowest, 0.05, 0.60)), 3)
    return found


def _lowest_within(scores: np.ndarray, budget: float) -> float:
    """The lowest threshold that at most the share `budget` of these scores reaches; 0 where there are none."""
    return float(np.sort(scores)[::-1][int(budget * len(scores))] + 1e-3) if len(scores) else 0.0


def verdict(probabilities: dict[str, float], thresholds: dict[str, float]) -> str:
    """Returns the highest tier whose probability reaches its threshold.

    Probabilities that are not numbers between 0 and 1 count as urgent: a broken verdict must not calm anybody.
    """
    values = [probabilities.get(name) for name in thresholds]
    if not values or any(not isinstance(v, float) or not math.isfinite(v) or not 0 <= v <= 1 for v in values):
        return "urgent"
    raised = [name for name in thresholds if probabilities[name] >= thresholds[name]]
    return max(raised, key=TIERS.index, default="none")


def _pass_over(message: Message, reason: str) -> None:
    """Sets the tier none with the reason; a danger that the topic classifier guessed becomes "not understood"."""
    message.set(TIER, {"tier": "none", "probabilities": {}, "reason": reason}, add_to_output=True)
    intent = message.get(INTENT) or {}
    if tier_of_intent(intent.get("name")) != "none":
        message.set(INTENT, {"name": FALLBACK, "confidence": intent["confidence"]}, add_to_output=True)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TierClassifier(IntentClassifier, GraphComponent):
    """Logistic regression over tiers; a raised tier also becomes the intent, so that the rules see it."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The defaults; config.yml says how a value that differs was tuned."""
        # By 4-fold cross-validation on data/nlu (docs/components/tier_classifier.md has the figures). Frightening but
        # safe messages have a budget of their own: measured together with all questions, more of them in the data
        # only raised the thresholds, and danger was missed.
        return {"c": 10.0, "folds": 4, "false_alarms": 0.004, "false_alarms_frightening": 0.03}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Keeps the configuration; `train` or `load` fills the model."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage, self._resource = model_storage, resource
        self._model: logistic.LogisticModel | None = None
        self._words = WordFeatures([], np.zeros(0, dtype=np.float32))
        self._function_words = read_function_words()
        self.report: dict[str, Any] = {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TierClassifier:
        """Builds an untrained component; Rasa calls it at training."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the model on the tiers that the intents' names carry, and calibrates the thresholds."""
        vectors, texts, intents = _read_examples(training_data)
        self._words = WordFeatures.fit(texts)
        features = hstack([csr_matrix(vectors), self._words.matrix(texts)]).tocsr()
        labels = [tier_of_intent(intent) for intent in intents]
        classes = sorted(set(labels))
        if len(classes) < 2:
            raise RasaException("The tier classifier needs examples of `report_...` intents and of ordinary ones.")
        folds = min(self._config["folds"], min(labels.count(name) for name in classes))
        probabilities = logistic.out_of_fold(features, labels, self._config["c"], folds, balanced=False)
        safe = np.array([label == "none" for label in labels])
        frightening = safe & np.array([intent in FRIGHTENING for intent in intents])
        budgets = (self._config["false_alarms"], self._config["false_alarms_frightening"])
        groups = list(zip((safe & ~frightening, frightening), budgets, strict=True))
        thresholds = find_thresholds(probabilities, classes, groups)
        self._model = logistic.fit(features, labels, self._config["c"], balanced=False)
        verdicts = [verdict(dict(zip(classes, map(float, row), strict=True)), thresholds) for row in probabilities]
        raised = np.array([v != "none" for v in verdicts])
        self.report = {
            "thresholds": thresholds,
            "examples": len(labels),
            "cross_validated_missed": f"{(~raised & ~safe).sum()} of {(~safe).sum()}",
            "cross_validated_false_alarms": f"{(raised & safe).sum()} of {safe.sum()}",
            "cross_validated_false_alarms_frightening": f"{(raised & frightening).sum()} of {frightening.sum()}",
            "encoder": encoder_digest(),
        }
        self._persist()
        return self._resource

    def _persist(self) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            self._fitted().save(folder / "tiers.npz")
            self._words.save(folder / "tier_words.npz")
            (folder / "tiers.json").write_text(json.dumps(self.report, indent=1), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TierClassifier:
        """Loads a trained component; Rasa calls it at start.

        Raises:
            RasaException: if the stored model cannot be read or belongs to another encoder: the start stops.
        """
        component = cls(config, model_storage, resource)
        try:
            with model_storage.read_from(resource) as folder:
                component._model = logistic.LogisticModel.load(folder / "tiers.npz")
                component._words = WordFeatures.load(folder / "tier_words.npz")
                component.report = json.loads((folder / "tiers.json").read_text(encoding="utf-8"))
        except (OSError, KeyError, ValueError) as error:
            raise RasaException("The tier classifier in this model cannot be read. Train again.") from error
        if component.report["encoder"] != encoder_digest():
            raise RasaException("This model was trained with another sentence encoder. Train again.")
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the attribute `tier`; a raised tier replaces the intent. Rasa calls it for every message."""
        for message in messages:
            vector = sentence_vector(message)
            if vector is None:
                continue
            reason = self._find_reason_not_to_judge(message)
            if reason:
                _pass_over(message, reason)
                continue
            values = self._fitted().predict(np.concatenate([vector, self._words.vector(message.get(TEXT))]))
            probabilities = {name: float(value) for name, value in zip(self._fitted().classes, values, strict=True)}
            tier = verdict(probabilities, self.report["thresholds"])
            by_topic = tier_of_intent((message.get(INTENT) or {}).get("name"))
            tier = max(tier, by_topic, key=TIERS.index)
            message.set(TIER, {"tier": tier, "probabilities": probabilities}, add_to_output=True)
            if tier != "none":
                confidence = probabilities.get(tier, 0.0)
                message.set(INTENT, {"name": REPORT + tier, "confidence": confidence}, add_to_output=True)
        return messages

    def _find_reason_not_to_judge(self, message: Message) -> str | None:
        if message.get(LANGUAGE):
            return "not_english"  # the model has learned from English alone
        words = read_content(message.get(TEXT), self._function_words)
        return "too_short" if len(words) < MIN_CONTENT_WORDS and GRAVE.isdisjoint(words) else None

    def _fitted(self) -> logistic.LogisticModel:
        if self._model is None:
            raise RasaException("The tier classifier was used before it was trained or loaded.")
        return self._model
