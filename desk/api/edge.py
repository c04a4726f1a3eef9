"""What every call of the public API passes: origin, method, bearer token, and errors as problems."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from safety import emergency_line

from conversations import storing
from conversations.flow import DATABASE_ERRORS, clean
from conversations.models import Conversation
from lib.addresses import client_address
from lib.origins import is_allowed
from lib.problem import Problem, respond
from lib.threads import in_thread

log = logging.getLogger(__name__)
MAX_BODY_BYTES = 64 * 1024
View = Callable[..., Awaitable[HttpResponse]]


def help_line() -> str:
    """The emergency line of this deployment's region."""
    return emergency_line(settings.ENV.region)


def call(
    *methods: str, screens_first: bool = False
) -> Callable[[View], Callable[..., Coroutine[Any, Any, HttpResponse]]]:
    """Makes an async function a call of the API: origin checked, preflight answered, no error without its problem.

    Args:
        methods: that it takes.
        screens_first: it screens a patient's words before it looks at `request.foreign` itself (S-4).
    """

    def decorate(view: Any) -> Any:
        @csrf_exempt
        @wraps(view)
        async def wrapped(request: HttpRequest, **kwargs: str) -> HttpResponse:
            origin, host = request.headers.get("Origin"), request.META.get("HTTP_HOST", "")
            allowed = is_allowed(origin, host)
            request.foreign = not allowed  # type: ignore[attr-defined]
            if request.method == "OPTIONS" and allowed:
                response = _preflight(methods)
            else:
                response = await _guarded(view, request, methods, allowed or screens_first, kwargs)
            return _with_headers(response, origin if allowed else None)

        return wrapped

    return decorate


async def _guarded(
    view: View, request: HttpRequest, methods: tuple[str, ...], may_try: bool, kwargs: Any
) -> HttpResponse:
    try:
        if not may_try:
            raise Problem(403)
        if request.method not in methods:
            raise Problem(403 if request.foreign else 405)  # type: ignore[attr-defined]
        return await view(request, **kwargs)
    except Problem as problem:
        return respond(problem, help_text=help_line())
    except DATABASE_ERRORS:
        return respond(Problem(503, retry_after=2), help_text=help_line())
    except Exception:
        log.exception("a call of the API failed")
        return respond(Problem(500), help_text=help_line())


def _preflight(methods: tuple[str, ...]) -> HttpResponse:
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Methods"] = ", ".join(methods)
    response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    response["Access-Control-Max-Age"] = "600"
    return response


def _with_headers(response: HttpResponse, origin: str | None) -> HttpResponse:
    response["Vary"] = "Origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    if "Cache-Control" not in response:
        response["Cache-Control"] = "no-store"
    if origin:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = "Retry-After"
    return response


def bearer(request: HttpRequest) -> str:
    """The token of the Authorization header; empty if there is none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


async def access_conversation(request: HttpRequest, conversation_id: str) -> Conversation:
    """The patient's own conversation.

    Raises:
        Problem: 401 without a known token, 404 with another conversation's.
    """
    found = await in_thread(storing.find_conversation, conversation_id, bearer(request))
    if isinstance(found, int):
        raise Problem(found)
    return found


def address(request: HttpRequest) -> str:
    """The client's network address; X-Forwarded-For counts only behind a proxy that is trusted by name."""
    return client_address(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))


def read_body(request: HttpRequest) -> tuple[bytes, bool]:
    """The first 64 KB of the body, and whether there was more."""
    raw = request.read(MAX_BODY_BYTES + 1)
    return raw[:MAX_BODY_BYTES], len(raw) > MAX_BODY_BYTES


async def json_body(request: HttpRequest, *, optional: bool = False) -> dict[str, Any]:
    """The body as an object.

    Raises:
        Problem: 413, 415 or 400.
    """
    return as_object(request, *read_body(request), optional=optional)


def as_object(request: HttpRequest, raw: bytes, over: bool, *, optional: bool = False) -> dict[str, Any]:
    """As `json_body`, of a body that was read before."""
    if over:
        raise Problem(413)
    if optional and not raw.strip():
        return {}
    if request.content_type != "application/json":
        raise Problem(415)
    return parse_object(raw)


def parse_object(raw: bytes) -> dict[str, Any]:
    """JSON bytes as an object.

    Raises:
        Problem: 400.
    """
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise Problem(400) from None
    if not isinstance(found, dict):
        raise Problem(400)
    return found


def readable(raw: bytes) -> str:
    r"""Bytes that are no message, as text for the screen: \uXXXX escapes are read too."""
    text = raw.decode("utf-8", "replace")
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: clean(chr(int(m[1], 16))), text).replace("\\n", " ")


def check_fields(
    body: dict[str, Any], known: Mapping[str, type | tuple[type, ...]], required: tuple[str, ...] = ()
) -> None:
    """Refuses unknown, missing and wrongly typed fields.

    Raises:
        Problem: 422, naming fields that we know; an unknown name is not repeated.
    """
    errors = [("(unknown)", "There is a field that this call does not have.")] if set(body) - set(known) else []
    errors += [(name, "This field is missing.") for name in required if body.get(name) is None]
    for name, kind in known.items():
        value = body.get(name)
        wrong_bool = isinstance(value, bool) and kind is int
        if value is not None and (wrong_bool or not isinstance(value, kind)):
            errors.append((name, "This field has the wrong type."))
    if errors:
        raise Problem(422, tuple(errors))


def as_uuid(value: Any) -> str | None:
    """A UUID in its usual form, or None."""
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None
