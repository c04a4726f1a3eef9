"""The way of a message, shared by HTTP and the socket: screen, mask, store, ask, guard, render, store.

Each step may fail without silencing the ones before it: the screen needs nothing, the card needs no database, and an
ordinary message gets an honest line where the assistant is gone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from knowledge import KnowledgeError
from safety import Verdict, check_turn, render_card, screen

from conversations import assistant, escalating, render, spool, storing, texts
from conversations.errors import OtherText, UnknownChoice
from conversations.models import Conversation
from conversations.render import Reply
from conversations.storing import Incoming, Stored
from lib import clock, ids, rates
from lib.problem import Problem
from lib.threads import in_thread

log = logging.getLogger(__name__)
DATABASE_ERRORS = (DatabaseError, InterfaceError)
TIERS = ("none", "urgent", "safeguarding", "crisis", "emergency")
# Longer texts are screened off the event loop: 64 KB may take 200 ms.
MAX_CHARS_ON_LOOP = 4_000
# Told right after the patient's message is stored, before the assistant is asked. Must not raise.
OnStored = Callable[[Stored], Awaitable[None]]


@dataclass
class Outcome:
    """What goes back to the patient.

    Attributes:
        messages: as the API shows them.
        status: of the conversation.
        seq: of the patient's stored message; None where nothing was stored, and then nothing is acknowledged.
        problem: why it was refused; with a card it is not shown over HTTP.
    """

    messages: list[dict[str, Any]] = field(default_factory=list)
    status: str = "assistant"
    seq: int | None = None
    problem: Problem | None = None


async def screen_text(text: str) -> Verdict:
    """The screen, before everything else (S-2)."""
    if len(text) <= MAX_CHARS_ON_LOOP:
        return screen(text)
    return await in_thread(screen, text)


def clean(text: str) -> str:
    """The text without NUL and lone surrogates, which no database takes."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


async def receive(
    incoming: Incoming,
    verdict: Verdict,
    *,
    problem: Problem | None = None,
    address: str = "",
    on_stored: OnStored | None = None,
) -> Outcome:
    """Takes one message of a patient all the way.

    Args:
        incoming: what was sent, cleaned.
        verdict: of `screen_text`.
        problem: what is wrong with the request already; then only a card is shown and stored.
        address: the client's network address, for the rate limit.
        on_stored: told what is stored, with the card if there is one, while the assistant is still thinking.

    Returns:
        The outcome; a card is always in it where the screen fired.
    """
    takeover = verdict.tier != "none"
    try:
        found, known = await in_thread(storing.open_conversation, incoming)
    except DATABASE_ERRORS:
        return _unstored(incoming, verdict, Problem(503, retry_after=2), settings.ENV.region)
    if isinstance(found, int):
        return unsaved_card(verdict, settings.ENV.region, problem=Problem(found))
    # What is stored already is only answered again: no retry is refused for its number.
    limited = None if known else _rate_problem(incoming.conversation_id, address)
    problem = problem or limited
    if problem and not takeover:
        return Outcome(status=found.status, problem=problem)
    try:
        return await _store_and_answer(incoming, verdict, salvaged=problem is not None, on_stored=on_stored)
    except OtherText:
        if takeover:
            return await _salvage(incoming, verdict, on_stored)
        return Outcome(status=found.status, problem=Problem(409))
    except UnknownChoice:
        said = await _said_in_choice(incoming)
        if said:
            return await _salvage(*said, on_stored)
        wrong = (("choice", "This choice was not offered in this conversation."),)
        return Outcome(status=found.status, problem=Problem(422, wrong))
    except Conversation.DoesNotExist:
        return unsaved_card(verdict, found.region, problem=Problem(404))
    except DATABASE_ERRORS:
        return _unstored(incoming, verdict, Problem(503, retry_after=2), found.region, found.status)
    except Exception:
        if not takeover:
            raise
        # S-5: a fault of ours must not cost the patient the card.
        log.exception("a message with a card could not be stored")
        return _unstored(incoming, verdict, Problem(500), found.region, found.status)


async def _said_in_choice(incoming: Incoming) -> tuple[Incoming, Verdict] | None:
    """What was sent as a choice and is none may be somebody's words (S-4): as text, if the screen fires on it."""
    words = re.sub(r"[_\-]+", " ", incoming.choice)
    verdict = await screen_text(words)
    return (replace(incoming, text=words, choice=""), verdict) if verdict.tier != "none" else None


async def _salvage(incoming: Incoming, verdict: Verdict, on_stored: OnStored | None) -> Outcome:
    try:
        return await _store_and_answer(incoming, verdict, salvaged=True, on_stored=on_stored)
    except DATABASE_ERRORS:
        return _unstored(incoming, verdict, Problem(503, retry_after=2), settings.ENV.region)


def _rate_problem(conversation_id: str, address: str) -> Problem | None:
    env = settings.ENV
    wait = rates.take("conversation", conversation_id, env.rate_per_conversation)
    wait = max(wait, rates.take("address", address, env.rate_per_address))
    return Problem(429, retry_after=wait) if wait else None


def unsaved_card(verdict: Verdict, region: str | None, *, problem: Problem, status: str = "assistant") -> Outcome:
    """The card of a message that is not stored. Sequence number 0 says so.

    Args:
        verdict: without a tier there is no card.
        region: of the conversation, else the deployment's; none of it shows every common number.
        problem: why it is not stored.
        status: of the conversation.
    """
    if verdict.tier == "none":
        return Outcome(status=status, problem=problem)
    card = render_card(verdict=verdict, region=region or None)
    message = {
        "seq": 0,
        "author": "assistant",
        "author_name": texts.ASSISTANT_NAME,
        "kind": card.kind,
        "text": card.text,
        "lang": "en",
        "dir": "ltr",
        "answers": [],
        "caveats": [],
        # Without a stored card there is nothing to clear.
        "actions": [action for action in card.actions if action["type"] != "clear"],
        "choices": [],
        "created_at": clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    return Outcome([message], status, None, problem)


def _unstored(
    incoming: Incoming, verdict: Verdict, problem: Problem, region: str | None, status: str = "assistant"
) -> Outcome:
    """The database did not take it: the safety event goes to the spool, and the client is told to send again."""
    if verdict.tier != "none" and incoming.token:
        spool.append(
            {
                "conversation_id": incoming.conversation_id,
                "token_hash": ids.hash_token(incoming.token),
                "tier": verdict.tier,
                "level": storing.level_of(verdict),
                "rule_ids": list(verdict.rule_ids),
                "client_message_id": incoming.client_message_id,
                "layer": "A",
            }
        )
    return unsaved_card(verdict, region, problem=problem, status=status)


async def _store_and_answer(
    incoming: Incoming, verdict: Verdict, *, salvaged: bool, on_stored: OnStored | None
) -> Outcome:
    stored = await in_thread(storing.store_message, incoming, verdict, salvaged=salvaged)
    if on_stored:
        await on_stored(stored)
    outcome = Outcome(stored.messages, stored.status, stored.seq)
    try:
        status, more = await _answer(stored, incoming.conversation_id)
    except DATABASE_ERRORS:
        # The words are stored; the answer could not be. The client sends the same id again and gets it then.
        log.error("a reply could not be stored")
        reply = render.fallback(texts.ASSISTANT_DOWN, stored.region)
        status, more = stored.status, [_unsaved_fallback(reply)]
    outcome.status = status
    outcome.messages = [*stored.messages, *more]
    return outcome


def _unsaved_fallback(reply: Reply) -> dict[str, Any]:
    shown = unsaved_card(Verdict(tier="emergency"), None, problem=Problem(503)).messages[0]
    return {**shown, "kind": reply.kind, "text": reply.text, "actions": []}


async def _answer(stored: Stored, conversation_id: str) -> tuple[str, list[dict[str, Any]]]:
    action = (stored.payload or {}).get("action")
    if action == "talk_to_person":
        return await in_thread(escalating.offer_to_share, stored, conversation_id)
    if action == "share":
        return await in_thread(escalating.escalate, conversation_id, reply_to=stored.message.pk)
    if action == "back_to_assistant":
        return await in_thread(escalating.back_to_assistant, stored, conversation_id)
    if not stored.ask:
        return stored.status, []
    reply, turn = await _ask(stored, conversation_id)
    if turn is not None and turn["kind"] == "handoff" and not isinstance(reply, Verdict):
        return await in_thread(escalating.offer_to_share, stored, conversation_id)
    return await in_thread(_render_and_store, stored, conversation_id, reply, turn)


def _render_and_store(
    stored: Stored, conversation_id: str, reply: Reply | Verdict | None, turn: dict[str, Any] | None
) -> tuple[str, list[dict[str, Any]]]:
    """In a database thread: answers about the clinic are rendered from its stored profile."""
    if reply is None:
        reply = render.render_turn(turn or {}, region=stored.region, first=stored.first, footer=stored.verdict.footer)
    return storing.store_reply(stored, conversation_id, reply, turn)


async def _ask(stored: Stored, conversation_id: str) -> tuple[Reply | Verdict | None, dict[str, Any] | None]:
    """Asks Rasa; layer B's tier comes before every answer (S-7).

    Returns:
        What to say, None where the turn is to be rendered; and the checked turn, if there is one.
    """
    region = stored.region
    try:
        context = {name: stored.context.get(name, default) for name, default in storing.EMPTY_CONTEXT.items()}
        words: dict[str, Any] = {"choice": stored.payload} if stored.payload else {"text": stored.text}
        raw = await assistant.ask(conversation_id=conversation_id, context={**context, "region": region}, **words)
    except assistant.AssistantDown as error:
        log.warning("the assistant is down: %s", error)
        return render.fallback(texts.ASSISTANT_DOWN, region), None
    tier = raw.get("tier") if isinstance(raw, dict) else None
    if isinstance(raw, dict) and tier not in TIERS:
        # A verdict that cannot be read counts as urgent: better one card too many (S-5, S-7).
        log.error("S-7: the assistant sent no readable tier")
        return Verdict(tier="urgent", classes=("C3",), rule_ids=("layer_b_unreadable",)), None
    try:
        turn = _checked(raw)
    except (KnowledgeError, OSError, ValueError) as error:
        log.error("the knowledge could not be read: %s", type(error).__name__)
        turn = None
    if isinstance(tier, str) and tier != "none":
        return Verdict(tier=tier, classes=(), rule_ids=("layer_b",)), turn
    if turn is None:
        return render.fallback(texts.ASSISTANT_DOWN, region), None
    return None, turn


def _checked(raw: Any) -> dict[str, Any] | None:
    """S-8: only ids that we know pass; anything else is dropped and reported, without what it said."""
    content = render.pack()
    checked = check_turn(
        raw,
        known_lines=content.lines.texts.keys(),
        known_answers=content.store.answers.keys(),
        known_topics=content.store.topics.keys(),
        known_conditions=None,
    )
    if checked.dropped:
        log.error("S-8: dropped from a turn: %s", "; ".join(checked.dropped))
    return checked.turn
