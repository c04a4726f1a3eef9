"""The action server's guards, on a real server on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from actions.base import ROOT
from actions.server import ActionServerRefused, read_token

TOKEN = "a-shared-secret-of-enough-length"


@contextmanager
def running(**environment: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("ASKIMMUNE", "SANIC"))} | environment
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for _ in range(150):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        output = process.communicate(timeout=10)[0]
        assert "my secret illness" not in output


def test_it_serves_nobody_without_the_secret_and_repeats_no_words():
    body = {
        "next_action": "action_answer",
        "sender_id": "x",
        "tracker": {"latest_message": {"text": "my secret illness"}},
    }
    with running(ASKIMMUNE_ACTIONS_TOKEN=TOKEN) as url:
        assert requests.post(f"{url}/webhook", json=body, timeout=5).status_code == 401
        wrong = {"X-Askimmune-Actions-Token": TOKEN[:-1]}
        assert requests.get(f"{url}/health", headers=wrong, timeout=5).status_code == 401
        right = {"X-Askimmune-Actions-Token": TOKEN}
        assert requests.get(f"{url}/health", headers=right, timeout=5).json() == {"status": "ok"}
        failed = requests.post(f"{url}/webhook", json=body, headers=right, timeout=5)
        assert failed.status_code == 500
        assert "secret" not in failed.text


def test_a_developer_needs_no_secret_and_is_served_on_this_machine_only():
    with running() as url:
        assert requests.get(f"{url}/health", timeout=5).status_code == 200
        assert os.environ.get("SANIC_HOST", "127.0.0.1") == "127.0.0.1"


@pytest.mark.parametrize("token", [None, "", "short"])
def test_production_refuses_a_missing_or_short_secret(monkeypatch, token):
    monkeypatch.setenv("ASKIMMUNE_MODE", "production")
    monkeypatch.delenv("ASKIMMUNE_ACTIONS_TOKEN", raising=False)
    if token is not None:
        monkeypatch.setenv("ASKIMMUNE_ACTIONS_TOKEN", token)
    with pytest.raises(ActionServerRefused, match="ASKIMMUNE_ACTIONS_TOKEN"):
        read_token()


def test_production_takes_a_long_secret(monkeypatch):
    monkeypatch.setenv("ASKIMMUNE_MODE", "production")
    monkeypatch.setenv("ASKIMMUNE_ACTIONS_TOKEN", TOKEN)
    assert read_token() == TOKEN
