"""A message that is sent again is one message, also over the rate (S-12), and choices that do something work once (X-2)."""

from __future__ import annotations

import json
import uuid

import httpx
import pytest

from conversations import flow
from conversations.models import Message, Outbox
from lib.addresses import client_address
from lib.env import read_rates
from tests.conftest import question
from tests.test_socket import OURS, message, opened, read
from tests.websocket import WebsocketCommunicator
from tickets.models import Ticket

PAIN = "i have crushing chest pain"


@pytest.fixture
def over_the_rate(env):
    env(rate_per_conversation=read_rates("1/day"))


async def test_retries_of_an_emergency_over_the_rate_are_one_message(patient, over_the_rate):
    await patient.say("what is lupus?")
    client_id = str(uuid.uuid4())
    answers = [(await patient.post(PAIN, client_id)).json() for _ in range(5)]
    assert answers[0]["messages"][-1]["kind"] == "emergency"
    assert all(answer == answers[0] for answer in answers)
    assert await Message.objects.filter(client_message_id=client_id).acount() == 1
    assert await Message.objects.filter(text=PAIN).acount() == 1
    assert (await Ticket.objects.aget()).repeats == 0
    alerts = [row async for row in Outbox.objects.filter(kind="staff_push") if row.payload["type"] == "alert"]
    assert len(alerts) == 1


async def test_an_emergency_under_a_used_id_is_stored_without_it(patient):
    client_id = str(uuid.uuid4())
    await patient.post("what is lupus?", client_id)
    answer = await patient.post(PAIN, client_id)
    assert answer.status_code == 200 and answer.json()["messages"][-1]["kind"] == "emergency"
    stored = await Message.objects.aget(text=PAIN)
    assert stored.client_message_id is None


async def test_an_answered_message_is_answered_again_over_the_rate(patient, over_the_rate, rasa):
    client_id = str(uuid.uuid4())
    first = await patient.post("what is lupus?", client_id)
    for _ in range(3):
        again = await patient.post("what is lupus?", client_id)
        assert again.status_code == 200 and again.json() == first.json()
    assert len(rasa.asked) == 1
    assert (await patient.post("what is lupus?")).status_code == 429
    assert (await patient.post("what is myositis?", client_id)).status_code == 429


async def test_a_retried_choice_is_done_if_it_was_not(patient, rasa, monkeypatch):
    """The choice is stored in one transaction and done in the next; the second one fails here at first."""
    rasa.says(kind="handoff", lines=["utter_offer_person"], offer_person=True)
    choices = (await patient.say("can i talk to somebody"))["choices"]
    body = {"choice": choices[0]["choice_id"], "client_message_id": str(uuid.uuid4())}
    done = flow._answer

    async def gone(*args):
        raise flow.DATABASE_ERRORS[0]

    monkeypatch.setattr(flow, "_answer", gone)
    assert (await patient.call("POST", "/messages", json=body)).status_code == 200
    monkeypatch.setattr(flow, "_answer", done)
    again = (await patient.call("POST", "/messages", json=body)).json()
    assert again["messages"][-1]["kind"] == "handoff" and again["status"] == "waiting_for_staff"
    assert (await patient.call("POST", "/messages", json=body)).json() == again


async def test_a_choice_that_does_something_works_once(patient, rasa):
    rasa.says(kind="handoff", lines=["utter_offer_person"], offer_person=True)
    offer = await patient.say("can i talk to somebody")
    share, stay = (choice["choice_id"] for choice in offer["choices"])
    for choice in (share, stay):
        body = {"choice": choice, "client_message_id": str(uuid.uuid4())}
        done = await patient.call("POST", "/messages", json=body)
        assert done.status_code == 200
        assert (await patient.call("POST", "/messages", json=body)).json() == done.json()
        assert (await patient.choose(choice)).status_code == 422
    assert len(rasa.asked) == 1


async def test_a_choice_about_a_topic_works_again(patient, rasa):
    rasa.says(kind="answer", answers=["lupus.definition"], questions=[question()])
    choice = patient.created["messages"][0]["choices"][0]["choice_id"]
    for _ in range(2):
        assert (await patient.choose(choice)).json()["messages"][-1]["kind"] == "answer"


@pytest.mark.parametrize("words", [PAIN, "i_have_crushing_chest_pain", "i-have-crushing-chest-pain"])
async def test_words_in_the_place_of_a_choice_are_screened(patient, words):
    answer = await patient.choose(words)
    assert answer.status_code == 200 and answer.json()["messages"][-1]["kind"] == "emergency"
    assert (await Ticket.objects.aget()).level == "P0"


@pytest.mark.parametrize("words", ["what is lupus, please?", "x" * 24, "what_is_lupus_please"])
async def test_a_choice_that_is_none_is_refused(patient, words):
    assert (await patient.choose(words)).status_code == 422
    assert await Message.objects.filter(author="patient").acount() == 0


async def test_a_foreign_web_site_gets_the_card_and_nothing_else(patient):
    headers = {"Origin": "https://evil.example"}
    body = {"text": PAIN, "client_message_id": str(uuid.uuid4())}
    answer = await patient.call("POST", "/messages", json=body, headers=headers)
    assert answer.status_code == 200 and answer.json()["messages"][-1]["kind"] == "emergency"
    assert not [name for name in answer.headers if name.startswith("access-control")]
    body = {"text": "what is lupus?", "client_message_id": str(uuid.uuid4())}
    refused = await patient.call("POST", "/messages", json=body, headers=headers)
    assert refused.status_code == 403 and "911" in refused.json()["help"]
    assert not [name for name in refused.headers if name.startswith("access-control")]
    for method, rest in (("GET", "/messages"), ("GET", ""), ("DELETE", ""), ("OPTIONS", "/messages")):
        assert (await patient.call(method, rest, headers=headers)).status_code == 403
    assert await Message.objects.filter(author="patient").acount() == await Ticket.objects.acount() == 0


def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(env):
    assert client_address("203.0.113.9", "198.51.100.1") == "203.0.113.9"
    env(trusted_proxies=("10.0.0.1", "10.0.0.2"))
    assert client_address("203.0.113.9", "198.51.100.1") == "203.0.113.9"
    assert client_address("10.0.0.1", "198.51.100.1") == "198.51.100.1"
    assert client_address("10.0.0.1", "192.0.2.7, 198.51.100.1, 10.0.0.2") == "198.51.100.1"
    assert client_address("10.0.0.1", "") == client_address("10.0.0.1", "somebody") == "10.0.0.1"


async def test_a_made_up_forwarded_address_does_not_pass_the_rate(patient, env):
    env(rate_per_address=read_rates("1/day"))
    found = []
    for n in range(3):
        body = {"text": "what is lupus?", "client_message_id": str(uuid.uuid4())}
        answer: httpx.Response = await patient.call(
            "POST", "/messages", json=body, headers={"X-Forwarded-For": f"198.51.100.{n}"}
        )
        found.append(answer.status_code)
    assert found == [200, 429, 429]


async def test_the_other_open_chat_ends_when_the_patient_erases_it(patient):
    async with opened(patient, after=1) as link:
        await read(link, "status")
        assert (await patient.call("DELETE")).status_code == 200
        assert (await read(link, "error"))["status"] == 401
        closed = await link.receive_output(3)
        assert closed["type"] == "websocket.close" and closed["code"] == 4401


async def test_retries_over_the_socket_are_one_message(patient, over_the_rate):
    async with opened(patient, after=1) as link:
        await read(link, "status")
        sent = message(PAIN)
        for _ in range(3):
            await link.send_json_to(sent)
            assert (await read(link, "ack"))["seq"] == 2
    assert await Message.objects.filter(text=PAIN).acount() == 1


async def test_a_made_up_forwarded_address_does_not_pass_the_rate_of_the_socket(patient, env):
    from asgi import application

    env(rate_per_address=read_rates("1/day"))
    refused = []
    for n in range(2):
        headers = [(b"host", b"localhost"), (b"origin", OURS), (b"x-forwarded-for", f"198.51.100.{n}".encode())]
        link = WebsocketCommunicator(application, f"/ws/v1/conversations/{patient.id}", headers=headers)
        assert (await link.connect())[0]
        await link.send_json_to({"type": "auth", "token": patient.token, "after": 9})
        await read(link, "status")
        await link.send_json_to(message("what is lupus?"))
        while True:
            frame = json.loads(await link.receive_from(timeout=3))
            if frame["type"] in ("ack", "error"):
                refused.append(frame.get("status"))
                break
        await link.disconnect()
    assert refused == [None, 429]
