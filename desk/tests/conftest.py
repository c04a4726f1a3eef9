"""A patient who talks to the whole ASGI application in process. Only Rasa's end of the wire is answered for."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connections

from conversations import assistant
from lib.env import Env
from lib.threads import close_connections, in_thread

TURN = {"v": 1, "lines": [], "answers": [], "choices": [], "tier": "none", "offer_person": False, "questions": []}


def question(topic: str | None = "definition", condition: str | None = "lupus") -> dict[str, Any]:
    return {"topic": topic, "condition": condition, "confidence": 0.9, "alternatives": []}


class Rasa:
    """Rasa's end of the wire: remembers what was asked, answers what it is told to."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.turn: Any = TURN | {"kind": "answer", "answers": ["lupus.definition"], "questions": [question()]}
        self.status = 200
        self.error: Exception | None = None

    def says(self, **turn: Any) -> None:
        self.turn = TURN | turn

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/webhooks/desk/turn":
            return httpx.Response(200, json={})
        self.asked.append(json.loads(request.content))
        self.tokens.append(request.headers["Authorization"])
        if self.error:
            raise self.error
        return httpx.Response(self.status, json=self.turn)


@pytest.fixture
def rasa() -> Iterator[Rasa]:
    rasa = Rasa()
    assistant.use_transport(httpx.MockTransport(rasa))
    yield rasa
    assistant.use_transport(None)


@pytest.fixture(scope="session", autouse=True)
def no_connections_left_over(django_db_setup: None) -> Iterator[None]:
    """The threads' connections end with the tests: PostgreSQL drops no database that somebody is connected to."""
    yield
    close_connections()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result(5)


@pytest.fixture(autouse=True)
def no_counts_left_over() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def fresh_spool() -> None:
    from conversations import spool

    spool.path().unlink(missing_ok=True)


@pytest.fixture
def env(settings: Any):
    """Changes settings of lib/env.py for one test."""

    def change(**values: Any) -> None:
        settings.ENV = Env({**django_settings.ENV.values, **values})

    return change


class Patient:
    """One conversation over HTTP, as a browser of the clinic's page has it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.id = self.token = ""
        self.created: dict[str, Any] = {}

    async def start(self, **body: Any) -> Patient:
        answer = await self.http.post("/conversations", json=body)
        assert answer.status_code == 201, answer.text
        self.created = answer.json()
        self.id, self.token = self.created["conversation_id"], self.created["token"]
        return self

    @property
    def path(self) -> str:
        return f"/conversations/{self.id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def call(self, method: str, rest: str = "", **more: Any) -> httpx.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return await self.http.request(method, self.path + rest, headers=headers, **more)

    async def post(self, text: Any, client_message_id: str | None = None) -> httpx.Response:
        body = {"text": text, "client_message_id": client_message_id or str(uuid.uuid4())}
        return await self.call("POST", "/messages", content=json.dumps(body))

    async def say(self, text: str) -> dict[str, Any]:
        answer = await self.post(text)
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"][-1]

    async def choose(self, choice_id: str) -> httpx.Response:
        body = {"choice": choice_id, "client_message_id": str(uuid.uuid4())}
        return await self.call("POST", "/messages", json=body)

    async def messages(self) -> list[dict[str, Any]]:
        return (await self.call("GET", "/messages")).json()["messages"]


@pytest.fixture
async def http(transactional_db: None, rasa: Rasa) -> AsyncIterator[httpx.AsyncClient]:
    from asgi import application

    transport = httpx.ASGITransport(app=application)
    headers = {"Content-Type": "application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1", headers=headers) as client:
        yield client
    await asyncio.to_thread(close_connections)


@pytest.fixture
async def patient(http: httpx.AsyncClient) -> Patient:
    return await Patient(http).start()


@pytest.fixture
async def other_patient(http: httpx.AsyncClient) -> Patient:
    return await Patient(http).start()


@pytest.fixture
async def nurse(http: httpx.AsyncClient) -> Any:
    from django.contrib.auth import get_user_model

    return await in_thread(lambda: get_user_model().objects.create_user("nina", first_name="Nina", last_name="Ward"))


@pytest.fixture
async def second_nurse(http: httpx.AsyncClient) -> Any:
    from django.contrib.auth import get_user_model

    return await in_thread(lambda: get_user_model().objects.create_user("sam", first_name="Sam"))
