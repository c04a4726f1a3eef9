"""Hostile and broken input against the running system: the documented status codes, nothing stored or logged."""

from __future__ import annotations

import json
import uuid

import pytest

# Words that no log may hold: every hostile body carries one (P-2).
CANARY = "zebrafinch-canary-7731"
DISGUISED_RESTARTS = [
    "/restart",
    " /restart",
    "\u00a0/restart",
    "\u2028/restart",
    "\u200b/restart",
    "\uff0frestart",
    "\t/restart",
    "/restart{}",
    '/restart{"condition":"lupus"}',
    "/restart@0.99{}",
    "\ufeff/RESTART",
    "\u202e/restart",
]


def post_raw(patient, body: bytes, **headers: str):
    sent = {"Content-Type": "application/json", **patient.headers, **headers}
    return patient.http.post(f"{patient.path}/messages", content=body, headers=sent)


def message_body(text: object, **more: object) -> bytes:
    return json.dumps({"text": text, "client_message_id": str(uuid.uuid4()), **more}).encode()


def stored_texts(patient) -> list[str]:
    return [message["text"] for message in patient.messages() if message["author"] == "patient"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"text": "' + CANARY.encode(), 400),
        (b"not json at all " + CANARY.encode(), 400),
        (b"[]", 400),
        (b"\xff\xfe\x00", 400),
        (message_body(7), 422),
        (message_body(None), 422),
        (message_body(""), 422),
        (message_body([CANARY]), 422),
        (message_body(CANARY, surprise=1), 422),
        (json.dumps({"text": CANARY}).encode(), 422),
        (json.dumps({"text": CANARY, "client_message_id": "not-a-uuid"}).encode(), 422),
        (message_body((CANARY + " ") * 435), 413),
        (message_body("a" * 70_000), 413),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else value[:24].decode("utf-8", "replace"),
)
def test_it_refuses_with_a_problem_that_carries_help_and_stores_nothing(patient, body, status):
    answer = post_raw(patient, body)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == status and "911" in problem["help"]
    assert CANARY not in answer.text
    assert stored_texts(patient) == []


def test_a_body_that_is_not_json_is_still_screened(patient):
    answer = post_raw(patient, b'{"text": "i have crushing chest pain')
    assert answer.status_code == 200 and answer.json()["messages"][-1]["kind"] == "emergency"


def test_a_message_that_is_far_too_long_is_still_screened(patient):
    answer = post_raw(patient, message_body("please read all of this. " * 300 + "i can't breathe"))
    assert answer.status_code == 200 and answer.json()["messages"][-1]["kind"] == "emergency"


def test_a_nul_and_a_lone_surrogate_do_not_break_it(patient):
    for text in ("what is\x00 lupus?", "what is lupus? \ud800"):
        answer = post_raw(patient, message_body(text))
        assert answer.status_code == 200, answer.text
        assert answer.json()["messages"][-1]["answers"][0]["answer_id"] == "lupus.definition"


def test_a_wrong_token_and_another_patients_token(patient, stack):
    from tests.e2e.patient import Patient

    with Patient(stack.url) as other:
        assert patient.http.get(patient.path, headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert patient.http.get(patient.path).status_code == 401
        assert patient.http.get(patient.path, headers=other.headers).status_code == 404
        assert patient.http.get("/conversations/" + "x" * 32, headers=patient.headers).status_code == 404


def test_a_foreign_origin_is_refused(patient):
    answer = post_raw(patient, message_body("what is lupus?"), Origin="https://elsewhere.example")
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("text", DISGUISED_RESTARTS, ids=[f"disguise {number}" for number in range(12)])
def test_a_slash_payload_is_plain_text(patient, text):
    """X-2: no intent injection, no lost context, and the words behind it are still screened."""
    patient.say("what is lupus?")
    answer = patient.post(text)
    assert answer.status_code == 200
    assert answer.json()["messages"][-1]["kind"] in {"fallback", "out_of_scope", "clarify", "small_talk", "answer"}
    follow_up = patient.say("what are its symptoms?")
    assert [item["answer_id"] for item in follow_up["answers"]] == ["lupus.symptoms"]


def test_words_behind_a_slash_payload_are_screened(patient):
    assert patient.say("/deny{} i cant breathe")["kind"] == "emergency"


def test_no_log_holds_what_a_patient_wrote(patient, stack):
    for text in (f"what is lupus {CANARY}", f"/{CANARY}", f"{CANARY} i have crushing chest pain"):
        patient.say(text)
    logs = {path.name: path.read_text(errors="replace") for path in stack.logs.glob("*.log")}
    assert set(logs) == {"actions.log", "rasa.log", "desk.log", "worker.log"}
    assert [name for name, text in logs.items() if CANARY in text or patient.token in text] == []
