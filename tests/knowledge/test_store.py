"""Answers are found by topic and condition; what is not there is never replaced by something else."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

import knowledge
from knowledge import KnowledgeError, Store, load_store

from .conftest import MakeAnswer, SaveAnswer, build_answer, build_root, source, write_answer

CELLS = {"theme": "stem_cells", "condition": None}
TWO = [source(), source("FDA", "https://www.fda.gov/x")]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A few answers: lupus, autoimmune disease, stem cells and the clinic."""
    root = build_root(tmp_path_factory.mktemp("knowledge"))
    for topic in ("cure", "treatment", "stem_cell_evidence"):
        write_answer(
            root, build_answer(topic=topic, evidence="early_trials" if topic == "stem_cell_evidence" else None)
        )
    for topic in ("definition", "cure", "triggers"):
        write_answer(root, build_answer(topic=topic, theme="autoimmune", condition=None))
    for topic in ("stem_cell_risks", "stem_cell_evidence"):
        write_answer(root, build_answer(topic=topic, sources=TWO, **CELLS))
    clinic = {"theme": "clinic", "condition": None, "sources": [], "facts": [], "checked_on": None, "review_by": None}
    write_answer(root, build_answer(topic="hours", short="{opening_hours}", more="", empty="Ask our team.", **clinic))
    return load_store(root)


@pytest.mark.parametrize(
    ("topic", "condition", "expected"),
    [
        ("cure", "lupus", "lupus.cure"),
        ("cure", "autoimmune", "autoimmune.cure"),
        ("cure", None, None),
        ("cure", "psoriasis", None),
        ("symptoms", "lupus", None),
        ("definition", None, None),
        ("definition", "autoimmune", "autoimmune.definition"),
        ("definition", "immune_system", None),
        ("triggers", None, "autoimmune.triggers"),
        ("triggers", "autoimmune", "autoimmune.triggers"),
        ("triggers", "lupus", None),
        ("stem_cell_evidence", "lupus", "lupus.stem_cell_evidence"),
        ("stem_cell_evidence", "psoriasis", "stem_cells.stem_cell_evidence"),
        ("stem_cell_evidence", "autoimmune", "stem_cells.stem_cell_evidence"),
        ("stem_cell_evidence", None, "stem_cells.stem_cell_evidence"),
        ("stem_cell_risks", "lupus", "stem_cells.stem_cell_risks"),
        ("stem_cell_risks", None, "stem_cells.stem_cell_risks"),
        ("stem_cell_cost", None, None),
        ("hours", None, "clinic.hours"),
        ("hours", "lupus", "clinic.hours"),
        ("no_such_topic", "lupus", None),
        ("cure", "no_such_condition", None),
    ],
)
def test_it_finds_the_answer_of_a_topic_and_condition(
    store: Store, topic: str, condition: str | None, expected: str | None
) -> None:
    found = store.find_answer(topic, condition)
    assert (found.id if found else None) == expected


@pytest.mark.parametrize(
    ("topic", "needs"),
    [
        ("cure", True),
        ("medicines", True),
        ("stem_cell_evidence", False),
        ("stem_cell_risks", False),
        ("hours", False),
        ("triggers", False),
        ("no_such_topic", False),
    ],
)
def test_it_says_whether_a_topic_needs_a_condition(store: Store, topic: str, needs: bool) -> None:
    assert store.needs_condition(topic) is needs


@pytest.mark.parametrize(
    ("topic", "condition", "limit", "expected"),
    [
        ("outlook", "lupus", 3, [("treatment", "lupus")]),
        ("symptoms", "lupus", 3, [("treatment", "lupus")]),
        ("medicines", "psoriasis", 3, []),
        ("cure", "psoriasis", 3, [("stem_cell_evidence", None), ("cure", "autoimmune")]),
        ("stem_cell_cost", None, 3, [("stem_cell_evidence", None)]),
        ("stem_cell_cost", "lupus", 3, [("stem_cell_evidence", "lupus")]),
        ("cure", "psoriasis", 1, [("stem_cell_evidence", None)]),
        ("no_such_topic", "lupus", 3, []),
    ],
)
def test_it_offers_what_is_nearest(store: Store, topic: str, condition: str, limit: int, expected: list) -> None:
    assert store.find_nearest(topic, condition, limit) == expected


@pytest.mark.parametrize(
    ("answer_id", "expected"),
    [
        ("lupus.cure", [("treatment", "lupus"), ("stem_cell_evidence", "lupus")]),
        ("lupus.stem_cell_evidence", [("stem_cell_risks", None)]),
        ("stem_cells.stem_cell_risks", [("stem_cell_evidence", None)]),
        ("autoimmune.triggers", []),
        ("autoimmune.cure", [("stem_cell_evidence", None)]),
    ],
)
def test_it_offers_what_comes_next(store: Store, answer_id: str, expected: list) -> None:
    assert store.next_questions(answer_id) == expected


def test_what_comes_next_of_an_unknown_answer_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        store.next_questions("lupus.no_such_topic")


def test_every_offer_of_the_curated_answers_leads_to_an_answer(real_store: Store) -> None:
    for answer_id in real_store.answers:
        offers = real_store.next_questions(answer_id)
        assert len(offers) <= 3
        for pair in offers:
            found = real_store.find_answer(*pair)
            assert found is not None
            assert found.id != answer_id
            assert real_store.choice_label(*pair).endswith("?")


@pytest.mark.parametrize(
    ("slug", "label"),
    [
        ("lupus", "lupus"),
        ("multiple_sclerosis", "multiple sclerosis"),
        ("graves_disease", "Graves' disease"),
        ("type_1_diabetes", "type 1 diabetes"),
        ("als", "ALS"),
        ("guillain_barre", "Guillain-Barré syndrome"),
        ("autoimmune", "autoimmune disease"),
        ("immune_system", "the immune system"),
    ],
)
def test_a_condition_is_named_as_in_the_middle_of_a_sentence(real_store: Store, slug: str, label: str) -> None:
    assert real_store.condition_label(slug) == label


@pytest.mark.parametrize(
    ("topic", "condition", "label"),
    [
        ("symptoms", "lupus", "What are the symptoms of lupus?"),
        ("symptoms", "graves_disease", "What are the symptoms of Graves' disease?"),
        ("definition", "autoimmune", "What is autoimmune disease?"),
        ("definition", None, "What is autoimmune disease?"),
        ("stem_cell_risks", "lupus", "What are the risks of stem-cell therapy?"),
        ("stem_cell_evidence", "lupus", "Do stem cells help with lupus?"),
        ("stem_cell_evidence", None, "What does the evidence say about stem cells for autoimmune disease?"),
        ("stem_cell_evidence", "autoimmune", "What does the evidence say about stem cells for autoimmune disease?"),
        ("hours", None, "When is the clinic open?"),
    ],
)
def test_a_choice_asks_its_question(real_store: Store, topic: str, condition: str | None, label: str) -> None:
    assert real_store.choice_label(topic, condition) == label


def test_every_topic_and_condition_makes_a_whole_question(real_store: Store) -> None:
    for topic in real_store.topics:
        assert real_store.topic_label(topic)
        for condition in (*real_store.conditions, "autoimmune", None):
            label = real_store.choice_label(topic, condition)
            assert label.endswith("?")
            assert "{" not in label


def test_an_unknown_condition_has_no_label(real_store: Store) -> None:
    with pytest.raises(KeyError):
        real_store.condition_label("measles")


def test_every_mapping_is_there_and_read_only(real_store: Store) -> None:
    for name in ("answers", "topics", "conditions", "sources", "caveats", "evidence", "glossary", "facts"):
        mapping = getattr(real_store, name)
        assert len(mapping) > 0, name
        with pytest.raises(TypeError):
            mapping["new"] = None


def test_every_condition_that_can_be_named_stands_there(real_store: Store) -> None:
    assert len(real_store.conditions) == 29


def test_it_loads_fast_and_without_the_fact_base() -> None:
    started = time.process_time()
    store = load_store()
    seconds = time.process_time() - started
    assert "facts" not in vars(store)
    assert seconds < 1.5


def test_importing_it_reads_no_file_and_needs_no_framework() -> None:
    code = "import sys, knowledge; print([m for m in ('django', 'rasa', 'rasa_sdk', 'requests') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_store_with_faults_is_refused_with_all_of_them(root: Path, make_answer: MakeAnswer, save: SaveAnswer) -> None:
    save(make_answer(caveats=["no_such_caveat"], colour="blue"))
    save(make_answer(condition="psoriasis", short=""))
    with pytest.raises(KnowledgeError) as raised:
        load_store(root)
    fields = {(fault.file, fault.field) for fault in raised.value.faults}
    assert fields == {
        ("answers/lupus/cure.yml", "caveats"),
        ("answers/lupus/cure.yml", "colour"),
        ("answers/psoriasis/cure.yml", "short"),
    }
    assert "no_such_caveat" in str(raised.value)


def test_a_missing_file_is_a_fault(root: Path) -> None:
    (root / "topics.yml").unlink()
    with pytest.raises(KnowledgeError) as raised:
        load_store(root)
    assert any(f.file == "topics.yml" and f.problem == "does not exist" for f in raised.value.faults)


@pytest.mark.parametrize(
    ("field", "value"),
    [("next", ["no_such_topic"]), ("subjects", ["planets"]), ("caveats", ["no_such_caveat"])],
)
def test_a_topic_that_names_something_unknown_is_a_fault(root: Path, field: str, value: list[str]) -> None:
    path = root / "topics.yml"
    topics = yaml.safe_load(path.read_text())
    topics["cure"][field] = value
    path.write_text(yaml.safe_dump(topics))
    with pytest.raises(KnowledgeError) as raised:
        load_store(root)
    assert [(f.file, f.field) for f in raised.value.faults] == [("topics.yml", f"cure.{field}")]


def test_a_broken_fact_base_is_named_when_it_is_asked_for(root: Path) -> None:
    (root / "facts" / "some.yml").write_text("- id: lupus-1\n  statement: No more than this.\n")
    store = load_store(root)
    with pytest.raises(KnowledgeError):
        _ = store.facts


def test_the_package_says_what_it_offers() -> None:
    assert {"load_store", "Store", "KnowledgeError", "AnswerWithdrawn", "CaveatMissing"} <= set(knowledge.__all__)
