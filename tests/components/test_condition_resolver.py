"""Which condition a message names: every listed form, typing errors, several at once, and no false ones."""

from __future__ import annotations

import pytest
import yaml
from rasa.shared.nlu.constants import METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.condition_names import normalise
from components.condition_resolver import ConditionResolver
from components.mentions import Resolver
from components.runtime import ROOT

CONDITIONS = yaml.safe_load((ROOT / "knowledge" / "conditions.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    return Resolver()


def slugs(resolver: Resolver, text: str) -> list[str]:
    return [m.slugs[0] for m in resolver.find(text) if m.kind in ("condition", "theme")]


@pytest.mark.parametrize("slug", CONDITIONS)
def test_every_listed_form_is_found_or_asked_about(resolver, slug):
    entry = CONDITIONS[slug]
    for form in [entry["name"], *entry["also"], *entry["common_misspellings"], *entry["abbreviations"]]:
        found = resolver.find(f"can you tell me about {form} please")
        assert any(slug in mention.slugs for mention in found), form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rheumatiod arthritis treatement", ["rheumatoid_arthritis"]),
        ("is sjögren’s catching", ["sjogrens"]),
        ("SJOGRENS SYNDROME SYMPTOMS PLEASE", ["sjogrens"]),
        ("guillianbarre", ["guillain_barre"]),
        ("multiple scelorsis", ["multiple_sclerosis"]),
        ("hashimoto and graves", ["hashimotos", "graves_disease"]),
        ("lupus nephritis", ["lupus"]),
        ("psoriatic arthritis, not psoriasis", ["psoriatic_arthritis", "psoriasis"]),
        ("autoimmune hepatitis is an autoimmune disease", ["autoimmune_hepatitis"]),
        ("what is an autoimmune disease", ["autoimmune"]),
        ("how does the immune system work", ["immune_system"]),
        ("Ankylosing spondylitis (AS) and PsA", ["ankylosing_spondylitis", "psoriatic_arthritis"]),
        ("is ms hereditary", ["multiple_sclerosis"]),
        ("ms symptoms", ["multiple_sclerosis"]),
        ("can stem cells cure ms", ["multiple_sclerosis"]),
        ("my t1d", ["type_1_diabetes"]),
    ],
)
def test_it_finds_what_patients_write(resolver, text, expected):
    assert slugs(resolver, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ms smith is my nurse",
        "Ms Jones told me so",
        "as I said, at 5 pm",
        "she is in a grave state",
        "I watched a ted talk",
        "20 mg of my tablets a day",
        "my pa booked it, am I right",
        "heart and kidney checks",
        "chronic disease in my family",
        "cardiac disease",
        "I am allergic to nuts",
        "what is a stem cell",
        "politics of health",
        "hello dr ibm here",
    ],
)
def test_it_does_not_fire_on_ordinary_words(resolver, text):
    assert [m for m in resolver.find(text) if m.kind in ("condition", "ambiguous")] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I have CD", {"celiac_disease", "crohns_disease"}),
        ("my IBD", {"crohns_disease", "ulcerative_colitis"}),
        ("AS symptoms", {"ankylosing_spondylitis"}),
        ("PA treatment", {"pernicious_anemia"}),
        ("arthritis", {"rheumatoid_arthritis", "psoriatic_arthritis", "ankylosing_spondylitis"}),
        ("is there a cure for diabetes", {"type_1_diabetes"}),
    ],
)
def test_an_ambiguous_name_gives_candidates_and_no_guess(resolver, text, expected):
    mentions = resolver.find(text)
    assert [set(m.slugs) for m in mentions] == [expected]
    assert mentions[0].kind == "ambiguous"


@pytest.mark.parametrize(
    "text", ["what is fibromyalgia", "cure for osteoarthritis", "type 2 diabetes diet", "lyme disease"]
)
def test_a_condition_that_is_not_covered_is_recognised_as_such(resolver, text):
    assert [m.kind for m in resolver.find(text)] == ["uncovered"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("and MS?", True),
        ("what about lupus", True),
        ("I have Crohn's", True),
        ("lupus symptoms", False),
        ("hello", False),
        ("is it an autoimmune disease", False),
        ("what is lupus", False),
        ("compare lupus and RA", False),
    ],
)
def test_it_tells_a_bare_name_from_a_question(resolver, text, expected):
    assert Resolver.names_only(text, resolver.find(text)) is expected


def test_mentions_stand_where_they_say(resolver):
    text = "Is Graves' disease like Hashimoto's?"
    assert [text[m.start : m.end] for m in resolver.find(text)] == ["Graves' disease", "Hashimoto's"]


def test_hiding_conditions_leaves_the_question():
    hidden = Resolver().hide_conditions("is Crohn's or UC worse than fibromyalgia")
    assert hidden == "is lupus or lupus worse than fibromyalgia"


def test_the_component_writes_entities_and_candidates():
    message = ConditionResolver().process([Message({TEXT: "lupus or CD or gout"})])[0]
    entity = message.get("entities")[0]
    assert (entity["entity"], entity["value"], entity["start"], entity["end"]) == ("condition", "lupus", 0, 5)
    assert message.get("condition_candidates")[0]["conditions"] == ["celiac_disease", "crohns_disease"]
    assert message.get("uncovered") == ["gout"]


def test_a_short_form_that_the_message_explains_is_not_asked_about():
    message = ConditionResolver().process([Message({TEXT: "ankylosing spondylitis (AS)"})])[0]
    assert message.get("condition_candidates") == []


def test_a_long_message_is_read_fast(resolver):
    import time

    text = "I have been tired and my joints ache in the morning for weeks now " * 30
    started = time.perf_counter()
    resolver.find(text[:2000])
    assert time.perf_counter() - started < 0.5


def test_words_are_compared_without_case_accents_and_apostrophes():
    assert normalise("Sjögren's") == normalise("SJOGRENS") == "sjogrens"


@pytest.mark.parametrize(
    ("recent", "expected"),
    [
        (["what is lupus", "what is gout", "thanks"], ["gout"]),
        (["what is gout", "what is lupus"], []),
        (["hello"], []),
        ([], []),
    ],
)
def test_it_means_the_last_condition_that_was_named_even_if_it_is_not_covered(recent, expected):
    metadata = {"channel": "desk", "context": {"recent": recent}}
    message = ConditionResolver().process([Message({TEXT: "is it contagious", METADATA: metadata})])[0]
    assert message.get("uncovered") == expected
