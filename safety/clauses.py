"""Cuts a message into clauses and decides, for each mention of a sign, whether something in its clause takes it back.

SAFETY 1.2 and S-1: only evidence inside the same clause suppresses; without it the alarm stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from safety.normalise import Tokens
from safety.phrases import Mention

MAX_CLAUSE_WORDS = 40
NEGATION_REACH = 6
_FRAMES = frozenset(["educational", "hypothetical", "quoted", "condition", "not_personal"])
SUPPRESSORS = ("negated", "past", "educational", "hypothetical", "quoted", "figurative")

_TURNS = frozenset(
    ["but", "however", "although", "though", "yet", "except", "because", "then", "plus", "also", "whereas", "while"]
)
_SUBJECTS = frozenset(
    [
        "i",
        "im",
        "ive",
        "my",
        "he",
        "hes",
        "his",
        "she",
        "shes",
        "her",
        "we",
        "our",
        "they",
        "theyre",
        "their",
        "it",
        "its",
        "cant",
        "now",
        "the",
        "there",
        "this",
        "u",
        "you",
        "ill",
        "id",
        "both",
    ]
)
_JOINS = frozenset(["and", "n", "so", "or"])
_MAY_START = _TURNS | _JOINS
_LIST_STOP = _SUBJECTS | frozenset(
    ["is", "are", "has", "have", "feel", "feeling", "can", "having", "get", "getting", "am", "was"]
)


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
    # Most words start nothing, so only the others are looked at closely.
    starts = [
        i
        for i, word in enumerate(words)
        if i and (breaks[i] or word in _MAY_START) and _starts_clause(words, breaks, i)
    ]
    clause: list[int] = []
    for start, end in zip([0, *starts], [*starts, len(words)]):
        first = clause[-1] + 1 if clause else 0
        clause += [first + n // MAX_CLAUSE_WORDS for n in range(end - start)]
    sentence = accumulate(int(strength == 2 and i > 0) for i, strength in enumerate(breaks))
    return Clauses(tuple(clause), tuple(sentence))


def _starts_clause(words: Sequence[str], breaks: Sequence[int], at: int) -> bool:
    if breaks[at] == 2 or words[at] in _TURNS:
        return True
    if words[at] in _JOINS and at + 1 < len(words) and words[at + 1] in _SUBJECTS:
        return True
    return breaks[at] == 1 and not _list_goes_on(words, breaks, at)


def _list_goes_on(words: Sequence[str], breaks: Sequence[int], at: int) -> bool:
    if words[at] in _LIST_STOP:
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
        cues: cue (a name of cues.yml) to its mentions.
    """

    def __init__(self, tokens: Tokens, cues: Mapping[str, Sequence[Mention]]) -> None:
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
        self._spread_negation(cues.get("negation", ()))
        self._reasons: dict[int, str | None] = {}

    def _spread_frames(self) -> None:
        """A list that goes on after a comma stays in the question that began it: "signs of meningitis, stiff neck and fever?"."""
        own = {self.cut.clause[i] for i, word in enumerate(self.tokens.words) if word in _LIST_STOP}
        place = dict(zip(self.cut.clause, self.cut.sentence))
        for frame in ("educational", "hypothetical"):
            held = self._in_clause.get(frame, set())
            for clause in sorted(place):
                if clause - 1 in held and place[clause] == place[clause - 1] and clause not in own:
                    held.add(clause)

    def _read_spans(self, cues: Mapping[str, Sequence[Mention]]) -> None:
        for name, mentions in cues.items():
            covered = self._covered.get("frame" if name in _FRAMES else name)
            if covered is not None:
                for cue in mentions:
                    covered[cue.start : cue.end] = [True] * (cue.end - cue.start)

    def _read_cues(self, cues: Mapping[str, Sequence[Mention]]) -> None:
        clause, sentence = self.cut.clause, self.cut.sentence
        for name, mentions in cues.items():
            # "i" inside "i want to know" or "i have lupus" says nothing about a sign.
            empty = self._covered.get({"personal": "frame", "past": "not_negation"}.get(name, ""))
            if empty is not None:
                mentions = [cue for cue in mentions if not all(empty[cue.start : cue.end])]
            if mentions:
                self._in_clause[name] = {clause[cue.start] for cue in mentions}
                self._in_sentence[name] = {sentence[cue.start] for cue in mentions}

    def _spread_negation(self, cues: Sequence[Mention]) -> None:
        ends: dict[int, int] = {}
        for cue in cues:
            if not any(self._covered["not_negation"][cue.start : cue.end]):
                # From its first word on: "want to die" inside "don't want to die" is taken back too.
                ends[cue.start] = max(ends.get(cue.start, 0), cue.end)
        if not ends:
            return
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
        """ "Right now", "since this morning" in the sign's own sentence or the next one."""
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
        if clause not in self._reasons:
            self._reasons[clause] = self._reason_of(clause, mention)
        return self._reasons[clause]

    def _reason_of(self, clause: int, mention: Mention) -> str | None:
        """What takes back every sign of this clause."""
        if self._still_going_on(mention):
            return None
        if self.clause_has("resolved", clause):
            return "past"
        if self.clause_has("past", clause) and not self.clause_has("ongoing", clause):
            return "past"
        for frame in ("quoted", "hypothetical"):
            if self.clause_has(frame, clause):
                return frame
        if self.clause_has("educational", clause):
            return None if self.clause_has("personal", clause) else "educational"
        return None
