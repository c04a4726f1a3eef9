"""The sentence encoder: unit vectors, one text at a time, files checked before use."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from components.encoder import ENCODER_FOLDER, SEGMENTS, TOPIC_VECTOR, EncoderMissing, SentenceEncoder, sentence_vector


def test_it_writes_a_unit_vector(encoder):
    message = encoder.process([Message({TEXT: "what is lupus"})])[0]
    vector = sentence_vector(message)
    assert vector.shape == (384,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


def test_related_questions_are_closer_than_unrelated_ones(encoder):
    messages = encoder.process(
        [Message({TEXT: t}) for t in ("how is it treated", "which therapy helps", "is it raining")]
    )
    treated, therapy, rain = (sentence_vector(m) for m in messages)
    assert treated @ therapy > treated @ rain + 0.2


def test_a_text_has_the_same_vector_whatever_comes_with_it(encoder):
    alone = sentence_vector(encoder.process([Message({TEXT: "is lupus hereditary"})])[0])
    beside = encoder.process([Message({TEXT: "hello " * 100}), Message({TEXT: "is lupus hereditary"})])[1]
    assert np.array_equal(alone, sentence_vector(beside))


def test_the_topic_vector_does_not_depend_on_the_condition(encoder):
    lupus, sclerosis = encoder.process([Message({TEXT: f"is {c} hereditary"}) for c in ("lupus", "multiple sclerosis")])
    assert np.array_equal(lupus.get(TOPIC_VECTOR), sclerosis.get(TOPIC_VECTOR))
    assert not np.array_equal(sentence_vector(lupus), sentence_vector(sclerosis))


def test_each_question_of_a_message_gets_a_vector(encoder):
    message = encoder.process([Message({TEXT: "What causes lupus? Is it hereditary?"})])[0]
    assert [segment.text for segment, _ in message.get(SEGMENTS)] == ["What causes lupus?", "Is it hereditary?"]


def test_a_message_without_text_is_left_alone(encoder):
    message = encoder.process([Message({TEXT: ""})])[0]
    assert sentence_vector(message) is None


def test_it_encodes_the_longest_message_that_is_allowed(encoder):
    message = encoder.process([Message({TEXT: "pain " * 400})])[0]
    assert np.isfinite(sentence_vector(message)).all()


def test_it_refuses_a_changed_file(tmp_path: Path):
    folder = tmp_path / "encoder"
    shutil.copytree(ENCODER_FOLDER, folder)
    with (folder / "tokenizer.json").open("a") as file:
        file.write(" ")
    with pytest.raises(EncoderMissing, match="changed"):
        SentenceEncoder(folder)


def test_it_says_how_to_build_a_missing_encoder(tmp_path: Path):
    with pytest.raises(EncoderMissing, match=r"build_encoder\.py"):
        SentenceEncoder(tmp_path)
