"""Writes which conditions a message names, and which general word stands in for them."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.general_words import GeneralWords
from components.mentions import Mention, Resolver

CANDIDATES = "condition_candidates"
UNCOVERED = "uncovered"
GENERAL = "general"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ConditionResolver(GraphComponent):
    """Writes entities `condition`, candidates of ambiguous names, conditions that are not covered, general words."""

    def __init__(self) -> None:
        """Reads the names once."""
        self._resolver = Resolver()
        self._general = GeneralWords()

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
            general = None if mentions or foreign else self._general.find_theme(text)
            message.set(GENERAL, general, add_to_output=True)
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
