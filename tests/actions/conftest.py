"""The real store and the contract, for tests of decisions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from actions.base import ROOT, get_store
from actions.understanding import Context, Mention, Understanding
from knowledge import Store


@pytest.fixture(scope="session")
def store() -> Store:
    return get_store()


@pytest.fixture(scope="session")
def check_turn() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Returns a function that asserts the one contract and gives the turn back."""
    schema = json.loads((ROOT / "contracts" / "turn.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)

    def check(turn: dict[str, Any]) -> dict[str, Any]:
        validator.validate(turn)
        return turn

    return check


def understood(intent: str, *conditions: str, **more: Any) -> Understanding:
    """A message with this intent that names these conditions."""
    return Understanding(intent, more.pop("confidence", 0.9), mentions=tuple(Mention(c) for c in conditions), **more)


NOTHING = Context()
