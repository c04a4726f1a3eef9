"""The screen keeps SAFETY S-1 to S-5, S-12 and tables 1.1 and 1.2."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest

import safety
from safety import manifest
from safety.check import check_pack
from safety.clauses import cut
from safety.normalise import Tokens, clean

HERE = Path(__file__).parent


def lines(name: str) -> list[str]:
    return [x for x in (HERE / name).read_text(encoding="utf-8").splitlines() if x.strip() and not x.startswith("#")]


def test_every_rule_example_card_and_number_holds():
    assert check_pack() == []


@pytest.mark.parametrize(
    ("name", "least", "wanted", "allowed"),
    [
        ("red.txt", 400, lambda v: v.tier == "emergency", 0),
        ("urgent.txt", 150, lambda v: v.tier in ("urgent", "emergency"), 0),
        ("crisis.txt", 250, lambda v: "C2" in v.classes, 2),
        ("safeguarding.txt", 40, lambda v: "C4" in v.classes or v.tier == "emergency", 0),
        ("ordinary.txt", 400, lambda v: v.tier == "none", 2),
    ],
)
def test_development_sets_get_the_wanted_verdict(name, least, wanted, allowed):
    texts = lines(name)
    wrong = [t for t in texts if not wanted(safety.screen(t))]
    assert len(texts) >= least
    assert len(wrong) <= allowed, wrong


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("No chest pain but I can't breathe", "emergency"),
        ("no chest pain, just tired", "none"),
        ("signs of a heart attack in lupus?", "none"),
        ("what are the signs of a stroke? his face is drooping right now", "emergency"),
        ("I'm not suicidal but I don't want to wake up", "crisis"),
        ("I'm not suicidal", "none"),
        ("I had a stroke in 2019", "none"),
        ("the leaflet says call if you can't breathe", "none"),
        ("hubby says I'm overreacting, left arm is numb", "emergency"),
        ("testing: chest pain", "emergency"),
    ],
)
def test_table_1_2(text, tier):
    assert safety.screen(text).tier == tier


def test_a_frightening_question_gets_the_footer():
    assert safety.screen("can lupus cause chest pain?") == safety.Verdict(footer=True)


def test_a_past_attempt_gets_the_soft_card_not_silence():
    verdict = safety.screen("I tried to kill myself last year")
    assert (verdict.tier, verdict.soft) == ("crisis", True)


def test_overdose_carries_both_classes():
    assert safety.screen("I took all my pills").classes == ("C1", "C2")


def test_somebody_elses_emergency_addresses_the_helper():
    assert safety.screen("my mum's face has dropped").person == "other"
    assert safety.screen("my chest is tight").person == "self"


def test_help_on_its_way_gets_the_supportive_card():
    verdict = safety.screen("chest pain, the ambulance is on its way")
    assert verdict.help_on_way and verdict.tier == "emergency"


def test_split_messages_are_read_together_and_not_again():
    """S-4."""
    assert safety.screen("breathe", ["i cant"]).tier == "emergency"
    assert safety.screen("ok thanks", ["i cant breathe"]).tier == "none"


def test_a_broken_screen_fails_closed():
    """S-5: whatever is handed in, the patient gets the generic card."""
    assert safety.screen(object()).failed  # type: ignore[arg-type]


def test_the_same_text_gives_the_same_verdict():
    """S-12."""
    assert safety.screen("I can't breathe") == safety.screen("I can't breathe")


def disguises(text: str, rng: random.Random) -> dict[str, str]:
    confusable = str.maketrans("aeopcx", "аеорсх")
    words = text.split()
    return {
        "upper": text.upper(),
        "emoji": " \U0001f622 ".join([text, ""]),
        "full width": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
        "zero width": "\u200b".join(text),
        "homoglyph": text.translate(confusable),
        "spaces": "   ".join(words),
        "padding": "hello there, thanks for your help. " * 60 + text,
        "mixed faq": f"what is lupus? {text}",
        "marks": "".join(c + "\u0301" if c in "aeiou" and rng.random() < 0.3 else c for c in text),
        "repeats": " ".join(w + w[-1] * 3 if len(w) > 3 and w.isalpha() else w for w in words),
    }


def test_disguises_do_not_change_the_verdict():
    """S-3: at least 99 % of all disguised RED lines stay an emergency."""
    rng = random.Random(3)
    lost = [
        (k, d) for t in lines("red.txt") for k, d in disguises(t, rng).items() if safety.screen(d).tier != "emergency"
    ]
    assert len(lost) <= 0.01 * 10 * len(lines("red.txt")), lost[:30]


def test_one_letter_typos_in_long_words_are_read():
    for text in ("my chset hurts and chest pian", "he is unconcsious", "my tonuge is sweling", "coughng up blood"):
        assert safety.screen(text).tier == "emergency", text


def test_clean_follows_the_order_of_s3():
    assert clean("\x00Ｃｈｅ\u200bst\u202e “pain”") == 'chest "pain"'


def test_and_before_a_new_subject_starts_a_clause():
    words = ("no", "fever", "and", "i", "cant", "breathe")
    assert cut(Tokens(words, (0,) * len(words))).clause == (0, 0, 1, 1, 1, 1)


def test_an_altered_pack_is_refused_and_the_last_good_one_serves(tmp_path):
    """S-5, X-10."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    assert manifest.keep_good_copy(good)
    shutil.copytree(good, bad)
    (bad / "rules" / "crisis.yml").write_text("rules: []\n", encoding="utf-8")
    rescued = safety.load_pack(bad, last_good=good)
    assert rescued.fallback and rescued.screen("I can't breathe").tier == "emergency"
    lost = safety.load_pack(bad)
    assert lost.degraded and lost.screen("hello").failed
    assert not manifest.keep_good_copy(tmp_path / "other", bad)


@pytest.mark.parametrize(
    "piece",
    ["c\u200bh\u200be\u200bs\u200bt ", "no pain, no fever, ", "\U0001f198 pain ", "c h e s t p a i n ", "(((!?.,'"],
)
def test_hostile_text_costs_time_in_proportion_to_its_length(piece):
    """S-3, by this process's own time with room for a slow machine; bench/safety_screen measures the budget itself."""

    def cost(size: int) -> float:
        text = (piece * size)[:size]
        start = time.process_time()
        safety.screen(text)
        return time.process_time() - start

    cost(65_536)
    assert min(cost(65_536) for _ in range(3)) < 0.6


def test_a_sign_beside_an_asked_about_one_counts():
    """S-1: "signs of meningitis, stiff neck" alone is a question; with a real fever it is not."""
    assert safety.screen("signs of meningitis, stiff neck").tier == "none"
    assert safety.screen("signs of meningitis, stiff neck and I have a fever now").tier == "emergency"


def test_verdicts_do_not_depend_on_what_was_screened_before():
    """The matcher keeps states; they must not change a verdict."""
    first = safety.screen("crushing chest pain and no fever")
    for text in lines("red.txt")[:100]:
        safety.screen(text)
    assert safety.screen("crushing chest pain and no fever") == first
