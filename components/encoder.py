"""Turns a message into one unit vector: all-MiniLM-L6-v2 in onnxruntime, no TensorFlow, no torch."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tokenizers import Tokenizer

from components.follow_ups import read_topics, spell_out
from components.mentions import Resolver
from components.runtime import ROOT, prepare_rasa
from components.segments import split_questions
from components.spelling import Spelling

ENCODER_FOLDER = ROOT / "models" / "encoder"
SEGMENTS = "question_segments"
TOPIC_TEXT = "topic_text"
TOPIC_VECTOR = "topic_vector"
FOLLOW_UP_VECTOR = "follow_up_vector"

prepare_rasa()


class EncoderMissing(RasaException):
    """The encoder files are absent or changed; the message says how to build them."""


def encoder_digest(folder: Path = ENCODER_FOLDER) -> str:
    """Returns the SHA-256 of the encoder's manifest: what a trained model must have been trained with.

    Raises:
        EncoderMissing: if the encoder has not been built.
    """
    try:
        return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    except OSError as error:
        raise EncoderMissing(
            f"The sentence encoder is missing in {folder}. Build it with: "
            "scripts/uv run --no-project scripts/build_encoder.py (or `make train`, which does it for you)."
        ) from error


class SentenceEncoder:
    """Encodes texts one at a time: int8 activations are scaled per call, so a batch would change them."""

    def __init__(self, folder: Path = ENCODER_FOLDER, threads: int = 1) -> None:
        """Loads and checks the files.

        Raises:
            EncoderMissing: if a file is absent or its SHA-256 is not the one in the manifest.
        """
        encoder_digest(folder)
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for name, digest in manifest["files"].items():
            path = folder / name
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                raise EncoderMissing(f"{path} is absent or was changed. Build the encoder again with --force.")
        self.size: int = manifest["size"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.encode("warm up")  # the first run allocates; no patient should wait for it

    def encode(self, text: str) -> np.ndarray:
        """Returns a float32 unit vector of shape (384,)."""
        encoding = self._tokenizer.encode(text)
        feed = {
            "input_ids": np.array([encoding.ids], dtype=np.int64),
            "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
        }
        return self._session.run(None, feed)[0][0]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Encoder(DenseFeaturizer, GraphComponent):
    """Writes two vectors of each message: of its words, and of its words with the condition's name hidden.

    The first is the message's sentence feature and serves the tier; the second, with misspelt everyday words mended,
    serves the topic. A message that holds several questions gets a topic vector for each of them too, and a short
    follow-up about stem cells one with its subject named.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """One thread: with several Sanic workers more threads only fight for the same cores."""
        return {**DenseFeaturizer.get_default_config(), "threads": 1}

    def __init__(self, config: dict[str, Any], name: str) -> None:
        """Loads the encoder; Rasa calls it at training and at start."""
        super().__init__(name, config)
        self._encoder = SentenceEncoder(threads=config["threads"])
        self._resolver = Resolver()
        self._spelling = Spelling()
        self._stem_cell_topics = read_topics()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GraphComponent:
        """Builds the component from the pipeline's configuration."""
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuses a number of threads below 1."""
        if config["threads"] < 1:
            raise RasaException("components.encoder.Encoder: `threads` must be at least 1.")

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds vectors to messages that arrive; Rasa calls it for every message."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            self._add_vectors(message)
            hidden = [(s, self._topic_text(s.text)) for s in split_questions(text)]
            message.set(SEGMENTS, [(segment, self._encoder.encode(words)) for segment, words in hidden])
            message.set(FOLLOW_UP_VECTOR, self._follow_up_vector(message))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds vectors to the training examples."""
        for message in training_data.training_examples:
            if message.get(TEXT):
                self._add_vectors(message)
        return training_data

    def _add_vectors(self, message: Message) -> None:
        text = message.get(TEXT)
        vector = self._encoder.encode(text)
        self.add_features_to_message(None, vector[np.newaxis, :], TEXT, message)
        hidden = self._topic_text(text)
        message.set(TOPIC_TEXT, hidden)
        message.set(TOPIC_VECTOR, vector if hidden == text else self._encoder.encode(hidden))

    def _topic_text(self, text: str) -> str:
        return self._spelling.mend(self._resolver.hide_conditions(text))

    def _follow_up_vector(self, message: Message) -> np.ndarray | None:
        """The vector of a short follow-up about stem cells with its subject named; None for all other messages."""
        context = (message.get(METADATA) or {}).get("context") or {}
        full = spell_out(message.get(TOPIC_TEXT), context, self._stem_cell_topics)
        if full is None or self._resolver.find(message.get(TEXT)):
            return None
        return self._encoder.encode(full)


def sentence_vector(message: Message) -> np.ndarray | None:
    """Returns the message's float32 vector of shape (384,), or None for a message without text."""
    features = message.get_dense_features(TEXT)[1]
    return None if features is None else features.features[0]
