"""The patient's socket, in process: one test a behaviour (X-5)."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from api import socket
from conversations import services
from conversations.models import Message
from lib.threads import in_thread
from tests.contracts import assert_matches
from tests.websocket import WebsocketCommunicator

OURS = b"https://www.clinic.example"


@asynccontextmanager
async def opened(
    patient, origin: bytes = OURS, auth: bool = True, after: int = 0
) -> AsyncIterator[WebsocketCommunicator]:
    from asgi import application

    headers = [(b"host", b"localhost"), (b"origin", origin)]
    link = WebsocketCommunicator(application, f"/ws/v1/conversations/{patient.id}", headers=headers)
    connected, _ = await link.connect()
    assert connected
    try:
        if auth:
            await link.send_json_to({"type": "auth", "token": patient.token, "after": after})
        yield link
    finally:
        await link.disconnect()


async def read(link: WebsocketCommunicator, kind: str, *, where=lambda frame: True) -> dict:
    """The next frame of this type; every frame on the way must match the contract."""
    while True:
        frame = json.loads(await link.receive_from(timeout=3))
        assert_matches("frame_server.json", frame)
        if frame["type"] == kind and where(frame):
            return frame


def message(text: str, client_id: str | None = None) -> dict:
    return {"type": "message", "text": text, "client_message_id": client_id or str(uuid.uuid4())}


async def test_it_replays_what_was_missed_and_tells_the_status(patient):
    await patient.say("what is lupus?")
    async with opened(patient, after=1) as link:
        assert (await read(link, "message"))["message"]["seq"] == 2
        assert (await read(link, "message"))["message"]["seq"] == 3
        assert (await read(link, "status"))["status"] == "assistant"


async def test_a_message_is_acknowledged_once_stored_and_answered(patient):
    client_id = str(uuid.uuid4())
    async with opened(patient, after=1) as link:
        await read(link, "status")
        await link.send_json_to(message("what is lupus?", client_id))
        ack = await read(link, "ack")
        assert ack["client_message_id"] == client_id and ack["seq"] == 2
        assert await Message.objects.filter(client_message_id=client_id).acount() == 1
        answer = await read(link, "message", where=lambda f: f["message"]["author"] == "assistant")
        assert answer["message"]["kind"] == "answer"


async def test_a_foreign_origin_is_refused_at_the_handshake(patient):
    from asgi import application

    headers = [(b"host", b"localhost"), (b"origin", b"https://evil.example")]
    link = WebsocketCommunicator(application, f"/ws/v1/conversations/{patient.id}", headers=headers)
    assert (await link.connect())[0] is False


async def test_nothing_is_sent_before_the_token_and_the_wait_is_short(patient, monkeypatch):
    monkeypatch.setattr(socket, "AUTH_WAIT_S", 0.2)
    async with opened(patient, auth=False) as link:
        assert await link.receive_nothing(timeout=0.1)
        closed = await link.receive_output(timeout=2)
        assert closed["type"] == "websocket.close" and closed["code"] == 4401


@pytest.mark.parametrize("token", ["wrong", ""])
async def test_a_wrong_token_is_closed_out(patient, token):
    patient.token = token
    async with opened(patient) as link:
        assert (await read(link, "error"))["status"] == 401
        assert (await link.receive_output(timeout=2))["type"] == "websocket.close"


async def test_another_patients_token_opens_nothing(patient, other_patient):
    patient.token = other_patient.token
    async with opened(patient) as link:
        assert (await read(link, "error"))["status"] == 404


@pytest.mark.parametrize(
    ("frame", "status"),
    [
        ("not json", 400),
        ("[]", 400),
        ('{"type": "nonsense"}', 422),
        ('{"type": "message", "text": 7, "client_message_id": "x"}', 422),
        ('{"type": "seen", "seq": "x"}', 422),
        (json.dumps(message("a" * 20_000)), 413),
        (json.dumps(message("a" * 70_000)), 413),
    ],
    ids=["text", "list", "type", "field", "seen", "20 KB", "70 KB"],
)
async def test_a_bad_frame_gets_an_error_and_the_socket_stays(patient, frame, status):
    async with opened(patient, after=1) as link:
        await read(link, "status")
        await link.send_to(text_data=frame)
        error = await read(link, "error")
        assert error["status"] == status and "911" in error["help"]
        await link.send_json_to(message("what is lupus?"))
        assert (await read(link, "ack"))["seq"] == 2


async def test_words_in_a_broken_frame_are_screened(patient):
    async with opened(patient, after=1) as link:
        await read(link, "status")
        await link.send_to(text_data='{"type": "message", "text": "i have crushing chest pain')
        card = await read(link, "message", where=lambda f: f["message"]["author"] == "assistant")
        assert card["message"]["kind"] == "emergency"


async def test_words_before_the_token_are_screened(patient):
    async with opened(patient, auth=False) as link:
        await link.send_json_to(message("i have crushing chest pain"))
        error = await read(link, "error")
        assert error["status"] == 401 and error["message"]["kind"] == "emergency"


async def test_what_staff_do_is_pushed_once(patient, nurse):
    await patient.call("POST", "/escalation", json={"share": True})
    async with opened(patient, after=9) as link:
        await read(link, "status")
        await in_thread(services.claim, conversation_id=patient.id, user=nurse)
        status = await read(link, "status", where=lambda f: f["status"] == "with_staff")
        assert status["staff_name"] == "Nina Ward"
        said = await in_thread(services.post_staff_message, conversation_id=patient.id, user=nurse, text="Hello")
        pushed = await read(link, "message", where=lambda f: f["message"]["author"] == "staff")
        assert pushed["message"]["seq"] == said.seq
        await in_thread(services.mark_staff_seen, conversation_id=patient.id, user=nurse, seq=1)
        assert (await read(link, "seen"))["seq"] == 1
        assert await link.receive_nothing(timeout=0.6)
