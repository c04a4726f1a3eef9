"""A small knowledge folder that tests may change, beside the real one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml

import knowledge
from knowledge.files import DEFAULT_ROOT

TODAY = date(2026, 11, 24)
SHARED = ("topics.yml", "conditions.yml", "sources.yml", "evidence.yml", "RELEASE_DATE")
FACTS = [
    {"id": "lupus-1", "condition": "lupus", "aspect": "cure", "statement": "So.", "sources": [], "verified": True},
    {
        "id": "lupus-2",
        "condition": "lupus",
        "aspect": "cure",
        "statement": "If.",
        "sources": [],
        "verified": False,
    },
]
MakeAnswer = Callable[..., dict]
SaveAnswer = Callable[[dict], Path]


def source(organisation: str = "NHS", url: str = "https://www.nhs.uk/conditions/lupus/") -> dict:
    """A source as an answer names it."""
    return {
        "organisation": organisation,
        "title": "Lupus",
        "url": url,
        "year": 2025,
        "accessed": date(2026, 11, 22),
    }


@pytest.fixture
def make_answer() -> MakeAnswer:
    """Builds an answer without faults; keyword arguments replace its fields."""

    def make(**changes: object) -> dict:
        answer = {
            "title": "Can lupus be cured?",
            "short": "There is no cure for lupus yet. Good care can keep it quiet for a long time.",
            "more": "Some people have long quiet spells. This is called **remission**.",
            "topic": "cure",
            "condition": "lupus",
            "theme": None,
            "evidence": None,
            "caveats": [],
            "glossary": ["remission"],
            "sources": [source(), source("FDA", "https://www.fda.gov/lupus")],
            "facts": ["lupus-1"],
            "as_of": None,
            "jurisdiction": [],
            "checked_on": date(2026, 11, 22),
            "review_by": date(2027, 5, 22),
            "locale": "en",
        }
        answer |= changes
        return {"id": f"{answer['condition'] or answer['theme']}.{answer['topic']}", **answer} | changes

    return make


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A knowledge folder with the real topics, sources and caveats, two facts, one term, and no answers."""
    for name in SHARED:
        shutil.copy(DEFAULT_ROOT / name, tmp_path / name)
    shutil.copytree(DEFAULT_ROOT / "caveats", tmp_path / "caveats")
    for folder in ("facts", "glossary", "answers"):
        (tmp_path / folder).mkdir()
    (tmp_path / "facts" / "some.yml").write_text(yaml.safe_dump(FACTS))
    term = {"term": "remission", "text": "A time with few or no signs of disease."}
    (tmp_path / "glossary" / "remission.yml").write_text(yaml.safe_dump(term))
    return tmp_path


@pytest.fixture
def save(root: Path) -> SaveAnswer:
    """Writes an answer to where its subject and topic say."""

    def write(answer: dict) -> Path:
        path = root / "answers" / (answer["condition"] or answer["theme"]) / f"{answer['topic']}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(answer, sort_keys=False, allow_unicode=True))
        return path

    return write


@pytest.fixture(scope="session")
def real_store() -> knowledge.Store:
    """The store of the curated answers."""
    return knowledge.load_store()
