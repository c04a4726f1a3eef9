"""What a patient can rely on around a message: when it is acknowledged, what a card says, when a person is offered."""

from __future__ import annotations

import asyncio

import pytest

from clinic.models import ClinicProfile
from conversations import assistant, render, services, storing
from conversations.models import Conversation, Outbox
from conversations.worker import Worker
from lib.threads import in_thread
from tests.conftest import question
from tests.test_socket import message, opened, read
from tickets.models import Ticket
from tickets.services import close_ticket

PAIN = "i have crushing chest pain"
URGENT = "i have a fever and i take methotrexate"


@pytest.fixture
def slow_rasa(rasa, monkeypatch) -> asyncio.Event:
    """Rasa answers only once the event is set."""
    go, ask = asyncio.Event(), assistant.ask

    async def wait(**asked):
        await go.wait()
        return await ask(**asked)

    monkeypatch.setattr(assistant, "ask", wait)
    return go


async def test_a_message_is_acknowledged_before_the_assistant_has_answered(patient, slow_rasa):
    async with opened(patient, after=1) as link:
        await read(link, "status")
        await link.send_json_to(message("what is lupus?"))
        assert (await read(link, "ack"))["seq"] == 2
        assert (await read(link, "message"))["message"]["author"] == "patient"
        assert await link.receive_nothing(timeout=0.3)
        slow_rasa.set()
        assert (await read(link, "message"))["message"]["kind"] == "answer"


async def test_a_card_waits_for_nobody(patient, rasa, slow_rasa):
    async with opened(patient, after=1) as link:
        await read(link, "status")
        await link.send_json_to(message(PAIN))
        card = await read(link, "message", where=lambda f: f["message"]["author"] == "assistant")
        assert card["message"]["kind"] == "emergency"
    assert (await asyncio.wait_for(patient.say(PAIN), 3))["kind"] == "emergency"
    assert rasa.asked == []


async def test_a_fictional_telephone_is_on_no_card_and_not_in_the_configuration(patient, http):
    config = (await http.get("/config")).json()
    assert config["clinic"] == {"name": "Demonstration Clinic", "telephone": None, "demonstration": True}
    card = await patient.say(URGENT)
    assert card["kind"] == "urgent" and "555" not in card["text"]
    assert [a for a in card["actions"] if "555" in (a.get("href") or "")] == []


async def test_the_clinics_own_telephone_is_on_the_urgent_card(patient, http):
    await ClinicProfile.objects.acreate(name="Ward Clinic", telephone="+1 212-736-5000", demonstration=False)
    assert (await http.get("/config")).json()["clinic"]["telephone"] == "+1 212-736-5000"
    card = await patient.say(URGENT)
    assert {"type": "call", "label": "Call the clinic", "href": "tel:+12127365000"} in card["actions"]


async def test_the_footer_says_what_to_do_if_it_is_happening_now(patient):
    reply = await patient.say("can lupus cause chest pain?")
    (footer,) = [c for c in reply["caveats"] if c["caveat_id"] == "emergency_line"]
    assert footer["text"] == "If this is happening now, call 911. Do not wait for a reply here."
    assert footer["text"] in reply["text"]


async def test_after_a_condition_that_we_hold_nothing_about_the_next_it_means_neither(patient, rasa):
    await patient.say("what is lupus?")
    rasa.says(kind="out_of_scope", lines=["utter_condition_not_covered"], questions=[question("definition", None)])
    await patient.say("what is gout?")
    rasa.says(kind="out_of_scope", lines=["utter_condition_not_covered"])
    await patient.say("what is scurvy?")
    await patient.say("how is it treated?")
    assert (rasa.asked[-2]["context"]["condition"], rasa.asked[-2]["context"]["topic"]) == (None, "definition")
    assert (rasa.asked[-1]["context"]["condition"], rasa.asked[-1]["context"]["topic"]) == (None, None)


async def test_the_patient_sees_whether_the_chat_is_shared(patient):
    assert (await patient.call("GET")).json()["shared"] is False
    async with opened(patient, after=1) as link:
        assert (await read(link, "status"))["shared"] is False
        await patient.call("POST", "/escalation", json={"share": True})
        assert (await read(link, "status"))["shared"] is True
    assert (await patient.call("GET")).json()["shared"] is True


async def test_an_emergency_tells_the_open_chat_that_it_is_shared(patient):
    async with opened(patient, after=1) as link:
        await read(link, "status")
        await link.send_json_to(message(PAIN))
        assert (await read(link, "status"))["shared"] is True


@pytest.mark.parametrize("kind", ["fallback", "out_of_scope", "clarify"])
async def test_two_failed_answers_offer_a_person_and_open_nothing_without_consent(patient, rasa, kind):
    lines = ["utter_condition_not_covered"] if kind == "out_of_scope" else []
    rasa.says(kind=kind, lines=lines, choices=[{"topic": "definition", "condition": "lupus"}])
    # Asking back once is help; a second and third time in a row it is not.
    for _ in range(3 if kind == "clarify" else 2):
        reply = await patient.say("purple bicycles")
    assert await Ticket.objects.acount() == 0
    (person,) = [c for c in reply["choices"] if "person" in c["label"]]
    asked = (await patient.choose(person["choice_id"])).json()["messages"][-1]
    assert "May we share" in asked["text"] and await Ticket.objects.acount() == 0
    agreed = (await patient.choose(asked["choices"][0]["choice_id"])).json()
    assert agreed["status"] == "waiting_for_staff"
    ticket = await Ticket.objects.aget()
    assert (ticket.level, ticket.reason, ticket.tier) == ("P3", "failed_answers", "none")
    back = agreed["messages"][-1]["choices"][0]
    assert (await patient.choose(back["choice_id"])).json()["status"] == "assistant"
    assert (await Ticket.objects.aget()).outcome == "patient_left_queue"


async def test_a_person_asked_for_out_of_the_blue_is_p4(patient):
    await patient.call("POST", "/escalation", json={"share": True})
    assert (await Ticket.objects.aget()).level == "P4"


async def claim(patient, nurse):
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)


async def close(patient, nurse):
    await claim(patient, nurse)
    await in_thread(services.close, conversation_id=patient.id, user=nurse, outcome="advised")


async def give_back(patient, nurse):
    await claim(patient, nurse)
    await in_thread(services.give_back, conversation_id=patient.id, user=nurse)


async def close_the_ticket_alone(patient, nurse):
    await in_thread(lambda: close_ticket(ticket=Ticket.objects.get(), outcome="duplicate"))


async def close_and_crash(patient, nurse):
    await Ticket.objects.aupdate(closed_at="2026-01-01T00:00:00Z")
    await in_thread(Worker().turn)


@pytest.mark.parametrize("way", [close, give_back, close_the_ticket_alone, close_and_crash])
async def test_a_chat_that_the_patient_deleted_is_erased_when_its_ticket_closes(patient, nurse, way):
    await patient.say(PAIN)
    gone = await patient.call("DELETE")
    assert gone.status_code == 202 and gone.json()["kept"]
    assert (await patient.call("GET")).status_code == 401
    await in_thread(Worker().turn)
    assert await Conversation.objects.acount() == 1
    await way(patient, nurse)
    assert await Conversation.objects.acount() == await Ticket.objects.acount() == 0
    rows = [row.payload async for row in Outbox.objects.filter(conversation=None, kind="staff_push")]
    assert rows[-1] == {"type": "conversation", "conversation_id": patient.id, "status": "closed", "owner_name": None}


async def test_a_closed_ticket_erases_no_chat_that_the_patient_keeps(patient, nurse):
    await patient.say(PAIN)
    await close(patient, nurse)
    await in_thread(Worker().turn)
    assert await Conversation.objects.acount() == 1


@pytest.mark.parametrize("path", ["/no/such/call", "/conversations/{id}/satisfaction", "/configuration", ""])
async def test_no_address_answers_something_made_up(patient, path):
    for method in ("GET", "POST"):
        answer = await patient.http.request(method, path.format(id=patient.id), headers=patient.headers)
        assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json"
    assert (await patient.http.post("/config")).status_code == 405


def test_the_line_that_clears_the_context_exists():
    assert storing.LEFT in render.pack().lines.texts


async def test_a_question_about_the_clinic_is_answered_from_its_profile(patient, rasa):
    await ClinicProfile.objects.acreate(name="Ward Clinic", telephone="+1 212-736-5000", demonstration=False)
    rasa.says(kind="answer", answers=["clinic.contact"], questions=[question("contact", None)])
    reply = await patient.say("what is your telephone number?")
    assert reply["kind"] == "answer" and "+1 212-736-5000" in reply["text"]
