"""The clinic's profile: one row, edited in the console; feeds the cards, GET /config and the clinic answers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ClinicProfile(models.Model):
    """What patients may be told about the deploying clinic. Empty fields say so and offer a person."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    # True until somebody of the clinic saves the form: every page then says that these are demonstration values.
    demonstration = models.BooleanField(default=True)
    name = models.CharField(max_length=120)
    address = models.TextField(blank=True, default="")
    telephone = models.CharField(max_length=40, blank=True, default="")
    telephone_out_of_hours = models.CharField(max_length=40, blank=True, default="")
    # {"mon": [["09:00", "12:30"], ["13:30", "17:00"]], ...}; a day left out is closed. Local time of `time_zone`.
    opening_hours = models.JSONField(default=dict)
    time_zone = models.CharField(max_length=64, default="UTC")
    booking_url = models.URLField(blank=True, default="")
    insurance = models.TextField(blank=True, default="")
    records = models.TextField(blank=True, default="")
    privacy_url = models.URLField(blank=True, default="")
    complaint = models.TextField(blank=True, default="")
    minimum_age = models.PositiveSmallIntegerField(default=16)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(name="clinic_profile_single", condition=Q(id=1))]
