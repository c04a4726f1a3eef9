"""The form of the clinic's profile: hours are written as `09:00-12:30, 13:30-17:00`, a line a day."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from django import forms

from clinic.models import ClinicProfile
from tickets.hours import DAYS, NAMES

PERIOD = re.compile(r"([0-2]\d:[0-5]\d)\s*[-\u2013]\s*([0-2]\d:[0-5]\d)")
# Digits with the usual marks between them, so that the number can be a tel: link.
PHONE = re.compile(r"\+?[0-9(][0-9 ().\-]{3,38}")
HOURS_HELP = "Write periods such as 09:00-12:30, 13:30-17:00. Leave empty if closed."


def parse_hours(text: str) -> list[list[str]]:
    """The periods of one day, in order.

    Raises:
        forms.ValidationError: not times of a day, or periods that overlap or end before they begin.
    """
    if text.strip().lower() in ("", "closed"):
        return []
    periods: list[list[str]] = []
    last = time.min
    for part in text.split(","):
        match = PERIOD.fullmatch(part.strip())
        try:
            start, end = (time.fromisoformat(x) for x in match.groups()) if match else (None, None)
        except ValueError:
            start = end = None
        if start is None or end is None:
            raise forms.ValidationError(HOURS_HELP)
        if start >= end or (periods and start < last):
            raise forms.ValidationError("Each period must end after it begins and begin after the one before it.")
        periods.append([f"{start:%H:%M}", f"{end:%H:%M}"])
        last = end
    return periods


def write_hours(periods: Sequence[Sequence[str]]) -> str:
    """The periods of one day as the form shows them."""
    return ", ".join(f"{start}-{end}" for start, end in periods)


class ClinicProfileForm(forms.ModelForm):
    """Saving it says that the values are the clinic's own."""

    time_zone = forms.ChoiceField(choices=[])
    booking_url = forms.URLField(label="Booking page (web address)", required=False, assume_scheme="https")
    privacy_url = forms.URLField(label="Privacy page (web address)", required=False, assume_scheme="https")

    class Meta:
        model = ClinicProfile
        fields = [
            "name", "address", "telephone", "telephone_out_of_hours", "time_zone", "booking_url",
            "insurance", "records", "privacy_url", "complaint", "minimum_age",
        ]  # fmt: skip
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("address", "insurance", "records", "complaint")}
        labels = {
            "records": "How to ask for medical records",
            "complaint": "How to complain",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = [(name, name) for name in sorted(available_timezones())]
        hours: Mapping[str, Any] = self.instance.opening_hours
        for day, name in zip(DAYS, NAMES, strict=True):
            initial = write_hours(hours.get(day, ()))
            self.fields[f"hours_{day}"] = forms.CharField(label=name, required=False, initial=initial, max_length=200)

    def _post_hours(self) -> dict[str, list[list[str]]]:
        found = {}
        for day in DAYS:
            try:
                periods = parse_hours(self.cleaned_data.get(f"hours_{day}", ""))
            except forms.ValidationError as error:
                self.add_error(f"hours_{day}", error)
                continue
            if periods:
                found[day] = periods
        return found

    def _clean_phone(self, name: str) -> str:
        text = self.cleaned_data[name].strip()
        if text and not PHONE.fullmatch(text):
            raise forms.ValidationError("Write a telephone number with digits, for example +1 202-555-0100.")
        return text

    def clean_telephone(self) -> str:
        """Called by Django."""
        return self._clean_phone("telephone")

    def clean_telephone_out_of_hours(self) -> str:
        """Called by Django."""
        return self._clean_phone("telephone_out_of_hours")

    def _clean_https(self, name: str) -> str:
        address: str = self.cleaned_data[name]
        if address and not address.startswith("https://"):
            raise forms.ValidationError("The address must start with https://.")
        return address

    def clean_booking_url(self) -> str:
        """Called by Django."""
        return self._clean_https("booking_url")

    def clean_privacy_url(self) -> str:
        """Called by Django."""
        return self._clean_https("privacy_url")

    def clean(self) -> dict[str, Any]:
        """Called by Django after the fields."""
        cleaned = super().clean() or {}
        cleaned["opening_hours"] = self._post_hours()
        return cleaned

    def save(self, commit: bool = True) -> ClinicProfile:
        """Called by the view."""
        self.instance.opening_hours = self.cleaned_data["opening_hours"]
        self.instance.demonstration = False
        return super().save(commit)

    def hours_fields(self) -> list[forms.BoundField]:
        """The seven days, for the template."""
        return [self[f"hours_{day}"] for day in DAYS]

    def plain_fields(self) -> list[forms.BoundField]:
        """The other fields, for the template."""
        return [self[name] for name in self._meta.fields or ()]
