"""What a patient sees of an answer: the contract's shape, every required caveat, nothing overdue in production."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, timedelta
from typing import Any

import jsonschema
import pytest

from knowledge import AnswerWithdrawn, CaveatMissing, Store, load_store, render
from knowledge.files import DEFAULT_ROOT

from .conftest import TODAY, build_answer, build_root, write_answer

CONTRACTS = DEFAULT_ROOT.parent / "contracts"
PROFILE = {
    "name": "Riverside Clinic",
    "address": "1 River Road",
    "telephone": "555 0100",
    "telephone_out_of_hours": "555 0199",
    "opening_hours": "Monday to Friday, 9 to 5",
    "booking_url": "https://clinic.example/book",
    "insurance": "We take most plans.",
    "records": "Write to the front desk.",
    "privacy_url": "https://clinic.example/privacy",
    "complaint": "Write to the manager.",
}


def render_it(store: Store, answer_id: str, **changes: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"today": TODAY, "mode": "demonstration", "values": PROFILE} | changes
    return store.render_answer(answer_id, **options)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    root = build_root(tmp_path_factory.mktemp("knowledge"))
    write_answer(root, build_answer())
    write_answer(root, build_answer(topic="stem_cell_evidence", evidence="early_trials"))
    return load_store(root)


def test_every_curated_answer_renders_to_the_contract(real_store: Store) -> None:
    schema = json.loads((CONTRACTS / "answer.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    assert real_store.answers
    for answer_id in real_store.answers:
        rendered = render_it(real_store, answer_id)
        assert [error.message for error in validator.iter_errors(rendered)] == [], answer_id
        assert set(rendered) == set(schema["properties"])
        assert json.loads(json.dumps(rendered)) == rendered
        assert "{" not in rendered["short"] + rendered["more"] + "".join(c["text"] for c in rendered["caveats"])


def test_no_required_caveat_of_any_curated_answer_can_be_dropped(
    real_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-14: whichever one is lost on the way, the answer cannot be serialised."""
    whole = render._render_caveats
    tried = 0
    for answer_id in real_store.answers:
        for lost in real_store.required_caveats(answer_id):

            def without(*args: Any, lost: str = lost) -> list[dict[str, Any]]:
                return [caveat for caveat in whole(*args) if caveat["caveat_id"] != lost]

            monkeypatch.setattr(render, "_render_caveats", without)
            with pytest.raises(CaveatMissing) as raised:
                render_it(real_store, answer_id)
            assert raised.value.missing == [lost]
            tried += 1
    assert tried >= len(real_store.answers)


def test_a_required_caveat_without_words_counts_as_lost(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = {"caveat_id": "not_medical_advice", "text": " ", "position": "below"}
    monkeypatch.setattr(render, "_render_caveats", lambda *_: [empty])
    with pytest.raises(CaveatMissing):
        render_it(store, "lupus.cure")


def test_production_withdraws_an_overdue_answer(store: Store) -> None:
    due = store.answers["lupus.cure"].review_by
    assert due is not None
    assert render_it(store, "lupus.cure", mode="production", today=due)["overdue_since"] is None
    with pytest.raises(AnswerWithdrawn) as raised:
        render_it(store, "lupus.cure", mode="production", today=due + timedelta(days=1))
    assert (raised.value.answer_id, raised.value.review_by) == ("lupus.cure", due.isoformat())


def test_demonstration_says_since_when_the_review_is_overdue(store: Store) -> None:
    rendered = render_it(store, "lupus.cure", today=date(2028, 1, 1))
    assert rendered["overdue_since"] == "2027-05-22"
    assert "overdue since 2027-05-22" in render.plain_text([rendered], [])


def test_a_sign_off_is_what_the_caller_says(store: Store) -> None:
    assert render_it(store, "lupus.cure")["signed_off"] is False
    assert render_it(store, "lupus.cure", signed_off=True)["signed_off"] is True


def test_an_alias_is_shown_by_the_organisations_name(store: Store) -> None:
    organisations = [source["organisation"] for source in render_it(store, "lupus.cure")["sources"]]
    assert organisations == ["NHS", "US Food and Drug Administration"]


def test_evidence_comes_with_its_words(store: Store) -> None:
    assert render_it(store, "lupus.cure")["evidence"] is None
    evidence = render_it(store, "lupus.stem_cell_evidence")["evidence"]
    assert evidence["code"] == "early_trials"
    assert evidence["label"]
    assert evidence["meaning"]


def test_a_glossary_term_comes_with_its_explanation(store: Store) -> None:
    (term,) = render_it(store, "lupus.cure")["glossary"]
    assert term == {"term": "remission", "text": "A time with few or no signs of disease."}


def test_caveats_about_cells_stand_above_and_the_general_one_below(store: Store) -> None:
    positions = {c["caveat_id"]: c["position"] for c in render_it(store, "lupus.stem_cell_evidence")["caveats"]}
    assert positions == {"unproven_cells": "above", "weak_evidence": "above", "not_medical_advice": "below"}


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another title"},
        {"short": "Another text."},
        {"more": "More."},
        {"caveats": ("child",)},
        {"evidence": "lab_only"},
        {"glossary": ()},
        {"sources": ()},
        {"review_by": date(2027, 1, 1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_version_changes_with_all_that_a_patient_can_see(store: Store, change: dict[str, Any]) -> None:
    answer = store.answers["lupus.cure"]
    before = render.compute_version(store, answer)
    assert before == store.version_of("lupus.cure") == render_it(store, "lupus.cure")["version"]
    assert render.compute_version(store, dataclasses.replace(answer, **change)) != before


def test_the_version_does_not_change_with_what_a_patient_cannot_see(store: Store) -> None:
    answer = store.answers["lupus.cure"]
    other = dataclasses.replace(answer, facts=("lupus-2",))
    assert render.compute_version(store, other) == render.compute_version(store, answer)


@pytest.mark.parametrize(
    ("answer_id", "field"),
    [
        ("clinic.hours", "opening_hours"),
        ("clinic.location", "address"),
        ("clinic.booking", "booking_url"),
        ("clinic.contact", "telephone"),
        ("clinic.insurance", "insurance"),
        ("clinic.records", "records"),
        ("clinic.complaint", "complaint"),
    ],
)
def test_a_clinic_answer_is_filled_from_the_profile_or_says_that_it_is_empty(
    real_store: Store, answer_id: str, field: str
) -> None:
    assert PROFILE[field] in render_it(real_store, answer_id)["short"]
    for missing in ({**PROFILE, field: ""}, {**PROFILE, field: "  "}, {}, None):
        rendered = render_it(real_store, answer_id, values=missing)
        assert rendered["short"] == real_store.answers[answer_id].empty
        assert rendered["more"] == ""


def test_a_paragraph_without_its_value_is_left_out(real_store: Store) -> None:
    rendered = render_it(real_store, "clinic.contact", values={**PROFILE, "telephone_out_of_hours": ""})
    assert "Out of hours" not in rendered["more"]
    assert PROFILE["opening_hours"] in rendered["more"]


def test_a_value_is_never_read_as_a_field(real_store: Store) -> None:
    rendered = render_it(real_store, "clinic.hours", values={**PROFILE, "opening_hours": "{telephone}"})
    assert "{telephone}" in rendered["short"]


def test_the_profile_does_not_change_a_clinic_answers_version(real_store: Store) -> None:
    filled, empty = (render_it(real_store, "clinic.hours", values=values) for values in (PROFILE, {}))
    assert filled["version"] == empty["version"]


def test_plain_text_holds_the_whole_message_in_order(store: Store) -> None:
    rendered = render_it(store, "lupus.stem_cell_evidence")
    caveats = store.message_caveats([rendered], kind="answer", first=True)
    text = render.plain_text([rendered], caveats, ["Here is what I found."])
    parts = [
        "Here is what I found.",
        store.caveats["unproven_cells"].text,
        f"**{rendered['title']}**",
        rendered["short"],
        rendered["more"],
        rendered["evidence"]["meaning"],
        store.caveats["not_medical_advice"].text,
        "**Sources**",
        "NHS, 2025: [Lupus](https://www.nhs.uk/conditions/lupus/), read on 2026-11-22",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_plain_text_says_each_caveat_and_source_once(store: Store) -> None:
    answers = [render_it(store, "lupus.cure"), render_it(store, "lupus.stem_cell_evidence")]
    text = render.plain_text(answers, store.message_caveats(answers, kind="answer", first=False))
    assert text.count(store.caveats["not_medical_advice"].short) == 1
    assert text.count("https://www.fda.gov/lupus") == 1


def test_plain_text_of_every_curated_answer_holds_every_caveat(real_store: Store) -> None:
    for answer_id in real_store.answers:
        rendered = render_it(real_store, answer_id)
        text = render.plain_text([rendered], [])
        assert all(caveat["text"] in text for caveat in rendered["caveats"])
        assert all(source["url"].split("(")[0] in text for source in rendered["sources"])


def test_plain_text_of_lines_alone_is_the_lines() -> None:
    assert render.plain_text([], [], ["One.", "Two."]) == "One.\n\nTwo."


def test_a_link_in_plain_text_cannot_be_broken_by_brackets() -> None:
    source = {
        "title": "A [b]",
        "organisation": "X",
        "url": "https://x.example/(1)",
        "year": None,
        "accessed": "2026-01-01",
    }
    answer = {
        "title": "T",
        "short": "S",
        "more": "",
        "evidence": None,
        "caveats": [],
        "glossary": [],
        "sources": [source],
    }
    assert "- X: [A (b)](https://x.example/%281%29), read on 2026-01-01" in render.plain_text([answer], [])
