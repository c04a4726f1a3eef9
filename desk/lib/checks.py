"""Start-up checks: every bad setting has an id and a hint, and production refuses what SAFETY's introduction names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register

from lib.env import Env, env

MIN_SECRET_CHARS = 22


@register()
def check_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Called by Django before every command, and by asgi.py before the first request."""
    return list(faults_of(env()))


def faults_of(values: Env) -> Iterator[CheckMessage]:
    """Everything that is wrong with these settings."""
    for fault in values.faults:
        yield Error(f"{fault.name} cannot be read.", hint=fault.hint, id="askimmune.E001")
    if values.mode == "production":
        yield from _production_faults(values)
    elif values.debug:
        yield Warning("ASKIMMUNE_DEBUG is on.", hint="Never with real patients.", id="askimmune.W001")


def _production_faults(values: Env) -> Iterator[CheckMessage]:
    rules = [
        ("E101", values.debug, "ASKIMMUNE_DEBUG is on.", "Unset it."),
        (
            "E102",
            len(values.secret_key) < 50,
            "ASKIMMUNE_SECRET_KEY is missing or short.",
            "Set 50 or more random characters.",
        ),
        (
            "E103",
            not values.hosts or "*" in values.hosts,
            "ASKIMMUNE_HOSTS is missing or a wildcard.",
            "Name the hosts.",
        ),
        ("E104", not values.origins, "ASKIMMUNE_ORIGINS is missing.", "Name the web sites that show the widget."),
        ("E105", any(o.startswith("http:") for o in values.origins), "An origin is plain http.", "Use https origins."),
        ("E106", values.region is None, "ASKIMMUNE_REGION is missing.", "Set the clinic's country, like US."),
        (
            "E107",
            len(values.rasa_token) < MIN_SECRET_CHARS,
            "ASKIMMUNE_RASA_TOKEN is missing or short.",
            "Set 22 or more random characters.",
        ),
        ("E108", values.today is not None, "ASKIMMUNE_TODAY is set.", "It is for tests. Unset it."),
        (
            "E109",
            not values.rate_per_conversation,
            "ASKIMMUNE_RATE_PER_CONVERSATION is 0.",
            "Set a limit, like 20/min,200/day.",
        ),
        ("E110", not values.rate_per_address, "ASKIMMUNE_RATE_PER_ADDRESS is 0.", "Set a limit, like 60/min,1000/day."),
    ]
    for number, wrong, message, hint in rules:
        if wrong:
            yield Error(message, hint=hint, id=f"askimmune.{number}")
    yield from _pack_faults()


def _pack_faults() -> Iterator[CheckMessage]:
    from safety import default_pack

    if default_pack().degraded:
        yield Error("The safety pack is not what its manifest says.", hint="Restore safety/.", id="askimmune.E111")
