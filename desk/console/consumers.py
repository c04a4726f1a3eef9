"""The staff socket: /ws/v1/staff. It tells an open console what changed, by ids; the page fetches what it may see."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user, get_user_model

from console.roles import READS_CONVERSATIONS, roles_of
from console.selectors import find_visible
from conversations import push
from conversations.models import Conversation, Status
from lib.origins import is_allowed
from lib.threads import in_thread
from tickets.services import touch_presence

PRESENCE_S = 10.0
CLOSE_FORBIDDEN, CLOSE_NOT_AUTHENTICATED = 4403, 4401


class StaffSocket(AsyncWebsocketConsumer):
    """One open console. The account is looked at again every 10 s, so a removed role or a sign-out ends the socket."""

    joined = False

    async def connect(self) -> None:
        """Called at the handshake: a known Origin and a signed-in member of staff, else refused."""
        headers = {name.decode("latin1").lower(): value.decode("latin1") for name, value in self.scope["headers"]}
        if not is_allowed(headers.get("origin"), headers.get("host", "")):
            await self.close(code=CLOSE_FORBIDDEN)
            return
        self.user_id = await in_thread(_present, self.scope["session"])
        if self.user_id is None:
            await self.close(code=CLOSE_NOT_AUTHENTICATED)
            return
        await self.accept()
        await push.hub().join(self, None, self._on_rows)
        if self.channel_layer is not None:
            await self.channel_layer.group_add("staff", self.channel_name)
        self.joined = True
        self.beat = asyncio.get_running_loop().create_task(self._keep_present())
        await self._queue(0)

    async def disconnect(self, code: int) -> None:
        """Called when the socket is gone."""
        push.hub().leave(self)
        if self.joined:
            self.beat.cancel()
            if self.channel_layer is not None:
                await self.channel_layer.group_discard("staff", self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Called for each frame: the console only listens, so frames are dropped."""

    async def _keep_present(self) -> None:
        while True:
            await asyncio.sleep(PRESENCE_S)
            if await in_thread(_present, self.scope["session"]) is None:
                await self.close(code=CLOSE_NOT_AUTHENTICATED)
                return

    async def _on_rows(self, rows: list[push.Row]) -> None:
        for row in rows:
            if await in_thread(_may_know, self.user_id, row.payload.get("conversation_id")):
                await self.send(json.dumps(row.payload))
        await self._queue(rows[-1].id)

    async def _queue(self, version: int) -> None:
        waiting = await in_thread(Conversation.objects.filter(status=Status.WAITING_FOR_STAFF).count)
        await self.send(json.dumps({"type": "queue", "waiting": waiting, "version": version}))

    async def transient(self, event: dict[str, Any]) -> None:
        """Called by the channel layer: a patient is writing."""
        if await in_thread(_may_know, self.user_id, event["frame"].get("conversation_id")):
            await self.send(json.dumps(event["frame"]))


class _Request:
    """What django.contrib.auth.get_user reads of a request."""

    def __init__(self, session: Any) -> None:
        self.session = session


def _present(session: Any) -> int | None:
    """Notes that this person is here. None: signed out, session over, account closed or without a role."""
    stored = type(session._wrapped)(session.session_key) if hasattr(session, "_wrapped") else session
    if not stored.session_key or not stored.exists(stored.session_key):
        return None
    user = get_user(_Request(stored))  # type: ignore[arg-type]
    if not roles_of(user).intersection(READS_CONVERSATIONS):
        return None
    touch_presence(user=user)
    return int(user.pk)


def _may_know(user_id: int, conversation_id: str | None) -> bool:
    """Whether a frame about a conversation may go to this person: the same rule as its page (P-6)."""
    user = get_user_model().objects.get(pk=user_id)
    return bool(conversation_id) and find_visible(str(conversation_id), user=user, roles=roles_of(user)) is not None
