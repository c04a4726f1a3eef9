"""Reading one mapping: each mistake becomes a fault that names its field, and nothing is guessed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.fields import Fields
from knowledge.parse import parse_answer, parse_caveat, parse_fact, parse_organisation, parse_topic

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.dates() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from(["id", "title", "short", "topic", "condition", "theme", "sources", "caveats", "review_by", "x"])


def read(method: str, value: Any, **options: Any) -> tuple[Any, list[str]]:
    fields = Fields("a.yml", {"f": value}, ["f"])
    result = getattr(fields, method)("f", **options)
    return result, [fault.field for fault in fields.faults]


@pytest.mark.parametrize(
    ("method", "value", "result"),
    [
        ("text", " hello ", "hello"),
        ("identifier", "stem_cell_risks", "stem_cell_risks"),
        ("number", 2025, 2025),
        ("day", date(2026, 1, 2), date(2026, 1, 2)),
        ("texts", ["a", "b"], ("a", "b")),
        ("texts", [], ()),
        ("flag", True, True),
        ("records", [{"a": 1}], [{"a": 1}]),
    ],
)
def test_a_good_value_is_read(method: str, value: Any, result: Any) -> None:
    assert read(method, value) == (result, [])


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("text", ""),
        ("text", "  "),
        ("text", 5),
        ("text", None),
        ("identifier", "Has Spaces"),
        ("identifier", "double__underscore"),
        ("number", "2025"),
        ("number", True),
        ("day", "2026-01-02"),
        ("day", datetime(2026, 1, 2, 3, 4)),
        ("texts", "a"),
        ("texts", ["a", ""]),
        ("texts", ["a", 1]),
        ("texts", ["a", "a"]),
        ("flag", "yes"),
        ("records", {}),
    ],
)
def test_a_wrong_value_is_a_fault_of_its_field(method: str, value: Any) -> None:
    assert read(method, value)[1] == ["f"]


@pytest.mark.parametrize("method", ["text", "identifier", "number", "day", "texts", "records"])
def test_a_missing_value_is_a_fault_only_where_it_is_required(method: str) -> None:
    for required, faults in ((True, ["p.f"]), (False, [])):
        fields = Fields("a.yml", {}, ["f"], prefix="p.")
        assert not getattr(fields, method)("f", required=required)
        assert [fault.field for fault in fields.faults] == faults


def test_a_choice_is_of_its_list() -> None:
    assert read("choice", "above", options=("above", "below")) == ("above", [])
    assert read("choice", "beside", options=("above", "below")) == (None, ["f"])


def test_an_unknown_field_and_a_list_for_a_mapping_are_faults() -> None:
    assert [fault.field for fault in Fields("a.yml", {"x": 1}, ["f"]).faults] == ["x"]
    assert [fault.problem for fault in Fields("a.yml", ["x"], ["f"]).faults] == ["is not a mapping of fields"]


@settings(max_examples=60, deadline=None)
@given(ANYTHING | st.dictionaries(NAMES, ANYTHING, max_size=6))
def test_no_content_makes_a_reader_crash(data: Any) -> None:
    answer, faults = parse_answer("a.yml", data)
    assert faults
    assert answer is None or answer.subject
    for _, found in (
        parse_topic("t.yml", "t", data),
        parse_caveat("c.yml", data),
        parse_fact("f.yml", data),
        parse_organisation("s.yml", 0, data),
    ):
        assert found
