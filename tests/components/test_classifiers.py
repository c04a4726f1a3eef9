"""Topic and tier: persist, load, equal predictions; unsure messages fall back; danger is raised."""

from __future__ import annotations

import json

import numpy as np
import pytest
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT

from components.tier_classifier import TIERS, TierClassifier, find_thresholds, tier_of_intent, verdict
from components.topic_classifier import TopicClassifier, best_threshold

QUESTIONS = ("symptoms of vitiligo", "how do you treat psoriasis", "i cant breathe", "paint my house", "hm")
COMPONENTS = (TopicClassifier, TierClassifier)


@pytest.fixture()
def trained(storage, resource, execution, training_data):
    def train(component_class, **config):
        component = component_class.create(config, storage, resource, execution)
        component.train(training_data)
        return component

    return train


@pytest.mark.parametrize("component_class", COMPONENTS)
def test_a_loaded_component_predicts_what_the_trained_one_did(
    component_class, trained, storage, resource, execution, understand
):
    before = trained(component_class)
    after = component_class.load({}, storage, resource, execution)
    for one, other in zip(understand(before, *QUESTIONS), understand(after, *QUESTIONS), strict=True):
        assert one.as_dict(only_output_properties=True) == other.as_dict(only_output_properties=True)


@pytest.mark.parametrize("component_class", COMPONENTS)
def test_training_twice_gives_the_same_model(component_class, trained, understand):
    first = [m.as_dict(only_output_properties=True) for m in understand(trained(component_class), *QUESTIONS)]
    second = [m.as_dict(only_output_properties=True) for m in understand(trained(component_class), *QUESTIONS)]
    assert first == second


@pytest.mark.parametrize("component_class", COMPONENTS)
def test_a_model_that_cannot_be_read_stops_the_start(component_class, trained, storage, resource, execution):
    trained(component_class)
    with storage.write_to(resource) as folder:
        for path in folder.glob("*.npz"):
            path.write_bytes(b"not a model")
    with pytest.raises(RasaException, match="Train again"):
        component_class.load({}, storage, resource, execution)


@pytest.mark.parametrize("component_class", COMPONENTS)
def test_a_model_of_another_encoder_stops_the_start(component_class, trained, storage, resource, execution):
    trained(component_class)
    with storage.write_to(resource) as folder:
        path = next(folder.glob("*.json"))
        path.write_text(json.dumps({**json.loads(path.read_text()), "encoder": "other"}))
    with pytest.raises(RasaException, match="another sentence encoder"):
        component_class.load({}, storage, resource, execution)


@pytest.mark.parametrize("component_class", COMPONENTS)
def test_nothing_that_is_stored_needs_pickle(component_class, trained, storage, resource):
    trained(component_class)
    with storage.read_from(resource) as folder:
        assert {path.suffix for path in folder.iterdir()} == {".npz", ".json"}
        for path in folder.glob("*.npz"):
            with np.load(path, allow_pickle=False) as arrays:
                assert all(arrays[name].dtype.kind in "fU" for name in arrays.files)


def test_it_ranks_the_topic_that_is_asked_first(trained, understand):
    message = understand(trained(TopicClassifier), "what are the symptoms of vitiligo")[0]
    assert message.get("intent_ranking")[0]["name"] == "symptoms"


def test_below_the_threshold_it_falls_back_and_keeps_the_ranking(trained, understand):
    component = trained(TopicClassifier)
    component.report["threshold"] = 1.1
    message = understand(component, "symptoms of vitiligo")[0]
    assert message.get(INTENT)["name"] == "nlu_fallback"
    assert message.get("intent_ranking")[0]["name"] == "symptoms"


def test_a_message_with_two_sure_questions_keeps_both(trained, understand):
    component = trained(TopicClassifier, question_confidence=0.3)
    message = understand(component, "What are the symptoms of lupus? How is it treated?")[0]
    assert [q["name"] for q in message.get("questions")] == ["symptoms", "treatment"]


def test_a_bare_condition_is_no_topic(trained, understand):
    component = trained(TopicClassifier)
    message = understand(component, "and MS?")[0]
    message.set("names_only", True)
    assert component.process([message])[0].get(INTENT)["name"] == "name_condition"


def test_the_threshold_turns_away_wrong_answers_before_right_ones():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.55, 0.45], [0.55, 0.45]])
    labels = ["a", "a", "b", "b"]
    assert 0.55 < best_threshold(probabilities, ["a", "b"], labels, wrong_costs=2.0) <= 0.71


@pytest.mark.parametrize(
    ("text", "tier"), [("i can't breathe and my chest hurts", "emergency"), ("i want to kill myself", "crisis")]
)
def test_danger_becomes_the_intent(trained, understand, text, tier):
    message = understand(trained(TierClassifier), text)[0]
    assert message.get("tier")["tier"] == tier
    assert message.get(INTENT)["name"] == f"report_{tier}"


def test_an_ordinary_question_keeps_its_intent(trained, understand):
    component = trained(TierClassifier)
    component.report["thresholds"] = {"crisis": 0.6, "emergency": 0.6}
    message = understand(component, "how is lupus treated in older people")[0]
    assert message.get("tier")["tier"] == "none"
    assert message.get(INTENT) is None


def test_a_topic_that_reports_danger_is_never_lowered(trained, encoder):
    from rasa.shared.nlu.constants import TEXT
    from rasa.shared.nlu.training_data.message import Message

    component = trained(TierClassifier)
    component.report["thresholds"] = {"crisis": 1.0, "emergency": 1.0}
    text = "how is lupus treated in older people"
    message = encoder.process([Message({TEXT: text, INTENT: {"name": "report_urgent"}})])[0]
    assert component.process([message])[0].get("tier")["tier"] == "urgent"


@pytest.mark.parametrize(
    "broken", [{}, {"crisis": float("nan")}, {"crisis": 1.2}, {"crisis": "high"}, {"crisis": None}]
)
def test_a_broken_verdict_counts_as_urgent(broken):
    assert verdict(broken, {"crisis": 0.3}) == "urgent"


def test_the_highest_of_several_raised_tiers_wins():
    probabilities = dict.fromkeys(TIERS, 0.5)
    assert verdict(probabilities, dict.fromkeys(TIERS[1:], 0.4)) == "emergency"


def test_tier_thresholds_keep_the_budget_of_false_alarms():
    probabilities = np.array([[0.7, 0.3]] + [[0.95, 0.05]] * 99 + [[0.2, 0.8]] * 10)
    ordinary = np.array([True] * 100 + [False] * 10)
    assert 0.3 < find_thresholds(probabilities, ["none", "urgent"], [(ordinary, 0.0)])["urgent"] < 0.8
    assert find_thresholds(probabilities, ["none", "urgent"], [(ordinary, 0.01)])["urgent"] < 0.3


def test_frightening_messages_have_a_budget_of_their_own():
    probabilities = np.array([[0.95, 0.05]] * 90 + [[0.6, 0.4]] * 10)
    ordinary = np.array([True] * 90 + [False] * 10)
    strict = find_thresholds(probabilities, ["none", "urgent"], [(ordinary, 0.0), (~ordinary, 0.0)])
    lenient = find_thresholds(probabilities, ["none", "urgent"], [(ordinary, 0.0), (np.zeros(100, dtype=bool), 0.0)])
    assert (strict["urgent"], lenient["urgent"]) == (0.401, 0.051)


def test_intents_carry_their_tier():
    assert tier_of_intent("report_safeguarding") == "safeguarding"
    assert tier_of_intent("symptoms") == "none"
    assert tier_of_intent("report_nonsense") == "none"
    assert tier_of_intent(None) == "none"
