"""Reading tickets and the team's availability."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from clinic.selectors import get_profile
from tickets.hours import is_open, next_opening
from tickets.models import Level, Presence, Ticket

ONLINE_FOR = timedelta(seconds=30)


def open_ticket_of(conversation_id: str) -> Ticket | None:
    """The conversation's open ticket, if it has one."""
    return Ticket.objects.filter(conversation_id=conversation_id, closed_at=None).first()


def is_staff_online(*, now: datetime) -> bool:
    """Whether anybody has a console open and is free."""
    return Presence.objects.filter(available=True, seen_at__gte=now - ONLINE_FOR).exists()


def availability(*, now: datetime) -> dict[str, Any]:
    """Whether somebody can answer: `open`, `staff_online`, and `text`, the honest line (S-17)."""
    profile = get_profile()
    open_now = is_open(profile.opening_hours, profile.time_zone, now)
    online = is_staff_online(now=now)
    return {"open": open_now, "staff_online": online, "text": _say(open_now, online, profile, now)}


def _say(open_now: bool, online: bool, profile: Any, now: datetime) -> str:
    if online:
        return "Our team is online now."
    if open_now:
        return "No one from our team is online at this moment. We will reply here as soon as somebody is back."
    opening = next_opening(profile.opening_hours, profile.time_zone, now)
    if opening is None:
        later = "We will reply here when somebody is back, which may take a day or more."
        return f"No one from our team is online now. {later}"
    return f"Our team is away now. We are back on {opening:%A} at {opening:%H:%M} ({profile.time_zone})."


def expected(level: str | None, *, now: datetime) -> str:
    """How long a person may take to reply, in words that promise nothing we do not know."""
    state = availability(now=now)
    if not state["open"] and not state["staff_online"]:
        return state["text"]
    if level in (Level.P0, Level.P1):
        return "Our team has been alerted. Do not wait for a reply: call the number shown."
    if level == Level.P2:
        return "We aim to reply within 5 minutes. Do not wait for us if it gets worse."
    return "We aim to reply within half an hour." if level == Level.P3 else "We aim to reply within 4 working hours."
