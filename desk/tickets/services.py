"""Writing tickets: opening, raising, alerting, answering, closing (SAFETY section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from conversations import outbox
from conversations.models import Conversation, Outbox
from lib import clock
from tickets.models import Level, Presence, Ticket

# Seconds after which an unanswered ticket alerts again; the last step tells the lead. Source: SAFETY section 4.
LADDER: dict[str, tuple[int, ...]] = {
    Level.P0: (60, 120, 180),
    Level.P1: (60, 120, 180),
    Level.P2: (5 * 60, 10 * 60),
    Level.P3: (30 * 60, 60 * 60),
    Level.P4: (4 * 3600, 24 * 3600),
}
LEVEL_OF_TIER = {"emergency": Level.P0, "crisis": Level.P1, "safeguarding": Level.P1, "urgent": Level.P2}
# A third sign within one ticket tells the next person at once (S-10).
REPEATS_THAT_ALERT_AGAIN = 2


@dataclass(frozen=True)
class Sign:
    """Why a ticket is opened."""

    level: str
    reason: str
    tier: str = "none"
    rule_ids: Sequence[str] = ()
    matched: Sequence[str] = ()
    layer: str = ""
    message_seq: int | None = None


def open_ticket(*, conversation: Conversation, sign: Sign, rows: list[Outbox]) -> Ticket:
    """Opens a ticket, or puts the sign on the open one (S-10, S-12). Part of the caller's transaction.

    Args:
        conversation: locked.
        sign: what was found.
        rows: outbox rows of the transaction; alerts and deadlines are added.
    """
    now = clock.now()
    ticket = Ticket.objects.select_for_update().filter(conversation=conversation, closed_at=None).first()
    if ticket is None:
        ticket = Ticket(conversation=conversation, opened_at=now, region=conversation.region)
        _put(ticket, sign)
        ticket.save()
        _alert_all(ticket, now, rows)
    elif sign.level < ticket.level:
        _put(ticket, sign)
        # A worse sign needs a person of its own, even where somebody answered the milder one.
        ticket.answered_at = ticket.answered_by = ticket.cleared_at = None
        ticket.escalation = 0
        ticket.save()
        _alert_all(ticket, now, rows)
    else:
        _repeat(ticket, sign, rows)
    return ticket


def _put(ticket: Ticket, sign: Sign) -> None:
    ticket.level, ticket.reason, ticket.tier, ticket.layer = sign.level, sign.reason, sign.tier, sign.layer
    ticket.rule_ids = _joined(ticket.rule_ids, sign.rule_ids)
    ticket.matched = _joined(ticket.matched, sign.matched)
    ticket.message_seq = sign.message_seq


def _joined(before: Sequence[str], more: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*before, *more]))[:40]


def _repeat(ticket: Ticket, sign: Sign, rows: list[Outbox]) -> None:
    if ticket.message_seq is None and sign.message_seq is not None and sign.tier == ticket.tier:
        # Opened from the spool: these are the words of the same sign, sent again, not a second one (S-12).
        ticket.message_seq = sign.message_seq
    elif sign.tier != "none" or ticket.tier == "none":
        ticket.repeats += 1
    ticket.rule_ids = _joined(ticket.rule_ids, sign.rule_ids)
    ticket.matched = _joined(ticket.matched, sign.matched)
    if ticket.repeats == REPEATS_THAT_ALERT_AGAIN and ticket.level <= Level.P2:
        ticket.escalation += 1
        rows.append(alert_row(ticket))
    ticket.save()


def _alert_all(ticket: Ticket, now: datetime, rows: list[Outbox]) -> None:
    rows.append(alert_row(ticket))
    conversation_id = ticket.conversation_id
    for step, seconds in enumerate(LADDER[ticket.level], start=1):
        due = now + timedelta(seconds=seconds)
        rows.append(outbox.deadline(conversation_id, ticket_id=ticket.pk, step=step, due_at=due))
    if ticket.level <= Level.P2 and settings.ENV.alert_email and settings.ENV.email_url:
        rows.append(outbox.mail(conversation_id, ticket_id=ticket.pk, due_at=now))


def alert_row(ticket: Ticket) -> Outbox:
    """The row that makes open consoles ring."""
    return outbox.staff_push(
        ticket.conversation_id,
        type="alert",
        ticket_id=ticket.pk,
        conversation_id=ticket.conversation_id,
        level=str(ticket.level),
        escalation=ticket.escalation,
    )


def note_reply(*, ticket: Ticket, user: Any) -> None:
    """A named person has replied: the clock stops (S-16). Later replies change nothing."""
    if ticket.answered_at is None:
        ticket.answered_at, ticket.answered_by = clock.now(), user
        ticket.save(update_fields=["answered_at", "answered_by"])


def close_ticket(*, ticket: Ticket, outcome: str) -> None:
    """Ends a ticket with its outcome; closing a closed one changes nothing.

    A chat that its patient has deleted, and that only this ticket kept, is erased with the commit.
    """
    if ticket.closed_at is None:
        ticket.closed_at, ticket.outcome = clock.now(), outcome[:40]
        ticket.save(update_fields=["closed_at", "outcome"])
        conversation_id = ticket.conversation_id
        transaction.on_commit(lambda: erase_deleted(conversation_id=conversation_id), robust=True)


def erase_deleted(*, conversation_id: str | None = None) -> int:
    """Erases chats that their patients deleted and that no open ticket keeps any more.

    Args:
        conversation_id: only this one; None for all, which the worker does now and then, for what a crash left.

    Returns:
        How many were erased.
    """
    found = Conversation.objects.filter(deleted_by_patient_at__isnull=False)
    if conversation_id is not None:
        found = found.filter(id=conversation_id)
    ids = list(
        found.exclude(Exists(Ticket.objects.filter(conversation=OuterRef("pk"), closed_at=None))).values_list(
            "id", flat=True
        )
    )
    for one in ids:
        with transaction.atomic():
            Conversation.objects.filter(id=one).delete()
            # Without the conversation's key, for rows that have it go with it.
            payload = {"type": "conversation", "conversation_id": one, "status": "closed", "owner_name": None}
            Outbox.objects.create(kind=outbox.STAFF_PUSH, payload=payload)
    return len(ids)


def note_clearance(*, ticket: Ticket) -> None:
    """The patient said twice that this is no emergency (S-11). The ticket stays open for staff to see."""
    if ticket.cleared_at is None:
        ticket.cleared_at = clock.now()
        ticket.save(update_fields=["cleared_at"])


def touch_presence(*, user: Any, available: bool = True) -> None:
    """Says that a staff member has a console open; the console repeats it every 10 s."""
    Presence.objects.update_or_create(user=user, defaults={"seen_at": clock.now(), "available": available})
