"""The one client of the Rasa server: one connection pool, one time limit, its own errors."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
from django.conf import settings
from safety import neutralise

log = logging.getLogger(__name__)
MAX_CHARS = 2_000

_clients: dict[int, tuple[asyncio.AbstractEventLoop, httpx.AsyncClient]] = {}
_transport: httpx.AsyncBaseTransport | None = None


class AssistantDown(Exception):
    """Rasa did not answer in time, or not with a turn."""


def use_transport(transport: httpx.AsyncBaseTransport | None) -> None:
    """Chooses how bytes travel; tests answer for Rasa here."""
    global _transport
    _transport = transport
    _clients.clear()


def client() -> httpx.AsyncClient:
    """The client of the running event loop; kept, so that connections are reused."""
    loop = asyncio.get_running_loop()
    held = _clients.get(id(loop))
    if held is None or held[0] is not loop:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30)
        made = httpx.AsyncClient(
            base_url=settings.ENV.rasa_url, transport=_transport, limits=limits, timeout=None, trust_env=False
        )
        held = _clients[id(loop)] = (loop, made)
    return held[1]


async def ask(
    *, conversation_id: str, context: dict[str, Any], text: str | None = None, choice: dict[str, Any] | None = None
) -> Any:
    """One turn of the assistant, as contracts/turn_request.json and turn.json describe it.

    Args:
        conversation_id: the conversation's id.
        context: as the contract asks for.
        text: the patient's masked words; made neutral here, as the last step (X-2).
        choice: a resolved choice, instead of text.

    Returns:
        What Rasa sent, parsed and not yet checked (`safety.check_turn`).

    Raises:
        AssistantDown: no answer within the time limit, or one that is not JSON with status 200.
    """
    body: dict[str, Any] = {"v": 1, "conversation_id": conversation_id, "context": context}
    if choice is not None:
        body["choice"] = choice
    else:
        words = neutralise(text or "")[:MAX_CHARS].strip() or "?"
        assert not words.strip().startswith("/")
        body["text"] = words
    headers = {"Authorization": f"Bearer {settings.ENV.rasa_token}"}
    try:
        async with asyncio.timeout(settings.ENV.rasa_timeout):
            answer = await client().post("/webhooks/desk/turn", json=body, headers=headers)
        if answer.status_code != 200:
            raise AssistantDown(f"status {answer.status_code}")
        return answer.json()
    except (httpx.HTTPError, TimeoutError, ValueError, RuntimeError) as error:
        # The error's own text may quote the body, so only its type is kept.
        raise AssistantDown(type(error).__name__) from None


async def is_up(url: str, timeout_s: float = 1.0) -> bool:
    """Whether anything answers over HTTP at `url`."""
    try:
        async with asyncio.timeout(timeout_s):
            await client().get(url)
        return True
    except (httpx.HTTPError, TimeoutError, RuntimeError):
        return False


async def is_ready(timeout_s: float = 1.5) -> bool:
    """Whether Rasa answers with our token and has its model."""
    headers = {"Authorization": f"Bearer {settings.ENV.rasa_token}"}
    try:
        async with asyncio.timeout(timeout_s):
            answer = await client().get("/webhooks/desk/health", headers=headers)
        return answer.status_code == 200
    except (httpx.HTTPError, TimeoutError, RuntimeError):
        return False
