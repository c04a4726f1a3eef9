"""What uvicorn serves: the public API without middleware, the pages with all of it, and the sockets."""

from __future__ import annotations

import logging
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

import django

django.setup()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.checks import ERROR, run_checks  # noqa: E402
from django.core.exceptions import ImproperlyConfigured, RequestAborted  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from django.core.handlers.exception import convert_exception_to_response  # noqa: E402
from django.urls import re_path, set_script_prefix  # noqa: E402
from safety import default_pack  # noqa: E402

from api.socket import PatientSocket  # noqa: E402
from conversations import render  # noqa: E402

log = logging.getLogger(__name__)
# Of a longer body the rest is not even read: 64 KB are screened, then it is refused.
MAX_READ_BYTES = 1024 * 1024


class ApiHandler(ASGIHandler):
    """Django without middleware: the API has no cookies, and its views set their own headers."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Called by ASGIHandler when it is made."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response_async)  # type: ignore[attr-defined]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Called for each request.

        Django's own would start a thread for each request, only to tell its signal handlers of the end; what those do,
        `lib/threads.py` does for the connections that are used. It would also stop working on a message when its client
        goes away, while here the reply is still stored and waits for the patient.
        """
        try:
            body = await self.read_body(_limited(receive))
        except RequestAborted:
            return
        with body:
            set_script_prefix(scope.get("root_path", ""))
            request, refusal = self.create_request(scope, body)
            await _respond(refusal if request is None else await self.run_get_response(request), send)


async def _respond(response: Any, send: Any) -> None:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    if response.status_code != 204:
        headers.append((b"Content-Length", str(len(response.content)).encode()))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})


def _limited(receive: Any) -> Any:
    read = 0

    async def limited() -> Any:
        nonlocal read
        event = await receive()
        if event["type"] == "http.request":
            read += len(event.get("body", b""))
            if read > MAX_READ_BYTES:
                event = {**event, "more_body": False}
        return event

    return limited


def _refuse_bad_settings() -> None:
    """Stops the start where a check found an error; each has an id and a hint."""
    faults = [message for message in run_checks() if message.level >= ERROR]
    if faults:
        raise ImproperlyConfigured("\n".join(str(fault) for fault in faults))


def _load_content() -> None:
    """Reads the packs before the first message. With the answers unreadable the screen and its cards still serve."""
    if default_pack().degraded:
        log.critical("the safety pack is not what its manifest says: every message gets the generic card")
    try:
        render.pack()
    except Exception as error:
        log.critical("the knowledge cannot be read, no answer will be given: %s", type(error).__name__)


_refuse_bad_settings()
_load_content()
_api, _pages = ApiHandler(), ASGIHandler()


async def _http(scope: Any, receive: Any, send: Any) -> None:
    handler = _api if scope["path"].startswith("/api/v1/") else _pages
    await handler(scope, receive, send)


def _staff_routes() -> list[Any]:
    """The console's sockets, with the session's user in their scope."""
    from console.routing import websocket_urlpatterns

    return [re_path(r"^", AuthMiddlewareStack(URLRouter(websocket_urlpatterns)))]


application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": URLRouter(
            [
                re_path(r"^ws/v1/conversations/(?P<conversation_id>[A-Za-z0-9_\-]{1,64})$", PatientSocket.as_asgi()),
                *_staff_routes(),
            ]
        ),
    }
)
