"""Who may speak: exclusive handover, kept by the services and, under them, by the database itself (S-10, S-20)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from conversations import selectors, services
from conversations.errors import NotAllowed
from conversations.models import Conversation, Message, Outbox
from lib.threads import in_thread
from tests.contracts import assert_matches
from tickets.models import Ticket


async def ask_for_person(patient):
    answer = await patient.call("POST", "/escalation", json={"share": True})
    assert answer.status_code == 200
    return answer.json()


async def test_one_member_of_staff_has_the_chat(patient, nurse, second_nurse):
    await ask_for_person(patient)
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)
    with pytest.raises(NotAllowed, match="Nina Ward"):
        await in_thread(services.claim, conversation_id=patient.id, user=second_nurse)
    with pytest.raises(NotAllowed):
        await in_thread(services.post_staff_message, conversation_id=patient.id, user=second_nurse, text="Hello")
    await in_thread(services.post_staff_message, conversation_id=patient.id, user=nurse, text="Hello")
    last = (await patient.messages())[-1]
    assert (last["author"], last["author_name"], last["text"]) == ("staff", "Nina Ward", "Hello")
    state = (await patient.call("GET")).json()
    assert_matches("conversation.json", state)
    assert state["staff_name"] == "Nina Ward"


async def test_nobody_can_be_taken_who_did_not_ask(patient, nurse):
    with pytest.raises(NotAllowed):
        await in_thread(services.claim, conversation_id=patient.id, user=nurse)


async def test_the_assistant_is_silent_with_staff_but_the_card_comes_once(patient, nurse, rasa):
    await ask_for_person(patient)
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)
    answer = await patient.post("what is lupus?")
    assert [m["author"] for m in answer.json()["messages"]] == ["patient"]
    assert rasa.asked == []
    card = await patient.say("i have crushing chest pain")
    assert card["kind"] == "emergency" and card["author"] == "assistant"
    ticket = await Ticket.objects.aget(conversation_id=patient.id)
    assert ticket.level == "P0"


async def test_a_message_while_waiting_is_added_for_the_team(patient, rasa):
    await ask_for_person(patient)
    reply = await patient.say("are you there?")
    assert reply["author"] == "system" and rasa.asked == []
    answer = await patient.choose(reply["choices"][0]["choice_id"])
    assert answer.json()["status"] == "assistant"
    assert (await Ticket.objects.aget(conversation_id=patient.id)).outcome == "patient_left_queue"
    assert (await patient.say("what is lupus?"))["kind"] == "answer"


async def test_the_database_refuses_the_assistant_where_staff_speak(patient, nurse):
    await ask_for_person(patient)
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)

    def insert(kind: str) -> None:
        with transaction.atomic():
            Message.objects.create(conversation_id=patient.id, seq=90, author="assistant", kind=kind, text="x")

    with pytest.raises(DatabaseError, match="may not speak"):
        await in_thread(insert, "answer")
    await in_thread(insert, "emergency")


async def test_the_database_refuses_a_second_owner_and_a_jump_out_of_closed(patient, nurse, second_nurse):
    await ask_for_person(patient)
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)
    mine = Conversation.objects.filter(id=patient.id)
    with pytest.raises(DatabaseError, match="not allowed"):
        await in_thread(lambda: mine.update(owner=second_nurse))
    await in_thread(services.close, conversation_id=patient.id, user=nurse, outcome="answered")
    with pytest.raises(DatabaseError, match="not allowed"):
        await in_thread(lambda: mine.update(status="with_staff", owner=nurse))


async def test_give_back_release_and_close(patient, nurse, rasa):
    await ask_for_person(patient)
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)
    await in_thread(services.release, conversation_id=patient.id, user=nurse)
    assert (await patient.call("GET")).json()["status"] == "waiting_for_staff"
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)
    await in_thread(services.give_back, conversation_id=patient.id, user=nurse)
    assert "assistant" in (await patient.messages())[-1]["text"]
    assert (await patient.say("what is lupus?"))["kind"] == "answer"
    await ask_for_person(patient)
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)
    await in_thread(services.close, conversation_id=patient.id, user=nurse, outcome="answered")
    reopened = await patient.post("what is lupus?")
    assert reopened.json()["status"] == "assistant"
    assert reopened.json()["messages"][-1]["kind"] == "answer"


async def test_only_a_reply_stops_the_clock(patient, nurse):
    await ask_for_person(patient)
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)
    assert (await Ticket.objects.aget()).answered_at is None
    await in_thread(services.post_staff_message, conversation_id=patient.id, user=nurse, text="Hello")
    ticket = await Ticket.objects.aget()
    assert ticket.answered_at is not None and ticket.answered_by_id == nurse.pk


async def test_a_person_is_asked_for_in_words_and_sees_nothing_before_share(patient, nurse, rasa):
    """S-19: the words are shown only after the patient agreed."""
    rasa.says(kind="handoff", lines=["utter_offer_person"], offer_person=True)
    offer = await patient.say("can i talk to somebody")
    assert offer["kind"] == "handoff" and len(offer["choices"]) == 2
    assert await in_thread(lambda: selectors.queue(user=nurse)) == []
    hidden = await in_thread(lambda: selectors.transcript(conversation_id=patient.id, user=nurse))
    assert {message.text for message in hidden} == {""}
    shared = await patient.choose(offer["choices"][0]["choice_id"])
    assert shared.json()["status"] == "waiting_for_staff"
    (row,) = await in_thread(lambda: selectors.queue(user=nurse))
    assert row.level == "P4" and row.last_text is not None
    seen = await in_thread(lambda: selectors.transcript(conversation_id=patient.id, user=nurse))
    assert "can i talk to somebody" in {message.text for message in seen}


async def test_every_change_leaves_a_row_for_consoles(patient, nurse):
    await ask_for_person(patient)
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)
    frames = [row.payload async for row in Outbox.objects.filter(kind="staff_push")]
    for frame in frames:
        assert_matches("frame_staff.json", frame)
    assert {"alert", "conversation", "message"} <= {frame["type"] for frame in frames}
