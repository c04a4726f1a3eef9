"""The other calls of docs/api.md."""

from __future__ import annotations

from conversations import services
from conversations.models import Conversation, Feedback, Message, Outbox
from lib.threads import in_thread
from tests.conftest import question


async def test_choices_are_resolved_on_the_server(patient, rasa):
    """X-2"""
    rasa.says(
        kind="clarify",
        lines=["utter_which_condition"],
        choices=[{"topic": "symptoms", "condition": "lupus"}],
        questions=[question("symptoms", None)],
    )
    asked = await patient.say("what are the symptoms?")
    assert asked["kind"] == "clarify" and "lupus" in asked["choices"][0]["label"].lower()
    rasa.says(kind="answer", answers=["lupus.symptoms"], questions=[question("symptoms")])
    answer = await patient.choose(asked["choices"][0]["choice_id"])
    assert answer.json()["messages"][-1]["answers"][0]["answer_id"] == "lupus.symptoms"
    assert rasa.asked[-1]["choice"] == {"topic": "symptoms", "condition": "lupus"}
    assert rasa.asked[-1]["context"]["asked"] is True
    assert rasa.asked[-1]["context"]["topic"] == "symptoms"


async def test_another_patients_choice_is_not_offered_here(patient, other_patient):
    choice = other_patient.created["messages"][0]["choices"][0]["choice_id"]
    assert (await patient.choose(choice)).status_code == 422


async def test_feedback_seen_keepalive_and_transcript(patient):
    reply = await patient.say("what is lupus?")
    for helpful in (True, False):
        sent = {"helpful": helpful, "comment": "mail jo@mail.example"}
        assert (await patient.call("POST", f"/messages/{reply['seq']}/feedback", json=sent)).status_code == 204
    feedback = await Feedback.objects.aget()
    assert feedback.helpful is False and "jo@" not in feedback.comment
    assert (await patient.call("POST", "/messages/2/feedback", json={"helpful": True})).status_code == 404
    assert (await patient.call("POST", "/seen", json={"seq": 3})).status_code == 204
    assert (await Conversation.objects.aget()).patient_seen_seq == 3
    assert (await patient.call("POST", "/keepalive")).json()["closes_at"] == (await patient.call("GET")).json()[
        "closes_at"
    ]
    text = (await patient.call("GET", "/transcript?format=text")).text
    assert "what is lupus?" in text and "**Sources**" in text
    copy = (await patient.call("GET", "/transcript?format=json")).json()
    assert len(copy["messages"]) == 3
    assert (await patient.call("GET", "/transcript?format=exe")).status_code == 422


async def test_messages_after_a_number(patient):
    await patient.say("what is lupus?")
    later = (await patient.call("GET", "/messages?after=2")).json()["messages"]
    assert [m["seq"] for m in later] == [3]
    for wrong in ("x", "٣", "²", "-1", "1e3", ""):
        assert (await patient.call("GET", f"/messages?after={wrong}")).status_code == 422


async def test_erasing_leaves_nothing(patient):
    await patient.say("what is lupus?")
    erased = await patient.call("DELETE")
    assert erased.status_code == 200 and erased.json()["kept"] == [] and erased.json()["erased_at"]
    assert await Message.objects.acount() == 0
    # All that stays, for the patient's other devices, is that there is nothing any more.
    (row,) = [row async for row in Outbox.objects.filter(kind="push")]
    assert row.conversation_id is None and row.payload == {"type": "erased", "conversation_id": patient.id}
    assert (await patient.call("GET")).status_code == 401


async def test_with_an_open_alert_it_is_kept_for_staff_until_the_ticket_closes(patient, nurse):
    await patient.say("i have crushing chest pain")
    erased = await patient.call("DELETE")
    assert erased.status_code == 202 and erased.json()["kept"]
    assert (await patient.call("GET")).status_code == 401
    await in_thread(services.claim, conversation_id=patient.id, user=nurse)
    await in_thread(services.close, conversation_id=patient.id, user=nurse, outcome="reached_by_telephone")
    assert await Conversation.objects.acount() == 0


async def test_the_pages_have_a_strict_policy(http):
    for path in ("/demo/", "/chat/"):
        page = await http.get(f"http://localhost{path}")
        assert page.status_code == 200 and "not yet signed off" in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy and page.headers["x-content-type-options"] == "nosniff"
    script = await http.get("http://localhost/widget.js")
    assert script.status_code == 200 and "max-age=300" in script.headers["cache-control"]
    assert (await http.get("http://localhost/widget/0.0.0/askimmune.js")).status_code == 404
    assert (await http.get("http://localhost/widget/..%2f..%2f/manage.py")).status_code == 404
