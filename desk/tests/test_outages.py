"""Parts gone: the card always comes, an ordinary message gets an honest word, nothing happens twice (S-5, S-12, X-9)."""

from __future__ import annotations

import json
import time
import uuid

import httpx
import pytest
from django.db import OperationalError

from conversations import spool, storing
from conversations.models import Conversation, Message, Outbox
from conversations.worker import Worker, heartbeat_age_s
from lib.threads import in_thread
from tests.locks import locked_database
from tickets.models import Ticket

PAIN = "i have crushing chest pain"


@pytest.mark.parametrize("fault", ["refused", "status 500", "slow", "not json"])
async def test_with_rasa_gone_the_patient_is_told_and_the_card_comes(patient, rasa, env, fault):
    if fault == "refused":
        rasa.error = httpx.ConnectError("no")
    elif fault == "status 500":
        rasa.status = 500
    elif fault == "slow":
        rasa.error = httpx.ReadTimeout("slow")
    else:
        rasa.turn = "not a turn"
    reply = await patient.say("what is lupus?")
    assert reply["kind"] == "fallback" and "911" in reply["text"]
    assert "person" in reply["choices"][0]["label"]
    assert (await patient.say(PAIN))["kind"] == "emergency"


async def test_a_hanging_rasa_is_given_up(patient, rasa, env, monkeypatch):
    import asyncio

    env(rasa_timeout=0.1)

    async def hang(**_: object) -> None:
        await asyncio.Event().wait()

    from conversations import assistant

    monkeypatch.setattr(assistant.client(), "post", lambda *a, **k: hang())
    started = time.monotonic()
    assert (await patient.say("what is lupus?"))["kind"] == "fallback"
    assert time.monotonic() - started < 2


async def test_a_locked_database_refuses_ordinary_messages_and_spools_emergencies(patient):
    client_id = str(uuid.uuid4())
    with locked_database():
        refused = await patient.post("what is lupus?")
        assert refused.status_code == 503 and "911" in refused.json()["help"] and "retry-after" in refused.headers
        started = time.monotonic()
        answer = await patient.post(f"{PAIN} zebrafinch", client_id)
        assert time.monotonic() - started < 1.0
    shown = answer.json()["messages"]
    assert answer.status_code == 200 and [m["kind"] for m in shown] == ["emergency"]
    event = json.loads(spool.path().read_text())
    assert event["client_message_id"] == client_id and event["tier"] == "emergency"
    assert "zebrafinch" not in spool.path().read_text() and "chest" not in json.dumps({**event, "rule_ids": []})
    assert await in_thread(spool.replay) == 1
    assert await in_thread(spool.replay) == 0
    ticket = await Ticket.objects.aget()
    assert (ticket.level, ticket.repeats) == ("P0", 0)
    again = await patient.post(f"{PAIN} zebrafinch", client_id)
    assert [m["author"] for m in again.json()["messages"]] == ["patient", "assistant"]
    ticket = await Ticket.objects.aget()
    assert (ticket.repeats, ticket.message_seq) == (0, 2)


async def test_a_spooled_event_replayed_after_a_crash_is_one_ticket(patient):
    with locked_database():
        await patient.post(PAIN)
    before = spool.path().read_text()
    await in_thread(spool.replay)
    spool.path().write_text(before + "not json\n")
    await in_thread(spool.replay)
    assert await Ticket.objects.acount() == 1
    assert await Outbox.objects.filter(kind="staff_push").acount() == 1
    assert spool.path().read_text() == ""


async def test_an_event_stays_in_the_spool_while_the_database_is_away(patient):
    with locked_database():
        await patient.post(PAIN)
        assert await in_thread(spool.replay) == 0
    assert spool.path().read_text() != ""
    assert await in_thread(spool.replay) == 1


async def test_a_forged_event_opens_nothing(patient):
    with locked_database():
        body = {"text": PAIN, "client_message_id": str(uuid.uuid4())}
        await patient.http.post(patient.path + "/messages", json=body, headers={"Authorization": "Bearer wrong"})
    await in_thread(spool.replay)
    assert await Ticket.objects.acount() == 0


async def test_without_any_database_the_card_comes(patient, monkeypatch):
    def gone(*args: object, **kwargs: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(storing, "find_conversation", gone)
    assert (await patient.say(PAIN))["kind"] == "emergency"
    refused = await patient.post("what is lupus?")
    assert refused.status_code == 503 and "911" in refused.json()["help"]


async def test_a_fault_of_ours_does_not_cost_the_card(patient, monkeypatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise TypeError("a bug")

    monkeypatch.setattr(storing, "store_message", broken)
    assert (await patient.say(PAIN))["kind"] == "emergency"
    assert (await patient.post("what is lupus?")).status_code == 500


async def test_a_reply_that_was_lost_is_given_at_the_retry(patient, rasa, monkeypatch):
    def gone(*args: object, **kwargs: object) -> None:
        raise OperationalError("gone")

    client_id = str(uuid.uuid4())
    with monkeypatch.context() as broken:
        broken.setattr(storing, "store_reply", gone)
        first = await patient.post("what is lupus?", client_id)
        assert first.json()["messages"][-1]["kind"] == "fallback"
    again = await patient.post("what is lupus?", client_id)
    assert [m["kind"] for m in again.json()["messages"]] == ["text", "answer"]
    assert await Message.objects.filter(author="patient").acount() == 1


async def test_the_ladder_alerts_again_until_somebody_answers(patient, nurse, monkeypatch):
    """S-16"""
    from datetime import timedelta

    from conversations import services
    from lib import clock

    await patient.say(PAIN)
    now = clock.now()
    worker = Worker()

    async def at(seconds: int) -> int:
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=seconds))
        await in_thread(worker.turn)
        return (await Ticket.objects.aget()).escalation

    assert [await at(s) for s in (30, 61, 62, 121)] == [0, 1, 1, 2]
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)
    await in_thread(services.post_staff_message, conversation_id=patient.id, user=nurse, text="I am here.")
    assert await at(200) == 2
    assert heartbeat_age_s(time.time()) < 5


async def test_a_quiet_chat_closes_after_a_day(patient, monkeypatch):
    from datetime import timedelta

    from lib import clock

    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=25))
    await in_thread(Worker().turn)
    assert (await Conversation.objects.aget()).status == "closed"
