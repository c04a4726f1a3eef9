"""A patient's way to a person and back: offered, agreed to, left. Nobody reads before the patient agrees (S-19)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from conversations import outbox, texts
from conversations.models import Author, Conversation, Kind, Message, Outbox, Status
from conversations.render import Reply, message_json, store_choices
from conversations.storing import FAILED_FOR_PERSON, Stored, put_reply
from conversations.writing import append, lock, message_rows, save
from lib import clock, ids
from privacy.masking import describe, mask
from tickets.models import Contact, Level
from tickets.selectors import availability, expected, open_ticket_of
from tickets.services import Sign, close_ticket, open_ticket


@transaction.atomic
def offer_to_share(stored: Stored, conversation_id: str) -> tuple[str, list[dict[str, Any]]]:
    """Asks whether staff may read the chat: nobody sees it before the patient agrees (S-19)."""
    conversation = lock(conversation_id)
    message = stored.message
    text = f"{texts.ASK_TO_SHARE}\n\n{availability(now=clock.now())['text']}"
    choices = [(texts.SHARE_CHOICE, {"action": "share"}), (texts.STAY_CHOICE, {"action": "back_to_assistant"})]
    reply = Reply(Kind.HANDOFF, text, choices=choices)
    made = put_reply(conversation, message, reply, author=Author.SYSTEM)
    save(conversation)
    outbox.tell(message_rows(conversation, made))
    return conversation.status, [message_json(made)]


@transaction.atomic
def escalate(
    conversation_id: str, *, reply_to: int | None = None, contact: dict[str, str] | None = None, reason: str = ""
) -> tuple[str, list[dict[str, Any]]]:
    """The patient asks for a person and shares the words. Twice is as once.

    Args:
        conversation_id: of an authenticated patient.
        reply_to: the message that asked for it.
        contact: with the patient's consent.
        reason: in the patient's words, screened already; it stands in the transcript as their message.

    The ticket is P4, P3 after failed answers in a row (SAFETY section 4), or the open one's level.
    """
    conversation = lock(conversation_id)
    rows: list[Outbox] = []
    if contact:
        Contact.objects.update_or_create(conversation=conversation, defaults={**contact, "consented_at": clock.now()})
    before = conversation.status
    if before == Status.CLOSED:
        conversation.status, conversation.closed_at = Status.ASSISTANT, None
        conversation.save(update_fields=["status", "closed_at"])
    news = conversation.shared_at is None
    conversation.shared_at = conversation.shared_at or clock.now()
    made = _put_reason(conversation, reason) if reason else []
    if conversation.status == Status.ASSISTANT:
        conversation.status = Status.WAITING_FOR_STAFF
        failed = conversation.failed_answers >= FAILED_FOR_PERSON
        level, reason = ("P3", "failed_answers") if failed else ("P4", "asked_for_person")
        conversation.failed_answers = 0
        sign = Sign(level, reason, message_seq=conversation.last_seq)
        ticket = open_ticket(conversation=conversation, sign=sign, rows=rows)
        text = " ".join([texts.SHARED, expected(ticket.level, now=clock.now()), texts.MAY_LEAVE])
        choices = [(texts.ASSISTANT_INSTEAD, {"action": "back_to_assistant"})]
        asked = reply_to or (made[0].pk if made else None)
        line = append(conversation, author=Author.SYSTEM, kind=Kind.HANDOFF, text=text, reply_to_id=asked)
        store_choices(line, choices)
        made.append(line)
        news = True
    if news:
        rows += outbox.status_rows(conversation)
    save(conversation, "status", "shared_at", "failed_answers")
    if made:
        rows += message_rows(conversation, *made)
    outbox.tell(rows)
    return conversation.status, [message_json(m) for m in made]


def _put_reason(conversation: Conversation, reason: str) -> list[Message]:
    """The reason as the patient's message, with a line about what was masked; nothing where it was just said."""
    client_hash = ids.hash_words(reason)
    last = Message.objects.filter(conversation=conversation, author=Author.PATIENT).order_by("-seq").first()
    if last and last.client_hash == client_hash:
        return []
    masked = mask(reason, conversation.region or None)
    made = [append(conversation, author=Author.PATIENT, text=masked.text, client_hash=client_hash)]
    if masked.kinds:
        made.append(append(conversation, author=Author.SYSTEM, text=describe(masked.kinds), reply_to=made[0]))
    return made


@transaction.atomic
def back_to_assistant(stored: Stored, conversation_id: str) -> tuple[str, list[dict[str, Any]]]:
    """The patient goes on with the assistant. A ticket that only asked for a person closes; a sign's stays open."""
    conversation = lock(conversation_id)
    message = stored.message
    if conversation.status == Status.WITH_STAFF:
        return conversation.status, []
    rows: list[Outbox] = []
    text = texts.STAY
    if conversation.status == Status.WAITING_FOR_STAFF:
        conversation.status, text = Status.ASSISTANT, texts.BACK_TO_ASSISTANT
        ticket = open_ticket_of(conversation_id)
        if ticket and ticket.tier == "none":
            close_ticket(ticket=ticket, outcome="patient_left_queue")
        if conversation.shared_at and not conversation.tickets.filter(level__lte=Level.P2).exists():
            # It was shared for this alone; what is shared for safety stays so.
            conversation.shared_at, text = None, f"{texts.BACK_TO_ASSISTANT} {texts.NO_LONGER_SHARED}"
        rows += outbox.status_rows(conversation)
    made = put_reply(conversation, message, Reply(Kind.HANDOFF, text), author=Author.SYSTEM)
    save(conversation, "status", "shared_at")
    outbox.tell([*rows, *message_rows(conversation, made)])
    return conversation.status, [message_json(made)]
