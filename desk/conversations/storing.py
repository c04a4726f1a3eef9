"""The database half of a message's way: two short transactions, one before the assistant is asked and one after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from safety import Verdict, render_card, screen

from conversations import outbox, texts
from conversations.consent import typed_choice
from conversations.errors import OtherText, UnknownChoice
from conversations.models import SAFETY_KINDS, Author, Choice, Conversation, Kind, Message, Outbox, Status
from conversations.render import Reply, message_json, person_choice, store_choices
from conversations.selectors import clinic_telephone
from conversations.writing import append, lock, message_rows, save
from lib import clock, ids
from privacy.masking import describe, mask
from tickets.selectors import is_staff_online
from tickets.services import LEVEL_OF_TIER, Sign, open_ticket

WINDOW = timedelta(minutes=10)
EMPTY_CONTEXT: dict[str, Any] = {"condition": None, "topic": None, "pending": [], "asked": False, "recent": []}
MAX_TEXT_CHARS = 2_000
# Said when the patient has turned to a condition that we hold no answers about.
LEFT = "utter_condition_not_covered"
# SAFETY section 4: after this many failed answers in a row a person is offered.
FAILED_FOR_PERSON = 2


@dataclass(frozen=True)
class Incoming:
    """What a patient sent. Either text or choice; both may be empty only if the screen fired on a broken body."""

    conversation_id: str
    token: str
    text: str = ""
    choice: str = ""
    client_message_id: str | None = None


@dataclass
class Stored:
    """What the first transaction left: the messages so far, and whether the assistant is to be asked."""

    status: str
    messages: list[dict[str, Any]]
    message: Message
    seq: int
    ask: bool = False
    text: str = ""
    payload: dict[str, Any] | None = None
    context: dict[str, Any] = field(default_factory=dict)
    first: bool = True
    verdict: Verdict = field(default_factory=Verdict)
    region: str | None = None
    # The conversation's last number when this was read: 0 where that is not known.
    last_seq: int = 0


def find_conversation(conversation_id: str, token: str) -> Conversation | int:
    """The conversation that this token opens, else 401 (no such token) or 404 (another conversation's token) (X-1)."""
    if not token:
        return 401
    found = Conversation.objects.filter(token_hash=ids.hash_token(token)).first()
    if found is None:
        return 401
    if found.id != conversation_id or found.deleted_by_patient_at:
        return 404
    return found


def open_conversation(incoming: Incoming) -> tuple[Conversation | int, bool]:
    """As `find_conversation`; and whether this very message, id and words, is stored already."""
    found = find_conversation(incoming.conversation_id, incoming.token)
    return found, not isinstance(found, int) and _earlier(found, incoming)[1]


@transaction.atomic
def store_message(incoming: Incoming, verdict: Verdict, *, salvaged: bool = False) -> Stored:
    """Stores what the patient sent, with the card, ticket and alert where the screen fired.

    Args:
        incoming: from an authenticated patient.
        verdict: of the text alone; with the messages before it is screened once more here (S-4).
        salvaged: the request is refused, only the card and ticket matter: an id that was used for other words is left
            out. The same words under the same id are one message here too (S-12).

    Raises:
        OtherText, UnknownChoice: see there.
        DatabaseError: nothing was stored.
    """
    conversation = lock(incoming.conversation_id)
    earlier, same = _earlier(conversation, incoming)
    if earlier and same:
        return _again(conversation, earlier, incoming)
    if earlier and not salvaged:
        raise OtherText
    chosen = _resolve(conversation, incoming.choice) if incoming.choice else None
    masked = mask(chosen.label if chosen else incoming.text[:MAX_TEXT_CHARS], conversation.region or None)
    if verdict.tier == "none" and incoming.text:
        verdict = _with_recent(conversation, incoming.text, verdict)
        if verdict.tier == "none" and conversation.status == Status.ASSISTANT:
            chosen = _use(typed_choice(conversation, incoming.text, conversation.last_seq))
    rows: list[Outbox] = []
    if conversation.status == Status.CLOSED:
        conversation.status, conversation.closed_at = Status.ASSISTANT, None
        # Saved at once: the database lets the assistant speak again only in an open conversation.
        conversation.save(update_fields=["status", "closed_at"])
        rows += outbox.status_rows(conversation)
    message = append(
        conversation,
        author=Author.PATIENT,
        text=masked.text,
        client_message_id=None if earlier else incoming.client_message_id,
        client_hash=ids.hash_words(incoming.choice or incoming.text),
        tier=verdict.tier,
        rule_ids=list(verdict.rule_ids),
    )
    replies = []
    if masked.kinds:
        replies.append(append(conversation, author=Author.SYSTEM, text=describe(masked.kinds), reply_to=message))
    stored = Stored(
        status=conversation.status,
        messages=[],
        message=message,
        seq=message.seq,
        text=masked.text,
        payload=chosen.payload if chosen else None,
        context=dict(conversation.context),
        first=not conversation.context.get("answered"),
        verdict=verdict,
        region=conversation.region or None,
    )
    if verdict.tier != "none":
        replies.append(_put_card(conversation, message, verdict, "A", rows))
    elif chosen and "action" in chosen.payload:
        pass  # the desk's own choices are done by flow.py, in a transaction of their own
    elif conversation.status == Status.WAITING_FOR_STAFF:
        replies.append(_added_line(conversation, message))
    elif conversation.status == Status.ASSISTANT:
        stored.ask = True
    _remember_words(conversation, masked.text)
    save(conversation, "context", "shared_at")
    outbox.tell([*rows, *message_rows(conversation, message, *replies)])
    stored.last_seq = conversation.last_seq
    stored.messages = [message_json(m) for m in (message, *replies)]
    return stored


def _earlier(conversation: Conversation, incoming: Incoming) -> tuple[Message | None, bool]:
    """The message that has this id already, and whether it says the same."""
    client_id = incoming.client_message_id
    if not client_id:
        return None, False
    earlier = Message.objects.filter(conversation=conversation, client_message_id=client_id).first()
    same = earlier is not None and earlier.client_hash == ids.hash_words(incoming.choice or incoming.text)
    return earlier, same


def _again(conversation: Conversation, message: Message, incoming: Incoming) -> Stored:
    """What was answered before. The assistant is asked, or the choice done, only if no answer was stored then."""
    replies = list(message.replies.order_by("seq").prefetch_related("choices"))
    answered = [m for m in replies if not (m.author == Author.SYSTEM and m.kind == Kind.TEXT)]
    chosen = None
    if not answered and incoming.choice:
        chosen = Choice.objects.filter(id=incoming.choice, message__conversation=conversation).first()
    elif not answered:
        chosen = typed_choice(conversation, incoming.text, message.seq - 1, used=True)
    return Stored(
        status=conversation.status,
        messages=[message_json(m) for m in (message, *replies)],
        message=message,
        seq=message.seq,
        ask=not answered and conversation.status == Status.ASSISTANT and conversation.last_seq - message.seq <= 1,
        text=message.text,
        payload=chosen.payload if chosen else None,
        context=dict(conversation.context),
        first=not conversation.context.get("answered"),
        region=conversation.region or None,
    )


def _resolve(conversation: Conversation, choice_id: str) -> Choice:
    choice = Choice.objects.filter(id=choice_id, message__conversation=conversation).first()
    if choice is None or (choice.used_at and "action" in choice.payload):
        # What changes something happens once; a topic may be read again.
        raise UnknownChoice
    _use(choice)
    return choice


def _use(choice: Choice | None) -> Choice | None:
    if choice and choice.used_at is None:
        choice.used_at = clock.now()
        choice.save(update_fields=["used_at"])
    return choice


def _with_recent(conversation: Conversation, text: str, verdict: Verdict) -> Verdict:
    """S-4: the patient's last messages of ten minutes are read together with this one."""
    since = clock.now() - WINDOW
    recent = Message.objects.filter(conversation=conversation, author=Author.PATIENT, created_at__gte=since)
    words = list(recent.order_by("-seq").values_list("text", flat=True)[:3])
    return screen(text, words[::-1]) if words else verdict


def _remember_words(conversation: Conversation, text: str) -> None:
    context = {**EMPTY_CONTEXT, **conversation.context}
    context["recent"] = [*context["recent"], text[:MAX_TEXT_CHARS]][-3:]
    conversation.context = context


def level_of(verdict: Verdict) -> str:
    """The level of the ticket for a verdict; past self-harm only is P2 (SAFETY 1.2)."""
    return "P2" if verdict.soft else str(LEVEL_OF_TIER[verdict.tier])


def _put_card(
    conversation: Conversation, message: Message, verdict: Verdict, layer: str, rows: list[Outbox]
) -> Message:
    """The card, and the ticket behind it (S-10: a second one within ten minutes is short)."""
    level = level_of(verdict)
    shares = level in ("P0", "P1") and conversation.shared_at is None
    repeat = _was_shown(conversation, verdict.tier)
    online = is_staff_online(now=clock.now())
    card = render_card(
        verdict=verdict,
        region=conversation.region or None,
        repeat=repeat,
        clinic_phone=clinic_telephone(),
        staff_alerted=online and not repeat,
    )
    lines = [card.text]
    if not repeat and not online:
        lines.append(texts.NOBODY_ONLINE)
    if shares:
        lines.append(texts.SHARED_FOR_SAFETY)
        conversation.shared_at = clock.now()
        rows += outbox.status_rows(conversation)
    sign = Sign(level, verdict.tier, verdict.tier, verdict.rule_ids, verdict.matched, layer, message.seq)
    open_ticket(conversation=conversation, sign=sign, rows=rows)
    body = {"actions": card.actions, "card_id": card.card_id, "version": card.version}
    return put_reply(conversation, message, Reply(card.kind, "\n\n".join(lines), body), tier=verdict.tier)


def _was_shown(conversation: Conversation, kind: str) -> bool:
    since = clock.now() - WINDOW
    last = Message.objects.filter(conversation=conversation, kind=kind, created_at__gte=since).order_by("-seq").first()
    return last is not None and "cleared_at" not in last.body


def put_reply(conversation: Conversation, to: Message, reply: Reply, **fields: Any) -> Message:
    """Adds a reply with its choices to a locked conversation; by the assistant, unless `author` says otherwise."""
    author = fields.pop("author", Author.ASSISTANT)
    name = texts.ASSISTANT_NAME if author == Author.ASSISTANT else ""
    made = append(
        conversation,
        author=author,
        author_name=name,
        kind=reply.kind,
        text=reply.text,
        body=reply.body,
        reply_to=to,
        **fields,
    )
    store_choices(made, reply.choices)
    return made


def _added_line(conversation: Conversation, message: Message) -> Message:
    choices = [(texts.ASSISTANT_INSTEAD, {"action": "back_to_assistant"})]
    reply = Reply(Kind.HANDOFF, texts.ADDED_FOR_TEAM, choices=choices)
    return put_reply(conversation, message, reply, author=Author.SYSTEM)


@transaction.atomic
def store_reply(
    stored: Stored, conversation_id: str, reply: Reply | Verdict, turn: dict[str, Any] | None
) -> tuple[str, list[dict[str, Any]]]:
    """Stores the assistant's reply, if the assistant may still speak.

    Args:
        stored: of the first transaction.
        reply: what to say; a verdict (of layer B) puts a card there instead (S-7).
        turn: the checked turn, for the console and the context; None where Rasa gave none.

    Returns:
        Status, and the replies as the API shows them; none where a person took over meanwhile.
    """
    conversation = lock(conversation_id)
    message = stored.message
    if conversation.last_seq != stored.last_seq:
        # Something was said meanwhile, perhaps this very answer to a retry of the same message.
        said = list(message.replies.exclude(author=Author.SYSTEM, kind=Kind.TEXT).prefetch_related("choices"))
        if said:
            return conversation.status, [message_json(m) for m in said]
    if conversation.status != Status.ASSISTANT and not isinstance(reply, Verdict):
        return conversation.status, []
    rows: list[Outbox] = []
    if isinstance(reply, Verdict):
        made = _put_card(conversation, message, reply, "B", rows)
    else:
        _offer_person(conversation, reply)
        made = put_reply(conversation, message, reply)
    if turn is not None:
        message.turn = {"questions": turn["questions"], "kind": turn["kind"], "tier": turn["tier"]}
        message.save(update_fields=["turn"])
    _update_context(conversation, made, turn)
    save(conversation, "context", "shared_at", "failed_answers")
    outbox.tell([*rows, *message_rows(conversation, made)])
    return conversation.status, [message_json(made)]


def _offer_person(conversation: Conversation, reply: Reply) -> None:
    """After two failed answers in a row a person is offered. No ticket is opened before the patient agrees (S-19)."""
    failed = conversation.failed_answers + _has_failed(conversation, reply.kind)
    if failed >= FAILED_FOR_PERSON and _has_failed(conversation, reply.kind) and person_choice() not in reply.choices:
        reply.choices.append(person_choice())


def _has_failed(conversation: Conversation, kind: str) -> bool:
    """Whether a reply leaves the question unanswered: asking back once is help, asking back twice is not."""
    return kind in (Kind.FALLBACK, Kind.OUT_OF_SCOPE) or (
        kind == Kind.CLARIFY and bool(conversation.context.get("asked"))
    )


def _update_context(conversation: Conversation, made: Message, turn: dict[str, Any] | None) -> None:
    context = {**EMPTY_CONTEXT, **conversation.context}
    if _has_failed(conversation, made.kind):
        conversation.failed_answers += 1
    elif made.kind in (Kind.ANSWER, Kind.CLINICIAN):
        conversation.failed_answers = 0
        context["answered"] = True
    if turn is not None and made.kind not in SAFETY_KINDS:
        if LEFT in turn["lines"]:
            # "It" now means something that we hold nothing about.
            context["condition"] = context["topic"] = None
        for question in turn["questions"][-1:]:
            context["condition"] = question["condition"] or context["condition"]
            context["topic"] = question["topic"] or context["topic"]
        context["pending"] = turn["choices"][:12]
        context["asked"] = turn["kind"] == Kind.CLARIFY
    conversation.context = context
