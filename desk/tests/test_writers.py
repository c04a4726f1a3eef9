"""Writers of one process wait for each other in a queue (lib/sqlite): none is refused for being unlucky."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import OperationalError, connection, transaction

from clinic.models import ClinicProfile

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks rows itself"),
]


def rename(name: str) -> None:
    try:
        with transaction.atomic():
            profile = ClinicProfile.objects.get(pk=1)
            time.sleep(0.02)
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
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as outside:
        outside.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with ThreadPoolExecutor(2) as pool:
            attempts = [pool.submit(rename, "Refused") for _ in range(2)]
        assert time.monotonic() - started < 1.0
        assert all(isinstance(attempt.exception(), OperationalError) for attempt in attempts)
        outside.execute("ROLLBACK")
    rename("Written")
    assert ClinicProfile.objects.get(pk=1).name == "Written"
