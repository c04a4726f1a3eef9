"""The one call that the desk makes: who may make it, what goes in, what comes out."""

from __future__ import annotations

import asyncio
import time

import pytest
from rasa.shared.exceptions import RasaException

from channels.desk import TURN_TIMEOUT_S, DeskInput, read_desk_token
from channels.tracker_store import DESK_PREFIX
from tests.channels.conftest import TOKEN, sample


def question(text: str) -> dict:
    return {**sample("turn_request.text.json"), "text": text}


def test_a_question_comes_back_as_a_turn(desk, rasa):
    status, turn = desk(question("can stem cells cure lupus?"))
    assert (status, turn) == (200, sample("turn.answer.json"))
    assert rasa.messages[0].text == "can stem cells cure lupus?"
    assert rasa.messages[0].input_channel == "desk"


def test_the_context_goes_along(desk, rasa):
    body = sample("turn_request.choice.json")
    desk(body)
    assert rasa.messages[0].metadata == {"channel": "desk", "context": body["context"]}


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], TOKEN + "x"])
@pytest.mark.parametrize("path", ["turn", "health"])
def test_it_refuses_a_missing_or_wrong_token(desk, rasa, token, path):
    body = question("hello") if path == "turn" else None
    status, problem = desk(body, token=token, path=path)
    assert (status, problem["status"]) == (401, 401)
    assert rasa.messages == []


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"text": ""},
        {"text": "x" * 2001},
        {"sender": "somebody"},
        {"conversation_id": "short"},
        {"choice": {"topic": "symptoms", "condition": None}},
        {"context": {}},
    ],
)
def test_it_refuses_what_the_contract_does_not_allow_and_repeats_no_words(desk, rasa, change):
    status, problem = desk({**question("my secret illness"), **change})
    assert status == 400
    assert "secret" not in str(problem)
    assert rasa.messages == []


def test_it_refuses_a_body_that_is_no_json(desk):
    status, _ = desk(raw=b"{not json")
    assert status == 400


def test_it_refuses_a_topic_that_does_not_exist(desk, rasa):
    body = {**sample("turn_request.choice.json"), "choice": {"topic": "restart", "condition": None}}
    assert (desk(body))[0] == 400
    assert rasa.messages == []


def test_a_choice_is_understood_without_the_model(desk, rasa):
    desk(sample("turn_request.choice.json"))
    message = rasa.messages[0]
    assert message.text == ""
    assert message.parse_data["intent"] == {"name": "symptoms", "confidence": 1.0}
    assert [entity["value"] for entity in message.parse_data["entities"]] == ["lupus"]


def test_a_choice_of_a_condition_alone_takes_the_topic_from_the_context(desk, rasa):
    desk({**sample("turn_request.choice.json"), "choice": {"topic": None, "condition": "lupus"}})
    assert rasa.messages[0].parse_data["intent"]["name"] == "name_condition"


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        " /restart",
        "\u00a0/restart",
        "\u2028/deny{}",
        "\uff0frestart",
        "\u200b/restart",
        "//restart",
        "/ /restart",
        '/definition{"condition": "lupus"}',
        "/definition@0.9",
        "EXTERNAL: restart",
        "EXTERNAL: /restart",
        "/",
    ],
)
def test_a_slash_payload_reaches_rasa_as_plain_words(desk, rasa, text):
    status, _ = desk(question(text))
    assert status == 200
    handed_over = rasa.messages[0].text
    assert handed_over
    assert not handed_over.strip().startswith(("/", "EXTERNAL"))


def test_words_behind_a_slash_payload_are_kept(desk, rasa):
    desk(question("/deny{} i cant breathe"))
    assert "i cant breathe" in rasa.messages[0].text


def test_each_call_has_a_conversation_of_its_own(desk, rasa):
    for _ in range(3):
        desk(question("hello"))
    senders = {message.sender_id for message in rasa.messages}
    assert len(senders) == 3
    assert all(sender.startswith(DESK_PREFIX) for sender in senders)


def test_text_from_an_action_is_dropped_and_reported(desk, rasa, caplog):
    async def answer(message):
        await message.output_channel.send_response(message.sender_id, {"text": "take two tablets"})
        await rasa.answer_with_turn(message)

    rasa.answer = answer
    status, turn = desk(question("hello"))
    assert (status, turn) == (200, sample("turn.answer.json"))
    assert "1 texts of an action were dropped" in caplog.text
    assert "tablets" not in caplog.text


@pytest.mark.parametrize("sent", [[], [{"text": "only words"}], [{"custom": {"v": 1, "kind": "answer"}}]])
def test_no_turn_that_can_be_shown_is_an_honest_503(desk, rasa, sent):
    async def answer(message):
        for response in sent:
            await message.output_channel.send_response(message.sender_id, response)

    rasa.answer = answer
    status, problem = desk(question("hello"))
    assert (status, problem["status"]) == (503, 503)


def test_an_error_inside_is_a_503_without_words(desk, rasa, caplog):
    async def answer(message):
        raise RuntimeError(message.text)

    rasa.answer = answer
    status, problem = desk(question("my secret illness"))
    assert status == 503
    assert "secret" not in str(problem) + caplog.text
    assert sample("turn_request.text.json")["conversation_id"] in caplog.text


def test_a_slow_answer_is_a_503_before_two_seconds(desk, rasa):
    async def answer(message):
        await asyncio.sleep(30)

    rasa.answer = answer
    started = time.perf_counter()
    assert (desk(question("hello")))[0] == 503
    assert TURN_TIMEOUT_S <= time.perf_counter() - started < 2.5


def test_health_says_that_the_action_server_is_down(desk):
    assert desk(path="health") == (200, {"status": "ok", "actions": "down"})


def test_health_is_503_without_a_model(desk, rasa):
    rasa.ready = False
    assert (desk(path="health"))[0] == 503


def test_a_developers_start_without_a_token_lets_nobody_in(monkeypatch):
    monkeypatch.delenv("ASKIMMUNE_RASA_TOKEN", raising=False)
    monkeypatch.delenv("ASKIMMUNE_MODE", raising=False)
    assert len(read_desk_token()) >= 32
    assert read_desk_token() != read_desk_token()


@pytest.mark.parametrize("token", ["", "short"])
def test_production_refuses_a_missing_or_short_token(monkeypatch, token):
    monkeypatch.setenv("ASKIMMUNE_MODE", "production")
    monkeypatch.setenv("ASKIMMUNE_RASA_TOKEN", token)
    with pytest.raises(RasaException, match="ASKIMMUNE_RASA_TOKEN"):
        read_desk_token()


@pytest.mark.parametrize("flag", ["--enable-api", "--debug", "-vv"])
def test_production_refuses_rasas_own_api_and_debug_logs(monkeypatch, flag):
    monkeypatch.setenv("ASKIMMUNE_MODE", "production")
    monkeypatch.setenv("ASKIMMUNE_RASA_TOKEN", TOKEN)
    monkeypatch.setattr("sys.argv", ["rasa", "run", flag])
    with pytest.raises(RasaException, match=flag):
        read_desk_token()


def test_it_needs_the_address_of_the_action_server():
    with pytest.raises(RasaException, match="actions_url"):
        DeskInput.from_credentials(None)
