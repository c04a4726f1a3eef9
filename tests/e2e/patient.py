"""A patient's client of the public API, as a clinic's own app would write one."""

from __future__ import annotations

import uuid
from types import TracebackType
from typing import Any

import httpx


class Patient:
    """One conversation over HTTP."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/api/v1", timeout=15)
        self.id = ""
        self.token = ""

    def __enter__(self) -> Patient:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    @property
    def path(self) -> str:
        return f"/conversations/{self.id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def start(self) -> dict[str, Any]:
        body = self.http.post("/conversations", json={}).raise_for_status().json()
        self.id, self.token = body["conversation_id"], body["token"]
        return body

    def post(self, text: str, client_message_id: str | None = None) -> httpx.Response:
        body = {"text": text, "client_message_id": client_message_id or str(uuid.uuid4())}
        return self.http.post(f"{self.path}/messages", json=body, headers=self.headers)

    def say(self, text: str) -> dict[str, Any]:
        """Says something and returns the last reply."""
        return self.post(text).raise_for_status().json()["messages"][-1]

    def choose(self, choice_id: str) -> dict[str, Any]:
        body = {"choice": choice_id, "client_message_id": str(uuid.uuid4())}
        answer = self.http.post(f"{self.path}/messages", json=body, headers=self.headers)
        return answer.raise_for_status().json()["messages"][-1]

    def messages(self, after: int = 0) -> list[dict[str, Any]]:
        answer = self.http.get(f"{self.path}/messages", params={"after": after}, headers=self.headers)
        return answer.raise_for_status().json()["messages"]

    def state(self) -> dict[str, Any]:
        return self.http.get(self.path, headers=self.headers).raise_for_status().json()

    def escalate(self, **body: Any) -> httpx.Response:
        return self.http.post(f"{self.path}/escalation", json={"share": True, **body}, headers=self.headers)
