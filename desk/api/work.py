"""The database work of the calls: one transaction each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from safety import emergency_line

from conversations import outbox, texts
from conversations.models import SAFETY_KINDS, Author, Conversation, Feedback, Message, Outbox, Status
from conversations.render import greeting, message_json, store_choices
from conversations.selectors import state_fields
from conversations.storing import EMPTY_CONTEXT
from conversations.writing import append, lock, message_rows, save
from lib import clock, ids
from lib.problem import Problem
from privacy.masking import mask
from tickets.models import Level
from tickets.selectors import open_ticket_of
from tickets.services import note_clearance

# A quiet chat with the assistant ends after this time; the worker closes it.
IDLE = timedelta(hours=24)


@transaction.atomic
def create_conversation(region: str, locale: str) -> dict[str, Any]:
    """A new conversation with its greeting; the token is never readable again."""
    token = ids.new_token()
    conversation = Conversation.objects.create(
        id=ids.new_id(), token_hash=ids.hash_token(token), region=region, locale=locale, context=dict(EMPTY_CONTEXT)
    )
    hello = greeting(region or None)
    message = append(
        conversation,
        author=Author.ASSISTANT,
        author_name=texts.ASSISTANT_NAME,
        kind=hello.kind,
        text=hello.text,
        body=hello.body,
    )
    store_choices(message, hello.choices)
    save(conversation)
    return {
        "conversation_id": conversation.id,
        "token": token,
        "status": conversation.status,
        "messages": [message_json(message)],
    }


def describe(conversation: Conversation) -> dict[str, Any]:
    """As contracts/conversation.json."""
    shown = {
        "conversation_id": conversation.id,
        "status": conversation.status,
        "last_seq": conversation.last_seq,
        **state_fields(conversation),
    }
    if conversation.status == Status.ASSISTANT and open_ticket_of(conversation.id) is None:
        shown["closes_at"] = _iso(conversation.last_activity_at + IDLE)
    return shown


def _iso(moment: Any) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def messages_after(conversation_id: str, after: int) -> list[dict[str, Any]]:
    """The messages with a greater sequence number, in order."""
    found = Message.objects.filter(conversation_id=conversation_id, seq__gt=after).order_by("seq")
    return [message_json(m) for m in found.prefetch_related("choices")]


@transaction.atomic
def erase(conversation_id: str) -> tuple[dict[str, Any], bool]:
    """Erases a conversation, or, with a P0 to P2 ticket open, takes it from the patient's devices at once.

    Returns:
        The receipt, and whether it is erased now.
    """
    conversation = lock(conversation_id)
    ticket = open_ticket_of(conversation_id)
    receipt = ids.new_id()
    now = clock.now()
    if ticket and ticket.level <= Level.P2:
        conversation.deleted_by_patient_at = now
        # The key no longer opens anything; an unguessable hash of nothing takes its place.
        conversation.token_hash = ids.hash_token(ids.new_token())
        conversation.save(update_fields=["deleted_by_patient_at", "token_hash"])
        outbox.tell(outbox.status_rows(conversation))
        kept = ["The clinic's team keeps this chat until the open safety alert is closed. It is erased then."]
        return {"receipt": receipt, "kept": kept}, False
    if conversation.status != Status.ASSISTANT or ticket:
        payload = {"type": "conversation", "conversation_id": conversation_id, "status": "closed", "owner_name": None}
        Outbox.objects.create(kind=outbox.STAFF_PUSH, payload=payload)
    conversation.delete()
    outbox.tell([outbox.erased(conversation_id)])
    return {"receipt": receipt, "erased_at": _iso(now), "kept": []}, True


@transaction.atomic
def clear_card(conversation_id: str, seq: int) -> tuple[str, list[dict[str, Any]]]:
    """Drops one card; the next screen is untouched, the ticket stays open for staff (S-11).

    Raises:
        Problem: 404 if there is no card with this number.
    """
    conversation = lock(conversation_id)
    card = Message.objects.filter(conversation=conversation, seq=seq, kind__in=SAFETY_KINDS).first()
    if card is None:
        raise Problem(404)
    if "cleared_at" in card.body:
        return conversation.status, []
    card.body = {**card.body, "cleared_at": _iso(clock.now())}
    card.save(update_fields=["body"])
    ticket = open_ticket_of(conversation_id)
    if ticket:
        note_clearance(ticket=ticket)
    text = f"{texts.CLEARED} {emergency_line(conversation.region or None)}"
    line = append(conversation, author=Author.SYSTEM, text=text)
    save(conversation)
    outbox.tell(message_rows(conversation, line))
    return conversation.status, [message_json(line)]


@transaction.atomic
def give_feedback(conversation_id: str, seq: int, helpful: bool, comment: str) -> None:
    """Whether an answer helped; a second time replaces the first.

    Raises:
        Problem: 404 if the assistant wrote no such message.
    """
    message = Message.objects.filter(conversation_id=conversation_id, seq=seq, author=Author.ASSISTANT).first()
    if message is None:
        raise Problem(404)
    values = {"helpful": helpful, "comment": mask(comment).text}
    Feedback.objects.update_or_create(message=message, defaults=values)


@transaction.atomic
def note_seen(conversation_id: str, seq: int) -> None:
    """How far the patient has read; it never goes back."""
    conversation = lock(conversation_id)
    seen = min(seq, conversation.last_seq)
    if seen > conversation.patient_seen_seq:
        conversation.patient_seen_seq = seen
        conversation.save(update_fields=["patient_seen_seq"])


@transaction.atomic
def keep_alive(conversation_id: str) -> str:
    """Puts off the closing of a quiet chat; says until when."""
    conversation = lock(conversation_id)
    save(conversation)
    return _iso(conversation.last_activity_at + IDLE)


def transcript_text(conversation_id: str) -> str:
    """The conversation as plain text, with sources and caveats."""
    parts = []
    for message in Message.objects.filter(conversation_id=conversation_id).order_by("seq"):
        who = {"patient": "You", "assistant": "Assistant (a computer program)", "system": "Note"}
        name = who.get(message.author) or f"{message.author_name} (staff)"
        parts.append(f"{message.created_at:%Y-%m-%d %H:%M} UTC, {name}:\n{message.text}\n")
    return "\n".join(parts)
