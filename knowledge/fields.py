"""Typed reading of one YAML mapping: every field that is missing, unknown or of the wrong kind becomes a fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from .errors import Fault

ID_PATTERN = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


class Fields:
    """Reads the fields of one mapping and notes what is wrong, so that one run names every mistake.

    Args:
        file: the file's path, for faults.
        data: what YAML gave; anything but a mapping is a fault and reads as empty.
        allowed: every field that may stand there.
        prefix: put before field names in faults, like `sources[0].`.
    """

    def __init__(self, file: str, data: object, allowed: Iterable[str], prefix: str = "") -> None:
        self.file = file
        self.prefix = prefix
        self.faults: list[Fault] = []
        self.data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        if not isinstance(data, Mapping):
            self.fault("", "is not a mapping of fields", "write `field: value` lines as in knowledge/README.md")
            return
        known = set(allowed)
        for name in data:
            if name not in known:
                self.fault(str(name), "is not a known field", f"remove it, or use one of: {', '.join(sorted(known))}")

    def fault(self, field: str, problem: str, remedy: str) -> None:
        """Notes one mistake."""
        self.faults.append(Fault(self.file, f"{self.prefix}{field}", problem, remedy))

    def _get(self, field: str, kinds: type | tuple[type, ...], wanted: str, required: bool) -> Any:
        if field not in self.data:
            if required:
                self.fault(field, "is missing", f"add it: {wanted}")
            return None
        value = self.data[field]
        if value is None and not required:
            return None
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is int):
            self.fault(field, f"is {value!r}", f"write {wanted}")
            return None
        return value

    def text(self, field: str, required: bool = True, may_be_empty: bool = False) -> str:
        """A text, stripped; "" where there is none."""
        value = self._get(field, str, "a text", required)
        stripped = (value or "").strip()
        if value is not None and not stripped and not may_be_empty:
            self.fault(field, "is empty", "write the text")
        return stripped

    def identifier(self, field: str, required: bool = True) -> str:
        """An id of small letters, digits and single underscores; "" where there is none."""
        value = self.text(field, required)
        if value and not ID_PATTERN.fullmatch(value):
            self.fault(field, f"is {value!r}", "use small letters, digits and single underscores")
        return value

    def number(self, field: str, required: bool = True) -> int | None:
        """A whole number."""
        value: int | None = self._get(field, int, "a whole number", required)
        return value

    def flag(self, field: str) -> bool:
        """True or false."""
        return bool(self._get(field, bool, "true or false", True))

    def day(self, field: str, required: bool = True) -> date | None:
        """A day written YYYY-MM-DD."""
        value = self._get(field, date, "a day as YYYY-MM-DD, without quotes", required)
        if isinstance(value, datetime):
            self.fault(field, "has a time of day", "write the day alone: YYYY-MM-DD")
            return value.date()
        day: date | None = value
        return day

    def texts(self, field: str, required: bool = True) -> tuple[str, ...]:
        """A list of texts without repeats."""
        value = self._get(field, list, "a list, [] if there is nothing", required)
        if value is None:
            return ()
        if not all(isinstance(item, str) and item.strip() for item in value):
            self.fault(field, "holds something else than texts", "quote each item of the list")
            return ()
        if len(set(value)) != len(value):
            self.fault(field, "names something twice", "remove the repeat")
        return tuple(item.strip() for item in value)

    def records(self, field: str, required: bool = True) -> list[Any]:
        """A list of anything, to be read one by one."""
        return self._get(field, list, "a list, [] if there is nothing", required) or []

    def choice(self, field: str, options: Iterable[str], required: bool = True) -> str | None:
        """One of a closed list, or None."""
        value: str | None = self._get(field, str, f"one of: {', '.join(options)}", required)
        if value is not None and value not in tuple(options):
            self.fault(field, f"is {value!r}", f"use one of: {', '.join(options)}")
            return None
        return value
