"""Cards (section 1), numbers (S-9), the outbound guard (S-8) and slash payloads (X-2)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import safety

SAMPLES = Path(__file__).parents[2] / "contracts" / "samples"


@pytest.mark.parametrize(
    ("region", "number"), [("US", "[911](tel:911)"), ("GB", "[999](tel:999)"), ("gb", "[999](tel:999)")]
)
def test_the_emergency_card_starts_with_the_local_number(region, number):
    assert number in safety.render_card(tier="emergency", region=region).text.splitlines()[0]


@pytest.mark.parametrize("region", [None, "FR", "../US", "", "ZZ"])
def test_an_unknown_region_shows_every_common_number(region):
    first = safety.render_card(tier="emergency", region=region).text.splitlines()[0]
    assert all(f"tel:{n}" in first for n in ("911", "999", "112", "000"))


def test_emergency_lines():
    assert safety.emergency_line("US") == "If this is an emergency, call 911."
    assert (
        safety.emergency_line(None)
        == "If this is an emergency, call 911, 999, 112 or 000, or your local emergency number."
    )
    assert [n["href"] for n in safety.emergency_numbers("GB")] == ["tel:999"]


def test_an_overdose_shows_both_numbers_and_the_poison_line():
    card = safety.render_card(verdict=safety.screen("I took all my pills"), region="US")
    hrefs = [a.get("href") for a in card.actions]
    assert card.kind == "emergency" and {"tel:911", "tel:988", "tel:18002221222"} <= set(hrefs)


def test_the_card_speaks_to_the_helper():
    assert "for them" in safety.render_card(verdict=safety.screen("my mum's face has dropped"), region="GB").text


def test_staff_are_named_only_if_they_were_told():
    assert "alerted" not in safety.render_card(tier="emergency", region="US").text
    assert "Do not wait for them" in safety.render_card(tier="emergency", region="US", staff_alerted=True).text


def test_a_repeat_is_short_and_still_holds_the_number():
    full, short = (safety.render_card(tier="crisis", region="GB", repeat=r).text for r in (False, True))
    assert len(short) < len(full) / 2 and "116123" in short


def test_a_safeguarding_card_has_a_safe_exit():
    assert safety.render_card(tier="safeguarding", region="GB").actions[0]["type"] == "safe_exit"


def test_actions_fit_the_contract():
    for tier in ("emergency", "crisis", "urgent", "safeguarding"):
        for region in ("US", "GB", None):
            for action in safety.render_card(tier=tier, region=region, clinic_phone="+1 555 0100").actions:
                assert action["type"] in {"call", "text", "link", "clear", "safe_exit"} and action["label"]
                assert action.get("href", "tel:").startswith(("tel:", "sms:", "https://"))


def test_unreadable_cards_still_give_numbers(tmp_path):
    """S-5: never silence."""
    assert "tel:112" in safety.render_card(tier="emergency", region="US", root=tmp_path).text


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "  /deny{} i cant breathe",
        "／restart",
        "\u00a0/back",
        "\u2028/x",
        "\u200b/session_start",
        "//x",
        "/ /x",
        "EXTERNAL: x",
        "external : /x",
        "\x00/x",
        "/\u0301/x",
        "\u2060\ufeff/x",
        "/EXTERNAL: /x",
    ],
)
def test_no_payload_reaches_rasa(text):
    """X-2."""
    clean = safety.neutralise(text)
    assert safety.is_neutral(clean) and not clean.strip().startswith("/") and not clean.upper().startswith("EXTERNAL:")


def test_the_words_after_a_payload_are_kept():
    assert "i cant breathe" in safety.neutralise("/deny{} i cant breathe")
    assert safety.screen("/deny{} i cant breathe").tier == "emergency"


def test_a_turn_keeps_only_known_ids():
    """S-8."""
    turn = json.loads((SAMPLES / "turn.answer.json").read_text(encoding="utf-8"))
    good = safety.check_turn(turn, known_lines=(), known_answers={"lupus.stem_cell_evidence"})
    assert good.turn == turn and good.dropped == ()
    assert safety.check_turn(turn, known_lines=(), known_answers=()).turn is None
    turn["text"] = "You have lupus."
    assert safety.check_turn(turn, known_lines=(), known_answers={"lupus.stem_cell_evidence"}).dropped == (
        "text: unknown field",
    )
    assert safety.check_turn("free text", known_lines=(), known_answers=()).turn is None
