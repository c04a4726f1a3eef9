"""What a patient writes beside messages: a comment, a reason, a name. It is screened like a message (S-4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from api.edge import address, bearer, parse_object, readable
from conversations import flow
from conversations.flow import Outcome
from conversations.storing import Incoming
from lib import ids
from lib.problem import Problem


def of_feedback(raw: bytes) -> list[str]:
    """The comment; the whole body where it is not what the call takes."""
    body = _object(raw)
    if body is None or set(body) - {"helpful", "comment"} or not _is_text(body.get("comment")):
        return [readable(raw)]
    return [body.get("comment") or ""]


def of_escalation(raw: bytes) -> list[str]:
    """The reason and the contact's name; the whole body where it is not what the call takes."""
    body = _object(raw)
    contact = {} if body is None else body.get("contact") or {}
    if body is None or set(body) - {"share", "reason", "contact"} or not isinstance(contact, dict):
        return [readable(raw)]
    texts = [body.get("reason"), contact.get("name")]
    if set(contact) - {"name", "email", "phone", "consent"} or not all(map(_is_text, texts)):
        return [readable(raw)]
    # Neither of the other two has room for words that pass its check, but a refused one may hold them.
    return [text for text in (*texts, contact.get("email"), contact.get("phone")) if isinstance(text, str)]


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        return parse_object(raw)
    except Problem:
        return None


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


async def card_for(request: HttpRequest, conversation_id: str, texts: Sequence[str]) -> Outcome | None:
    """Screens words and, where the screen fires, takes the first such text the way of a message.

    Args:
        request: with the patient's token, which only decides whether it is stored.
        conversation_id: of the address.
        texts: as they were sent.

    Returns:
        What a message with this text would have brought; None where the screen does not fire.
    """
    for text in map(flow.clean, texts):
        verdict = await flow.screen_text(text)
        if verdict.tier != "none":
            incoming = Incoming(conversation_id, bearer(request), text, client_message_id=_id_of(request, text))
            return await flow.receive(incoming, verdict, address=address(request))
    return None


def _id_of(request: HttpRequest, text: str) -> str:
    """These calls have no client_message_id: the same words to the same address are one message (S-12)."""
    return str(UUID(ids.hash_words(f"{request.path}\n{text}")[:32]))
