"""Conversational lines read the same from the action server and from the desk."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from knowledge import UnknownLine
from knowledge.lines import Lines, load_lines

RESPONSES = {
    "utter_greet": [{"text": "Hello. How can I help?"}, {"text": "Another variation."}],
    "utter_which": [{"text": "Which condition do you mean, for {topic}?"}],
    "utter_missing": [{"text": "I have no answer on {topic} for {condition} yet. {condition} is on my list."}],
    "utter_braces": [{"text": "Left alone: {name}."}],
}


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    path = tmp_path / "domain.yml"
    path.write_text(yaml.safe_dump({"version": "3.1", "responses": RESPONSES}))
    return load_lines(path)


@pytest.mark.parametrize(
    ("line_id", "topic", "condition", "text"),
    [
        ("utter_greet", None, None, "Hello. How can I help?"),
        ("utter_which", "symptoms", None, "Which condition do you mean, for the symptoms?"),
        (
            "utter_missing",
            "cure",
            "lupus",
            "I have no answer on whether it can be cured for lupus yet. Lupus is on my list.",
        ),
        ("utter_missing", None, "als", "I have no answer on this for ALS yet. ALS is on my list."),
        (
            "utter_missing",
            None,
            "autoimmune",
            "I have no answer on this for autoimmune disease yet. Autoimmune disease is on my list.",
        ),
        ("utter_missing", None, None, "I have no answer on this for this condition yet. This condition is on my list."),
        ("utter_braces", "cure", "lupus", "Left alone: {name}."),
    ],
)
def test_a_line_is_filled_with_labels(
    lines: Lines, line_id: str, topic: str | None, condition: str | None, text: str
) -> None:
    assert lines.render(line_id, topic=topic, condition=condition) == text


def test_an_unknown_line_is_an_error_that_names_it(lines: Lines) -> None:
    with pytest.raises(UnknownLine, match="utter_nothing"):
        lines.render("utter_nothing")


@pytest.mark.parametrize("names", [{"condition": "measles"}, {"topic": "weather"}])
def test_an_unknown_name_is_an_error(lines: Lines, names: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        lines.render("utter_missing", **names)


@pytest.mark.parametrize(
    "domain",
    [{}, {"responses": {}}, {"responses": {"utter_x": []}}, {"responses": {"utter_x": [{"image": "a.png"}]}}],
)
def test_a_domain_without_words_is_refused(tmp_path: Path, domain: dict) -> None:
    path = tmp_path / "domain.yml"
    path.write_text(yaml.safe_dump(domain))
    with pytest.raises(ValueError, match=r"domain\.yml|utter_x"):
        load_lines(path)


def test_a_missing_domain_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_lines(tmp_path / "nowhere.yml")
