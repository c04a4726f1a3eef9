"""Settings are documented, read with their types, and refused where they are dangerous."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from lib.checks import faults_of
from lib.env import SETTINGS, Rate, read_env

GOOD = {
    "ASKIMMUNE_MODE": "production",
    "ASKIMMUNE_SECRET_KEY": "0123456789abcdef" * 4,
    "ASKIMMUNE_HOSTS": "chat.clinic.example",
    "ASKIMMUNE_ORIGINS": "https://www.clinic.example",
    "ASKIMMUNE_REGION": "gb",
    "ASKIMMUNE_RASA_TOKEN": "t" * 30,
}


def ids(**changes: str) -> set[str]:
    return {str(fault.id) for fault in faults_of(read_env({**GOOD, **changes}))}


def test_every_setting_is_documented_and_nothing_else():
    text = (settings.ROOT / "docs" / "settings.md").read_text()
    documented = set(re.findall(r"^\| `([A-Z_]+)`", text, flags=re.MULTILINE))
    assert documented == {setting.name for setting in SETTINGS}


def test_good_production_settings_pass():
    assert ids() == set()
    for rasa in ("http://127.0.0.1:5005", "http://localhost:5005", "http://[::1]:5005", "https://rasa.clinic.example"):
        assert ids(ASKIMMUNE_RASA_URL=rasa) == set()
    for mail in (
        "smtp://mail.clinic.example",
        "smtp+tls://user:word@mail.clinic.example:587",
        "smtps://mail.clinic.example",
    ):
        assert ids(EMAIL_URL=mail) == set()
    assert ids(ASKIMMUNE_TRUSTED_PROXIES="10.0.0.1,10.0.0.2") == set()
    assert read_env(GOOD).region == "GB"


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"ASKIMMUNE_DEBUG": "1"}, "E101"),
        ({"ASKIMMUNE_SECRET_KEY": "short"}, "E102"),
        ({"ASKIMMUNE_HOSTS": "*"}, "E103"),
        ({"ASKIMMUNE_ORIGINS": ""}, "E104"),
        ({"ASKIMMUNE_ORIGINS": "http://www.clinic.example"}, "E105"),
        ({"ASKIMMUNE_REGION": ""}, "E106"),
        ({"ASKIMMUNE_RASA_TOKEN": ""}, "E107"),
        ({"ASKIMMUNE_TODAY": "2026-11-22"}, "E108"),
        ({"ASKIMMUNE_RATE_PER_CONVERSATION": "0"}, "E109"),
        ({"ASKIMMUNE_RATE_PER_ADDRESS": "0"}, "E110"),
        ({"ASKIMMUNE_SECRET_KEY": "abcdefghi" * 6}, "E112"),
        ({"ASKIMMUNE_REGION": "FR"}, "E113"),
        ({"EMAIL_URL": "https://mail.clinic.example"}, "E114"),
        ({"EMAIL_URL": "mail.clinic.example:25"}, "E114"),
        ({"EMAIL_URL": "smtp://mail.clinic.example:port"}, "E114"),
        ({"ASKIMMUNE_TRUSTED_PROXIES": "10.0.0.1,*"}, "E115"),
        ({"ASKIMMUNE_RASA_URL": "http://rasa.clinic.example:5005"}, "E116"),
        ({"ASKIMMUNE_RASA_URL": "http://10.0.0.7:5005"}, "E116"),
        ({"ASKIMMUNE_RASA_URL": "rasa"}, "E116"),
        ({"ASKIMMUNE_PORT": "many"}, "E001"),
        ({"ASKIMMUNE_ORIGINS": "https://www.clinic.example/path"}, "E001"),
        ({"ASKIMMUNE_RATE_PER_ADDRESS": "lots"}, "E001"),
    ],
)
def test_production_refuses(changes, number):
    assert f"askimmune.{number}" in ids(**changes)


def test_rates_are_read():
    found = read_env({"ASKIMMUNE_RATE_PER_ADDRESS": "20/min, 200/day"})
    assert found.rate_per_address == (Rate(20, 60), Rate(200, 86400))
    assert read_env({"ASKIMMUNE_RATE_PER_ADDRESS": "0"}).rate_per_address == ()


def test_the_demonstration_starts_with_nothing_set():
    assert list(faults_of(read_env({}))) == []
