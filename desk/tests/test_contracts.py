"""What the desk sends is what contracts/ says."""

from __future__ import annotations

from tests.conftest import question
from tests.contracts import assert_matches


async def test_the_configuration(http):
    answer = await http.get("/config")
    assert_matches("config.json", answer.json())
    assert answer.headers["cache-control"].startswith("public")


async def test_a_new_conversation_says_that_it_is_a_program(patient):
    assert_matches("conversation_created.json", patient.created)
    assert "computer program" in patient.created["messages"][0]["text"]
    assert "911" in patient.created["messages"][0]["text"]


async def test_an_answer_with_choices(patient, rasa):
    rasa.says(
        kind="answer",
        answers=["lupus.definition"],
        choices=[{"topic": "symptoms", "condition": "lupus"}],
        questions=[question()],
    )
    answer = await patient.post("what is lupus?")
    assert_matches("messages.json", answer.json())
    reply = answer.json()["messages"][-1]
    assert reply["kind"] == "answer" and reply["answers"][0]["answer_id"] == "lupus.definition"
    assert reply["caveats"] and reply["choices"]


async def test_what_rasa_is_asked(patient, rasa):
    await patient.say("what is lupus?")
    await patient.say("what are its symptoms?")
    for asked in rasa.asked:
        assert_matches("turn_request.json", asked)
    assert rasa.asked[1]["context"]["condition"] == "lupus"
    assert rasa.asked[1]["context"]["recent"] == ["what is lupus?"]
    assert rasa.tokens[0] == "Bearer a-token-for-tests-only-0123456789"


async def test_a_card_and_the_conversation(patient):
    answer = await patient.post("i have crushing chest pain")
    assert_matches("messages.json", answer.json())
    assert_matches("conversation.json", (await patient.call("GET")).json())
    await patient.call("POST", "/escalation", json={"share": True})
    waiting = (await patient.call("GET")).json()
    assert_matches("conversation.json", waiting)
    assert waiting["status"] == "waiting_for_staff" and waiting["position"] == 1


async def test_health_and_problems(http):
    ready = await http.get("/health/ready")
    assert_matches("health.json", ready.json())
    assert (await http.get("/health/live")).json() == {"status": "ok"}
    missing = await http.get("/no/such/call")
    assert missing.status_code == 404
    assert_matches("problem.json", missing.json())
