"""What must leave the database: rows written in the transaction of the change that they tell of. Ids, never words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from conversations.models import Conversation, Outbox

PUSH, STAFF_PUSH, DEADLINE, MAIL = "push", "staff_push", "deadline", "mail"


def push(conversation_id: str, /, **payload: Any) -> Outbox:
    """For the patient's sockets: `type` is message (with `seq`), status, or seen (with `seq`)."""
    return Outbox(kind=PUSH, conversation_id=conversation_id, payload=payload)


def erased(conversation_id: str, /) -> Outbox:
    """For the patient's other sockets: the conversation is gone, and rows that refer to it go with it."""
    return Outbox(kind=PUSH, payload={"type": "erased", "conversation_id": conversation_id})


def staff_push(conversation_id: str, /, **payload: Any) -> Outbox:
    """For open consoles: `type` is alert, message or conversation, with what contracts/frame_staff.json asks for."""
    return Outbox(kind=STAFF_PUSH, conversation_id=conversation_id, payload=payload)


def deadline(conversation_id: str, *, ticket_id: int, step: int, due_at: datetime) -> Outbox:
    """For the worker: if nobody has answered the ticket by then, alert once more at this step of its ladder."""
    payload = {"ticket_id": ticket_id, "step": step}
    return Outbox(kind=DEADLINE, conversation_id=conversation_id, payload=payload, due_at=due_at)


def mail(conversation_id: str, *, ticket_id: int, due_at: datetime) -> Outbox:
    """For the worker: mail about a ticket, without a word of the patient's."""
    return Outbox(kind=MAIL, conversation_id=conversation_id, payload={"ticket_id": ticket_id}, due_at=due_at)


def tell(rows: list[Outbox]) -> None:
    """Writes the rows. Call it inside the transaction."""
    Outbox.objects.bulk_create(rows)


def status_rows(conversation: Conversation) -> list[Outbox]:
    """What everybody is told when who may speak has changed."""
    owner = conversation.owner
    name = display_name(owner) if owner else None
    return [
        push(conversation.id, type="status"),
        staff_push(
            conversation.id,
            type="conversation",
            conversation_id=conversation.id,
            status=conversation.status,
            owner_name=name,
        ),
    ]


def display_name(user: Any) -> str:
    """What patients read as a staff member's name."""
    return (user.get_full_name() or user.get_username())[:80]
