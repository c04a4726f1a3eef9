"""Banned claims (S-8): caught in any dress, while honest sentences with the same words pass."""

from __future__ import annotations

import re
import time

import pytest
import yaml

from knowledge import Store, lint
from knowledge.files import DEFAULT_ROOT

BANNED = [
    ("dose", "Take 20 mg a day."),
    ("dose", "Most people need 7.5mg each week."),
    ("dose", "The usual amount is 400 milligrams."),
    ("dose", "Inject 10 units before a meal."),
    ("dose", "Take two tablets at night."),
    ("dose", "Take an extra dose if you forget."),
    ("dose", "They gave 2 million stem cells per kilogram."),
    ("diagnosis", "You have lupus."),
    ("diagnosis", "It sounds like you have a problem with your joints."),
    ("diagnosis", "This means you have celiac disease."),
    ("diagnosis", "You probably have rheumatoid arthritis."),
    ("diagnosis", "A butterfly rash shows that you have SLE."),
    ("stop_medicine", "You can stop taking methotrexate."),
    ("stop_medicine", "Stop your steroids once the pain goes."),
    ("stop_medicine", "If you do not feel well, stop taking it."),
    ("stop_medicine", "You no longer need your medicines."),
    ("stop_medicine", "You can skip the tablets at the weekend."),
    ("safe_for_you", "This treatment is safe for you."),
    ("safe_for_you", "Stem cells are 100% safe."),
    ("safe_for_you", "It is completely safe."),
    ("cure", "Stem cells will cure lupus."),
    ("cure", "This treatment can cure psoriasis."),
    ("cure", "It cures lupus."),
    ("cure", "Many people were cured by stem cells."),
    ("cure", "A permanent cure is here."),
    ("cure", "If you want relief now, know that this single infusion will cure lupus."),
    ("guarantee", "Success is guaranteed."),
    ("guarantee", "We guarantee results."),
    ("no_side_effects", "It has no side effects."),
    ("no_side_effects", "A treatment without any side-effects."),
    ("no_side_effects", "It is risk-free."),
    ("miracle", "Stem cells are a miracle."),
    ("clinic", "Ask Sunny Cells Inc for a price."),
    ("clinic", "The Sunshine Stem Cell Clinic treats lupus."),
]
HONEST = [
    "There is no cure for lupus.",
    "Can it be cured?",
    "Can lupus be cured?",
    "No treatment can cure type 1 diabetes yet.",
    "Nobody can promise a cure.",
    "A remission is not a permanent cure.",
    "Doctors do not yet know whether stem cells will cure any of these diseases.",
    "Be wary of a clinic that says its treatment cures many diseases.",
    "A seller who promises that cells will cure MS is a warning sign.",
    "No one can guarantee a result.",
    "A good result is not guaranteed.",
    "Walk away if a clinic says that success is guaranteed.",
    "No medicine is without side effects.",
    "A claim of no side effects is a red flag.",
    '"Your own cells, so no risk" is a sales line, and it is false.',
    "Beware of words such as miracle.",
    "Do not stop taking your medicine on your own.",
    "Never stop your steroids suddenly.",
    "Do not start, stop or change a medicine on your own.",
    "Steroids must not be stopped suddenly.",
    "Ask your doctor before you stop taking any medicine.",
    "Ask your team whether it is safe for you.",
    "Only your own doctor can judge what is safe for you.",
    "If you have lupus, protect your skin from the sun.",
    "When you have celiac disease, gluten harms the gut.",
    "Tell your dentist that you have lupus.",
    "A blood test cannot show that you have lupus on its own.",
    "Having a symptom does not mean that you have multiple sclerosis.",
    "People who have lupus may feel tired.",
    "Your doctor may test the level in mg/dL.",
    "Even 50 mg of gluten a day can harm the gut.",
    "About 1 in 100 people have celiac disease.",
    "The trial followed 110 people for 5 years.",
    "The FDA warns about clinics that sell unapproved cells.",
    "The transplant team checks your heart first.",
]


@pytest.mark.parametrize(("rule", "text"), BANNED, ids=lambda value: str(value)[:40])
def test_a_banned_claim_is_found(rule: str, text: str) -> None:
    findings = lint.find_banned(text)
    assert rule in {finding.rule for finding in findings}
    assert all(finding.remedy and finding.excerpt for finding in findings)


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_sentence_passes(text: str) -> None:
    assert [(finding.rule, finding.found) for finding in lint.find_banned(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "IT WILL CURE LUPUS.",
        "It will  cure\nlupus.",
        "It **will cure** lupus.",
        "It will\u00a0cure lupus.",
        "There is no cure for asthma. This will cure lupus.",
        "- It will cure lupus",
        "You don\u2019t pay. It will cure lupus.",
    ],
)
def test_dress_does_not_hide_a_claim(text: str) -> None:
    assert "cure" in {finding.rule for finding in lint.find_banned(text)}


def test_each_finding_shows_its_own_sentence() -> None:
    first, second = lint.find_banned("It will cure lupus. All good. We guarantee it!")
    assert (first.rule, first.found, first.excerpt) == ("cure", "will cure", "It will cure lupus.")
    assert (second.rule, second.excerpt) == ("guarantee", "We guarantee it!")


def test_every_rule_of_the_list_is_proved_here() -> None:
    assert {rule for rule, _ in BANNED} == {rule.id for rule in lint.load_rules()}


def test_curated_caveats_and_evidence_pass(real_store: Store) -> None:
    texts = [caveat.text for caveat in real_store.caveats.values()]
    texts += [evidence.meaning for evidence in real_store.evidence.values()]
    assert [finding for text in texts for finding in lint.find_banned(text)] == []


def test_no_pattern_repeats_without_bound() -> None:
    """Bounded repeats keep matching linear in the text's length: no `*`, `+` or `{n,}`."""
    data = yaml.safe_load((DEFAULT_ROOT / "lint.yml").read_text(encoding="utf-8"))
    open_ended = re.compile(r"(?<!\\)[*+]|\{\d*,\}")
    for rule in data["rules"]:
        unless = rule.get("unless", {})
        for pattern in (rule["pattern"], unless.get("before", ""), unless.get("sentence", "")):
            assert not open_ended.search(pattern), (rule["id"], pattern)


@pytest.mark.parametrize("unit", ["you have a ", "take one a ", "will cur ", "Aaa ", "no side ", "1" * 10 + " "])
def test_a_hostile_text_takes_no_longer_than_its_length_explains(unit: str) -> None:
    def seconds(chars: int) -> float:
        text = (unit * (chars // len(unit) + 1))[:chars]
        started = time.process_time()
        lint.find_banned(text)
        return time.process_time() - started

    lint.find_banned("warm up")
    small, large = min(seconds(4_000) for _ in range(3)), seconds(32_000)
    assert large < max(0.05, 40 * small)


def test_names_that_a_deployment_lists_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    load = lint._load

    def with_names(name: str) -> object:
        data = load(name)
        return {**data, "clinic_names": ["Happy Cells"]} if name == "lint.yml" else data

    monkeypatch.setattr(lint, "_load", with_names)
    lint.load_rules.cache_clear()
    try:
        assert [finding.rule for finding in lint.find_banned("Go to happy cells.")] == ["clinic"]
    finally:
        monkeypatch.undo()
        lint.load_rules.cache_clear()
    assert lint.find_banned("Go to happy cells.") == []
