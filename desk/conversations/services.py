"""What staff do with a conversation. Each call is one transaction, with an outbox row for whoever sees the change."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from conversations import outbox
from conversations.errors import NotAllowed
from conversations.models import Author, Conversation, Message, Status
from conversations.writing import append, lock, message_rows, save, system_line
from lib import clock
from tickets.selectors import open_ticket_of
from tickets.services import close_ticket, note_reply

MAX_STAFF_CHARS = 4_000


def _locked(conversation_id: str) -> Conversation:
    try:
        return lock(conversation_id)
    except Conversation.DoesNotExist:
        raise NotAllowed("This conversation does not exist any more.") from None


def _owned(conversation_id: str, user: Any) -> Conversation:
    conversation = _locked(conversation_id)
    if conversation.status != Status.WITH_STAFF:
        raise NotAllowed("Take this conversation first.")
    if conversation.owner_id != user.pk:
        raise NotAllowed(f"{outbox.display_name(conversation.owner)} has this conversation.")
    return conversation


def _move(conversation: Conversation, status: Status, owner: Any, *messages: Message) -> None:
    conversation.status, conversation.owner = status, owner
    conversation.closed_at = clock.now() if status == Status.CLOSED else None
    save(conversation, "status", "owner", "closed_at")
    outbox.tell([*message_rows(conversation, *messages), *outbox.status_rows(conversation)])


@transaction.atomic
def claim(*, conversation_id: str, user: Any) -> Conversation:
    """Takes a waiting conversation, or one of the assistant's with an open ticket. Taking one's own changes nothing.

    Raises:
        NotAllowed: somebody else has it (named), or nobody asked for a person.
    """
    conversation = _locked(conversation_id)
    if conversation.status == Status.WITH_STAFF:
        if conversation.owner_id == user.pk:
            return conversation
        raise NotAllowed(f"{outbox.display_name(conversation.owner)} has this conversation.")
    if conversation.status == Status.CLOSED:
        raise NotAllowed("This conversation is closed.")
    if conversation.status == Status.ASSISTANT and open_ticket_of(conversation_id) is None:
        raise NotAllowed("Nobody has asked for a person in this conversation.")
    line = system_line(conversation, f"{outbox.display_name(user)} joined the chat.")
    _move(conversation, Status.WITH_STAFF, user, line)
    return conversation


@transaction.atomic
def post_staff_message(*, conversation_id: str, user: Any, text: str) -> Message:
    """Says something to the patient and stops the ticket's clock (S-16).

    Raises:
        NotAllowed: not the owner, or the text is empty or longer than MAX_STAFF_CHARS.
    """
    text = text.replace("\x00", "").strip()
    if not text or len(text) > MAX_STAFF_CHARS:
        raise NotAllowed(f"Write between 1 and {MAX_STAFF_CHARS:,} characters.")
    conversation = _owned(conversation_id, user)
    name = outbox.display_name(user)
    message = append(conversation, author=Author.STAFF, text=text, author_user=user, author_name=name)
    save(conversation)
    ticket = open_ticket_of(conversation_id)
    if ticket:
        note_reply(ticket=ticket, user=user)
    outbox.tell(message_rows(conversation, message))
    return message


@transaction.atomic
def release(*, conversation_id: str, user: Any) -> Conversation:
    """Puts the conversation back into the queue.

    Raises:
        NotAllowed: not the owner.
    """
    conversation = _owned(conversation_id, user)
    line = system_line(
        conversation, f"{outbox.display_name(user)} left the chat. You are back in the queue for our team."
    )
    _move(conversation, Status.WAITING_FOR_STAFF, None, line)
    return conversation


@transaction.atomic
def give_back(*, conversation_id: str, user: Any) -> Conversation:
    """Gives the conversation back to the assistant and says so (S-20); its ticket closes.

    Raises:
        NotAllowed: not the owner.
    """
    conversation = _owned(conversation_id, user)
    _close_open_ticket(conversation_id, "given_back")
    text = f"{outbox.display_name(user)} left the chat. The assistant, which is a computer program, answers again."
    _move(conversation, Status.ASSISTANT, None, system_line(conversation, text))
    return conversation


@transaction.atomic
def close(*, conversation_id: str, user: Any, outcome: str) -> Conversation:
    """Ends the conversation; a later message of the patient's opens it again.

    Raises:
        NotAllowed: not the owner.
    """
    conversation = _owned(conversation_id, user)
    _close_open_ticket(conversation_id, outcome)
    text = f"{outbox.display_name(user)} closed the chat. You can write again at any time."
    _move(conversation, Status.CLOSED, None, system_line(conversation, text))
    return conversation


def _close_open_ticket(conversation_id: str, outcome: str) -> None:
    ticket = open_ticket_of(conversation_id)
    if ticket:
        close_ticket(ticket=ticket, outcome=outcome)


@transaction.atomic
def mark_staff_seen(*, conversation_id: str, user: Any, seq: int) -> None:
    """Notes how far the owner has read, and tells the patient. Only the owner's reading counts; it never goes back."""
    conversation = _owned(conversation_id, user)
    if conversation.staff_seen_seq < seq <= conversation.last_seq:
        conversation.staff_seen_seq = seq
        conversation.save(update_fields=["staff_seen_seq"])
        outbox.tell([outbox.push(conversation_id, type="seen", seq=seq)])


def staff_typing(*, conversation_id: str, user: Any) -> None:
    """Shows the patient that somebody is writing; not stored, and lost where nobody listens.

    Raises:
        NotAllowed: not the owner.
    """
    if not Conversation.objects.filter(id=conversation_id, owner=user).exists():
        raise NotAllowed("Take this conversation first.")
    event = {"type": "transient", "frame": {"type": "typing", "author": "staff"}}
    async_to_sync(get_channel_layer().group_send)(f"conversation.{conversation_id}", event)
