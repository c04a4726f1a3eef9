"""Writers of one process wait for each other (on SQLite in a queue, lib/sqlite): none is refused for being unlucky."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from clinic.models import ClinicProfile
from tests.locks import locked_database

pytestmark = pytest.mark.django_db(transaction=True)


def rename(name: str) -> None:
    try:
        with transaction.atomic():
            profile = ClinicProfile.objects.get(pk=1)
            time.sleep(0.002)
            profile.name = name
            profile.save()
    finally:
        connection.close()


def test_sixteen_writers_at_once_are_all_served():
    ClinicProfile.objects.update_or_create(pk=1, defaults={"name": "Clinic"})
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(rename, [f"Clinic {number}" for number in range(16)]))


def test_a_lock_from_outside_refuses_in_time_and_leaves_nothing_locked():
    ClinicProfile.objects.update_or_create(pk=1, defaults={"name": "Clinic"})
    with locked_database():
        started = time.monotonic()
        with ThreadPoolExecutor(2) as pool:
            attempts = [pool.submit(rename, "Refused") for _ in range(2)]
        assert time.monotonic() - started < 1.0
        assert all(isinstance(attempt.exception(), OperationalError) for attempt in attempts)
    rename("Written")
    assert ClinicProfile.objects.get(pk=1).name == "Written"
