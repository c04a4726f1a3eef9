"""Opening hours: `{"mon": [["09:00", "12:30"]], …}` in the clinic's time zone; a day left out is closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Hours = Mapping[str, Sequence[Sequence[str]]]


def zone(name: str) -> ZoneInfo:
    """The time zone; UTC if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _spans(hours: Hours, day: datetime) -> Iterator[tuple[datetime, datetime]]:
    for span in hours.get(DAYS[day.weekday()], ()):
        start, end = (time.fromisoformat(text) for text in span)
        yield (
            day.replace(hour=start.hour, minute=start.minute, second=0, microsecond=0),
            day.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0),
        )


def is_open(hours: Hours, time_zone: str, now: datetime) -> bool:
    """Whether the clinic is open."""
    local = now.astimezone(zone(time_zone))
    return any(start <= local < end for start, end in _spans(hours, local))


def next_opening(hours: Hours, time_zone: str, now: datetime) -> datetime | None:
    """When the clinic opens next, in its own time; None if no hours are known."""
    local = now.astimezone(zone(time_zone))
    for days in range(8):
        for start, _ in sorted(_spans(hours, local + timedelta(days=days))):
            if start > local:
                return start
    return None


def describe(hours: Hours) -> str:
    """The hours as patients read them, a line a day; empty if no hours are known."""
    lines = []
    for day, name in zip(DAYS, NAMES, strict=True):
        spans = [f"{start} to {end}" for start, end in hours.get(day, ())]
        lines.append(f"- {name}: {', '.join(spans) if spans else 'closed'}")
    return "\n".join(lines) if any(hours.get(day) for day in DAYS) else ""
