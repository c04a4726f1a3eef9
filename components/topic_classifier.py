"""Finds the topic that a message asks about, and says when it does not know."""

from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components import logistic
from components.encoder import FOLLOW_UP_VECTOR, SEGMENTS, TOPIC_TEXT, TOPIC_VECTOR, encoder_digest

logger = logging.getLogger(__name__)

FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
QUESTIONS = "questions"
NAME_ONLY = "name_condition"
# How much the spelled-out form of a follow-up counts beside its own words (components/follow_ups.py). With a condition
# in the context "it" may be the illness, so that both count alike. Own words that are sure talk ("thanks") count alone.
FOLLOW_UP_SHARE = 0.75
FOLLOW_UP_SHARE_WITH_CONDITION = 0.5
SURE_TALK = 0.5
TALK = frozenset([
    "greet", "goodbye", "thank_you", "help", "bot_challenge", "small_talk", "affirm", "deny", "abuse", "worried",
    "talk_to_person", "personal_advice", "out_of_scope",
])  # fmt: skip


def read_examples(training_data: TrainingData) -> tuple[np.ndarray, list[str]]:
    """Returns the topic vectors (n, 384) and intents of the training examples.

    Examples that differ only in the condition count once: a fold must not be tested on what it was trained on.
    """
    examples: dict[tuple[str, str], np.ndarray] = {}
    for example in training_data.intent_examples:
        if not example.get(TEXT):
            continue
        if example.get(TOPIC_VECTOR) is None:
            raise RasaException("An example has no vector: components.encoder.Encoder must come first in the pipeline.")
        examples.setdefault((example.get(TOPIC_TEXT).casefold(), example.get(INTENT)), example.get(TOPIC_VECTOR))
    if not examples:
        raise RasaException("There are no training examples with an intent; check data/nlu/.")
    return np.stack(list(examples.values())), [intent for _, intent in examples]


def best_threshold(probabilities: np.ndarray, classes: list[str], labels: list[str], wrong_costs: float) -> float:
    """Returns the confidence below which asking back is better than answering.

    An accepted right answer counts +1, an accepted wrong one -`wrong_costs`, asking back 0; the threshold
    with the highest sum on out-of-fold predictions is taken.
    """
    top = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    right = np.array([classes[i] == label for i, label in zip(top, labels, strict=True)])
    grid = np.arange(0.10, 0.71, 0.01)
    gains = [np.where(confidence >= t, np.where(right, 1.0, -wrong_costs), 0.0).sum() for t in grid]
    return round(float(grid[int(np.argmax(gains))]), 2)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(IntentClassifier, GraphComponent):
    """Logistic regression on the sentence vector; C and the threshold are found anew at each training."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The defaults; config.yml says how a value that differs was tuned."""
        return {
            "c_grid": [50.0, 120.0],  # inverse regularisation, the best by out-of-fold log loss is taken
            "folds": 4,
            "wrong_costs": 1.3,  # what a wrong answer costs, in right answers; sets the threshold
            "question_confidence": 0.45,  # a part of a message below this is not taken for a question of its own
            "ranking_length": 6,
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Keeps the configuration; `train` or `load` fills the model."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage, self._resource = model_storage, resource
        self._model: logistic.LogisticModel | None = None
        self.report: dict[str, Any] = {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        """Builds an untrained component; Rasa calls it at training."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the model, tunes C and the threshold by cross-validation, and stores all of it."""
        vectors, labels = read_examples(training_data)
        classes = sorted(set(labels))
        folds = min(self._config["folds"], min(labels.count(name) for name in classes))
        if folds < 2:
            raise RasaException("Every intent needs at least two training examples.")
        tried = {c: logistic.out_of_fold(vectors, labels, c, folds) for c in self._config["c_grid"]}
        best_c = min(tried, key=lambda c: logistic.log_loss(tried[c], classes, labels))
        probabilities = tried[best_c]
        top = [classes[i] for i in probabilities.argmax(axis=1)]
        threshold = best_threshold(probabilities, classes, labels, self._config["wrong_costs"])
        self._model = logistic.fit(vectors, labels, best_c)
        self.report = {
            "threshold": threshold,
            "c": best_c,
            "examples": len(labels),
            "classes": len(classes),
            "cross_validated_accuracy": round(float(np.mean(np.array(top) == np.array(labels))), 4),
            "accepted": round(float((probabilities.max(axis=1) >= threshold).mean()), 4),
            "encoder": encoder_digest(),
        }
        self._persist()
        return self._resource

    def _persist(self) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            self._fitted().save(folder / "topics.npz")
            (folder / "topics.json").write_text(json.dumps(self.report, indent=1), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        """Loads a trained component; Rasa calls it at start.

        Raises:
            RasaException: if the stored model cannot be read or belongs to another encoder: the start stops.
        """
        component = cls(config, model_storage, resource)
        try:
            with model_storage.read_from(resource) as folder:
                component._model = logistic.LogisticModel.load(folder / "topics.npz")
                component.report = json.loads((folder / "topics.json").read_text(encoding="utf-8"))
        except (OSError, KeyError, ValueError) as error:
            raise RasaException("The topic classifier in this model cannot be read. Train again.") from error
        if component.report["encoder"] != encoder_digest():
            raise RasaException("This model was trained with another sentence encoder. Train again.")
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent, intent_ranking and questions; Rasa calls it for every message."""
        for message in messages:
            vector = message.get(TOPIC_VECTOR)
            if vector is None:
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                continue
            ranking = self._rank_message(message)
            if message.get("names_only"):
                ranking = [{"name": NAME_ONLY, "confidence": 1.0}, *(r for r in ranking if r["name"] != NAME_ONLY)]
            questions = self._questions(message)
            ranking = self._prefer_single_question(ranking, questions, message)
            intent = self._decide(ranking[0], questions)
            message.set(INTENT, intent, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set(QUESTIONS, questions if len(questions) > 1 else [], add_to_output=True)
        return messages

    def _rank_message(self, message: Message) -> list[dict[str, Any]]:
        """Ranks the intents of a whole message; a follow-up about stem cells by both of its forms."""
        own = self._fitted().predict(message.get(TOPIC_VECTOR))
        follow_up = message.get(FOLLOW_UP_VECTOR)
        best = self._fitted().classes[int(own.argmax())]
        if follow_up is None or (own.max() >= SURE_TALK and (best in TALK or best.startswith("report_"))):
            return self._ranking(own)
        context = (message.get(METADATA) or {}).get("context") or {}
        share = FOLLOW_UP_SHARE_WITH_CONDITION if context.get("condition") else FOLLOW_UP_SHARE
        return self._ranking((1 - share) * own + share * self._fitted().predict(follow_up))

    def _rank(self, vector: np.ndarray) -> list[dict[str, Any]]:
        return self._ranking(self._fitted().predict(vector))

    def _ranking(self, probabilities: np.ndarray) -> list[dict[str, Any]]:
        best = np.argsort(-probabilities)[: self._config["ranking_length"]]
        return [{"name": self._fitted().classes[i], "confidence": float(probabilities[i])} for i in best]

    def _fitted(self) -> logistic.LogisticModel:
        if self._model is None:
            raise RasaException("The topic classifier was used before it was trained or loaded.")
        return self._model

    def _decide(self, best: dict[str, Any], questions: list[dict[str, Any]]) -> dict[str, Any]:
        """Returns the intent: the best of the whole, the first of several sure questions, or the fallback."""
        if best["confidence"] >= self.report["threshold"]:
            return dict(best)
        if len(questions) > 1:
            return {"name": questions[0]["name"], "confidence": min(q["confidence"] for q in questions)}
        return {"name": FALLBACK, "confidence": best["confidence"]}

    def _questions(self, message: Message) -> list[dict[str, Any]]:
        """Returns the sure questions of a message in order, each topic once."""
        found: dict[str, dict[str, Any]] = {}
        for segment, vector in message.get(SEGMENTS) or []:
            best = self._rank(vector)[0]
            if best["confidence"] >= self._config["question_confidence"] and best["name"] != OUT_OF_SCOPE:
                found.setdefault(best["name"], {**best, "start": segment.start, "end": segment.end})
        return list(found.values())

    def _prefer_single_question(
        self, ranking: list[dict[str, Any]], questions: list[dict[str, Any]], message: Message
    ) -> list[dict[str, Any]]:
        """Takes the one sure question of a long message where the whole is unclear ("my story. what is X?")."""
        if len(questions) != 1 or questions[0]["confidence"] <= ranking[0]["confidence"]:
            return ranking
        if ranking[0]["name"].startswith("report_"):
            return ranking
        vector = next(v for s, v in message.get(SEGMENTS) if s.start == questions[0]["start"])
        return self._rank(vector)
