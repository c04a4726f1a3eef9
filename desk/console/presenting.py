"""What staff pages show, as plain values: the same for the templates and for the page's script."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from conversations.models import SAFETY_KINDS, Author, Conversation, Kind, Message, Status
from conversations.selectors import QueueRow
from tickets.models import Level, Ticket

LEVELS = {
    Level.P0: "Emergency",
    Level.P1: "Crisis",
    Level.P2: "Urgent",
    Level.P3: "Soon",
    Level.P4: "Routine",
}
URGENT = (Level.P0, Level.P1)
STATUSES = {
    Status.ASSISTANT: "With the assistant",
    Status.WAITING_FOR_STAFF: "Waiting for a person",
    Status.WITH_STAFF: "With a person",
    Status.CLOSED: "Closed",
}
REASONS = {
    "emergency": "Signs of an emergency",
    "crisis": "Thoughts of suicide or self-harm",
    "urgent": "Signs that need care today",
    "safeguarding": "Signs of abuse or neglect",
    "asked_for_person": "Asked for a person",
    "failed_answers": "The assistant could not help",
    "": "With a person, no open ticket",
}
AUTHORS = {Author.PATIENT: "Patient", Author.ASSISTANT: "Assistant", Author.STAFF: "Staff", Author.SYSTEM: "Note"}
KINDS = {
    Kind.EMERGENCY: "Safety card: emergency",
    Kind.CRISIS: "Safety card: crisis",
    Kind.URGENT: "Safety card: urgent",
    Kind.SAFEGUARDING: "Safety card: safeguarding",
    Kind.ANSWER: "Curated answer",
    Kind.CLARIFY: "Asked back",
    Kind.CLINICIAN: "Pointed to a clinician",
    Kind.FALLBACK: "Could not answer",
    Kind.OUT_OF_SCOPE: "Out of scope",
}
LAYERS = {"A": "Rules", "B": "Learned classifier", "AB": "Rules and learned classifier"}
FILTERS = {"all": "All open", "mine": "Mine", "unassigned": "Unassigned", "waiting": "Waiting for a reply", "closed": "Closed"}
_LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^)\s]+|tel:[^)\s]+)\)")


def in_words(name: str) -> str:
    """An id like `stem_cell_evidence` for a reader."""
    return name.replace("_", " ").strip()


def reason_words(reason: str) -> str:
    """Why a ticket was opened."""
    words = in_words(reason)
    return REASONS.get(reason, words[:1].upper() + words[1:])


def duration(span: timedelta) -> str:
    """A waiting time, short enough for a table: `40 s`, `12 min`, `3 h 05 min`, `2 d 4 h`."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if minutes < 60:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60:02} min" if days == 0 else f"{days} d {hours % 24} h"


def is_ringing(ticket: Ticket | None) -> bool:
    """Whether an urgent ticket still waits for the reply of a person, which alone stops its clock (S-16)."""
    return bool(ticket and ticket.level in URGENT and ticket.answered_at is None and ticket.closed_at is None)


def row_values(row: QueueRow, *, now: datetime, may_open: bool) -> dict[str, Any]:
    """One line of the queue. Not a word of the patient's: the list stands open on a screen.

    Args:
        row: of `conversations.selectors.queue`.
        now: to count the wait.
        may_open: whether the reader may open it (P-6).
    """
    ticket = row.ticket
    answered = ticket.answered_at if ticket else None
    return {
        "conversation_id": row.conversation.id,
        "url": reverse("console:conversation", args=[row.conversation.id]) if may_open else "",
        "claim_url": reverse("console:claim", args=[row.conversation.id]) if row.owner_name is None else "",
        "level": row.level,
        "level_words": LEVELS[Level(row.level)],
        "reason": reason_words(row.reason),
        "region": row.conversation.region or settings.ENV.region or "Not known",
        "waiting": duration((answered or now) - row.waiting_since),
        "answered": answered is not None,
        "wait_note": "until the first reply" if answered else "waiting",
        "owner": row.owner_name or "Nobody yet",
        "mine": row.mine,
        "shared": row.conversation.shared_at is not None,
        "shared_words": "Words shared" if row.conversation.shared_at else "Words not shared",
        "status": STATUSES[Status(row.conversation.status)],
        "ringing": is_ringing(ticket),
        "alert_key": f"{ticket.pk}:{ticket.level}:{ticket.escalation}" if ticket else "",
    }


def message_values(message: Message, *, shared: bool) -> dict[str, Any]:
    """One message of a transcript.

    Args:
        message: of `conversations.selectors.transcript`; its words are empty where they are not shared.
        shared: whether they are.
    """
    by_patient = message.author == Author.PATIENT
    text = message.text if by_patient or message.author == Author.STAFF else without_marks(message.text)
    return {
        "seq": message.seq,
        "author": str(message.author),
        "who": message.author_name if message.author == Author.STAFF and message.author_name else AUTHORS[Author(message.author)],
        "kind": str(message.kind),
        "kind_words": KINDS.get(Kind(message.kind), ""),
        "is_card": message.kind in SAFETY_KINDS,
        "time": message.created_at.strftime("%H:%M"),
        "at": message.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "day": message.created_at.strftime("%d %B %Y"),
        "hidden": not shared,
        "text": text,
        "lang": message.lang or "en",
        "tier": message.tier if message.tier != "none" else "",
        "rule_ids": list(message.rule_ids or ()),
        "answers": [_answer_values(answer) for answer in (message.body or {}).get("answers", ())],
        "understood": _understood(message.turn or {}),
    }


def _answer_values(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": answer["answer_id"],
        "version": answer["version"][:12],
        "checked_on": answer.get("checked_on") or "",
        "sources": [
            {"words": f"{source['organisation']}: {source['title']}", "url": source["url"]}
            for source in answer.get("sources", ())
            if str(source["url"]).startswith("https://")
        ],
    }


def _understood(turn: dict[str, Any]) -> list[dict[str, str]]:
    """What the assistant took the message for; its own guesses, shown as such."""
    return [
        {
            "topic": in_words(question.get("topic") or "not recognised"),
            "condition": in_words(question.get("condition") or "none named"),
            "confidence": _percent(question.get("confidence")),
            "alternatives": ", ".join(_alternative(other) for other in question.get("alternatives", ())) or "none",
        }
        for question in turn.get("questions", ())
    ]


def _alternative(other: Any) -> str:
    if not isinstance(other, dict):
        return in_words(str(other))
    words = " / ".join(in_words(str(other[key])) for key in ("topic", "condition") if other.get(key))
    return f"{words} {_percent(other.get('confidence'))}".strip()


def _percent(value: Any) -> str:
    return f"{value:.0%}" if isinstance(value, int | float) else ""


def without_marks(text: str) -> str:
    """Our own light Markdown as plain text: bold marks go, a link keeps its words and its address."""
    return _LINK.sub(lambda m: f"{m[1]} ({m[2].removeprefix('tel:')})", text).replace("**", "")


def fact_values(conversation: Conversation, ticket: Ticket | None, *, now: datetime) -> list[tuple[str, str]]:
    """The facts panel as (name, value) pairs (S-18). Matched words only where shared, or at P0 and P1."""
    facts = [
        ("State", STATUSES[Status(conversation.status)]),
        ("Region", conversation.region or settings.ENV.region or "Not known"),
        ("Language", conversation.locale),
        ("Words", "Shared with staff" if conversation.shared_at else "Not shared"),
    ]
    if ticket is None:
        return facts
    answered = ticket.answered_at
    wait = duration((answered or now) - ticket.opened_at)
    facts[:0] = [
        ("Reason", reason_words(ticket.reason)),
        ("First reply after" if answered else "Waiting for", wait),
        ("Alerts sent again", str(ticket.escalation)),
        ("Further signs", str(ticket.repeats)),
        ("Rule ids", _listed(ticket.rule_ids)),
    ]
    if ticket.matched and (conversation.shared_at or ticket.level in URGENT):
        facts.insert(5, ("Matched words", _listed(f"“{word}”" for word in ticket.matched)))
    if ticket.layer:
        facts.insert(5, ("Found by", LAYERS.get(ticket.layer, ticket.layer)))
    if ticket.cleared_at:
        facts.append(("Cleared by the patient", ticket.cleared_at.strftime("%d %B, %H:%M UTC")))
    return facts


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values) or "none"
