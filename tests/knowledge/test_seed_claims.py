"""The curated answers put right what marketing texts about stem cells claim or leave out (SAFETY C11, H-10)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge import load_store

CLAIMS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("seed_claims.yml").read_text(encoding="utf-8"))
STORE = load_store()
#: The day at which the answers are rendered: the one on which they were checked.
TODAY = date(2026, 11, 22)
ROWS = 41


def read_as_patient(answer_id: str) -> str:
    """What a patient reads of the answer, in small letters, on one line, without bold marks."""
    shown = STORE.render_answer(answer_id, today=TODAY, mode="demonstration")
    text = f"{shown['title']} {shown['short']} {shown['more']}"
    return " ".join(text.replace("**", "").lower().split())


def test_every_claim_has_a_question() -> None:
    assert sorted({claim["row"] for claim in CLAIMS}) == list(range(1, ROWS + 1))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"row{claim['row']}")
class TestClaim:
    def test_the_question_leads_to_the_answer(self, claim: dict[str, Any]) -> None:
        answer = STORE.find_answer(claim["topic"], claim["condition"])
        assert answer is not None
        assert answer.id == claim["answer_id"]

    def test_the_answer_says_what_it_must(self, claim: dict[str, Any]) -> None:
        text = read_as_patient(claim["answer_id"])
        assert claim["must_say"]
        assert [phrase for phrase in claim["must_say"] if phrase not in text] == []


@pytest.mark.parametrize("answer_id", sorted({c["answer_id"] for c in CLAIMS} - {"autoimmune.definition"}))
def test_every_answer_about_cells_warns_before_it_informs(answer_id: str) -> None:
    shown = STORE.render_answer(answer_id, today=TODAY, mode="demonstration")
    positions = {caveat["caveat_id"]: caveat["position"] for caveat in shown["caveats"]}
    assert positions["unproven_cells"] == "above"
