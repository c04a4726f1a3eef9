"""From bytes to a message: what can be read is read for the screen, whatever else is wrong with it (S-4)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from api.edge import as_uuid, check_fields, parse_object, readable
from conversations.flow import clean
from conversations.storing import MAX_TEXT_CHARS, Incoming
from lib.problem import Problem

# An id as lib/ids.py makes them. Anything else in its place may be somebody's words, and is screened.
CHOICE = re.compile(r"[A-Za-z0-9_\-]{16,64}")
FIELDS: dict[str, type] = {"text": str, "choice": str, "client_message_id": str}


@dataclass(frozen=True)
class Read:
    """What was sent: the words to screen, the message, and what is wrong with it."""

    words: str
    incoming: Incoming
    problem: Problem | None


def read_message(raw: bytes, over: bool, *, conversation_id: str, token: str, extra: tuple[str, ...] = ()) -> Read:
    """Reads a message from a body or a frame. Never raises.

    Args:
        raw: at most 64 KB.
        over: there was more than that.
        conversation_id, token: of the caller.
        extra: further fields that may stand in it (the frame's `type`).
    """
    problem: Problem | None = None
    body: dict[str, Any] = {}
    try:
        body = parse_object(raw)
    except Problem as found:
        problem = found
    text = body.get("text")
    words = clean(text) if isinstance(text, str) else clean(readable(raw))
    if problem is None:
        problem = _fault({k: v for k, v in body.items() if k not in extra})
    if isinstance(text, str) and set(body) - {*FIELDS, *extra}:
        words = clean(readable(raw))
    if over or (isinstance(text, str) and len(text) > MAX_TEXT_CHARS):
        problem = Problem(413)
    choice = body.get("choice") if problem is None else None
    if choice and problem is None:
        words = ""
    incoming = Incoming(
        conversation_id, token, "" if choice else words, choice or "", as_uuid(body.get("client_message_id"))
    )
    return Read(words, incoming, problem)


def _fault(body: dict[str, Any]) -> Problem | None:
    try:
        check_fields(body, FIELDS, ("client_message_id",))
    except Problem as problem:
        return problem
    errors = []
    if as_uuid(body["client_message_id"]) is None:
        errors.append(("client_message_id", "This is not a UUID."))
    text, choice = body.get("text"), body.get("choice")
    if (text is None) == (choice is None):
        errors.append(("text", "Send either text or choice."))
    elif text is not None and not clean(text).strip():
        errors.append(("text", "The text is empty."))
    elif choice is not None and not CHOICE.fullmatch(choice):
        errors.append(("choice", "This choice was not offered in this conversation."))
    return Problem(422, tuple(errors)) if errors else None


def dump(frame: dict[str, Any]) -> str:
    """A frame or body as JSON text."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
