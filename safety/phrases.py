"""A small language for phrases, and one automaton that finds all of them.

`word` a word; `breath*` a word that begins so; `(a|b c)` one of; `[very]` may be missing; `..` up to three other words
(`..5` up to five) inside one sentence; `{38-43}` a number in that range, both ends included.

`add` builds a graph of all phrases. `find` walks it as RE2 does: the set of places one may be in is a state, worked out
when it is first met and then kept, so that a word costs one look-up for each phrase start that is still alive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple

from safety.normalise import Tokens

_PIECE = re.compile(r"[()\[\]|]|[^\s()\[\]|]+")
_CLOSING = {"(": ")", "[": "]"}
_RANGE = re.compile(r"\{(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)\}")
MAX_STATES = 50_000


class PhraseError(ValueError):
    """A phrase that cannot be read; the message names it."""


class Mention(NamedTuple):
    """One place where a part was found.

    Attributes:
        part: name of the part.
        start: index of its first word.
        end: index after its last word.
    """

    part: str
    start: int
    end: int


class _Node:
    """A place inside phrases: what may come next, and which parts end here. Never changed once it is reachable.

    Attributes:
        edges: a label (`word`, `breath*` or `{38-43}`) to the places after it.
        gaps: how many words may be skipped, and the place after the gap.
        parts: names of the parts that end here.
    """

    __slots__ = ("edges", "gaps", "parts")

    def __init__(self) -> None:
        self.edges: dict[str, tuple[_Node, ...]] = {}
        self.gaps: tuple[tuple[int, _Node], ...] = ()
        self.parts: tuple[str, ...] = ()


def _merge(nodes: Iterable[_Node]) -> _Node:
    out = _Node()
    for node in nodes:
        for label, after in node.edges.items():
            have = out.edges.get(label)
            out.edges[label] = tuple(dict.fromkeys((*have, *after))) if have else after
        out.gaps = tuple(dict.fromkeys((*out.gaps, *node.gaps)))
        out.parts = tuple(dict.fromkeys((*out.parts, *node.parts)))
    return out


class _State:
    """All places that the words read so far may have led to.

    Attributes:
        fixed: place to words that may still be skipped there.
        skipped: the same for places reached by skipping a word; they end with the sentence.
        parts: names of the parts that end here, sorted, so that verdicts never depend on the hash seed.
        edges: union of the edges of all places.
        after: symbol to next state, filled as met; None if nothing can follow.
        over_gap: next state for a word that no edge names, once worked out (None: nothing can follow).
        in_new_sentence: this state without `skipped`, once worked out.
    """

    __slots__ = ("after", "edges", "fixed", "in_new_sentence", "over_gap", "parts", "skipped")

    def __init__(self, fixed: dict[_Node, int], skipped: dict[_Node, int]) -> None:
        self.fixed, self.skipped = fixed, skipped
        places = [*fixed, *skipped]
        whole = places[0] if len(places) == 1 else _merge(places)
        self.parts = tuple(sorted(whole.parts))
        self.edges = whole.edges
        self.after: dict[int, _State | None] = {}
        # False: not worked out yet.
        self.over_gap: _State | bool | None = False if any(fixed.values()) or any(skipped.values()) else None
        self.in_new_sentence: _State | bool | None = False


def _close(places: dict[_Node, int]) -> dict[_Node, int]:
    """Adds the places behind each gap, with the words that may be skipped before them."""
    todo = list(places)
    while todo:
        for width, after in todo.pop().gaps:
            if places.get(after, -1) < width:
                places[after] = width
                todo.append(after)
    return places


class Trie:
    """All phrases of a pack in one graph. Filled, sealed, then only its store of states grows, so threads may share it."""

    def __init__(self) -> None:
        self._entries: list[_Node] = []
        self._root: _State | None = None
        self._states: dict[object, _State] = {}
        self._lock = Lock()
        self._symbols: list[tuple[str, ...]] = [()]
        self._symbol_ids: dict[tuple[str, ...], int] = {(): 0}
        self._word_symbols: dict[str, int] = {}
        self._heads: frozenset[str] = frozenset()
        self._sizes: tuple[int, ...] = ()
        self._ranges: dict[str, tuple[float, float]] = {}
        self.words: set[str] = set()
        self.prefixes: set[str] = set()

    def add(self, part: str, phrase: str) -> None:
        """Adds a phrase under a part's name.

        Raises:
            PhraseError: empty, unbalanced, or it could start or end with a gap.
        """
        end = _Node()
        end.parts = (part,)
        pieces = _PIECE.findall(phrase)
        node, at = self._alternatives(pieces, 0, end, phrase)
        if at != len(pieces):
            raise PhraseError(f"unbalanced brackets: {phrase}")
        if node.gaps or node.parts or not pieces:
            raise PhraseError(f"starts with a gap or may be empty: {phrase}")
        self._entries.append(node)

    def seal(self) -> None:
        """Ends the filling: makes the first state and the symbols of the known words."""
        self._heads = frozenset(prefix[:3] for prefix in self.prefixes)
        self._sizes = tuple(sorted({len(prefix) for prefix in self.prefixes}))
        self._root = _State({_merge(self._entries): 0}, {})
        self._word_symbols = {word: self._symbol(word) for word in sorted(self.words)}
        for symbol in range(len(self._symbols)):
            self._next(self._root, symbol)

    def _alternatives(self, pieces: list[str], at: int, after: _Node, phrase: str) -> tuple[_Node, int]:
        """Reads alternatives up to a closing bracket, then links each, last word first, to the node that comes after."""
        sequences: list[list[str | tuple[int, str]]] = [[]]
        start = at
        while at < len(pieces) and pieces[at] not in (")", "]"):
            if pieces[at] == "|":
                sequences.append([])
            elif pieces[at] in ("(", "["):
                sequences[-1].append((at + 1, pieces[at]))
                at = _skip(pieces, at, phrase)
            else:
                sequences[-1].append(pieces[at])
            at += 1
        nodes = []
        for sequence in sequences:
            node = after
            for element in reversed(sequence):
                node = self._link(element, node, pieces, phrase)
            nodes.append(node)
        if start and any(not s for s in sequences):
            raise PhraseError(f"empty alternative: {phrase}")
        return (nodes[0] if len(nodes) == 1 else _merge(nodes)), at

    def _link(self, element: str | tuple[int, str], after: _Node, pieces: list[str], phrase: str) -> _Node:
        if isinstance(element, tuple):
            node, _ = self._alternatives(pieces, element[0], after, phrase)
            return _merge([node, after]) if element[1] == "[" else node
        node = _Node()
        bounds = _RANGE.fullmatch(element)
        if element.startswith(".."):
            if after.parts:
                raise PhraseError(f"may end with a gap: {' '.join(pieces)}")
            node.gaps = ((int(element[2:] or 3), after),)
            return node
        node.edges = {element: (after,)}
        if bounds:
            self._ranges[element] = (float(bounds[1]), float(bounds[2]))
        elif element.endswith("*"):
            if len(element) < 4:
                raise PhraseError(f"a beginning needs three letters: {element}")
            self.prefixes.add(element[:-1])
        else:
            self.words.add(element)
        return node

    def _symbol(self, word: str) -> int:
        """Number of the set of labels that a word meets. Such sets belong to the pack: no patient's word is kept."""
        labels = [word] if word in self.words else []
        if word[:3] in self._heads:
            labels += [f"{word[:size]}*" for size in self._sizes if size <= len(word) and word[:size] in self.prefixes]
        number = _number(word)
        if number is not None:
            labels += [label for label, (low, high) in self._ranges.items() if low <= number <= high]
        key = tuple(labels)
        if key not in self._symbol_ids:
            with self._lock:
                if key not in self._symbol_ids:
                    # The list grows first: a thread that sees the number can always read its labels.
                    self._symbols.append(key)
                    self._symbol_ids[key] = len(self._symbols) - 1
        return self._symbol_ids[key]

    def find(self, tokens: Tokens) -> dict[str, list[Mention]]:
        """Every mention of every part, by part, in the order of their starts.

        Linear: from one start at most the words of the longest phrase are read.
        """
        if self._root is None:
            self.seal()
        if len(self._states) > MAX_STATES:
            self._forget()
        root, known = self._root, self._word_symbols
        assert root is not None
        symbol_of = {word: known[word] if word in known else self._symbol(word) for word in set(tokens.words)}
        symbols = [symbol_of[word] for word in tokens.words]
        breaks, count, labels = tokens.breaks, len(symbols), self._symbols
        found: dict[str, list[Mention]] = {}
        for start, symbol in enumerate(symbols):
            state = self._next(root, symbol) if symbol else None
            at = start + 1
            while state is not None:
                for part in state.parts:
                    found.setdefault(part, []).append(Mention(part, start, at))
                if at == count:
                    break
                if breaks[at] == 2 and state.skipped:
                    state = self._without_skipped(state)
                    if state is None:
                        break
                symbol = symbols[at]
                at += 1
                if symbol in state.after:
                    state = state.after[symbol]
                elif state.over_gap is None and state.edges.keys().isdisjoint(labels[symbol]):
                    break  # the usual end, without a call
                else:
                    state = self._next(state, symbol)
        return found

    def _next(self, state: _State, symbol: int) -> _State | None:
        """The state after one more word; None if no phrase goes on."""
        if symbol in state.after:
            return state.after[symbol]
        if state.edges.keys().isdisjoint(self._symbols[symbol]):
            # Kept apart from `after`: every word that no edge names leads to the same state.
            if state.over_gap is False:
                state.over_gap = self._state({}, _one_less(state))
            return state.over_gap  # type: ignore[return-value]
        fixed = {after: 0 for label in self._symbols[symbol] for after in state.edges.get(label, ())}
        out = state.after[symbol] = self._state(fixed, _one_less(state))
        return out

    def _without_skipped(self, state: _State) -> _State | None:
        if state.in_new_sentence is False:
            state.in_new_sentence = self._state(dict(state.fixed), {})
        return state.in_new_sentence  # type: ignore[return-value]

    def _state(self, fixed: dict[_Node, int], skipped: dict[_Node, int]) -> _State | None:
        """The one state with these places; None if there are none."""
        _close(fixed)
        skipped = {node: left for node, left in _close(skipped).items() if fixed.get(node, -1) < left}
        if not fixed and not skipped:
            return None
        key = (frozenset(fixed.items()), frozenset(skipped.items()))
        return self._states.setdefault(key, _State(fixed, skipped)) if key not in self._states else self._states[key]

    def _forget(self) -> None:
        """Drops all states but the first: hostile text cannot make the store grow without end."""
        assert self._root is not None
        self._states = {}
        self._root = _State(self._root.fixed, {})


def _one_less(state: _State) -> dict[_Node, int]:
    """Places one may be in after skipping one word."""
    out: dict[_Node, int] = {}
    for places in (state.skipped, state.fixed):
        for node, left in places.items():
            if left and out.get(node, -1) < left - 1:
                out[node] = left - 1
    return out


def _skip(pieces: list[str], at: int, phrase: str) -> int:
    """Index of the bracket that closes the one at `at`."""
    open_brackets: list[str] = []
    for i in range(at, len(pieces)):
        if pieces[i] in _CLOSING:
            open_brackets.append(_CLOSING[pieces[i]])
        elif pieces[i] in (")", "]"):
            if not open_brackets or open_brackets.pop() != pieces[i]:
                break
            if not open_brackets:
                return i
    raise PhraseError(f"unbalanced brackets: {phrase}")


def _number(word: str) -> float | None:
    try:
        return float(word) if word[0].isdigit() and len(word) < 12 else None
    except ValueError:
        return None
