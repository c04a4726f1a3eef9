"""The clinic's form and its hours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.test import Client
from knowledge import load_store

from clinic.forms import parse_hours
from clinic.models import ClinicProfile
from clinic.selectors import get_profile, is_open, values_for_answers
from tests.console.conftest import sign_in

GOOD = {
    "name": "Elm Clinic",
    "time_zone": "Europe/London",
    "minimum_age": "16",
    "hours_mon": "09:00-12:30, 13:30 - 17:00",
}


@pytest.fixture
def admin(db: None) -> Client:
    return sign_in("ada", "admin")


def test_saving_replaces_the_demonstration(admin: Client) -> None:
    assert get_profile().demonstration and b"demonstration values" in admin.get("/staff/clinic/").content
    assert admin.post("/staff/clinic/", GOOD).status_code == 302
    saved = get_profile()
    assert (saved.name, saved.demonstration) == ("Elm Clinic", False)
    assert saved.opening_hours == {"mon": [["09:00", "12:30"], ["13:30", "17:00"]]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours_tue": "9 to 5"},
        {"hours_tue": "17:00-09:00"},
        {"telephone": "call us"},
        {"time_zone": "Mars"},
        {"booking_url": "javascript:1"},
        {"privacy_url": "http://clinic.example/"},
    ],
)
def test_a_wrong_field_saves_nothing(admin: Client, wrong: dict[str, str]) -> None:
    assert admin.post("/staff/clinic/", GOOD | wrong).status_code == 400
    assert not ClinicProfile.objects.exists()


@pytest.mark.parametrize("text", ["09:00-12:00, 11:00-13:00", "25:00-26:00", "09:00", "09:00-09:00"])
def test_periods_that_cannot_be(text: str) -> None:
    with pytest.raises(forms.ValidationError):
        parse_hours(text)


@pytest.mark.parametrize("text", ["", "closed", " Closed "])
def test_a_closed_day(text: str) -> None:
    assert parse_hours(text) == []


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-12T09:00", True),
        ("2026-01-12T12:45", False),
        ("2026-01-12T16:59", True),
        ("2026-01-12T17:00", False),
        ("2026-07-13T08:00", True),  # summer time: nine in London
        ("2026-07-13T16:00", False),
        ("2026-01-13T10:00", False),  # a Tuesday, left out
    ],
)
def test_open_by_the_clinics_own_clock(moment: str, expected: bool) -> None:
    hours = {"mon": [["09:00", "12:30"], ["13:30", "17:00"]]}
    profile = ClinicProfile(name="Elm", opening_hours=hours, time_zone="Europe/London")
    assert is_open(profile, datetime.fromisoformat(moment).replace(tzinfo=UTC)) is expected


def test_what_the_clinic_has_not_given_is_empty() -> None:
    values = values_for_answers(ClinicProfile(name="Elm"))
    assert values["telephone"] == values["opening_hours"] == "" and values["name"] == "Elm"


def test_demonstration_numbers_and_addresses_belong_to_nobody(db: None) -> None:
    profile = get_profile()
    assert profile.demonstration and "Demonstration" in profile.name
    assert (
        "555-01" in profile.telephone
        and "555-01" in profile.telephone_out_of_hours
        and "example.org" in profile.booking_url
    )


def test_production_makes_no_number_up(db: None, settings: Any) -> None:
    settings.PRODUCTION = True
    profile = get_profile()
    assert (profile.telephone, profile.telephone_out_of_hours, profile.booking_url, profile.opening_hours) == (
        "",
        "",
        "",
        {},
    )


def test_every_blank_of_the_clinics_answers_has_a_value() -> None:
    store = load_store()
    assert set(store.policy.clinic_fields) <= set(values_for_answers(ClinicProfile(name="Elm")))


def test_the_form_shows_again_what_was_saved(admin: Client) -> None:
    admin.post("/staff/clinic/", GOOD)
    assert 'value="09:00-12:30, 13:30-17:00"' in admin.get("/staff/clinic/").content.decode()
    assert b"demonstration values" not in admin.get("/staff/clinic/").content
