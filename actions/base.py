"""What every flow does around its decision: read, decide, send one message, remember."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import plain
from actions.understanding import Context, Understanding, read_context, read_understanding
from knowledge import Store, load_store

ROOT = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=1)
def get_store() -> Store:
    """Returns the curated answers, read once in each process."""
    return load_store()


class Flow(Action, ABC):
    """An action whose decision is a pure function; subclasses name the two."""

    action_name: str

    @staticmethod
    @abstractmethod  # so that rasa_sdk, which registers every concrete action, leaves this class out
    def decide(understanding: Understanding, context: Context, store: Store) -> dict[str, Any]:
        """Returns the turn; pure."""

    def name(self) -> str:
        """The name under which domain.yml lists the action."""
        return self.action_name

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Sends the turn: as ids to the desk, as ids and text to a developer's channel."""
        context = read_context(tracker)
        understanding = read_understanding(tracker)
        turn = type(self).decide(understanding, context, get_store())
        dispatcher.utter_message(json_message=turn)
        if tracker.get_latest_input_channel() == "desk":
            return []
        for text, buttons in plain.render(turn, get_store(), footer=understanding.footer):
            dispatcher.utter_message(text=text, buttons=buttons)
        return _remember(turn, context)


def _remember(turn: dict[str, Any], context: Context) -> list[EventType]:
    """Slots for the next message of a developer's chat; the desk keeps its own context."""
    question = turn["questions"][0] if turn["questions"] else {}
    left = "utter_condition_not_covered" in turn["lines"]  # "it" now means something that we hold nothing about
    condition = None if left else question.get("condition") or context.condition
    topic = question.get("topic") or context.topic
    last = {"kind": turn["kind"], "choices": turn["choices"]}
    return [SlotSet("condition", condition), SlotSet("topic", topic), SlotSet("last_turn", last)]
