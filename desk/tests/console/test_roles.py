"""Staff accounts: creating them, roles, and how long somebody stays signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client

from console.roles import ROLES
from console.sessions import user_of
from lib import clock
from tests.console.conftest import sign_in, waiting
from tickets.models import Presence

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-river-and-42-stones"
PASSIVE = {"X-Console-Passive": "1"}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    real = clock.now

    def turn(**by: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(**by))

    return turn


@pytest.mark.parametrize("role", ROLES)
def test_the_command_takes_the_password_from_the_environment(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKIMMUNE_STAFF_PASSWORD", PASSWORD)
    call_command("create_staff", username="nina", role=role)
    user = get_user_model().objects.get(username="nina")
    assert user.check_password(PASSWORD) and [group.name for group in user.groups.all()] == [role]
    assert not user.is_superuser


def test_a_second_run_for_the_same_name_says_so_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKIMMUNE_STAFF_PASSWORD", PASSWORD)
    call_command("create_staff", username="nina", role="agent")
    with pytest.raises(CommandError, match="“NINA” already"):
        call_command("create_staff", username="NINA", role="admin")
    assert get_user_model().objects.count() == 1


@pytest.mark.parametrize("weak", ["short", "password1234", "ninanina1234"])
def test_a_weak_password_from_the_environment_is_refused(weak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKIMMUNE_STAFF_PASSWORD", weak)
    with pytest.raises(CommandError):
        call_command("create_staff", username="ninanina", role="agent")
    assert not get_user_model().objects.exists()


def test_changing_the_password_needs_the_old_one_and_keeps_this_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKIMMUNE_STAFF_PASSWORD", PASSWORD)
    call_command("create_staff", username="nina", role="agent")
    client = Client()
    client.post("/staff/login/", {"username": "nina", "password": PASSWORD})
    new = {"new_password1": "another-long-phrase-7", "new_password2": "another-long-phrase-7"}
    assert b"id_old_password_error" in client.post("/staff/password/", {"old_password": "wrong"} | new).content
    assert client.post("/staff/password/", {"old_password": PASSWORD} | new)["Location"] == "/staff/password/done/"
    assert client.get("/staff/").status_code == 200


def test_a_barred_account_is_signed_out(agent: Client) -> None:
    get_user_model().objects.update(is_active=False)
    assert agent.get("/staff/").status_code == 302


@pytest.mark.parametrize("path", ["/staff/password/", "/staff/password/done/"])
def test_an_account_without_a_role_opens_no_page_at_all(path: str) -> None:
    assert sign_in("pat").get(path).status_code == 403
    assert sign_in("rev", "reviewer").get(path).status_code == 200


def test_fifteen_minutes_without_anybody_end_the_session(agent: Client, later: Any) -> None:
    assert agent.get("/staff/").status_code == 200
    later(minutes=14)
    assert agent.get("/staff/").status_code == 200
    later(minutes=30)
    assert agent.get("/staff/").status_code == 302


def test_refreshes_of_an_empty_chair_do_not_keep_the_session(agent: Client, later: Any) -> None:
    waiting()
    agent.get("/staff/")
    for minutes in (5, 10, 14):
        later(minutes=minutes)
        assert agent.get("/staff/queue.json", headers=PASSIVE).status_code == 200
    later(minutes=16)
    assert agent.get("/staff/queue.json", headers=PASSIVE).status_code == 302
    later(minutes=0)
    assert agent.get("/staff/").status_code == 302


def test_twelve_hours_end_a_session_however_busy_it_is(agent: Client, later: Any) -> None:
    for quarter in range(0, 12 * 60, 10):
        later(minutes=quarter)
        assert agent.get("/staff/queue.json").status_code == 200
    later(minutes=12 * 60 + 5)
    assert agent.get("/staff/queue.json").status_code == 302


def test_an_idle_or_changed_session_ends_the_socket_too(agent: Client, later: Any) -> None:
    agent.get("/staff/")
    key = agent.session.session_key
    assert user_of(key) == agent.user  # type: ignore[attr-defined]
    later(minutes=16)
    assert user_of(key) is None
    later(minutes=0)
    agent.user.set_password(PASSWORD)  # type: ignore[attr-defined]
    agent.user.save()  # type: ignore[attr-defined]
    assert user_of(key) is None and user_of(None) is None


def test_an_open_queue_says_that_somebody_is_there_even_without_script(agent: Client) -> None:
    agent.get("/staff/")
    assert Presence.objects.filter(user=agent.user, available=True).exists()  # type: ignore[attr-defined]


def test_the_reload_without_script_does_not_keep_the_session_either(agent: Client, later: Any) -> None:
    assert 'content="15; url=?show=all&amp;auto=1"' in agent.get("/staff/").content.decode()
    later(minutes=14)
    assert agent.get("/staff/?show=all&auto=1").status_code == 200
    later(minutes=16)
    assert agent.get("/staff/?show=all&auto=1").status_code == 302


def test_five_failures_lock_an_account_and_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKIMMUNE_STAFF_PASSWORD", PASSWORD)
    call_command("create_staff", username="nina", role="agent")
    client = Client()
    tries = [client.post("/staff/login/", {"username": "nina", "password": f"wrong {n}"}) for n in range(5)]
    assert [answer.status_code for answer in tries] == [200, 200, 200, 200, 429]
    assert "locked for 15 minutes" in tries[-1].content.decode()
    assert client.post("/staff/login/", {"username": "nina", "password": PASSWORD}).status_code == 429
