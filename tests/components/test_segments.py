"""Splitting a message into its questions."""

from __future__ import annotations

import pytest

from components.segments import split_questions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What causes lupus? Is it hereditary?", ["What causes lupus?", "Is it hereditary?"]),
        ("what is MS and how is it treated", ["what is MS", "how is it treated"]),
        ("I was told I have Crohn's. What can I eat?", ["What can I eat?"]),
        ("how common is MS, who gets it and can it be cured?", ["how common is MS", "who gets it", "can it be cured?"]),
        ("what is lupus", []),
        ("fever and chills and a rash", []),
    ],
)
def test_it_finds_the_questions(text, expected):
    assert [segment.text for segment in split_questions(text)] == expected


def test_segments_stand_where_they_say():
    text = "My mum is ill. What is ITP? And how is it treated?"
    for segment in split_questions(text):
        assert text[segment.start : segment.end].strip() == segment.text
