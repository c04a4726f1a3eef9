"""What an action sends and remembers, on the desk's channel and on a developer's."""

from __future__ import annotations

import re

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.answers import ActionAnswer
from actions.base import ROOT
from actions.clarify import ActionClarify
from actions.safety_cards import ActionSafety

DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
CONTEXT = {"condition": "lupus", "topic": "definition", "pending": [], "asked": False, "recent": [], "region": None}


def tracker(intent: str, channel: str, slots: dict | None = None, **message: object) -> Tracker:
    latest = {"intent": {"name": intent, "confidence": 0.9}, "entities": [], **message}
    metadata = {"channel": "desk", "context": CONTEXT} if channel == "desk" else {}
    events = [{"event": "user", "metadata": metadata}]
    return (
        Tracker("sender", slots or {}, latest, events, False, None, {}, None)
        if channel == ""
        else _with_channel(slots or {}, latest, events, channel)
    )


def _with_channel(slots: dict, latest: dict, events: list, channel: str) -> Tracker:
    events = [{**events[0], "input_channel": channel}]
    return Tracker("sender", slots, latest, events, False, None, {}, "action_listen")


def run(action, of: Tracker):
    dispatcher = CollectingDispatcher()
    return dispatcher.messages, action.run(dispatcher, of, {})


def test_the_desk_gets_one_message_of_ids_and_nothing_else():
    messages, events = run(ActionAnswer(), tracker("symptoms", "desk"))
    assert len(messages) == 1
    assert messages[0]["custom"]["answers"] == ["lupus.symptoms"]
    assert not messages[0]["text"]
    assert events == []


def test_a_developers_channel_gets_the_words_too():
    messages, _ = run(ActionAnswer(), tracker("definition", "cmdline", {"condition": "lupus"}))
    assert messages[0]["custom"]["answers"] == ["lupus.definition"]
    assert "Sources" in messages[1]["text"]
    assert all(not button["payload"].startswith("/") for button in messages[1]["buttons"])


def test_a_developers_chat_remembers_the_condition_and_the_topic():
    _, events = run(ActionAnswer(), tracker("definition", "cmdline", {"condition": "lupus"}))
    slots = {event["name"]: event["value"] for event in events}
    assert (slots["condition"], slots["topic"], slots["last_turn"]["kind"]) == ("lupus", "definition", "answer")


def test_a_foreign_condition_ends_what_it_means_in_a_developers_chat():
    _, events = run(ActionAnswer(), tracker("definition", "cmdline", {"condition": "lupus"}, uncovered=["gout"]))
    assert {event["name"]: event["value"] for event in events}["condition"] is None


def test_asking_twice_is_known_from_the_last_turn():
    slots = {"last_turn": {"kind": "clarify", "choices": []}}
    messages, _ = run(ActionClarify(), tracker("nlu_fallback", "cmdline", slots))
    assert messages[0]["custom"]["lines"] == ["utter_do_not_know"]


@pytest.mark.parametrize("tier", ["emergency", "crisis", "urgent", "safeguarding"])
def test_a_developers_channel_shows_the_card(tier):
    messages, _ = run(ActionSafety(), tracker(f"report_{tier}", "rest"))
    assert messages[0]["custom"]["kind"] == tier
    assert re.search(r"\d{3}", messages[1]["text"])


def test_an_empty_message_of_a_tracker_is_not_understood_rather_than_an_error():
    empty = _with_channel({}, {}, [{"event": "user"}], "rest")
    messages, _ = run(ActionClarify(), empty)
    assert messages[0]["custom"]["kind"] == "fallback"


def test_the_action_server_finds_exactly_the_actions_of_the_domain():
    executor = ActionExecutor()
    executor.register_package("actions")
    ours = {name for name in executor.actions if name.startswith("action_")}
    assert ours == set(DOMAIN["actions"])


def test_every_line_that_an_action_names_exists_and_every_line_is_named():
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "actions").glob("*.py"))
    named = set(re.findall(r"utter_[a-z_]+[a-z]", code))
    rules = yaml.safe_load((ROOT / "data" / "rules" / "small_talk.yml").read_text(encoding="utf-8"))
    talk = {f"utter_{item['intent']}" for item in rules["rules"][0]["steps"][0]["or"]}
    assert (named - {"utter_message"}) | talk == set(DOMAIN["responses"])


def test_every_topic_is_an_intent_and_leads_to_the_answer(store):
    rules = yaml.safe_load((ROOT / "data" / "rules" / "answers.yml").read_text(encoding="utf-8"))
    listed = {item["intent"] for item in rules["rules"][0]["steps"][0]["or"]}
    assert listed == {*store.topics, "name_condition"}
    assert set(store.topics) <= set(DOMAIN["intents"])
