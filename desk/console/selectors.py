"""What the console shows: the same dictionaries feed the templates and the JSON of the live page."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from console.roles import AGENT, LEAD
from conversations import selectors
from conversations.models import SAFETY_KINDS, Author, Conversation, Message, Status
from conversations.outbox import display_name
from lib import clock
from tickets.models import Contact, Ticket
from tickets.selectors import open_ticket_of

LEVELS = {"P0": "Emergency", "P1": "Crisis or safeguarding", "P2": "Urgent", "P3": "Soon", "P4": "Routine"}
STATUSES = {
    Status.ASSISTANT: "With the assistant",
    Status.WAITING_FOR_STAFF: "Waiting for staff",
    Status.WITH_STAFF: "With staff",
    Status.CLOSED: "Closed",
}
FILTERS = {"all": "All open", "waiting": "Waiting", "unassigned": "Unassigned", "mine": "Mine", "closed": "Closed"}
REASONS = {
    "emergency": "Signs of an emergency",
    "crisis": "Thoughts of suicide or self-harm",
    "urgent": "Signs that need care today",
    "safeguarding": "Signs of abuse or neglect",
    "asked_for_person": "Asked for a person",
    "failed_answers": "The assistant could not help",
    "": "In conversation",
}
# Of these levels everybody on the team hears until a person has replied (SAFETY section 4), whoever has the chat.
RINGING_LEVELS = ("P0", "P1")
NOBODY = "Nobody yet"
WHO = {"patient": "Patient", "assistant": "Assistant", "staff": "Staff", "system": "Notice"}
CLOSED_SHOWN = 50
_LINK = re.compile(r"\[([^\]\n]+)\]\(((?:https?://|tel:)[^)\s]+)\)")


def words(code: str) -> str:
    """A code as words: `asked_for_person` is Asked for person."""
    return code.replace("_", " ").capitalize()


def reason_words(reason: str) -> str:
    """Why a ticket was opened, for a reader."""
    return REASONS.get(reason) or words(reason)


def duration(since: datetime, until: datetime | None = None) -> str:
    """How long it took, or how long ago it is, in the largest unit that fits."""
    seconds = max(0, int(((until or clock.now()) - since).total_seconds()))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"


def find_visible(conversation_id: str, *, user: Any, roles: Collection[str]) -> Conversation | None:
    """The conversation, if this person may open it (P-6).

    A clinical lead may open what needed staff; an agent their own, what nobody has yet, and what they once answered.
    A conversation that never needed a person is nobody's to read.
    """
    found = Conversation.objects.filter(id=conversation_id).select_related("owner").first()
    if found is None or not roles:
        return None
    needs_staff = found.status in (Status.WAITING_FOR_STAFF, Status.WITH_STAFF)
    if not needs_staff and not found.tickets.exists():
        return None
    if LEAD in roles:
        return found
    if AGENT not in roles:
        return None
    free = found.status == Status.WAITING_FOR_STAFF or (not found.owner_id and open_ticket_of(found.id) is not None)
    return found if free or found.owner_id == user.pk or _took_part(found, user) else None


def _took_part(conversation: Conversation, user: Any) -> bool:
    return conversation.status == Status.CLOSED and conversation.messages.filter(author_user=user).exists()


def queue_rows(*, user: Any, roles: Collection[str], shown: str = "all") -> list[dict[str, Any]]:
    """The rows of one filter. An agent does not see what colleagues have; a lead sees all."""
    if shown == "closed":
        return _closed_rows(user, roles)
    rows = [row for row in selectors.queue(user=user) if LEAD in roles or row.mine or row.owner_name is None]
    keep = {
        "mine": lambda row: row.mine,
        "unassigned": lambda row: row.owner_name is None,
        "waiting": lambda row: row.conversation.status == Status.WAITING_FOR_STAFF,
    }.get(shown, lambda row: True)
    return [_open_row(row) for row in rows if keep(row)]


def urgent_rows(*, user: Any, roles: Collection[str]) -> list[dict[str, Any]]:
    """Every P0 and P1 without a reply, for everybody on the team: no words, and no link to what a colleague has."""
    rows = [row for row in selectors.queue(user=user) if _is_ringing(row)]
    return [_urgent_row(row, LEAD in roles or row.mine or row.owner_name is None) for row in rows]


def _is_ringing(row: selectors.QueueRow) -> bool:
    return row.level in RINGING_LEVELS and row.ticket is not None and row.ticket.answered_at is None


def _urgent_row(row: selectors.QueueRow, may_open: bool) -> dict[str, Any]:
    who = "you have it" if row.mine else f"{row.owner_name} has it" if row.owner_name else "nobody has it"
    what = (
        f"{reason_words(row.reason)} ({row.conversation.region or 'region not known'}, {who})"
        if may_open
        else f"{who}, no reply yet"
    )
    return {
        "ticket_id": row.ticket.pk if row.ticket else None,
        "escalation": row.ticket.escalation if row.ticket else 0,
        "level": row.level,
        "text": f"{row.level} {LEVELS[row.level]}: {what}",
        "url": reverse("console:conversation", args=[row.conversation.id]) if may_open else "",
    }


def _open_row(row: selectors.QueueRow) -> dict[str, Any]:
    answered = row.ticket.answered_at if row.ticket else None
    shown = _row(row.conversation, row.level, row.reason, row.waiting_since, answered)
    shown |= {"owner": row.owner_name or NOBODY, "mine": row.mine, "last_text": row.last_text or ""}
    shown |= {"answered": answered is not None, "ringing": _is_ringing(row), "claimable": row.owner_name is None}
    return shown | {"ticket_id": row.ticket.pk if row.ticket else None}


def _closed_rows(user: Any, roles: Collection[str]) -> list[dict[str, Any]]:
    found = Conversation.objects.filter(status=Status.CLOSED, tickets__isnull=False)
    if LEAD not in roles:
        found = found.filter(Q(messages__author_user=user))
    rows = []
    for conversation in found.distinct().order_by("-closed_at")[:CLOSED_SHOWN]:
        ticket = conversation.tickets.select_related("answered_by").order_by("-opened_at").first()
        if ticket is None:
            continue
        row = _row(conversation, ticket.level, ticket.reason, ticket.opened_at, ticket.answered_at or ticket.closed_at)
        row |= {"mine": ticket.answered_by_id == user.pk, "last_text": "", "answered": ticket.answered_at is not None}
        row |= {"owner": display_name(ticket.answered_by) if ticket.answered_by else "Nobody", "ringing": False}
        rows.append(row | {"claimable": False, "outcome": words(ticket.outcome), "ticket_id": ticket.pk})
    return rows


def _row(
    conversation: Conversation, level: str, reason: str, since: datetime, until: datetime | None
) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "url": reverse("console:conversation", args=[conversation.id]),
        "level": level,
        "level_words": LEVELS[level],
        "reason": reason_words(reason),
        "since": since.isoformat(),
        "waiting": duration(since, until),
        "region": conversation.region or "not known",
        "language": conversation.locale,
        "last": duration(conversation.last_activity_at) + " ago",
        "shared": conversation.shared_at is not None,
        "status": STATUSES[Status(conversation.status)],
    }


def messages_of(conversation: Conversation, *, user: Any, after: int = 0) -> list[dict[str, Any]]:
    """The transcript after a number, as the console shows it; words only where they are shared (P-6)."""
    found = selectors.transcript(conversation_id=conversation.id, user=user)
    ours = _words_of_ours(conversation) if conversation.shared_at is None else {}
    for message in found:
        message.text = ours.get(message.seq, message.text)
    shared = conversation.shared_at is not None
    return [_message(message, shared or message.seq in ours) for message in found if message.seq > after]


def _words_of_ours(conversation: Conversation) -> dict[int, str]:
    """What staff wrote, and notes like who joined: not the patient's words, so they need no agreement."""
    ours = Message.objects.filter(conversation=conversation, author__in=[Author.STAFF, Author.SYSTEM])
    return dict(ours.values_list("seq", "text"))


def _message(message: Message, shared: bool) -> dict[str, Any]:
    body = message.body or {}
    answers = [
        {
            "title": answer.get("title", ""),
            "answer_id": answer.get("answer_id", ""),
            "version": answer.get("version", ""),
            "sources": [_source(source) for source in answer.get("sources", ())],
        }
        for answer in body.get("answers", ())
    ]
    return {
        "seq": message.seq,
        "author": str(message.author),
        "who": f"{message.author_name} (staff)" if message.author == "staff" else WHO[message.author],
        "at": message.created_at.isoformat(),
        "time": f"{message.created_at:%d %b %H:%M} UTC",
        "kind": words(message.kind) if message.kind != "text" and message.author != "system" else "",
        "safety": message.kind in SAFETY_KINDS,
        "text": _shown_text(message, bool(answers)),
        "hidden": not shared,
        "lang": message.lang,
        "answers": answers,
        "actions": [str(action.get("label", "")) for action in body.get("actions", ())],
        "marks": [x for x in (message.tier if message.tier != "none" else "", *map(str, message.rule_ids)) if x],
        "understood": [_understood(question) for question in (message.turn or {}).get("questions", ())],
    }


def _source(source: dict[str, Any]) -> dict[str, str]:
    year = f" ({source['year']})" if source.get("year") else ""
    url = str(source.get("url", ""))
    return {
        "text": f"{source['organisation']}: {source['title']}{year}",
        "url": url if url.startswith("https://") else "",
    }


def _shown_text(message: Message, with_sources: bool) -> str:
    """Staff's and patients' words as they are; ours without marks and sources, which stand below as links."""
    if message.author in (Author.PATIENT, Author.STAFF):
        return message.text
    text = message.text.partition("\n\n**Sources**\n")[0] if with_sources else message.text
    return without_marks(text)


def without_marks(text: str) -> str:
    """Our own light Markdown as plain text: bold marks go, a link keeps its words and, if they differ, its address."""

    def link(match: re.Match[str]) -> str:
        shown, address = match[1], match[2].removeprefix("tel:")
        return shown if shown == address else f"{shown} ({address})"

    return _LINK.sub(link, text).replace("**", "")


def _understood(question: dict[str, Any]) -> str:
    """Topic, condition, confidence and alternatives in one line."""
    parts = [f"topic {question.get('topic') or 'none'}", f"condition {question.get('condition') or 'none'}"]
    if question.get("confidence") is not None:
        parts.append(f"confidence {question['confidence']:.2f}")
    others = [x if isinstance(x, str) else str(x.get("topic") or x) for x in question.get("alternatives", ())]
    return ", ".join(parts) + (f"; alternatives: {', '.join(others)}" if others else "")


def facts_of(conversation: Conversation, *, user: Any) -> dict[str, Any]:
    """What the panel beside the transcript shows (S-18)."""
    ticket = open_ticket_of(conversation.id) or Ticket.objects.filter(conversation=conversation).order_by("-id").first()
    shared = conversation.shared_at is not None
    owner = conversation.owner
    return {
        "status": STATUSES[Status(conversation.status)],
        "owner": display_name(owner) if owner else "Nobody",
        "mine": owner is not None and owner.pk == user.pk,
        "claimable": owner is None
        and ticket is not None
        and conversation.status != Status.CLOSED
        and not ticket.closed_at,
        "shared": shared,
        "ticket": ticket,
        "level_words": LEVELS[ticket.level] if ticket else "Routine",
        "reason": reason_words(ticket.reason) if ticket else "",
        "waiting": duration(ticket.opened_at, ticket.answered_at) if ticket else "",
        "outcome": words(ticket.outcome) if ticket else "",
        "matched": ticket.matched if ticket and (shared or ticket.level in RINGING_LEVELS) else [],
        "contact": Contact.objects.filter(conversation=conversation).first() if shared else None,
        "deleted": conversation.deleted_by_patient_at is not None,
        "patient_seen": conversation.patient_seen_seq,
    }
