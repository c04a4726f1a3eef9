"""The desk's channel on a real Sanic server in this process."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import requests
from rasa.core.channels.channel import UserMessage, register
from sanic import Sanic

from channels.desk import DeskInput
from components.runtime import ROOT

TOKEN = "the-desks-secret-of-enough-length"


def sample(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "contracts" / "samples" / name).read_text(encoding="utf-8"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Rasa:
    """Stands where Rasa's agent stands: records messages and lets the test say what comes back."""

    def __init__(self) -> None:
        self.messages: list[UserMessage] = []
        self.ready = True
        self.answer: Callable[[UserMessage], Awaitable[None]] = self.answer_with_turn

    async def handle_message(self, message: UserMessage) -> None:
        self.messages.append(message)
        await self.answer(message)

    @staticmethod
    async def answer_with_turn(message: UserMessage) -> None:
        await message.output_channel.send_response(message.sender_id, {"custom": sample("turn.answer.json")})

    def is_ready(self) -> bool:
        return self.ready


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[Rasa, str]]:
    """One server in a thread of its own for the whole run: Sanic 21.12 starts once in a process."""
    agent, port, loop = Rasa(), free_port(), asyncio.new_event_loop()
    app = Sanic("desk_test")
    app.ctx.agent = agent
    register([DeskInput(TOKEN, f"http://127.0.0.1:{free_port()}")], app, "/webhooks/")

    async def start() -> None:
        running = await app.create_server("127.0.0.1", port, return_asyncio_server=True, access_log=False)
        await running.startup()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(start(), loop).result(timeout=10)
    yield agent, f"http://127.0.0.1:{port}/webhooks/desk"
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=5)


@pytest.fixture()
def rasa(server: tuple[Rasa, str]) -> Rasa:
    server[0].__init__()
    return server[0]


@pytest.fixture()
def desk(server: tuple[Rasa, str], rasa: Rasa) -> Callable[..., tuple[int, Any]]:
    """Returns a function that posts a body (or gets a path) with a token and gives back status and JSON."""

    def call(body: Any = None, token: str | None = TOKEN, path: str = "turn", raw: bytes | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        method = "get" if body is None and raw is None else "post"
        answer = requests.request(method, f"{server[1]}/{path}", headers=headers, json=body, data=raw, timeout=10)
        return answer.status_code, answer.json()

    return call
