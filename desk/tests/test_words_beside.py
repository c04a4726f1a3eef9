"""What a patient writes beside messages is screened too (S-4), and what they agree to counts (S-19)."""

from __future__ import annotations

import uuid

import pytest

from conversations import flow, selectors
from conversations.consent import answer_to_share
from conversations.models import Conversation, Feedback, Message
from lib.threads import in_thread
from tests.contracts import assert_matches
from tickets.models import Contact, Ticket

PAIN = "i have crushing chest pain"


async def test_a_comment_with_an_emergency_gets_the_card_and_a_ticket(patient):
    reply = await patient.say("what is lupus?")
    path = f"/messages/{reply['seq']}/feedback"
    answer = await patient.call("POST", path, json={"helpful": False, "comment": PAIN})
    assert answer.status_code == 200
    assert_matches("messages.json", answer.json())
    assert [m["author"] for m in answer.json()["messages"]] == ["patient", "assistant"]
    assert answer.json()["messages"][-1]["kind"] == "emergency"
    assert (await Ticket.objects.aget()).level == "P0" and await Feedback.objects.acount() == 1
    again = await patient.call("POST", path, json={"helpful": False, "comment": PAIN})
    assert again.json() == answer.json() and (await Ticket.objects.aget()).repeats == 0
    assert (await patient.messages())[-1]["kind"] == "emergency"


@pytest.mark.parametrize(
    ("rest", "body"),
    [
        ("/messages/99/feedback", {"helpful": True, "comment": PAIN}),
        ("/messages/2/feedback", {"helpful": "no", "comment": PAIN}),
        ("/messages/2/feedback", {"helpful": True, "words": PAIN}),
        ("/messages/2/feedback", {"helpful": True, "comment": [PAIN]}),
        ("/messages/2/feedback", {"helpful": True, "comment": PAIN + " and so on" * 200}),
        ("/escalation", {"share": False, "reason": PAIN}),
        ("/escalation", {"share": True, "reason": PAIN + " and so on" * 200}),
        ("/escalation", {"share": True, "contact": {"name": PAIN, "consent": False}}),
        ("/escalation", {"share": True, "contact": {"email": PAIN, "consent": True}}),
        ("/escalation", {"share": True, "contact": PAIN}),
    ],
)
async def test_whatever_else_is_wrong_the_card_comes(patient, rest, body):
    answer = await patient.call("POST", rest, json=body)
    assert answer.status_code == 200 and answer.json()["messages"][-1]["kind"] == "emergency"
    assert (await Ticket.objects.aget()).level == "P0"


@pytest.mark.parametrize("rest", ["/messages/1/feedback", "/escalation"])
async def test_a_wrong_token_gets_the_card_and_stores_nothing(patient, rest):
    body = {"helpful": True, "comment": PAIN} if "feedback" in rest else {"share": True, "reason": PAIN}
    answer = await patient.call("POST", rest, json=body, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 200 and answer.json()["messages"][-1]["kind"] == "emergency"
    assert await Message.objects.acount() == 1 and await Ticket.objects.acount() == 0


@pytest.mark.parametrize(
    "more", [{"reason": PAIN}, {"contact": {"name": PAIN, "email": "jo@mail.example", "consent": True}}]
)
async def test_a_reason_with_an_emergency_gets_the_card_and_the_person(patient, more):
    answer = (await patient.call("POST", "/escalation", json={"share": True, **more})).json()
    assert_matches("messages.json", answer)
    assert answer["status"] == "waiting_for_staff"
    assert [m["kind"] for m in answer["messages"]] == ["text", "emergency", "handoff"]
    assert await Message.objects.filter(text=PAIN).acount() == 1
    assert (await Ticket.objects.aget()).level == "P0"


async def test_a_reason_stands_masked_in_the_chat_that_staff_read(patient, nurse):
    body = {"share": True, "reason": "I do not understand my letter, write to jo@mail.example"}
    answer = (await patient.call("POST", "/escalation", json=body)).json()
    assert answer["messages"][0]["author"] == "patient" and "jo@" not in answer["messages"][0]["text"]
    assert answer["messages"][-1]["kind"] == "handoff"
    await patient.call("POST", "/escalation", json=body)
    seen = await in_thread(lambda: selectors.transcript(conversation_id=patient.id, user=nurse))
    (said,) = [m.text for m in seen if m.author == "patient"]
    assert said.startswith("I do not understand my letter") and "jo@" not in said
    (row,) = await in_thread(lambda: selectors.queue(user=nurse))
    assert row.last_text == said


async def test_a_reason_may_have_500_characters(patient):
    for length, status in ((501, 422), (500, 200)):
        body = {"share": True, "reason": "é" * length}
        assert (await patient.call("POST", "/escalation", json=body)).status_code == status
    assert await Contact.objects.acount() == 0


async def asked_to_share(patient, rasa):
    rasa.says(kind="handoff", lines=["utter_offer_person"], offer_person=True)
    offer = await patient.say("can i talk to somebody")
    assert "May we share" in offer["text"]
    rasa.says(kind="small_talk", lines=["utter_greet"])
    rasa.asked.clear()
    return offer


@pytest.mark.parametrize("text", ["yes", "Yes, please!", "ok", "Yes – share it"])
async def test_a_typed_yes_shares(patient, rasa, text):
    offer = await asked_to_share(patient, rasa)
    answer = (await patient.post(text)).json()
    assert answer["status"] == "waiting_for_staff" and answer["messages"][-1]["kind"] == "handoff"
    assert answer["messages"][0]["text"] == text and rasa.asked == []
    assert (await Conversation.objects.aget()).shared_at is not None
    assert (await patient.choose(offer["choices"][0]["choice_id"])).status_code == 422


@pytest.mark.parametrize("text", ["no", "No thank you.", "don't share it"])
async def test_a_typed_no_stays(patient, rasa, text):
    await asked_to_share(patient, rasa)
    client_id = str(uuid.uuid4())
    answer = (await patient.post(text, client_id)).json()
    assert (await patient.post(text, client_id)).json() == answer
    assert answer["status"] == "assistant" and "another question" in answer["messages"][-1]["text"]
    assert rasa.asked == [] and await Ticket.objects.acount() == 0


async def test_only_a_plain_yes_right_after_the_question_is_one(patient, rasa):
    await patient.say("yes")
    assert len(rasa.asked) == 1
    await asked_to_share(patient, rasa)
    await patient.say("yes but what is lupus?")
    await patient.say("yes")
    assert len(rasa.asked) == 2 and await Ticket.objects.acount() == 0
    assert [answer_to_share(text) for text in ("", "yes no", "is it ok?", "nobody", "yesterday")] == [None] * 5


async def test_a_typed_yes_is_done_by_the_retry_if_it_was_not(patient, rasa, monkeypatch):
    await asked_to_share(patient, rasa)
    client_id, done = str(uuid.uuid4()), flow._answer

    async def gone(*args):
        raise flow.DATABASE_ERRORS[0]

    monkeypatch.setattr(flow, "_answer", gone)
    await patient.post("yes", client_id)
    assert await Ticket.objects.acount() == 0
    monkeypatch.setattr(flow, "_answer", done)
    assert (await patient.post("yes", client_id)).json()["status"] == "waiting_for_staff"
    assert rasa.asked == []


async def test_an_emergency_behind_a_yes_gets_the_card(patient, rasa):
    await asked_to_share(patient, rasa)
    card = await patient.say("yes, " + PAIN)
    assert card["kind"] == "emergency"


async def test_back_to_the_assistant_takes_the_agreement_back(patient, nurse, rasa):
    await patient.say("what is lupus?")
    asked = (await patient.call("POST", "/escalation", json={"share": True})).json()["messages"][-1]
    back = (await patient.choose(asked["choices"][0]["choice_id"])).json()
    assert "no longer read" in back["messages"][-1]["text"]
    assert (await patient.call("GET")).json()["shared"] is False
    seen = await in_thread(lambda: selectors.transcript(conversation_id=patient.id, user=nurse))
    assert {m.text for m in seen} == {""}


async def test_what_is_shared_for_safety_stays_shared(patient):
    await patient.say(PAIN)
    asked = (await patient.call("POST", "/escalation", json={"share": True})).json()["messages"][-1]
    back = (await patient.choose(asked["choices"][0]["choice_id"])).json()
    assert back["status"] == "assistant" and "no longer read" not in back["messages"][-1]["text"]
    assert (await patient.call("GET")).json()["shared"] is True


@pytest.mark.parametrize("region", ["usa", "United States", "U", "1!", "ß", "FR"])
async def test_a_region_that_cannot_be_read_is_unknown(http, env, region):
    from tests.conftest import Patient

    env(region="US")
    patient = await Patient(http).start(region=region)
    assert "999" in patient.created["messages"][0]["text"]
    card = await patient.say(PAIN)
    assert "999" in card["text"] and "911" in card["text"]


async def test_without_a_region_it_is_the_clinics(http, env):
    from tests.conftest import Patient

    env(region="US")
    for body in ({}, {"region": ""}, {"region": " us "}):
        patient = await Patient(http).start(**body)
        assert "911" in patient.created["messages"][0]["text"] and "999" not in patient.created["messages"][0]["text"]
