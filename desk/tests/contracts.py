"""Checks JSON against the schemas in contracts/."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

FOLDER = settings.ROOT / "contracts"


@cache
def registry() -> Registry:
    found = {path.name: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}
    return Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in found.items())


def assert_matches(schema: str, value: Any) -> None:
    """Fails with every fault, if the value is not as the schema says."""
    validator = Draft202012Validator(registry().contents(schema), registry=registry())
    faults = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(value)]
    assert not faults, faults
