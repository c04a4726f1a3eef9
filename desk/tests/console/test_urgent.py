"""What rings, for whom, and which words stand where."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from console.selectors import without_marks
from conversations import services
from conversations.models import Conversation, Message
from lib import clock
from tests.console.conftest import ATTACK, sign_in, waiting
from tickets.models import Contact

pytestmark = pytest.mark.django_db
PAGE = "/staff/conversations/c1/"
CONSOLE = Path(__file__).resolve().parents[2] / "console"


def urgent(client: Client, shown: str = "all") -> list[dict]:
    return client.get(f"/staff/queue.json?show={shown}").json()["urgent"]


@pytest.mark.parametrize(("level", "rings"), [("P0", True), ("P1", True), ("P2", False), ("P3", False)])
def test_only_p0_and_p1_ring_and_the_banner_is_there_without_script(agent: Client, level: str, rings: bool) -> None:
    waiting(level=level)
    assert bool(urgent(agent)) is rings
    banner = re.search(r'<div id="alert-banner"[^>]*>', agent.get("/staff/").content.decode())
    assert banner and ("hidden" not in banner[0]) is rings


def test_it_rings_under_every_filter_until_a_person_replies(agent: Client) -> None:
    waiting(level="P0")
    assert urgent(agent, "mine") and urgent(agent, "closed")
    agent.post(PAGE + "claim/")
    assert urgent(agent), "taking a conversation stops no clock (S-16)"
    agent.post(PAGE + "reply/", {"text": "I am Nina. Have you called 911?"})
    assert urgent(agent) == []


def test_what_a_colleague_has_still_rings_without_a_link_or_reason(
    agent: Client, second_agent: Client, lead: Client
) -> None:
    waiting(level="P1", reason="crisis")
    agent.post(PAGE + "claim/")
    (row,) = urgent(second_agent)
    assert (
        row["url"] == ""
        and row["text"] == "P1 Crisis or safeguarding: Nina has it, no reply yet"
        and "suicide" not in row["text"]
    )
    assert urgent(lead)[0]["url"] == PAGE
    assert second_agent.get("/staff/queue.json").json()["rows"] == []


def test_matched_words_are_shown_for_p0_and_p1_or_where_shared(agent: Client) -> None:
    waiting("one", level="P0", shared=False)
    waiting("two", level="P2", shared=False)
    waiting("three", level="P2")
    seen = {
        key: "matched words" in agent.get(f"/staff/conversations/{key}/").content.decode()
        for key in ("one", "two", "three")
    }
    assert seen == {"one": True, "two": False, "three": True}


def test_contact_details_are_only_for_those_who_share(agent: Client) -> None:
    for key, shared in (("one", True), ("two", False)):
        Contact.objects.create(
            conversation=waiting(key, shared=shared), name="Pat Doe", phone="555-0101", consented_at=clock.now()
        )
    assert "Pat Doe" in agent.get("/staff/conversations/one/").content.decode()
    assert "Pat Doe" not in agent.get("/staff/conversations/two/").content.decode()


@pytest.mark.parametrize("shown", ["all", "mine", "unassigned", "waiting", "closed", "nonsense"])
def test_each_filter_shows_its_own(agent: Client, second_agent: Client, shown: str) -> None:
    for key in ("free", "mine", "done"):
        waiting(key)
    for key in ("mine", "done"):
        agent.post(f"/staff/conversations/{key}/claim/")
    agent.post("/staff/conversations/done/reply/", {"text": "Goodbye."})
    agent.post("/staff/conversations/done/close/", {"outcome": "answered"})
    expected = {"mine": {"mine"}, "unassigned": {"free"}, "waiting": {"free"}, "closed": {"done"}}
    page = agent.get(f"/staff/?show={shown}").content.decode()
    assert set(re.findall(r'data-conversation-id="(\w+)"', page)) == expected.get(shown, {"free", "mine"})


def test_waiting_stops_counting_at_the_first_reply(agent: Client) -> None:
    waiting(opened_at=clock.now() - timedelta(minutes=9))
    agent.post(PAGE + "claim/")
    assert agent.get("/staff/queue.json").json()["rows"][0]["answered"] is False
    agent.post(PAGE + "reply/", {"text": "Hello."})
    (row,) = agent.get("/staff/queue.json").json()["rows"]
    assert row["answered"] and row["waiting"] == "9 minutes"


def test_an_answer_shows_its_id_version_and_sources_and_what_was_understood(agent: Client) -> None:
    found = waiting()
    source = {"organisation": "Sample Institute", "title": "Lupus", "url": "https://example.org/", "year": 2025}
    answer = {"answer_id": "lupus.definition", "version": "0123456789abcdef", "title": "Lupus", "sources": [source]}
    turn = {
        "questions": [{"topic": "definition", "condition": "lupus", "confidence": 0.93, "alternatives": ["symptoms"]}]
    }
    Message.objects.create(
        conversation=found,
        seq=2,
        author="assistant",
        kind="answer",
        text="**Lupus** is\n\n**Sources**\n- listed twice",
        body={"answers": [answer]},
        turn=turn,
    )
    page = agent.get(PAGE).content.decode()
    for words in (
        "lupus.definition",
        "0123456789ab<",
        "Sample Institute: Lupus (2025)",
        "confidence 0.93",
        "Lupus is</bdi>",
        "alternatives: symptoms",
    ):
        assert words in page
    assert "**" not in page and 'href="https://example.org/"' in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**Call [911](tel:911) now.**", "Call 911 now."),
        ("See [the guide](https://example.org/a).", "See the guide (https://example.org/a)."),
        ("Nothing [here](javascript:1)", "Nothing [here](javascript:1)"),
    ],
)
def test_our_light_markdown_is_shown_plain(text: str, shown: str) -> None:
    assert without_marks(text) == shown


@pytest.mark.parametrize("attack", [ATTACK, "<script>1</script>", "{{ 7|add:7 }}", "</textarea><b>", '" onfocus="x'])
def test_no_words_of_a_patient_become_markup(agent: Client, attack: str) -> None:
    waiting(text=attack, matched=[attack])
    page = agent.get(PAGE).content.decode()
    assert attack not in page or ("<" not in attack and '"' not in attack)
    assert json.loads(agent.get(PAGE + "messages.json").content)["messages"][0]["text"] == attack


def test_a_lost_reply_is_handed_back_to_whoever_typed_it(agent: Client, lead: Client) -> None:
    waiting()
    lead.post(PAGE + "claim/")
    services.release(conversation_id="c1", user=lead.user)  # type: ignore[attr-defined]
    page = lead.post(PAGE + "reply/", {"text": "Half an hour of <typing>"})
    assert page.status_code == 400 and "Half an hour of &lt;typing&gt;" in page.content.decode()


def test_pages_load_nothing_inline_and_templates_trust_nothing(agent: Client) -> None:
    waiting()
    for path in ("/staff/", PAGE):
        page = agent.get(path).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\son\w+=", page)
    sources = [file.read_text() for file in CONSOLE.rglob("templates/**/*.html")]
    assert sources and not any("|safe" in text or "autoescape off" in text for text in sources)
    scripts = [file.read_text() for file in (CONSOLE / "static").rglob("*.js")]
    assert scripts and not any(
        re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", text) for text in scripts
    )


@pytest.mark.parametrize("role", ["agent", "clinical_lead", "reviewer", "admin"])
def test_every_page_says_that_the_content_is_a_demonstration(role: str) -> None:
    client = sign_in("pat", role)
    for path in ("/staff/", "/staff/password/", "/staff/clinic/", "/staff/conversations/none/"):
        assert (
            "Demonstration content, not yet signed off by a clinician" in client.get(path, follow=True).content.decode()
        )
    assert "not yet signed off" in Client().get("/staff/login/").content.decode()


def test_reading_is_noted_for_the_patient_only_while_somebody_is_there(agent: Client) -> None:
    waiting()
    agent.post(PAGE + "claim/")
    agent.get(PAGE + "messages.json", headers={"X-Console-Passive": "1"})
    assert Conversation.objects.get().staff_seen_seq == 0
    agent.get(PAGE + "messages.json")
    assert Conversation.objects.get().staff_seen_seq == 2


def test_what_staff_wrote_is_shown_to_staff_where_the_patient_shares_nothing(agent: Client) -> None:
    waiting(shared=False)
    agent.post(PAGE + "claim/")
    agent.post(PAGE + "reply/", {"text": "Hello, this is Nina.\r\nMay we read this chat?"})
    page = agent.get(PAGE).content.decode()
    assert "Hello, this is Nina." in page and "Nina joined" in page and "My joints hurt" not in page
    assert Message.objects.get(author="staff").text == "Hello, this is Nina.\nMay we read this chat?"


def test_a_source_that_is_no_web_page_is_no_link(agent: Client) -> None:
    source = {"organisation": "Sample", "title": "Page", "url": "javascript:alert(1)", "year": None}
    body = {"answers": [{"answer_id": "a.b", "version": "0" * 12, "title": "T", "sources": [source]}]}
    Message.objects.create(conversation=waiting(), seq=2, author="assistant", kind="answer", text="T", body=body)
    page = agent.get(PAGE).content.decode()
    assert "Sample: Page" in page and "javascript:" not in page
