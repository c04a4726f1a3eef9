"""Splits a message that asks several things into its questions."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_SEGMENTS = 4
MIN_WORDS = 2
_ASKING = (
    r"what|what's|whats|how|how's|hows|why|who|who's|which|where|when|is|are|can|could|does|do|did|will|would|should|"
    r"tell me|explain|may|has|have"
)
# A sentence's end, or a joining word right before a new question ("... and how is it treated").
_BREAK = re.compile(
    rf"(?<=[?!.;\n])\s+|\s*[,;]?\s+(?:and|also|plus|but|then)\s+(?:also\s+)?(?=(?:{_ASKING})\b)|,\s+(?=(?:{_ASKING})\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"^\W*(?:and\s+|so\s+|also\s+|but\s+)?(?:{_ASKING})\b|\?\s*$", re.IGNORECASE)


class Segment(NamedTuple):
    """A part of a message that asks something; `start` and `end` are offsets in the message."""

    text: str
    start: int
    end: int


def split_questions(text: str) -> list[Segment]:
    """Returns the questions of a message in order, at most `MAX_SEGMENTS`.

    An empty list means that the message is one piece: it should be understood as a whole.
    """
    pieces, position = [], 0
    for match in _BREAK.finditer(text):
        pieces.append((position, match.start()))
        position = match.end()
    pieces.append((position, len(text)))
    if len(pieces) < 2:
        return []
    segments = [Segment(text[start:end].strip(), start, end) for start, end in pieces]
    asking = [s for s in segments if len(s.text.split()) >= MIN_WORDS and _ASKS.search(s.text)]
    return asking[:MAX_SEGMENTS]
