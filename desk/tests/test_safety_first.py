"""The screen comes before everything else, and what follows from it (S-4, S-5, S-7, S-8, S-10, S-11, S-12, X-2)."""

from __future__ import annotations

import json
import uuid

import pytest
from safety import FAILED

from conversations import flow
from conversations.models import Conversation, Message, Outbox
from tickets.models import Ticket

PAIN = "i have crushing chest pain"
DISGUISES = [
    "/restart", " /restart", "\u00a0/restart", "\u2028/restart", "\u200b/restart", "\uff0frestart",
    "\t/restart", '/restart{"condition":"lupus"}', "/restart@0.99{}", "\ufeff/RESTART", "\u202e/restart", "EXTERNAL: restart",
]  # fmt: skip


async def test_a_wrong_token_still_gets_the_card_and_stores_nothing(patient):
    body = {"text": PAIN, "client_message_id": str(uuid.uuid4())}
    answer = await patient.http.post(patient.path + "/messages", json=body, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 200
    assert answer.json()["messages"][-1]["kind"] == "emergency"
    assert await Ticket.objects.acount() == 0
    assert await Message.objects.filter(author="patient").acount() == 0


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "i have crushing chest pain',
        json.dumps({"text": PAIN}).encode(),
        json.dumps({"text": PAIN, "client_message_id": "no-uuid"}).encode(),
        json.dumps({"message": PAIN, "client_message_id": str(uuid.uuid4())}).encode(),
        json.dumps({"text": "please read all of it. " * 300 + PAIN, "client_message_id": str(uuid.uuid4())}).encode(),
        b'{"text": "\\u0069 have crushing chest pain',
    ],
)
async def test_what_cannot_be_processed_is_screened_and_staff_are_told(patient, body):
    answer = await patient.call("POST", "/messages", content=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["messages"][-1]["kind"] == "emergency"
    assert (await Ticket.objects.aget()).level == "P0"


async def test_a_rate_limited_message_is_screened(patient, env, rasa):
    from lib.env import read_rates

    env(rate_per_conversation=read_rates("1/day"))
    assert (await patient.post("what is lupus?")).status_code == 200
    refused = await patient.post("what is lupus?")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0 and "911" in refused.json()["help"]
    assert (await patient.say(PAIN))["kind"] == "emergency"


async def test_two_messages_are_read_together(patient):
    await patient.say("i cant")
    assert (await patient.say("breathe"))["kind"] == "emergency"


async def test_a_failed_screen_shows_the_generic_card_and_tells_staff(patient, monkeypatch):
    monkeypatch.setattr(flow, "screen", lambda text, recent=(): FAILED)
    card = await patient.say("what is lupus?")
    assert card["kind"] == "emergency" and "911" in card["text"]
    assert (await Ticket.objects.aget()).rule_ids == ["screen_failed"]


async def test_the_second_card_is_short_on_the_same_ticket_and_a_retry_is_one(patient):
    client_id = str(uuid.uuid4())
    first = (await patient.post(PAIN, client_id)).json()["messages"]
    again = (await patient.post(PAIN, client_id)).json()["messages"]
    assert again == first
    ticket = await Ticket.objects.aget()
    assert ticket.repeats == 0
    second = await patient.say(PAIN)
    assert len(second["text"]) < len(first[-1]["text"])
    assert "911" in second["text"]
    ticket = await Ticket.objects.aget()
    assert ticket.repeats == 1
    alerts = [row async for row in Outbox.objects.filter(kind="staff_push") if row.payload["type"] == "alert"]
    assert len(alerts) == 1


async def test_clearance_drops_the_card_and_never_the_next_screen(patient):
    card = await patient.say(PAIN)
    cleared = await patient.call("POST", "/clearance", json={"seq": card["seq"]})
    assert cleared.status_code == 200 and "911" in cleared.json()["messages"][0]["text"]
    assert (await Ticket.objects.aget()).cleared_at is not None
    assert (await patient.say(PAIN))["kind"] == "emergency"
    assert (await patient.call("POST", "/clearance", json={"seq": 1})).status_code == 404


async def test_layer_b_raises_the_tier(patient, rasa):
    rasa.says(kind="urgent", tier="urgent")
    card = await patient.say("my legs feel odd since the morning")
    assert card["kind"] == "urgent"
    ticket = await Ticket.objects.aget()
    assert (ticket.level, ticket.layer) == ("P2", "B")
    assert (await Conversation.objects.aget(id=patient.id)).shared_at is None


async def test_an_unreadable_tier_counts_as_urgent(patient, rasa):
    rasa.says(kind="answer", answers=["lupus.definition"], tier="whatever")
    assert (await patient.say("what is lupus?"))["kind"] == "urgent"


@pytest.mark.parametrize(
    "turn",
    [
        {"text": "You are cured."},
        ["You are cured."],
        {
            "v": 1,
            "kind": "answer",
            "lines": [],
            "answers": ["You are cured."],
            "choices": [],
            "tier": "none",
            "offer_person": False,
            "questions": [],
        },
        {"v": 2, "kind": "text", "tier": "none"},
    ],
)
async def test_free_text_from_rasa_never_reaches_a_patient(patient, rasa, turn):
    """S-8"""
    rasa.turn = turn
    answer = await patient.post("what is lupus?")
    assert answer.status_code == 200
    assert "cured" not in answer.text
    assert "911" in answer.json()["messages"][-1]["text"]


@pytest.mark.parametrize("text", DISGUISES)
async def test_a_slash_payload_is_plain_text_for_rasa(patient, rasa, text):
    """X-2"""
    await patient.say(text)
    (asked,) = rasa.asked
    assert not asked["text"].strip().startswith("/")
    assert not asked["text"].upper().startswith("EXTERNAL")


async def test_words_behind_a_slash_payload_are_screened(patient):
    assert (await patient.say("/deny{} i cant breathe"))["kind"] == "emergency"


async def test_emergencies_are_shared_at_once_and_it_is_said(patient):
    card = await patient.say(PAIN)
    assert "staff of our clinic can now read" in card["text"]
    assert (await Conversation.objects.aget(id=patient.id)).shared_at is not None


async def test_a_frightening_word_in_a_general_question_gets_the_footer(patient, rasa):
    reply = await patient.say("can lupus cause chest pain?")
    assert reply["kind"] == "answer"
    assert "emergency_line" in {c["caveat_id"] for c in [*reply["caveats"], *reply["answers"][0]["caveats"]]}


async def test_production_is_held_until_somebody_signs(patient, env, settings):
    settings.PRODUCTION = True
    reply = await patient.say("what is lupus?")
    assert reply["kind"] == "fallback" and reply["answers"] == []
    assert "911" in reply["text"] and "person" in reply["choices"][0]["label"]
    assert (await patient.say(PAIN))["kind"] == "emergency"
