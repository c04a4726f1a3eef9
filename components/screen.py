"""Layer A of the safety screen inside Rasa, so that `rasa shell` shows the same cards as the desk.

The desk screens every message itself, before Rasa is asked (S-2); on the channel `desk` this component
therefore stays out of the way, so that each layer's verdict can be stored and measured alone (S-7).
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.tier_classifier import REPORT, TIER, TIERS
from safety import screen

SCREEN = "screen"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Screen(GraphComponent):
    """Runs the deterministic screen; a raised tier becomes the intent and is never lowered by layer B."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Screen:
        """Builds the component; it has nothing to configure and nothing to train."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the attribute `screen`; Rasa calls it for every message."""
        for message in messages:
            text = message.get(TEXT)
            metadata = message.get(METADATA) or {}
            if not text or metadata.get("channel") == "desk":
                continue
            found = screen(text)
            message.set(
                SCREEN,
                {"tier": found.tier, "rule_ids": list(found.rule_ids), "footer": bool(found.footer)},
                add_to_output=True,
            )
            learned = (message.get(TIER) or {}).get("tier", "none")
            if TIERS.index(found.tier) > TIERS.index(learned):
                message.set(INTENT, {"name": REPORT + found.tier, "confidence": 1.0}, add_to_output=True)
        return messages
