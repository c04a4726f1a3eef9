"""Adding a message to a conversation: the one place that counts sequence numbers."""

from __future__ import annotations

from typing import Any

from conversations import outbox
from conversations.models import Author, Conversation, Kind, Message, Outbox, Status
from lib import clock


def lock(conversation_id: str) -> Conversation:
    """The conversation, locked until the transaction ends.

    Raises:
        Conversation.DoesNotExist: there is none.
    """
    return Conversation.objects.select_for_update().get(id=conversation_id)


def append(
    conversation: Conversation, *, author: Author, text: str, kind: Kind | str = Kind.TEXT, **fields: Any
) -> Message:
    """Adds a message at the end of a locked conversation. The caller saves the conversation (`save`).

    Args:
        conversation: locked by this transaction.
        text: masked, if it is a patient's.
        fields: further columns of Message.
    """
    conversation.last_seq += 1
    message = Message(
        conversation=conversation, seq=conversation.last_seq, author=author, kind=kind, text=text, **fields
    )
    message.save(force_insert=True)
    message.new_choices = []
    return message


def system_line(conversation: Conversation, text: str, **fields: Any) -> Message:
    """A line of nobody: who joined, who left, what happened."""
    return append(conversation, author=Author.SYSTEM, kind=Kind.HANDOFF, text=text, **fields)


def message_rows(conversation: Conversation, *messages: Message) -> list[Outbox]:
    """Tells the patient's sockets of new messages, and consoles where staff have to do with the conversation."""
    rows = [outbox.push(conversation.id, type="message", seq=m.seq) for m in messages]
    if conversation.status != Status.ASSISTANT or conversation.shared_at:
        last = messages[-1].seq
        rows.append(outbox.staff_push(conversation.id, type="message", conversation_id=conversation.id, seq=last))
    return rows


def save(conversation: Conversation, *fields: str) -> None:
    """Writes the counters and the named columns."""
    conversation.last_activity_at = clock.now()
    conversation.save(update_fields=["last_seq", "last_activity_at", *fields])
