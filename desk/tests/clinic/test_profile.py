"""The clinic's form and its hours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django import forms
from django.test import Client

from clinic.forms import parse_hours
from clinic.models import ClinicProfile
from clinic.selectors import get_profile, is_open, values_for_answers
from tests.console.conftest import sign_in

GOOD = {"name": "Elm Clinic", "time_zone": "Europe/London", "minimum_age": "16", "hours_mon": "09:00-12:30, 13:30 - 17:00"}


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
    [{"hours_tue": "9 to 5"}, {"hours_tue": "17:00-09:00"}, {"telephone": "call us"}, {"time_zone": "Mars"}, {"booking_url": "javascript:1"}],
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
