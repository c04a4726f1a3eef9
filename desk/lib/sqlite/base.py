"""Django's SQLite backend, with writers of one process in a queue instead of in SQLite's busy loop.

SQLite's own wait sleeps in growing steps, so that under load an unlucky thread finds the lock taken until its time is
up, although each transaction takes a few milliseconds. A lock in the process hands over at once. The wait for the lock
has the same limit (`OPTIONS["timeout"]`), so with a lock held from outside a write fails after at most twice that.
"""

from __future__ import annotations

import threading
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

_writers = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """Holds the process's writer lock from BEGIN IMMEDIATE to commit, rollback or close."""

    _is_writer = False

    def _start_transaction_under_autocommit(self) -> None:
        timeout_s = self.settings_dict["OPTIONS"].get("timeout", 5.0)
        if not _writers.acquire(timeout=timeout_s):
            raise OperationalError("database is locked")
        self._is_writer = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_writing()
            raise

    def _end_writing(self) -> None:
        if self._is_writer:
            self._is_writer = False
            _writers.release()

    def _commit(self) -> None:
        # A commit that fails is still a transaction: the rollback that follows releases the lock.
        super()._commit()  # type: ignore[misc]
        self._end_writing()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._end_writing()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._end_writing()
