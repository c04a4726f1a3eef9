"""A small knowledge folder that tests may change, beside the real one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from functools import partial
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


def build_answer(**changes: object) -> dict:
    """An answer without faults; keyword arguments replace its fields."""
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
    } | changes
    return {"id": f"{answer['condition'] or answer['theme']}.{answer['topic']}", **answer}


def build_root(path: Path) -> Path:
    """A knowledge folder with the real topics, sources and caveats, two facts, one term, and no answers."""
    for name in SHARED:
        shutil.copy(DEFAULT_ROOT / name, path / name)
    shutil.copytree(DEFAULT_ROOT / "caveats", path / "caveats")
    for folder in ("facts", "glossary", "answers"):
        (path / folder).mkdir()
    (path / "facts" / "some.yml").write_text(yaml.safe_dump(FACTS))
    term = {"term": "remission", "text": "A time with few or no signs of disease."}
    (path / "glossary" / "remission.yml").write_text(yaml.safe_dump(term))
    return path


def write_answer(root: Path, answer: dict) -> Path:
    """Writes an answer to where its subject and topic say."""
    path = root / "answers" / (answer["condition"] or answer["theme"]) / f"{answer['topic']}.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(answer, sort_keys=False, allow_unicode=True))
    return path


@pytest.fixture
def make_answer() -> MakeAnswer:
    return build_answer


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return build_root(tmp_path)


@pytest.fixture
def save(root: Path) -> SaveAnswer:
    return partial(write_answer, root)


@pytest.fixture(scope="session")
def real_store() -> knowledge.Store:
    """The store of the curated answers."""
    return knowledge.load_store()
