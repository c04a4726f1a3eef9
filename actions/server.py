"""Guards of the action server: local by default, a shared secret, no patient's words in logs or errors."""

from __future__ import annotations

import hmac
import logging
import os
from types import TracebackType

import rasa_sdk.plugin
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)

TOKEN_HEADER = "X-Askimmune-Actions-Token"
TOKEN_VARIABLE = "ASKIMMUNE_ACTIONS_TOKEN"


class ActionServerRefused(RuntimeError):
    """The action server must not start like this; the message says what to set."""


def read_token() -> str | None:
    """Returns the shared secret, or None where a developer runs without one.

    Raises:
        ActionServerRefused: in production without a secret of at least 22 characters.
    """
    token = os.environ.get(TOKEN_VARIABLE) or None
    if os.environ.get("ASKIMMUNE_MODE") == "production" and len(token or "") < 22:
        raise ActionServerRefused(f"Production needs {TOKEN_VARIABLE}: a random secret of at least 22 characters.")
    return token


class _Guards:
    """The plugin that rasa_sdk calls once its Sanic app exists."""

    @staticmethod
    @rasa_sdk.plugin.pluggy.HookimplMarker("rasa_sdk")
    def attach_sanic_app_extensions(app: Sanic) -> None:
        """Adds the guards, and reads the answers now: knowledge that cannot be read must stop the start."""
        from actions.base import get_store
        from actions.plain import get_lines

        get_store()
        get_lines()
        attach_guards(app, read_token())


def attach_guards(app: Sanic, token: str | None) -> None:
    """Adds the guards to the action server's app; without a token every caller is served."""

    @app.on_request
    async def check_token(request: Request) -> HTTPResponse | None:
        given = request.headers.get(TOKEN_HEADER, "")
        if token is None or hmac.compare_digest(given.encode(), token.encode()):
            return None
        return response.json({"error": "unauthorised"}, status=401)

    async def say_nothing(request: Request, exception: Exception) -> HTTPResponse:
        """rasa_sdk's own handler sends the whole request back, and with it the patient's words."""
        logger.error("An action failed: %s", type(exception).__name__, exc_info=_frames_only(exception))
        return response.json({"error": "the action failed"}, status=getattr(exception, "status_code", 500))

    app.error_handler.add(Exception, say_nothing)


def _frames_only(exception: Exception) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    """Keeps the traceback and drops the message, which may quote what was being read."""
    return type(exception), RuntimeError("details withheld"), exception.__traceback__


def register() -> None:
    """Called when Rasa's SDK imports `actions`: before it reads the host, and before it builds its app."""
    os.environ.setdefault("SANIC_HOST", "127.0.0.1")  # rasa_sdk would listen on every interface
    manager = rasa_sdk.plugin.plugin_manager()
    if not manager.has_plugin("askimmune_guards"):
        manager.register(_Guards, name="askimmune_guards")
