"""The clock. Everything that depends on the time asks here, so that tests can turn it."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The time, in UTC."""
    return timezone.now()


def today() -> date:
    """The day at which review dates are judged; `ASKIMMUNE_TODAY` where it is set."""
    return settings.ENV.today or now().date()
