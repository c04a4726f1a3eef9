"""Adjustments of Rasa: no words in logs, one validator, no lonely workers."""

from __future__ import annotations

import subprocess
import sys

import jsonschema
import pytest
import rasa.core.actions.action
import rasa.core.utils
import structlog
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from components.runtime import ACTION_TIMEOUT_S, ROOT, drop_words, prepare_rasa


def test_a_patients_words_are_dropped_from_log_events():
    event = {"event": "rest.message.received.timeout", "text": "my secret illness", "level": "error"}
    assert drop_words(None, "error", event) == {"event": "rest.message.received.timeout", "level": "error"}


def test_the_filter_is_the_first_processor_and_only_there_once():
    prepare_rasa()
    prepare_rasa()
    assert structlog.get_config()["processors"].count(drop_words) == 1
    assert structlog.get_config()["processors"][0] is drop_words


def test_a_logger_of_rasa_prints_no_words(capsys):
    structlog.get_logger().error("rest.message.received.failure", text="my secret illness")
    printed = capsys.readouterr()
    assert "failure" in printed.out + printed.err
    assert "secret" not in printed.out + printed.err


def test_answers_of_the_action_server_are_still_checked():
    action = rasa.core.actions.action.RemoteAction("action_answer", None)
    assert action._validate_action_result({"events": [], "responses": []})
    with pytest.raises(jsonschema.ValidationError, match="action server"):
        action._validate_action_result({"events": "none"})


def test_an_action_that_hangs_is_given_up_soon():
    assert rasa.core.actions.action.DEFAULT_REQUEST_TIMEOUT == ACTION_TIMEOUT_S < 2


def test_several_workers_without_a_shared_lock_store_are_refused(monkeypatch):
    monkeypatch.setenv("SANIC_WORKERS", "4")
    with pytest.raises(RasaException, match="lock store"):
        rasa.core.utils.number_of_sanic_workers(None)


def test_one_worker_is_fine(monkeypatch):
    monkeypatch.setenv("SANIC_WORKERS", "1")
    assert rasa.core.utils.number_of_sanic_workers(None) == 1


def test_rasa_listens_on_loopback_and_reports_nothing_home(monkeypatch):
    """X-3. A process of its own, as `rasa run` would be: the patched server must not reach this one."""
    code = (
        "import sys, sanic; heard = {}; sanic.Sanic.run = lambda self, host=None, **options: heard.update(host=host)\n"
        "from components.runtime import prepare_rasa; prepare_rasa()\n"
        "app = sanic.Sanic('test')\n"
        "app.run(host='0.0.0.0', port=1); print(heard['host'])\n"
        "sys.argv = ['rasa', 'run', '-i', '0.0.0.0']; app.run(host='0.0.0.0', port=1); print(heard['host'])\n"
        "import os, sentry_sdk; print(os.environ['RASA_TELEMETRY_ENABLED'], sentry_sdk.Hub.current.client.dsn)\n"
    )
    monkeypatch.delenv("RASA_TELEMETRY_ENABLED", raising=False)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == ["127.0.0.1", "0.0.0.0", "false", "None"], done.stderr


async def test_calls_to_the_action_server_share_a_connection():
    endpoint = EndpointConfig("http://127.0.0.1:1", headers={"X-Test": "1"})
    first, second = endpoint.session(), endpoint.session()
    assert first.connector is second.connector
    assert first.headers["X-Test"] == "1" and first.timeout.total == ACTION_TIMEOUT_S
    await first.close()
    assert not second.connector.closed
    await second.connector.close()
