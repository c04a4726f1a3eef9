"""The administrator's page of accounts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from conversations.models import Conversation
from tests.console.conftest import sign_in, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> Client:
    return sign_in("ada", "admin")


def change(admin: Client, client: Any, **fields: str) -> str:
    return admin.post(f"/staff/accounts/{client.user.pk}/", fields, follow=True).content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [("agent", 403), ("clinical_lead", 403), ("reviewer", 403), ("admin", 200), (None, 403)]
)
def test_only_administrators_see_and_change_accounts(role: str | None, status: int, agent: Client) -> None:
    client = sign_in("pat", *([role] if role else []))
    assert client.get("/staff/accounts/").status_code == status
    client.post(f"/staff/accounts/{agent.user.pk}/", {"role": "admin", "active": "on"})  # type: ignore[attr-defined]
    expected = "admin" if role == "admin" else "agent"
    assert [group.name for group in agent.user.groups.all()] == [expected]  # type: ignore[attr-defined]


def test_a_closed_account_is_out_at_once_and_its_patients_are_back_in_the_queue(admin: Client, agent: Client) -> None:
    waiting()
    agent.post("/staff/conversations/c1/claim/")
    assert "1 of their conversations are back in the queue" in change(admin, agent, role="agent")
    assert agent.get("/staff/").status_code == 302
    assert Conversation.objects.get().status == "waiting_for_staff"


def test_a_changed_role_counts_from_the_next_page_on(admin: Client, agent: Client) -> None:
    change(admin, agent, role="reviewer", active="on")
    assert agent.get("/staff/queue.json").status_code == 403
    change(admin, agent, role="", active="on")
    assert agent.get("/staff/").status_code == 403
    change(admin, agent, role="clinical_lead", active="on")
    assert agent.get("/staff/clinic/").status_code == 200


def test_nobody_changes_their_own_account(admin: Client) -> None:
    assert "cannot change your own account" in change(admin, admin, role="")
    assert admin.get("/staff/accounts/").status_code == 200


@pytest.mark.parametrize(("user_id", "role"), [(999_999, "agent"), (None, "owner")])
def test_unknown_accounts_and_roles_change_nothing(
    admin: Client, agent: Client, user_id: int | None, role: str
) -> None:
    found = user_id or agent.user.pk  # type: ignore[attr-defined]
    assert admin.post(f"/staff/accounts/{found}/", {"role": role}).status_code == 404
    assert agent.get("/staff/").status_code == 200
