"""Adjustments of Rasa: no words in logs, one validator, no lonely workers."""

from __future__ import annotations

import jsonschema
import pytest
import rasa.core.actions.action
import rasa.core.utils
import structlog
from rasa.shared.exceptions import RasaException

from components.runtime import ACTION_TIMEOUT_S, drop_words, prepare_rasa


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
