"""Keeps what patients and staff write out of the logs (P-2)."""

from __future__ import annotations

import logging
import traceback


class NoWords(logging.Filter):
    """Replaces an exception's message, which may quote a value, by its type and the places it passed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Called by logging for every record; always lets it through."""
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            places = [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)[-12:]]
            record.msg = f"{record.getMessage()} [{kind.__name__} at {' < '.join(reversed(places))}]"
            record.args = ()
            record.exc_info = record.exc_text = None
        return True
