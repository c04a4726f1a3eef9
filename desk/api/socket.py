"""The patient's socket: /ws/v1/conversations/{id}. Thin: it checks, calls the flow, and sends what the outbox says."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from api.edge import MAX_BODY_BYTES, help_line
from api.incoming import dump, read_message
from api.work import messages_after, note_seen
from conversations import flow, push, storing
from conversations.models import Conversation
from conversations.selectors import state_fields
from lib import clock
from lib.addresses import client_address
from lib.origins import is_allowed
from lib.problem import TITLES, Problem
from lib.threads import in_thread
from tickets.selectors import availability

log = logging.getLogger(__name__)
AUTH_WAIT_S = 5.0
CLOSE_FORBIDDEN, CLOSE_NOT_AUTHENTICATED = 4403, 4401


class PatientSocket(AsyncWebsocketConsumer):
    """One open chat. Nothing is sent before the token was good, a safety card apart."""

    conversation_id = ""
    token = ""
    joined = False

    async def connect(self) -> None:
        """Called at the handshake."""
        headers = {name.decode("latin1").lower(): value.decode("latin1") for name, value in self.scope["headers"]}
        if not is_allowed(headers.get("origin"), headers.get("host", "")):
            await self.close(code=CLOSE_FORBIDDEN)
            return
        self.conversation_id = self.scope["url_route"]["kwargs"]["conversation_id"]
        # Several headers of one name count as one list.
        forwarded = ",".join(v.decode("latin1") for k, v in self.scope["headers"] if k.lower() == b"x-forwarded-for")
        self.address = client_address((self.scope.get("client") or ("",))[0], forwarded)
        self.sent: set[int] = set()
        self.last_status = ""
        await self.accept()
        self.timer = asyncio.get_running_loop().call_later(AUTH_WAIT_S, self._too_late)

    def _too_late(self) -> None:
        self.closing = asyncio.ensure_future(self.close(code=CLOSE_NOT_AUTHENTICATED))

    async def disconnect(self, code: int) -> None:
        """Called when the socket is gone."""
        if hasattr(self, "timer"):
            self.timer.cancel()
        push.hub().leave(self)
        if self.joined and self.channel_layer is not None:
            await self.channel_layer.group_discard(f"conversation.{self.conversation_id}", self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Called for each frame. Whatever goes wrong, the socket stays open."""
        raw = text_data.encode("utf-8", "replace") if text_data is not None else bytes_data or b""
        try:
            await self._handle(raw)
        except Problem as problem:
            await self._error(problem)
        except flow.DATABASE_ERRORS:
            await self._error(Problem(503))
        except Exception:
            log.exception("a frame could not be handled")
            await self._error(Problem(500))

    async def _handle(self, raw: bytes) -> None:
        frame = _parse(raw[:MAX_BODY_BYTES])
        kind = frame.get("type") if frame else None
        over = len(raw) > MAX_BODY_BYTES
        if kind == "auth" and not over:
            await self._auth(frame or {})
        elif kind in ("typing", "seen") and not over:
            await self._small(str(kind), frame or {})
        else:
            # Also what is no frame at all: it may hold somebody's words (S-4).
            await self._message(raw[:MAX_BODY_BYTES], over)

    async def _auth(self, frame: dict[str, Any]) -> None:
        after, token = frame.get("after"), frame.get("token")
        if set(frame) != {"type", "token", "after"} or not _is_seq(after) or not isinstance(token, str):
            raise Problem(422)
        found = await in_thread(storing.find_conversation, self.conversation_id, token)
        if isinstance(found, int):
            await self._error(Problem(found))
            await self.close(code=CLOSE_NOT_AUTHENTICATED)
            return
        self.timer.cancel()
        self.token = token
        if not self.joined:
            await push.hub().join(self, self.conversation_id, self._on_rows)
            if self.channel_layer is not None:
                await self.channel_layer.group_add(f"conversation.{self.conversation_id}", self.channel_name)
            self.joined = True
        await self._show_new(int(after or 0))
        await self._status(found)

    async def _small(self, kind: str, frame: dict[str, Any]) -> None:
        if not self.joined:
            raise Problem(401)
        if kind == "typing":
            if self.channel_layer is not None:
                shown = {"type": "typing", "conversation_id": self.conversation_id}
                await self.channel_layer.group_send("staff", {"type": "transient", "frame": shown})
        elif _is_seq(frame.get("seq")) and set(frame) == {"type", "seq"}:
            await in_thread(note_seen, self.conversation_id, frame["seq"])
        else:
            raise Problem(422)

    async def _message(self, raw: bytes, over: bool) -> None:
        read = read_message(raw, over, conversation_id=self.conversation_id, token=self.token, extra=("type",))
        problem = read.problem
        if problem is None and (_parse(raw) or {}).get("type") != "message":
            problem = Problem(422)
        verdict = await flow.screen_text(read.words)
        if problem is None and verdict.tier == "none" and self.joined:
            await self._typing()
        client_id = read.incoming.client_message_id

        async def on_stored(stored: storing.Stored) -> None:
            await self._acknowledge(client_id, stored)

        outcome = await flow.receive(read.incoming, verdict, problem=problem, address=self.address, on_stored=on_stored)
        if outcome.seq is None:
            await self._error(outcome.problem or Problem(500), client_id, outcome.messages)
            return
        await self._show(outcome.messages)
        push.hub().wake()

    async def _acknowledge(self, client_id: str | None, stored: storing.Stored) -> None:
        """The words are stored: says so at once, and shows a card without waiting for the assistant."""
        try:
            if client_id:
                await self.send(dump({"type": "ack", "client_message_id": client_id, "seq": stored.seq}))
            await self._show(stored.messages)
        except (OSError, RuntimeError):
            # The patient is gone. The reply is stored all the same, and shown when they come back.
            log.info("a socket closed before its message was acknowledged")

    async def _error(self, problem: Problem, client_id: str | None = None, cards: Any = ()) -> None:
        title = TITLES.get(problem.status, TITLES[500])[0]
        frame: dict[str, Any] = {"type": "error", "status": problem.status, "title": title, "help": help_line()}
        if client_id:
            frame["client_message_id"] = client_id
        for card in cards:
            frame["message"] = card
        await self.send(dump(frame))

    async def _on_rows(self, rows: list[push.Row]) -> None:
        """Called by the hub with what is new in the outbox."""
        try:
            await self._show_rows(rows)
        except Exception as error:
            log.warning("a chat could not be told: %s", type(error).__name__)
            # The client connects again and reads what it missed.
            await self.close()

    async def _show_rows(self, rows: list[push.Row]) -> None:
        kinds = {row.payload.get("type") for row in rows}
        fresh = [
            r.payload["seq"] for r in rows if r.payload.get("type") == "message" and r.payload["seq"] not in self.sent
        ]
        if fresh:
            await self._show_new(min(fresh) - 1)
        for row in rows:
            if row.payload.get("type") in ("seen", "withdrawn"):
                await self.send(dump(row.payload))
        if kinds & {"status", "erased"}:
            found = await in_thread(storing.find_conversation, self.conversation_id, self.token)
            if isinstance(found, int):
                await self._error(Problem(found))
                await self.close(code=CLOSE_NOT_AUTHENTICATED)
            else:
                await self._status(found)

    async def _show_new(self, after: int) -> None:
        await self._show(await in_thread(messages_after, self.conversation_id, after))

    async def _show(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            if message["seq"] == 0 or message["seq"] not in self.sent:
                self.sent.add(message["seq"])
                await self.send(dump({"type": "message", "message": message}))

    async def _typing(self) -> None:
        if self.last_status == "assistant":
            await self.send(dump({"type": "typing", "author": "assistant"}))

    async def _status(self, conversation: Conversation) -> None:
        self.last_status = conversation.status
        await self.send(dump(await in_thread(_status_frame, conversation)))

    async def transient(self, event: dict[str, Any]) -> None:
        """Called by the channel layer: somebody of the staff is writing."""
        await self.send(dump(event["frame"]))


def _status_frame(conversation: Conversation) -> dict[str, Any]:
    state = availability(now=clock.now())
    available = bool(state["staff_online"] or state["open"])
    return {"type": "status", "status": conversation.status, "available": available, **state_fields(conversation)}


def _parse(raw: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _is_seq(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
