"""Start-up checks: every bad setting has an id and a hint, and production refuses what SAFETY's introduction names."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Error, Warning, register
from safety.regions import UNKNOWN, get_region

from lib.env import Env, env

MIN_SECRET_CHARS = 22
MIN_SECRET_VARIETY = 10
MAIL_SCHEMES = ("smtp", "smtp+tls", "smtps")


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
            "E112",
            len(set(values.secret_key)) < MIN_SECRET_VARIETY <= len(values.secret_key),
            "ASKIMMUNE_SECRET_KEY repeats a few characters.",
            "Set random characters, 10 or more different ones.",
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
        *_address_rules(values),
    ]
    for number, wrong, message, hint in rules:
        if wrong:
            yield Error(message, hint=hint, id=f"askimmune.{number}")
    yield from _pack_faults()


def _address_rules(values: Env) -> list[tuple[str, bool, str, str]]:
    return [
        (
            "E113",
            values.region is not None and get_region(values.region).code == UNKNOWN,
            "ASKIMMUNE_REGION is a region without emergency numbers.",
            "Use one that safety/regions/ holds, or add its numbers there.",
        ),
        (
            "E114",
            bool(values.email_url) and not _is_mail_server(values.email_url),
            "EMAIL_URL is not the address of a mail server.",
            "Use smtp://, smtp+tls:// or smtps:// with a host.",
        ),
        (
            "E115",
            "*" in values.trusted_proxies,
            "ASKIMMUNE_TRUSTED_PROXIES is a wildcard.",
            "Name the proxies' addresses: anybody could claim any address otherwise.",
        ),
        (
            "E116",
            not _is_private_way(values.rasa_url),
            "ASKIMMUNE_RASA_URL would carry patients' words over plain http.",
            "Use https, or http on this machine.",
        ),
    ]


def _is_mail_server(url: str) -> bool:
    try:
        found = urlsplit(url)
        return found.scheme in MAIL_SCHEMES and bool(found.hostname) and found.port != 0
    except ValueError:
        return False


def _is_private_way(url: str) -> bool:
    try:
        found = urlsplit(url)
        host = found.hostname or ""
    except ValueError:
        return False
    if found.scheme == "https":
        return bool(host)
    if found.scheme != "http":
        return False
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _pack_faults() -> Iterator[CheckMessage]:
    from safety import default_pack

    if default_pack().degraded:
        yield Error("The safety pack is not what its manifest says.", hint="Restore safety/.", id="askimmune.E111")
