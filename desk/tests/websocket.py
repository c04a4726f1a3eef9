"""A socket's other end, in process. (`channels.testing` imports a server of its own that we do not have.)"""

from __future__ import annotations

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator


class WebsocketCommunicator(ApplicationCommunicator):
    """Connects to an ASGI application as a browser's WebSocket would."""

    def __init__(self, application: Any, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
        super().__init__(application, scope)

    async def connect(self, timeout: float = 2) -> tuple[bool, int | None]:
        """Shakes hands; says whether it was accepted, else the close code."""
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(timeout)
        return answer["type"] == "websocket.accept", answer.get("code")

    async def send_to(self, *, text_data: str) -> None:
        """Sends a text frame."""
        await self.send_input({"type": "websocket.receive", "text": text_data})

    async def send_json_to(self, data: Any) -> None:
        """Sends a frame of JSON."""
        await self.send_to(text_data=json.dumps(data))

    async def receive_from(self, timeout: float = 2) -> str:
        """The next text frame."""
        answer = await self.receive_output(timeout)
        assert answer["type"] == "websocket.send", answer
        return answer["text"]

    async def disconnect(self) -> None:
        """Goes away."""
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(2)
