"""A lock on the database from outside, as a backup or another program may hold it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from django.db import connection


@contextmanager
def locked_database() -> Iterator[None]:
    """Holds a lock from outside: reads go on, writes fail after 0.4 s."""
    if connection.vendor == "postgresql":
        with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
            other.execute("LOCK TABLE conversations_conversation, clinic_clinicprofile IN EXCLUSIVE MODE")
            yield
            other.rollback()
        return
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
