"""Reading the clinic's profile."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from clinic.models import ClinicProfile
from tickets import hours

DEMONSTRATION_HOURS = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
# No real place or number: 555-0100 to 555-0199 is reserved for fiction, example.org for examples (RFC 2606).
DEMONSTRATION = {
    "name": "Demonstration Clinic",
    "address": "1 Example Street, Anytown (demonstration address)",
    "telephone": "+1 202-555-0100",
    "telephone_out_of_hours": "+1 202-555-0101",
    "opening_hours": DEMONSTRATION_HOURS,
    "booking_url": "https://clinic.example.org/booking",
}


def get_profile() -> ClinicProfile:
    """The clinic's profile; demonstration values, marked as such, until somebody of the clinic saves the form.

    In production nothing is made up, for real patients would dial the number: empty fields offer a person instead.
    """
    values = {"name": "Our clinic"} if settings.PRODUCTION else DEMONSTRATION
    return ClinicProfile.objects.filter(pk=1).first() or ClinicProfile(pk=1, **values)


def values_for_answers(profile: ClinicProfile) -> dict[str, str]:
    """The profile's fields as the clinic answers show them; an empty string where the clinic has given nothing."""
    names = ("name", "address", "telephone", "telephone_out_of_hours", "booking_url", "insurance", "records")
    values = {name: getattr(profile, name) for name in (*names, "privacy_url", "complaint")}
    return values | {"opening_hours": hours.describe(profile.opening_hours), "minimum_age": str(profile.minimum_age)}


def is_open(profile: ClinicProfile, now: datetime) -> bool:
    """Whether the clinic is open at a moment, by its own time zone."""
    return hours.is_open(profile.opening_hours, profile.time_zone, now)
