"""The desk's input channel: one question in, one turn of ids out, nothing kept.

`POST /webhooks/desk/turn` takes contracts/turn_request.json and answers contracts/turn.json;
`GET /webhooks/desk/health` says whether the model and the action server answer. Both need the bearer token.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import secrets
import sys
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import yaml
from jsonschema import Draft202012Validator
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.tracker_store import DESK_PREFIX
from components.runtime import ROOT, prepare_rasa
from safety import neutralise

logger = logging.getLogger(__name__)

CHANNEL = "desk"
TOKEN_VARIABLE = "ASKIMMUNE_RASA_TOKEN"
ACTIONS_TOKEN_VARIABLE = "ASKIMMUNE_ACTIONS_TOKEN"
ACTIONS_TOKEN_HEADER = "X-Askimmune-Actions-Token"
MIN_TOKEN_CHARS = 22  # 128 bits in base64
TURN_TIMEOUT_S = 1.9  # the desk is never left waiting for 2 s
HEALTH_TIMEOUT_S = 1.0
NAME_ONLY = "name_condition"

prepare_rasa()


def _read_schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / "contracts" / name).read_text(encoding="utf-8")))


def _problem(status: int, title: str, detail: str) -> HTTPResponse:
    headers = {"Retry-After": "5"} if status == 503 else {}
    body = {"title": title, "detail": detail, "status": status}
    return response.json(body, status=status, headers=headers, content_type="application/problem+json")


class TurnCollector(OutputChannel):
    """Collects the turn that an action sends; counts anything else, which never leaves (S-8)."""

    def __init__(self) -> None:
        """Starts empty: one collector for each message."""
        self.turns: list[dict[str, Any]] = []
        self.dropped = 0

    @classmethod
    def name(cls) -> str:
        """The name that actions see."""
        return CHANNEL

    async def send_custom_json(self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any) -> None:
        """Keeps a turn."""
        self.turns.append(json_message)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Drops text; every other kind of message arrives here too."""
        self.dropped += 1


def read_desk_token() -> str:
    """Returns the token that the desk must send.

    Without one set, a random one is made, so that nobody can call the channel.

    Raises:
        RasaException: in production, where the token must be set and long enough.
    """
    token = os.environ.get(TOKEN_VARIABLE, "")
    if os.environ.get("ASKIMMUNE_MODE") == "production":
        if len(token) < MIN_TOKEN_CHARS:
            raise RasaException(
                f"Production needs {TOKEN_VARIABLE}: a random secret of {MIN_TOKEN_CHARS} or more characters."
            )
        forbidden = {"--enable-api", "--debug", "-vv"} & set(sys.argv)
        if forbidden:
            raise RasaException(f"Production refuses {', '.join(sorted(forbidden))}.")
    if not token:
        logger.info("%s is not set: the desk's channel refuses every call.", TOKEN_VARIABLE)
    return token or secrets.token_urlsafe(32)


class DeskInput(InputChannel):
    """Rasa's side of the one call that the desk makes."""

    def __init__(self, token: str, actions_url: str) -> None:
        """Reads the contracts and the list of topics once."""
        self._token = token.encode()
        self._actions_url = actions_url.rstrip("/")
        self._request_schema = _read_schema("turn_request.json")
        self._turn_schema = _read_schema("turn.json")
        self._topics = yaml.safe_load((ROOT / "knowledge" / "topics.yml").read_text(encoding="utf-8"))

    @classmethod
    def name(cls) -> str:
        """The channel's name and the path under /webhooks/."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Called by Rasa at start with this channel's entry of the credentials file."""
        url = (credentials or {}).get("actions_url")
        if not url:
            raise RasaException("channels.desk.DeskInput needs `actions_url` in the credentials file.")
        return cls(read_desk_token(), url)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Returns the two routes."""
        routes = Blueprint("desk_webhook", "channels.desk")

        @routes.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            if not self._is_desk(request):
                return _problem(401, "Not authorised", "The bearer token is missing or wrong.")
            body = self._read_body(request)
            fault = self._find_fault(body)
            if fault:
                return _problem(400, "Malformed request", fault)
            return await self._answer(body, on_new_message)

        @routes.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            if not self._is_desk(request):
                return _problem(401, "Not authorised", "The bearer token is missing or wrong.")
            ready = bool(getattr(request.app.ctx, "agent", None)) and request.app.ctx.agent.is_ready()
            actions = "ok" if await self._actions_answer() else "down"
            status = "ok" if ready else "down"
            return response.json({"status": status, "actions": actions}, status=200 if ready else 503)

        return routes

    def _is_desk(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return hmac.compare_digest(given.strip().encode(), self._token) and scheme.lower() == "bearer"

    @staticmethod
    def _read_body(request: Request) -> Any:
        try:
            return request.json
        except SanicException:
            return None

    def _find_fault(self, body: Any) -> str | None:
        """Returns what is wrong with a request, as path and rule: the words in it are never repeated."""
        error = next(self._request_schema.iter_errors(body), None)
        if error is not None:
            return f"{error.json_path}: breaks the rule `{error.validator}` of turn_request.json."
        topic = (body.get("choice") or {}).get("topic")
        if topic is not None and topic not in self._topics:
            return "$.choice.topic: there is no such topic."
        return None

    async def _answer(
        self, body: dict[str, Any], on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> HTTPResponse:
        collector = TurnCollector()
        try:
            await asyncio.wait_for(on_new_message(self._message(body, collector)), TURN_TIMEOUT_S)
        except asyncio.TimeoutError:
            logger.error("Conversation %s: no turn within %s s.", body["conversation_id"], TURN_TIMEOUT_S)
        except Exception as error:  # whatever broke, the desk gets an honest 503 and never silence
            logger.error("Conversation %s: %s while answering.", body["conversation_id"], type(error).__name__)
        if collector.dropped:
            logger.error(
                "Conversation %s: %d texts of an action were dropped.", body["conversation_id"], collector.dropped
            )
        turns = collector.turns
        if len(turns) != 1 or not self._turn_schema.is_valid(turns[0]):
            logger.error("Conversation %s: %d turns, none that can be shown.", body["conversation_id"], len(turns))
            return _problem(503, "No answer", "The assistant could not answer this turn.")
        return response.json(turns[0])

    @staticmethod
    def _message(body: dict[str, Any], collector: TurnCollector) -> UserMessage:
        """Builds the message. A choice is already understood, so it never passes through the model as text."""
        metadata = {"channel": CHANNEL, "context": body["context"]}
        sender = DESK_PREFIX + uuid.uuid4().hex
        if "choice" in body:
            return UserMessage("", collector, sender, _understood(body["choice"]), CHANNEL, metadata=metadata)
        text = neutralise(body["text"])
        # a slash payload would be taken for an intent and drop the words after it.
        while text.strip().startswith(("/", "EXTERNAL: ")):
            text = text.strip().removeprefix("EXTERNAL: ").lstrip("/").strip()
        return UserMessage(text or "?", collector, sender, None, CHANNEL, metadata=metadata)

    async def _actions_answer(self) -> bool:
        headers = {ACTIONS_TOKEN_HEADER: os.environ.get(ACTIONS_TOKEN_VARIABLE, "")}
        timeout = aiohttp.ClientTimeout(total=HEALTH_TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.get(f"{self._actions_url}/health") as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return False


def _understood(choice: dict[str, Any]) -> dict[str, Any]:
    """Returns the parse result that a choice stands for."""
    condition = choice["condition"]
    entities = [{"entity": "condition", "value": condition, "start": 0, "end": 0}] if condition else []
    return {
        "text": "",
        "intent": {"name": choice["topic"] or NAME_ONLY, "confidence": 1.0},
        "intent_ranking": [],
        "entities": entities,
        "choice": True,
    }
