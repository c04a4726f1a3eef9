"""Reading conversations. Who sees which words is decided here (P-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.selectors import get_profile
from conversations.models import Author, Conversation, Message, Status
from conversations.outbox import display_name
from lib import clock
from tickets.models import Ticket
from tickets.selectors import expected, open_ticket_of


@dataclass(frozen=True)
class QueueRow:
    """One line of the console's queue. `last_text` is None where the patient has not agreed to share the words."""

    conversation: Conversation
    ticket: Ticket | None
    level: str
    reason: str
    waiting_since: datetime
    owner_name: str | None
    mine: bool
    last_patient_seq: int | None
    last_text: str | None


def queue(*, user: Any) -> list[QueueRow]:
    """Open tickets and the conversations that staff have, most urgent first, then longest waiting."""
    tickets = {t.conversation_id: t for t in Ticket.objects.filter(closed_at=None).select_related("answered_by")}
    wanted = Conversation.objects.filter(status__in=[Status.WAITING_FOR_STAFF, Status.WITH_STAFF])
    ids = {*tickets, *wanted.values_list("id", flat=True)}
    conversations = Conversation.objects.filter(id__in=ids).select_related("owner")
    last = _last_patient_messages(ids)
    rows = [_row(c, tickets.get(c.id), last.get(c.id), user) for c in conversations]
    return sorted(rows, key=lambda row: (row.level, row.waiting_since))


def _last_patient_messages(ids: set[str]) -> dict[str, Message]:
    messages = Message.objects.filter(conversation_id__in=ids, author=Author.PATIENT).order_by("conversation_id", "seq")
    return {message.conversation_id: message for message in messages}


def _row(conversation: Conversation, ticket: Ticket | None, last: Message | None, user: Any) -> QueueRow:
    owner = conversation.owner
    return QueueRow(
        conversation=conversation,
        ticket=ticket,
        level=ticket.level if ticket else "P4",
        reason=ticket.reason if ticket else "",
        waiting_since=ticket.opened_at if ticket else conversation.last_activity_at,
        owner_name=display_name(owner) if owner else None,
        mine=owner is not None and owner.pk == user.pk,
        last_patient_seq=last.seq if last else None,
        last_text=last.text if last and conversation.shared_at else None,
    )


def transcript(*, conversation_id: str, user: Any) -> list[Message]:
    """The messages in order. Where the patient has not shared the words, texts and bodies come empty (P-6, S-19)."""
    conversation = Conversation.objects.filter(id=conversation_id).first()
    if conversation is None:
        return []
    messages = list(Message.objects.filter(conversation_id=conversation_id).order_by("seq"))
    if conversation.shared_at is None:
        for message in messages:
            message.text, message.body, message.turn = "", {}, None
    return messages


def position(conversation: Conversation) -> int:
    """The patient's place in the queue, from 1: how many waiting tickets stand before this one, plus one."""
    ticket = open_ticket_of(conversation.id)
    if ticket is None:
        return 1
    waiting = Ticket.objects.filter(closed_at=None, conversation__status=Status.WAITING_FOR_STAFF)
    before = waiting.filter(level__lt=ticket.level) | waiting.filter(level=ticket.level, opened_at__lt=ticket.opened_at)
    return before.distinct().count() + 1


def clinic_telephone() -> str | None:
    """The number that a patient may dial; None while the profile holds fictional values: no card may show those."""
    profile = get_profile()
    return None if profile.demonstration else profile.telephone or None


def state_fields(conversation: Conversation) -> dict[str, Any]:
    """`shared`; `position` and `expected` while waiting; `staff_name` while with staff. For GET and status frames."""
    shared = {"shared": conversation.shared_at is not None}
    if conversation.status == Status.WITH_STAFF and conversation.owner:
        return {**shared, "staff_name": display_name(conversation.owner)}
    if conversation.status == Status.WAITING_FOR_STAFF:
        ticket = open_ticket_of(conversation.id)
        level = ticket.level if ticket else None
        return {**shared, "position": position(conversation), "expected": expected(level, now=clock.now())}
    return shared
