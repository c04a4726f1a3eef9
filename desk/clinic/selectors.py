"""Reading the clinic's profile."""

from __future__ import annotations

from clinic.models import ClinicProfile

DEMONSTRATION_HOURS = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def get_profile() -> ClinicProfile:
    """The clinic's profile; demonstration values, marked as such, until somebody of the clinic saves the form."""
    profile = ClinicProfile.objects.filter(pk=1).first()
    return profile or ClinicProfile(pk=1, name="Demonstration Clinic", opening_hours=DEMONSTRATION_HOURS)
