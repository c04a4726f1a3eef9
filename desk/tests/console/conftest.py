"""Staff of each role, and conversations in the states that they meet."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from console.roles import give_role
from conversations.models import Conversation, Message
from lib import clock
from tickets.models import Ticket

ATTACK = "<img src=x onerror=alert(1)> https://evil.example/ \u202etxt"


def sign_in(username: str, *roles: str) -> Client:
    user = get_user_model().objects.create_user(username, first_name=username.capitalize())
    for role in roles:
        give_role(user, role)
    client = Client()
    client.force_login(user)
    client.user = user  # type: ignore[attr-defined]
    return client


@pytest.fixture
def agent(db: None) -> Client:
    return sign_in("nina", "agent")


@pytest.fixture
def second_agent(db: None) -> Client:
    return sign_in("sam", "agent")


@pytest.fixture
def lead(db: None) -> Client:
    return sign_in("lea", "clinical_lead")


def waiting(
    key: str = "c1", *, level: str = "P3", shared: bool = True, text: str = "My joints hurt", **more: Any
) -> Conversation:
    found = Conversation.objects.create(
        id=key,
        token_hash=key,
        status="waiting_for_staff",
        region="US",
        last_seq=1,
        shared_at=clock.now() if shared else None,
    )
    Message.objects.create(conversation=found, seq=1, author="patient", text=text, tier="urgent", rule_ids=["rule.one"])
    ticket = {
        "reason": "asked_for_person",
        "opened_at": clock.now(),
        "rule_ids": ["rule.one"],
        "matched": ["matched words"],
    }
    Ticket.objects.create(conversation=found, level=level, **(ticket | more))
    return found
