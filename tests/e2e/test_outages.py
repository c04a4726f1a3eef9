"""Parts killed in mid-conversation: emergencies get their card, nothing acknowledged is lost, alerts come once."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from stack import PARTS, Stack
from tests.e2e.patient import Patient

CARD_LIMIT_S = 1.0


@pytest.fixture(autouse=True)
def _whole(stack: Stack) -> None:
    """Every test starts with all parts running, whatever the one before killed."""
    for part in PARTS:
        if part not in stack.running:
            stack.start(part)
    stack.wait_until_ready()


def database(stack: Stack) -> Path:
    (path,) = Path(stack.env["ASKIMMUNE_HOME"]).glob("*.sqlite3")
    return path


def tickets(stack: Stack, patient: Patient, columns: str) -> list[tuple]:
    """The tickets of this patient's conversation, read beside the running system."""
    return rows(stack, f"select {columns} from tickets_ticket where conversation_id = ?", patient.id)


def rows(stack: Stack, query: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{database(stack)}?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchall()


@contextmanager
def unwritable(stack: Stack) -> Iterator[None]:
    """Holds the database's one write lock: reads go on, every write of the system fails."""
    with closing(sqlite3.connect(database(stack), isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout = 10000")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


def assert_card_in_time(patient: Patient) -> None:
    started = time.monotonic()
    answer = patient.post("i have crushing chest pain and my arm is numb")
    elapsed = time.monotonic() - started
    assert answer.status_code == 200
    card = answer.json()["messages"][-1]
    assert card["kind"] == "emergency" and "911" in card["text"]
    assert elapsed <= CARD_LIMIT_S


def assert_honest_outage_line(patient: Patient) -> None:
    reply = patient.say("what is multiple sclerosis?")
    assert reply["kind"] == "fallback"
    assert "911" in reply["text"]
    assert any("person" in choice["label"].lower() or "team" in choice["label"].lower() for choice in reply["choices"])


@pytest.mark.parametrize("part", ["actions", "rasa"])
def test_with_the_assistant_gone_every_message_gets_an_honest_line_and_emergencies_their_card(stack, part):
    with Patient(stack.url) as patient:
        assert patient.say("what is lupus?")["kind"] == "answer"
        stack.kill(part)
        assert_honest_outage_line(patient)
        assert_card_in_time(patient)
        health = stack.health()
        assert health["status"] == "degraded"
        assert health["parts"]["actions" if part == "actions" else "assistant"] == "down"
        stack.start(part)
        stack.wait_until_ready()
        assert patient.say("what are its symptoms?")["answers"][0]["answer_id"] == "lupus.symptoms"


def test_with_the_worker_gone_the_card_and_the_ticket_are_there(stack):
    with Patient(stack.url) as patient:
        stack.kill("worker")
        assert_card_in_time(patient)
        assert tickets(stack, patient, "level") == [("P0",)]


def test_with_the_database_unwritable_nothing_acknowledged_is_lost_and_the_event_arrives_once(stack):
    with Patient(stack.url) as patient:
        patient.say("what is lupus?")
        with unwritable(stack):
            refused = patient.post("what is multiple sclerosis?")
            assert refused.status_code == 503 and "911" in refused.json()["help"]
            assert "retry-after" in refused.headers
            assert_card_in_time(patient)
            assert_card_in_time(patient)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not tickets(stack, patient, "id"):
            time.sleep(0.25)
        time.sleep(1.5)  # a second replay would have come by now
        assert tickets(stack, patient, "level, closed_at") == [("P0", None)]
        query = (
            "select count(*) from conversations_outbox where conversation_id = ? "
            "and kind = 'staff_push' and payload like '%alert%'"
        )
        assert rows(stack, query, patient.id) == [(1,)]
        assert patient.say("what is multiple sclerosis?")["kind"] == "answer"


def test_an_acknowledged_message_survives_a_killed_desk(stack):
    with Patient(stack.url) as patient:
        client_id = str(uuid.uuid4())
        assert patient.post("what is lupus?", client_id).status_code == 200
        stack.kill("desk")
        stack.start("desk")
        stack.wait_until_ready()
        texts = [message["text"] for message in patient.messages() if message["author"] == "patient"]
        assert texts == ["what is lupus?"]
        again = patient.post("what is lupus?", client_id).json()["messages"]
        assert [message["author"] for message in again] == ["patient", "assistant"]


def test_a_second_card_is_short_and_the_ticket_stays_one(stack):
    with Patient(stack.url) as patient:
        first = patient.say("i have crushing chest pain")
        second = patient.say("i have crushing chest pain")
        assert second["kind"] == "emergency" and len(second["text"]) < len(first["text"])
        assert tickets(stack, patient, "count(*), max(repeats)") == [(1, 1)]
