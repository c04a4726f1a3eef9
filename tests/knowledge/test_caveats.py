"""Which caveats stand where: K1 to K8 of the safety specification, section 3 (S-14)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from knowledge import Store, load_store, reading
from knowledge.files import DEFAULT_ROOT
from knowledge.policy import MESSAGE_KINDS
from knowledge.render import fill
from knowledge.schema import EVIDENCE_CODES

from .conftest import TODAY, MakeAnswer, SaveAnswer

CONTRACTS = DEFAULT_ROOT.parent / "contracts"
CODES = {
    "not_medical_advice": "K1",
    "keep_medicines": "K2",
    "results": "K3",
    "pregnancy": "K4",
    "unproven_cells": "K5",
    "child": "K6",
    "emergency_line": "K7",
    "weak_evidence": "K8",
}


def test_the_eight_caveats_stand_under_their_codes(real_store: Store) -> None:
    assert {caveat.id: caveat.code for caveat in real_store.caveats.values()} == CODES


def test_caveats_are_short_and_plain(real_store: Store) -> None:
    for caveat in real_store.caveats.values():
        for text in (caveat.text, caveat.short):
            shown = fill(text, real_store.policy.default_values)
            assert len(shown.split()) <= 25, caveat.id
            assert reading.grade(shown) <= 6, caveat.id


@pytest.mark.parametrize(
    ("changes", "required"),
    [
        ({"topic": "cure"}, set()),
        ({"topic": "treatment"}, {"keep_medicines"}),
        ({"topic": "medicines"}, {"keep_medicines"}),
        ({"topic": "vaccines"}, {"keep_medicines"}),
        ({"topic": "diagnosis"}, {"results"}),
        ({"topic": "pregnancy"}, {"pregnancy"}),
        ({"topic": "children"}, {"child"}),
        ({"topic": "urgent_signs"}, {"emergency_line"}),
        ({"topic": "complications", "more": "It can cause a stroke."}, {"emergency_line"}),
        ({"topic": "complications", "short": "Get help fast for chest pain."}, {"emergency_line"}),
        ({"topic": "complications", "more": "A chest X-ray helps."}, set()),
        ({"topic": "diet_lifestyle", "caveats": ["keep_medicines"]}, {"keep_medicines"}),
        ({"topic": "stem_cell_evidence", "evidence": "strong_trials"}, {"unproven_cells"}),
        ({"topic": "stem_cell_evidence", "evidence": "early_trials"}, {"unproven_cells", "weak_evidence"}),
        ({"topic": "stem_cell_evidence", "evidence": "lab_only"}, {"unproven_cells", "weak_evidence"}),
        ({"topic": "stem_cell_evidence", "evidence": "harmful"}, {"unproven_cells"}),
        ({"topic": "stem_cell_fertility", "theme": "stem_cells", "condition": None}, {"unproven_cells", "pregnancy"}),
        ({"topic": "stem_cell_children", "theme": "stem_cells", "condition": None}, {"unproven_cells", "child"}),
        ({"topic": "prp_exosomes", "theme": "stem_cells", "condition": None}, {"unproven_cells"}),
        (
            {"topic": "stem_cell_medicines", "theme": "stem_cells", "condition": None},
            {"unproven_cells", "keep_medicines"},
        ),
    ],
)
def test_an_answer_carries_what_its_topic_evidence_and_words_require(
    root: Path, make_answer: MakeAnswer, save: SaveAnswer, changes: dict[str, Any], required: set[str]
) -> None:
    answer = make_answer(**changes)
    save(answer)
    store = load_store(root)
    rendered = store.render_answer(answer["id"], today=TODAY, mode="production")
    assert {caveat["caveat_id"] for caveat in rendered["caveats"]} == required | {"not_medical_advice"}


def test_every_answer_about_cells_shows_k5_above(real_store: Store) -> None:
    ids = [i for i, a in real_store.answers.items() if a.theme == "stem_cells" or a.topic == "stem_cell_evidence"]
    for answer_id in ids:
        rendered = real_store.render_answer(answer_id, today=TODAY, mode="demonstration")
        assert rendered["caveats"][0]["caveat_id"] == "unproven_cells"
        assert rendered["caveats"][0]["position"] == "above"


@pytest.mark.parametrize(
    ("kind", "first", "expected"),
    [
        ("answer", True, [("not_medical_advice", "text")]),
        ("answer", False, [("not_medical_advice", "short")]),
        ("clinician", True, [("not_medical_advice", "text"), ("keep_medicines", "text")]),
        ("clinician", False, [("not_medical_advice", "text"), ("keep_medicines", "text")]),
        ("fallback", True, [("emergency_line", "short")]),
        ("out_of_scope", False, [("emergency_line", "short")]),
        ("small_talk", True, []),
        ("clarify", True, []),
        ("emergency", True, []),
    ],
)
def test_a_message_carries_what_its_kind_requires(
    real_store: Store, kind: str, first: bool, expected: list[tuple[str, str]]
) -> None:
    answer = real_store.render_answer("clinic.hours", today=TODAY, mode="production")
    got = real_store.message_caveats([answer], kind=kind, first=first, values={"emergency_number": "999"})
    texts = [(c, fill(getattr(real_store.caveats[c], form), {"emergency_number": "999"})) for c, form in expected]
    assert [(caveat["caveat_id"], caveat["text"]) for caveat in got] == texts


def test_a_clinicians_pointer_carries_k1_even_without_an_answer(real_store: Store) -> None:
    assert real_store.message_caveats([], kind="clinician", first=False)[0]["caveat_id"] == "not_medical_advice"
    assert real_store.message_caveats([], kind="answer", first=True) == []


def test_the_emergency_line_names_the_regions_number_or_all_of_them(real_store: Store) -> None:
    (known,) = real_store.message_caveats([], kind="fallback", first=True, values={"emergency_number": "112"})
    assert "112" in known["text"]
    assert "911" not in known["text"]
    for values in (None, {}, {"emergency_number": ""}):
        (unknown,) = real_store.message_caveats([], kind="fallback", first=True, values=values)
        assert all(number in unknown["text"] for number in ("911", "999", "112", "000", "your local number"))


def test_an_answer_with_an_emergency_line_takes_the_regions_number(real_store: Store) -> None:
    answer_id = next(i for i, a in real_store.answers.items() if a.topic == "urgent_signs")
    rendered = real_store.render_answer(
        answer_id, today=TODAY, mode="demonstration", values={"emergency_number": "999"}
    )
    (line,) = [c["text"] for c in rendered["caveats"] if c["caveat_id"] == "emergency_line"]
    assert line.startswith("If this is happening now, call 999.")


def test_the_policy_and_the_contract_know_the_same_kinds_and_codes() -> None:
    message = json.loads((CONTRACTS / "message.json").read_text())["properties"]
    answer = json.loads((CONTRACTS / "answer.json").read_text())["properties"]
    codes = next(option for option in answer["evidence"]["anyOf"] if option["type"] == "object")
    assert sorted(message["kind"]["enum"]) == sorted(MESSAGE_KINDS)
    assert tuple(codes["properties"]["code"]["enum"]) == EVIDENCE_CODES
