"""The staff socket, through the whole ASGI application."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from conversations import outbox, services
from lib.threads import close_connections, in_thread
from tests.console.conftest import sign_in, waiting
from tests.contracts import assert_matches
from tickets.models import Presence

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def connections_closed() -> Any:
    yield
    await asyncio.to_thread(close_connections)


class Live(ApplicationCommunicator):
    """A browser's end of the staff socket."""

    def __init__(self, client: Any = None, origin: str | None = "http://localhost") -> None:
        from asgi import application

        headers = [(b"host", b"localhost"), *([(b"origin", origin.encode())] if origin else [])]
        if client:
            headers.append((b"cookie", f"askimmune_staff={client.cookies['askimmune_staff'].value}".encode()))
        scope = {
            "type": "websocket",
            "path": "/ws/v1/staff",
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
        }
        super().__init__(application, scope)

    async def connect(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(5))["type"] == "websocket.accept"

    async def disconnect(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(5)


async def frames(live: Live, until: str) -> list[dict[str, Any]]:
    got: list[dict[str, Any]] = []
    while not got or got[-1]["type"] != until:
        got.append(json.loads((await live.receive_output(5))["text"]))
        assert_matches("frame_staff.json", got[-1])
    return got


async def test_a_visitor_a_foreign_site_and_an_account_without_a_role_are_refused() -> None:
    agent = await in_thread(sign_in, "nina", "agent")
    nobody = await in_thread(sign_in, "pat")
    assert not await Live().connect()
    assert not await Live(nobody).connect()
    assert not await Live(agent, "https://evil.example").connect()


async def test_an_alert_comes_within_five_seconds_without_words() -> None:
    agent = await in_thread(sign_in, "nina", "agent")
    await in_thread(waiting, level="P0", text="secret words")
    live = Live(agent)
    assert await live.connect()
    assert (await frames(live, "queue"))[-1]["waiting"] == 1
    row = {"type": "alert", "conversation_id": "c1", "ticket_id": 1, "level": "P0", "escalation": 0}
    await in_thread(lambda: outbox.tell([outbox.staff_push("c1", **row)]))
    got = await frames(live, "alert")
    assert got[-1] == row and "secret" not in json.dumps(got)
    assert await in_thread(Presence.objects.filter(user=agent.user).exists)
    await live.disconnect()


async def test_a_colleagues_conversation_sends_an_agent_no_ids() -> None:
    agent, other = await in_thread(sign_in, "nina", "agent"), await in_thread(sign_in, "sam", "agent")
    await in_thread(waiting)
    await in_thread(services.claim, conversation_id="c1", user=other.user)
    live = Live(agent)
    assert await live.connect()
    await frames(live, "queue")
    await in_thread(services.post_staff_message, conversation_id="c1", user=other.user, text="Hello")
    assert [frame["type"] for frame in await frames(live, "queue")] == ["queue"]
    await live.disconnect()


async def test_a_handshake_without_an_origin_is_no_browser_and_is_refused() -> None:
    agent = await in_thread(sign_in, "nina", "agent")
    assert not await Live(agent, origin=None).connect()


@pytest.mark.parametrize("role", ["reviewer", "admin"])
async def test_roles_without_the_queue_have_no_socket(role: str) -> None:
    assert not await Live(await in_thread(sign_in, "pat", role)).connect()


async def test_a_role_that_is_taken_away_ends_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.consumers.CHECK_S", 0.05)
    agent = await in_thread(sign_in, "nina", "agent")
    live = Live(agent)
    assert await live.connect()
    await frames(live, "queue")
    await in_thread(agent.user.groups.clear)
    closing = await live.receive_output(5)
    assert (closing["type"], closing["code"]) == ("websocket.close", 4401)


async def test_an_emergency_that_a_colleague_has_still_rings_for_everybody() -> None:
    agent, other = await in_thread(sign_in, "nina", "agent"), await in_thread(sign_in, "sam", "agent")
    await in_thread(waiting, level="P0")
    await in_thread(services.claim, conversation_id="c1", user=other.user)
    live = Live(agent)
    assert await live.connect()
    await frames(live, "queue")
    row = {"type": "alert", "conversation_id": "c1", "ticket_id": 1, "level": "P0", "escalation": 1}
    await in_thread(lambda: outbox.tell([outbox.staff_push("c1", **row)]))
    assert (await frames(live, "alert"))[-1] == row
    await live.disconnect()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"type":"typing"}', '{"type":"typing","conversation_id":"none"}', "x" * 5000]
)
async def test_frames_that_mean_nothing_leave_the_socket_open(text: str) -> None:
    agent = await in_thread(sign_in, "nina", "agent")
    live = Live(agent)
    assert await live.connect()
    await frames(live, "queue")
    await live.send_input({"type": "websocket.receive", "text": text})
    assert await live.receive_nothing(timeout=0.1)
    await live.disconnect()
