"""Adjustments that every Rasa process of AskImmune needs; applied once, when a component is imported.

* No message text in logs: Rasa logs a patient's words when a client goes away early, and at debug.
* The action server's answer is checked by a validator built once. Rasa builds it anew, and checks the
  constant schema itself, at each call: 61 % of a message's time when it was measured.
* The connection to the action server is kept open between calls.
* An action that hangs is given up after `ACTION_TIMEOUT_S` instead of five minutes.
* Several Sanic workers without a shared lock store stop the start. Rasa silently runs one.
* Rasa's telemetry is off.
* `rasa run` listens on 127.0.0.1 unless `-i` says otherwise.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import jsonschema
import rasa.core.actions.action
import rasa.core.constants
import rasa.core.utils
import sanic
import sentry_sdk
import structlog
from jsonschema.validators import validator_for
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
ACTION_TIMEOUT_S = 1.5

# Keys of Rasa's structlog events that can hold a patient's words (rasa/utils/log_utils.py lists them).
WORDY_KEYS = frozenset(
    [
        "text",
        "response_text",
        "user_text",
        "slot_values",
        "parse_data_text",
        "parse_data_entities",
        "prediction_events",
        "tracker_latest_message",
        "prefilled_slots",
        "message",
        "response",
        "slot_candidates",
        "rasa_event",
        "rasa_events",
        "tracker_states",
        "current_states",
        "old_states",
        "successes",
        "current_entity",
        "next_entity",
        "states",
        "entity",
        "token_text",
        "user_message",
        "json_message",
    ]
)


def drop_words(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Removes from a log event every key that can hold a patient's words (a structlog processor)."""
    return {key: value for key, value in event.items() if key not in WORDY_KEYS}


def _filter_logs() -> None:
    # In place: loggers that are bound already hold this very list.
    processors = structlog.get_config()["processors"]
    if drop_words not in processors:
        processors.insert(0, drop_words)


def _speed_up_action_calls() -> None:
    action = rasa.core.actions.action
    schema = action.RemoteAction.action_response_format_spec()
    validator = validator_for(schema)(schema)

    def validate_once_built(self: Any, result: dict[str, Any]) -> bool:
        try:
            validator.validate(result)
        except jsonschema.ValidationError as error:
            error.message += ". The action server's answer does not have the form that Rasa expects."
            raise
        return True

    action.RemoteAction._validate_action_result = validate_once_built
    action.DEFAULT_REQUEST_TIMEOUT = ACTION_TIMEOUT_S


def _keep_action_connections() -> None:
    """Rasa opens a new connection to the action server for every call: about a tenth of a message's time."""
    connectors: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.TCPConnector] = WeakKeyDictionary()

    def session(self: EndpointConfig) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if loop not in connectors:
            # Shorter than the action server's own 5 s, so that it never closes one that is being used.
            connectors[loop] = aiohttp.TCPConnector(keepalive_timeout=3.0)
        auth = aiohttp.BasicAuth(**self.basic_auth) if self.basic_auth else None
        timeout = aiohttp.ClientTimeout(total=ACTION_TIMEOUT_S)
        connector = connectors[loop]
        return aiohttp.ClientSession(
            headers=self.headers, auth=auth, timeout=timeout, connector=connector, connector_owner=False
        )

    EndpointConfig.session = session


def _refuse_lonely_workers() -> None:
    count = rasa.core.utils.number_of_sanic_workers
    if getattr(count, "refuses", False):
        return

    def count_or_refuse(lock_store: Any) -> int:
        workers = count(lock_store)
        wanted = os.environ.get("SANIC_WORKERS", "1")
        if wanted != str(workers):
            raise RasaException(
                f"SANIC_WORKERS is {wanted}, but without a shared lock store Rasa would run {workers}. "
                "Set a Redis lock store in the endpoints file, or SANIC_WORKERS=1."
            )
        return workers

    count_or_refuse.refuses = True  # type: ignore[attr-defined]
    rasa.core.utils.number_of_sanic_workers = count_or_refuse


def _listen_on_loopback() -> None:
    """Rasa listens on every address unless it is told otherwise; its ports must never be public (X-3)."""
    run = sanic.Sanic.run
    if getattr(run, "prefers_loopback", False):
        return

    def run_on_loopback(self: sanic.Sanic, host: str | None = None, **options: Any) -> None:
        chosen = any(argument.startswith(("-i", "--interface")) for argument in sys.argv)
        if host == rasa.core.constants.DEFAULT_SERVER_INTERFACE and not chosen:
            logger.info("Listening on 127.0.0.1 only; `-i` chooses another address.")
            host = "127.0.0.1"
        run(self, host=host, **options)

    run_on_loopback.prefers_loopback = True  # type: ignore[attr-defined]
    sanic.Sanic.run = run_on_loopback  # type: ignore[method-assign, assignment]


def _stop_reports() -> None:
    """Telemetry and error reports to Rasa's servers: a report may hold a patient's words.

    Scripts and `make` turn both off before Rasa starts; this serves a `rasa` command typed by hand.
    """
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    sentry_sdk.init()  # without an address nothing is sent


def prepare_rasa() -> None:
    """Applies the adjustments; calling it again changes nothing."""
    _stop_reports()
    _filter_logs()
    _speed_up_action_calls()
    _keep_action_connections()
    _refuse_lonely_workers()
    _listen_on_loopback()
