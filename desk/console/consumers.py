"""The staff socket: /ws/v1/staff. It tells an open console what changed, by ids; the page fetches what it may see."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from console.roles import READS_CONVERSATIONS, roles_of
from console.selectors import RINGING_LEVELS, find_visible
from console.sessions import user_of
from conversations import push, services
from conversations.errors import NotAllowed
from conversations.flow import DATABASE_ERRORS
from conversations.models import Conversation, Status
from lib.origins import is_allowed
from lib.threads import in_thread
from tickets.services import touch_presence

log = logging.getLogger(__name__)
# The account is looked at again this often: a sign-out or a role that was taken away ends the socket in 5 s.
CHECK_S = 4.0
# Presence is written at every second look, so every 8 s.
PRESENCE_EVERY = 2
MAX_FRAME_CHARS = 1_000
CLOSE_FORBIDDEN, CLOSE_NOT_AUTHENTICATED = 4403, 4401


class StaffSocket(AsyncWebsocketConsumer):
    """One open console of a member of the team."""

    user: Any = None
    beat: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Called at the handshake: a known Origin and a signed-in member of staff, else refused."""
        headers = {name.decode("latin1").lower(): value.decode("latin1") for name, value in self.scope["headers"]}
        origin = headers.get("origin")
        # A browser always sends an Origin, and only a browser has the session's cookie.
        if origin is None or not is_allowed(origin, headers.get("host", "")):
            await self.close(code=CLOSE_FORBIDDEN)
            return
        self.session_key = self.scope["session"].session_key
        self.user = await in_thread(_present, self.session_key, True)
        if self.user is None:
            await self.close(code=CLOSE_NOT_AUTHENTICATED)
            return
        await self.accept()
        await push.hub().join(self, None, self._on_rows)
        if self.channel_layer is not None:
            await self.channel_layer.group_add("staff", self.channel_name)
        self.beat = asyncio.get_running_loop().create_task(self._keep_present())
        await self._queue(0)

    async def disconnect(self, code: int) -> None:
        """Called when the socket is gone."""
        push.hub().leave(self)
        if self.beat is not None:
            self.beat.cancel()
            if self.channel_layer is not None:
                await self.channel_layer.group_discard("staff", self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Called for each frame; the only one that means something is `{"type": "typing", "conversation_id"}`."""
        conversation_id = _typing_in(text_data)
        if conversation_id is None or self.user is None:
            return
        try:
            await in_thread(services.staff_typing, conversation_id=conversation_id, user=self.user)
        except (NotAllowed, *DATABASE_ERRORS):
            pass  # nobody misses a sign of typing

    async def _keep_present(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(CHECK_S)
            turn += 1
            try:
                self.user = await in_thread(_present, self.session_key, turn % PRESENCE_EVERY == 0)
            except DATABASE_ERRORS as error:  # the database may be away for a while; the socket stays
                log.warning("presence could not be written: %s", type(error).__name__)
                continue
            if self.user is None:
                await self.close(code=CLOSE_NOT_AUTHENTICATED)
                return

    async def _on_rows(self, rows: list[push.Row]) -> None:
        """Called by the hub. A fault here must not reach the hub, which serves every other socket too."""
        try:
            for row in rows:
                if self.user is not None and await in_thread(_may_know, self.user, row.payload):
                    await self.send(json.dumps(row.payload))
            await self._queue(rows[-1].id)
        except Exception as error:
            log.warning("a console could not be told: %s", type(error).__name__)
            # The page connects again and reads everything anew.
            await self.close()

    async def _queue(self, version: int) -> None:
        waiting = await in_thread(Conversation.objects.filter(status=Status.WAITING_FOR_STAFF).count)
        await self.send(json.dumps({"type": "queue", "waiting": waiting, "version": version}))

    async def transient(self, event: dict[str, Any]) -> None:
        """Called by the channel layer: a patient is writing."""
        if self.user is not None and await in_thread(_may_know, self.user, event["frame"]):
            await self.send(json.dumps(event["frame"]))


def _typing_in(text: str | None) -> str | None:
    try:
        frame = json.loads((text or "")[:MAX_FRAME_CHARS])
    except (ValueError, RecursionError):
        return None
    if not isinstance(frame, dict) or frame.get("type") != "typing":
        return None
    return frame["conversation_id"] if isinstance(frame.get("conversation_id"), str) else None


def _present(session_key: str | None, touch: bool) -> Any | None:
    """The account of the session, with `touch` noted as present. None: signed out, session over, or without a role."""
    user = user_of(session_key)
    if user is None or not roles_of(user).intersection(READS_CONVERSATIONS):
        return None
    if touch:
        touch_presence(user=user)
    return user


def _may_know(user: Any, frame: dict[str, Any]) -> bool:
    """Whether a frame may go to this person: the same rule as for its page (P-6). P0 and P1 alerts go to everybody."""
    if frame.get("type") == "alert" and frame.get("level") in RINGING_LEVELS:
        return True
    conversation_id = frame.get("conversation_id")
    return bool(conversation_id) and find_visible(str(conversation_id), user=user, roles=roles_of(user)) is not None
