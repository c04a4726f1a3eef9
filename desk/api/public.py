"""The calls that need no token: configuration and health."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from safety import default_pack, emergency_line, emergency_numbers

from api.edge import MAX_BODY_BYTES, call
from clinic.selectors import get_profile
from conversations import assistant, texts
from conversations.selectors import clinic_telephone
from conversations.storing import MAX_TEXT_CHARS
from conversations.worker import heartbeat_age_s
from lib import clock
from lib.threads import in_thread
from tickets.selectors import availability

WORKER_LATE_S = 10.0
CHECK_TIMEOUT_S = 1.5


@call("GET")
async def config(request: HttpRequest) -> HttpResponse:
    """GET /config"""
    response = JsonResponse(await in_thread(_config))
    response["Cache-Control"] = "public, max-age=30"
    return response


def _config() -> dict[str, Any]:
    profile = get_profile()
    region = settings.ENV.region
    return {
        "clinic": {
            "name": profile.name,
            "telephone": clinic_telephone(),
            "demonstration": profile.demonstration,
        },
        "region": region,
        "emergency_numbers": emergency_numbers(region),
        "emergency_line": emergency_line(region),
        # Nothing is signed off yet in either mode, so the notice stands in both.
        "notice": texts.DEMONSTRATION if not settings.PRODUCTION else texts.HELD,
        "privacy_url": profile.privacy_url or None,
        "consent": {"text": texts.CONSENT, "version": texts.CONSENT_VERSION},
        "languages": ["en"],
        "mode": settings.ENV.mode,
        "availability": availability(now=clock.now()),
        "limits": {"max_text_chars": MAX_TEXT_CHARS, "max_body_bytes": MAX_BODY_BYTES},
    }


@call("GET")
async def live(request: HttpRequest) -> HttpResponse:
    """GET /health/live: this process answers"""
    return JsonResponse({"status": "ok"})


@call("GET")
async def ready(request: HttpRequest) -> HttpResponse:
    """GET /health/ready"""
    names = ("database", "actions", "redis", "mail")
    checks = (_database(), _actions(), _redis(), _mail())
    assistant_up, *states = await asyncio.gather(_assistant(), *checks)
    parts = {"safety": "down" if default_pack().degraded else "ok", "assistant": assistant_up, "worker": _worker()}
    parts |= dict(zip(names, states, strict=True))
    unusable = "down" in (parts["safety"], parts["database"])
    status = "down" if unusable else "degraded" if "down" in parts.values() else "ok"
    return JsonResponse({"status": status, "parts": parts}, status=503 if unusable else 200)


async def _assistant() -> str:
    return "ok" if await assistant.is_ready() else "down"


async def _actions() -> str:
    port = os.environ.get("ASKIMMUNE_ACTIONS_PORT", "5055")
    url = settings.ENV.actions_url or f"http://127.0.0.1:{port}/health"
    return "ok" if await assistant.is_up(url) else "down"


async def _database() -> str:
    try:
        await asyncio.wait_for(in_thread(_select_one), CHECK_TIMEOUT_S)
        return "ok"
    except Exception:  # whatever the driver raises, it cannot be used
        return "down"


def _select_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM conversations_conversation LIMIT 1")


def _worker() -> str:
    age = heartbeat_age_s(time.time())
    return "ok" if age is not None and age < WORKER_LATE_S else "down"


async def _redis() -> str:
    return await _port(settings.ENV.redis_url, 6379) if settings.ENV.redis_url else "off"


async def _mail() -> str:
    return await _port(settings.ENV.email_url, 25) if settings.ENV.email_url else "off"


async def _port(url: str, default: int) -> str:
    """Whether something listens where the setting points."""
    parts = urlsplit(url)
    try:
        connecting = asyncio.open_connection(parts.hostname or "127.0.0.1", parts.port or default)
        _, writer = await asyncio.wait_for(connecting, CHECK_TIMEOUT_S)
        writer.close()
        return "ok"
    except (OSError, TimeoutError):
        return "down"
