"""A small trained pipeline, made once: real encoder, real Rasa storage, few examples."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.encoder import Encoder

EXAMPLES = {
    "symptoms": ["what are the symptoms of lupus", "signs of RA", "how does MS feel", "symptoms?", "does it hurt"],
    "treatment": [
        "how is lupus treated",
        "treatment for RA",
        "what helps MS",
        "therapy for crohns",
        "and the treatment",
    ],
    "out_of_scope": ["what's the weather", "tell me a recipe", "who won the game", "fix my car", "write code for me"],
    "report_emergency": [
        "i can't breathe",
        "crushing chest pain",
        "he collapsed",
        "she won't wake up",
        "face has dropped",
    ],
    "report_crisis": ["i want to die", "i will kill myself", "end my life", "i'd rather be dead", "suicide tonight"],
}


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return Encoder({**Encoder.get_default_config()}, "encoder")


@pytest.fixture(scope="session")
def training_data(encoder: Encoder) -> TrainingData:
    examples = [Message({TEXT: text, INTENT: intent}) for intent, texts in EXAMPLES.items() for text in texts]
    return encoder.process_training_data(TrainingData(examples))


@pytest.fixture()
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage.create(tmp_path)


@pytest.fixture(scope="session")
def execution() -> ExecutionContext:
    return ExecutionContext(GraphSchema({}), node_name="component")


@pytest.fixture()
def resource() -> Resource:
    return Resource("component")


@pytest.fixture()
def understand(encoder: Encoder):
    """Returns a function that passes texts through the encoder and then a component, and returns the messages."""

    def run(component, *texts: str) -> list[Message]:
        return component.process(encoder.process([Message({TEXT: text}) for text in texts]))

    return run
