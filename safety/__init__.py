"""The safety floor: a deterministic screen, safety cards and help lines. Pure Python; see README.md.

`screen(text, recent)` judges a patient's message, `render_card(verdict=…, region=…)` gives the words to show.
Nothing here is signed off by a clinician until somebody signs it in the desk.
"""

from safety.cards import Card, render_card
from safety.outbound import CheckedTurn, check_turn, is_neutral, neutralise
from safety.pack import FAILED, Pack, Verdict, default_pack, load_pack, screen, use_pack
from safety.regions import crisis_line, emergency_line, emergency_numbers, get_region

__all__ = [
    "FAILED",
    "Card",
    "CheckedTurn",
    "Pack",
    "Verdict",
    "check_turn",
    "crisis_line",
    "default_pack",
    "emergency_line",
    "emergency_numbers",
    "get_region",
    "is_neutral",
    "load_pack",
    "neutralise",
    "render_card",
    "screen",
    "use_pack",
]
