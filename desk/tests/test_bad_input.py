"""Hostile and broken input: the status codes of docs/api.md, help in every refusal, nothing stored."""

from __future__ import annotations

import json
import uuid

import pytest

from conversations.models import Message
from tests.contracts import assert_matches

CANARY = "zebrafinch-canary-7731"


def body(text: object, **more: object) -> bytes:
    return json.dumps({"text": text, "client_message_id": str(uuid.uuid4()), **more}).encode()


REFUSED = [
    (b'{"text": "' + CANARY.encode(), 400),
    (b"not json " + CANARY.encode(), 400),
    (b"[]", 400),
    (b"", 400),
    (b"\xff\xfe\x00", 400),
    (b"[" * 5000, 400),
    (body(7), 422),
    (body(None), 422),
    (body(""), 422),
    (body("  \u0000 "), 422),
    (body([CANARY]), 422),
    (body(CANARY, surprise=1), 422),
    (body(CANARY, choice="x" * 20), 422),
    (json.dumps({"text": CANARY}).encode(), 422),
    (json.dumps({"text": CANARY, "client_message_id": "nope"}).encode(), 422),
    (json.dumps({"choice": "x" * 24, "client_message_id": str(uuid.uuid4())}).encode(), 422),
    (body((CANARY + " ") * 435), 413),
    (body("a" * 70_000), 413),
]


@pytest.mark.parametrize(("raw", "status"), REFUSED, ids=[f"case {n}" for n in range(len(REFUSED))])
async def test_it_refuses_with_help_and_stores_nothing(patient, raw, status):
    answer = await patient.call("POST", "/messages", content=raw)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert_matches("problem.json", answer.json())
    assert "911" in answer.json()["help"] and CANARY not in answer.text
    assert await Message.objects.filter(author="patient").acount() == 0


async def test_two_thousand_characters_are_taken_and_one_more_is_not(patient):
    assert (await patient.post("é" * 2000)).status_code == 200
    assert (await patient.post("é" * 2001)).status_code == 413


async def test_another_content_type_is_refused(patient):
    answer = await patient.call(
        "POST", "/messages", content=body("what is lupus?"), headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 415


async def test_a_nul_and_a_lone_surrogate_are_taken_out(patient, rasa):
    for text in ("what is\x00 lupus?", "what is lupus? \ud800"):
        assert (await patient.post(text)).status_code == 200
    assert "\x00" not in json.dumps(await patient.messages())


async def test_ids_and_tokens_open_only_their_own(patient, other_patient):
    """X-1"""
    calls = [("GET", "", None), ("GET", "/messages", None), ("POST", "/escalation", {"share": True}), ("POST", "/clearance", {"seq": 1}),
             ("POST", "/seen", {"seq": 1}), ("POST", "/keepalive", None), ("GET", "/transcript", None), ("DELETE", "", None),
             ("POST", "/messages/1/feedback", {"helpful": True}),
             ("POST", "/messages", {"text": "what is lupus?", "client_message_id": str(uuid.uuid4())})]  # fmt: skip
    for method, rest, sent in calls:
        for headers, status in (({}, 401), ({"Authorization": "Bearer wrong"}, 401), (other_patient.headers, 404)):
            answer = await patient.http.request(method, patient.path + rest, json=sent, headers=headers)
            assert answer.status_code == status, (method, rest, answer.text)
    assert (await patient.http.get("/conversations/" + "x" * 24, headers=patient.headers)).status_code == 404


async def test_origins_match_exactly(patient):
    """X-5"""
    for origin in (
        "https://elsewhere.example",
        "https://www.clinic.example.evil.example",
        "null",
        "http://www.clinic.example",
    ):
        answer = await patient.call("POST", "/messages", content=body("what is lupus?"), headers={"Origin": origin})
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
    allowed = await patient.call("GET", "/messages", headers={"Origin": "https://www.clinic.example"})
    assert allowed.headers["access-control-allow-origin"] == "https://www.clinic.example"
    preflight = await patient.http.options(patient.path + "/messages", headers={"Origin": "https://www.clinic.example"})
    assert preflight.status_code == 204 and "Authorization" in preflight.headers["access-control-allow-headers"]
    foreign_host = await patient.call("GET", headers={"Origin": "http://evil.example", "Host": "evil.example"})
    assert foreign_host.status_code == 403


async def test_the_same_id_with_other_words_is_a_conflict(patient, rasa):
    """S-12"""
    client_id = str(uuid.uuid4())
    first = await patient.post("what is lupus?", client_id)
    second = await patient.post("what is lupus?", client_id)
    assert first.json() == second.json() and len(rasa.asked) == 1
    assert (await patient.post("what is psoriasis?", client_id)).status_code == 409


async def test_contact_details_need_consent(patient):
    for sent in ({}, {"share": False}, {"share": True, "contact": {"email": "a@b.example"}},
                 {"share": True, "contact": {"email": "nonsense", "consent": True}}, {"share": True, "contact": {"consent": True}}):  # fmt: skip
        assert (await patient.call("POST", "/escalation", json=sent)).status_code == 422
    good = {"share": True, "contact": {"email": "jo@mail.example", "consent": True}}
    assert (await patient.call("POST", "/escalation", json=good)).json()["status"] == "waiting_for_staff"


async def test_an_unheld_region_is_unknown_and_shows_every_number(http):
    for region in ("ZZ", "zz"):
        hello = (await http.post("/conversations", json={"region": region})).json()["messages"][0]["text"]
        assert all(number in hello for number in ("911", "999", "112", "000"))
    assert (await http.post("/conversations", json={"region": 7})).status_code == 422
    assert (await http.post("/conversations", json={"sender": "me"})).status_code == 422


async def test_no_log_holds_words_tokens_or_contact_details(patient, caplog, rasa, env):
    """P-2"""
    env(rate_per_conversation=(), rate_per_address=())
    caplog.set_level("DEBUG")
    for raw, _ in REFUSED:
        await patient.call("POST", "/messages", content=raw)
    await patient.say(f"i have crushing chest pain {CANARY}")
    rasa.error = RuntimeError(CANARY)
    await patient.say(f"what is lupus {CANARY}")
    rasa.error, rasa.turn = None, {"v": 1, "kind": "answer", "answers": [CANARY], "tier": "none", CANARY: 1}
    await patient.say(f"what is lupus, {CANARY}?")
    await patient.call(
        "POST", "/escalation", json={"share": True, "contact": {"email": f"{CANARY}@mail.example", "consent": True}}
    )
    ours = "\n".join(
        r.getMessage() + str(r.exc_text or "") for r in caplog.records if not r.name.startswith(("httpx", "asyncio"))
    )
    assert CANARY not in ours and patient.token not in ours
