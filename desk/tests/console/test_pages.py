"""What each role may open, and what the pages do with plain forms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client

from conversations import services
from conversations.models import Conversation, Message
from lib import clock
from tests.console.conftest import ATTACK, sign_in, waiting
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
PAGE = "/staff/conversations/c1/"


@pytest.mark.parametrize(
    ("role", "queue", "conversation", "clinic"),
    [
        ("agent", 200, 200, 403),
        ("clinical_lead", 200, 200, 200),
        ("reviewer", 200, 403, 403),
        ("admin", 302, 403, 200),
        (None, 403, 403, 403),
    ],
)
def test_each_role_opens_only_its_pages(role: str | None, queue: int, conversation: int, clinic: int) -> None:
    waiting()
    client = sign_in("pat", *([role] if role else []))
    assert [client.get(path).status_code for path in ("/staff/", PAGE, "/staff/clinic/")] == [
        queue,
        conversation,
        clinic,
    ]
    assert client.get(PAGE + "messages.json").status_code == conversation
    assert client.get("/staff/queue.json").status_code == conversation


@pytest.mark.parametrize("path", ["/staff/", PAGE, "/staff/clinic/", "/staff/queue.json", PAGE + "messages.json"])
def test_a_visitor_is_sent_to_the_sign_in_page(path: str) -> None:
    waiting()
    answer = Client().get(path)
    assert answer.status_code == 302 and answer["Location"].startswith("/staff/login/")


def test_a_superuser_without_a_role_opens_nothing() -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    assert client.get("/staff/").status_code == 403


def test_emergencies_come_first_then_the_longest_waiting(agent: Client) -> None:
    now = clock.now()
    waiting("late", level="P3", opened_at=now)
    waiting("early", level="P3", opened_at=now - timedelta(minutes=9))
    waiting("worst", level="P0", opened_at=now)
    assert [row["id"] for row in agent.get("/staff/queue.json").json()["rows"]] == ["worst", "early", "late"]
    page = agent.get("/staff/").content.decode()
    assert [page.index(f'data-conversation-id="{key}"') for key in ("worst", "early", "late")] == sorted(
        page.index(f'data-conversation-id="{key}"') for key in ("worst", "early", "late")
    )
    assert 'data-level="P0" data-ringing' in page and "Emergency</span>" in page


def test_an_empty_queue_says_so(agent: Client) -> None:
    assert '<div id="empty" class="empty"><h2>Nobody is waiting' in agent.get("/staff/").content.decode()


def test_the_loser_of_a_claim_is_told_who_has_it(agent: Client, second_agent: Client) -> None:
    waiting()
    assert "Reply to the patient" in agent.post(PAGE + "claim/", follow=True).content.decode()
    told = second_agent.post(PAGE + "claim/", follow=True).content.decode()
    assert "Nina has this conversation." in told
    assert Conversation.objects.get(id="c1").owner == agent.user  # type: ignore[attr-defined]


def test_an_agent_does_not_read_what_a_colleague_has_but_a_lead_does(
    agent: Client, second_agent: Client, lead: Client
) -> None:
    waiting()
    agent.post(PAGE + "claim/")
    assert second_agent.get(PAGE).status_code == 404
    assert second_agent.get("/staff/queue.json").json()["rows"] == []
    assert "My joints hurt" in lead.get(PAGE).content.decode()


def test_nobody_reads_a_conversation_that_never_needed_a_person(lead: Client) -> None:
    Conversation.objects.create(id="c1", token_hash="c1")
    assert lead.get(PAGE).status_code == 404


def test_words_that_were_not_shared_are_nowhere(agent: Client) -> None:
    waiting(shared=False)
    for path in (PAGE, "/staff/", "/staff/queue.json", PAGE + "messages.json"):
        content = agent.get(path).content.decode()
        assert "My joints hurt" not in content and "matched words" not in content
    assert "has not agreed to share" in agent.get(PAGE).content.decode()
    assert "rule.one" in agent.get(PAGE).content.decode()


def test_a_patients_markup_is_only_text(agent: Client) -> None:
    waiting(text=ATTACK)
    for path in (PAGE, "/staff/"):
        content = agent.get(path).content.decode()
        assert "<img" not in content and "&lt;img" in content and 'href="https://evil' not in content


def test_pages_with_words_are_not_kept_and_run_no_foreign_script(agent: Client) -> None:
    waiting()
    answer = agent.get(PAGE)
    assert answer["Cache-Control"] == "no-store"
    assert "require-trusted-types-for" in answer["Content-Security-Policy"]


def test_a_reply_reaches_the_patient_and_stops_the_clock(agent: Client) -> None:
    waiting()
    agent.post(PAGE + "claim/")
    assert agent.post(PAGE + "reply/", {"text": "Hello, I am Nina."}).status_code == 302
    assert Message.objects.filter(conversation_id="c1", author="staff", text="Hello, I am Nina.").count() == 1
    assert Ticket.objects.get(conversation_id="c1").answered_by == agent.user  # type: ignore[attr-defined]


def test_a_refused_reply_keeps_the_words_in_the_field(agent: Client) -> None:
    waiting()
    agent.post(PAGE + "claim/")
    answer = agent.post(PAGE + "reply/", {"text": "x" * 4001})
    assert answer.status_code == 400 and "x" * 4001 in answer.content.decode()
    assert not Message.objects.filter(author="staff").exists()


@pytest.mark.parametrize(("action", "status"), [("release", "waiting_for_staff"), ("give-back", "assistant")])
def test_leaving_a_conversation(agent: Client, action: str, status: str) -> None:
    waiting()
    agent.post(PAGE + "claim/")
    assert agent.post(f"{PAGE}{action}/", follow=True).status_code == 200
    assert Conversation.objects.get(id="c1").status == status


def test_closing_needs_an_outcome_and_the_closed_list_shows_it(agent: Client) -> None:
    waiting()
    agent.post(PAGE + "claim/")
    agent.post(PAGE + "reply/", {"text": "Done."})
    assert agent.post(PAGE + "close/", {}).status_code == 400
    agent.post(PAGE + "close/", {"outcome": "answered"})
    assert Ticket.objects.get(conversation_id="c1").outcome == "answered"
    assert PAGE in agent.get("/staff/?show=closed").content.decode()


def test_only_the_owner_may_reply(agent: Client, lead: Client) -> None:
    waiting()
    services.claim(conversation_id="c1", user=agent.user)  # type: ignore[attr-defined]
    answer = lead.post(PAGE + "reply/", {"text": "From the lead"})
    assert answer.status_code == 400 and not Message.objects.filter(author="staff").exists()


def test_a_form_of_another_site_changes_nothing(agent: Client) -> None:
    waiting()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(agent.user)  # type: ignore[attr-defined]
    assert strict.post(PAGE + "claim/").status_code == 403
    assert Conversation.objects.get(id="c1").owner is None


def test_the_first_account_is_made_with_a_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.management.commands.create_staff.getpass", lambda _: "a long pass phrase 7")
    call_command("create_staff", username="nina", name="Nina Ward", role="agent")
    client = Client()
    answer = client.post("/staff/login/", {"username": "nina", "password": "a long pass phrase 7"})
    assert answer["Location"] == "/staff/" and client.get("/staff/").status_code == 200
    assert client.post("/staff/logout/").status_code == 302 and client.get("/staff/").status_code == 302
    with pytest.raises(CommandError):
        call_command("create_staff", username="nina", name="Nina Ward", role="agent")


def test_without_a_terminal_it_says_how_to_give_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(prompt: str) -> str:
        raise EOFError

    monkeypatch.delenv("ASKIMMUNE_STAFF_PASSWORD", raising=False)
    monkeypatch.setattr("console.management.commands.create_staff.getpass", nobody)
    with pytest.raises(CommandError, match="ASKIMMUNE_STAFF_PASSWORD"):
        call_command("create_staff", username="nina", name="Nina Ward", role="agent")
    assert not get_user_model().objects.filter(username="nina").exists()


def test_a_weak_password_makes_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.management.commands.create_staff.getpass", lambda _: "password")
    with pytest.raises(CommandError):
        call_command("create_staff", username="nina", name="Nina Ward", role="agent")
    assert not get_user_model().objects.filter(username="nina").exists()
