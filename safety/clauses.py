"""Cuts a message into clauses and decides, for each mention of a sign, whether something in its clause takes it back.

SAFETY 1.2 and S-1: only evidence inside the same clause suppresses; without it the alarm stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from safety.normalise import Tokens
from safety.phrases import Mention

MAX_CLAUSE_WORDS = 40
NEGATION_REACH = 6
SUPPRESSORS = ("negated", "past", "educational", "hypothetical", "quoted", "figurative")

_TURNS = frozenset(["but", "however", "although", "though", "yet", "except", "because", "then", "plus", "also", "whereas", "while"])
_SUBJECTS = frozenset(
    ["i", "im", "ive", "my", "he", "hes", "his", "she", "shes", "her", "we", "our", "they", "theyre", "their", "it", "its", "cant", "now", "the", "there", "this", "u", "you", "ill", "id", "both"]
)
_LIST_STOP = _SUBJECTS | frozenset(["is", "are", "has", "have", "feel", "feeling", "can", "having", "get", "getting", "am", "was"])


@dataclass(frozen=True)
class Clauses:
    """Which clause and which sentence each word belongs to; same length as the words."""

    clause: tuple[int, ...]
    sentence: tuple[int, ...]


def cut(tokens: Tokens) -> Clauses:
    """Clauses end at sentence ends, commas, "but" and its kin, and "and" before a new subject.

    A list that goes on after a comma and closes with "or" stays in its clause: "no chest pain, fits or fever".
    """
    words, breaks = tokens.words, tokens.breaks
    clause: list[int] = []
    sentence: list[int] = []
    now = here = size = 0
    for i, word in enumerate(words):
        following = words[i + 1] if i + 1 < len(words) else ""
        new = breaks[i] == 2 or word in _TURNS or size >= MAX_CLAUSE_WORDS
        new = new or (word in ("and", "n", "so", "or") and following in _SUBJECTS and i > 0)
        new = new or (breaks[i] == 1 and not _list_goes_on(words, breaks, i))
        if new and i:
            now, size = now + 1, 0
            here += breaks[i] == 2
        size += 1
        clause.append(now)
        sentence.append(here)
    return Clauses(tuple(clause), tuple(sentence))


def _list_goes_on(words: Sequence[str], breaks: Sequence[int], at: int) -> bool:
    if at == 0 or words[at] in _LIST_STOP or breaks[at] != 1:
        return False
    for j in range(at, min(at + 10, len(words))):
        if (j > at and breaks[j] == 2) or words[j] in _LIST_STOP or words[j] in _TURNS:
            return False
        if words[j] in ("or", "nor"):
            following = words[j + 1] if j + 1 < len(words) else ""
            return following not in _LIST_STOP
    return False


class Context:
    """The cues of one message, ready to judge mentions.

    Args:
        tokens: the words.
        cues: mentions of the cue parts (names of cues.yml).
    """

    def __init__(self, tokens: Tokens, cues: Sequence[Mention]) -> None:
        self.tokens = tokens
        self.cut = cut(tokens)
        n = len(tokens.words)
        self._negation = [-1] * n
        self._covered = {"frame": [False] * n, "not_negation": [False] * n, "figurative": [False] * n}
        self._in_clause: dict[str, set[int]] = {}
        self._in_sentence: dict[str, set[int]] = {}
        self._read_spans(cues)
        self._read_cues(cues)
        self._spread_frames()
        self._spread_negation(cues)

    def _spread_frames(self) -> None:
        """A list that goes on after a comma stays in the question that began it: "signs of meningitis, stiff neck and fever?"."""
        own = {self.cut.clause[i] for i, word in enumerate(self.tokens.words) if word in _LIST_STOP}
        place = dict(zip(self.cut.clause, self.cut.sentence))
        for frame in ("educational", "hypothetical"):
            held = self._in_clause.get(frame, set())
            for clause in sorted(place):
                if clause - 1 in held and place[clause] == place[clause - 1] and clause not in own:
                    held.add(clause)

    def _read_spans(self, cues: Sequence[Mention]) -> None:
        for cue in cues:
            kind = "frame" if cue.part in ("educational", "hypothetical", "quoted", "condition", "not_personal") else cue.part
            if kind in self._covered:
                self._covered[kind][cue.start : cue.end] = [True] * (cue.end - cue.start)

    def _read_cues(self, cues: Sequence[Mention]) -> None:
        for cue in cues:
            # "i" inside "i want to know" or "i have lupus" says nothing about a sign.
            if cue.part == "personal" and all(self._covered["frame"][cue.start : cue.end]):
                continue
            if cue.part == "past" and all(self._covered["not_negation"][cue.start : cue.end]):
                continue
            self._in_clause.setdefault(cue.part, set()).add(self.cut.clause[cue.start])
            self._in_sentence.setdefault(cue.part, set()).add(self.cut.sentence[cue.start])

    def _spread_negation(self, cues: Sequence[Mention]) -> None:
        ends: dict[int, int] = {}
        for cue in cues:
            if cue.part == "negation" and not any(self._covered["not_negation"][cue.start : cue.end]):
                # From its first word on: "want to die" inside "don't want to die" is taken back too.
                ends[cue.start] = max(ends.get(cue.start, 0), cue.end)
        last = -1
        for i in range(len(self.tokens.words)):
            if i and self.cut.clause[i] != self.cut.clause[i - 1]:
                last = -1
            self._negation[i] = last
            if i in ends:
                last = ends[i]

    def has(self, cue: str) -> bool:
        """True if the message holds this cue anywhere."""
        return cue in self._in_clause

    def clause_has(self, cue: str, clause: int) -> bool:
        """True if this clause holds the cue."""
        return clause in self._in_clause.get(cue, ())

    def _still_going_on(self, mention: Mention) -> bool:
        """"Right now", "since this morning" in the sign's own sentence or the next one."""
        sentence = self.cut.sentence[mention.start]
        found = self._in_sentence.get("present", set())
        return sentence in found or sentence + 1 in found

    def suppressed_by(self, mention: Mention) -> str | None:
        """What takes this mention back: one of `SUPPRESSORS`, or None if it stands (S-1)."""
        clause = self.cut.clause[mention.start]
        covered = self._covered["figurative"][mention.start : mention.end]
        if any(covered) and sum(covered) * 2 >= len(covered):
            return "figurative"
        reach = self._negation[mention.start]
        if reach >= 0 and mention.start - reach <= NEGATION_REACH:
            return "negated"
        if self.clause_has("resolved", clause) and not self._still_going_on(mention):
            return "past"
        if self.clause_has("past", clause) and not self.clause_has("ongoing", clause) and not self._still_going_on(mention):
            return "past"
        if self.clause_has("quoted", clause) and not self._still_going_on(mention):
            return "quoted"
        if self.clause_has("hypothetical", clause) and not self._still_going_on(mention):
            return "hypothetical"
        if self.clause_has("educational", clause) and not self._still_going_on(mention):
            return None if self.clause_has("personal", clause) else "educational"
        return None
