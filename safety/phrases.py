"""A small language for phrases, and one trie that finds all of them in a single pass over the words.

`word` a word; `breath*` a word that begins so; `(a|b c)` one of; `[very]` may be missing; `..` up to three other words
(`..5` up to five) inside one sentence; `{38-43}` a number in that range, both ends included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from safety.normalise import Tokens

_PIECE = re.compile(r"[()\[\]|]|[^\s()\[\]|]+")
_CLOSING = {"(": ")", "[": "]"}
_RANGE = re.compile(r"\{(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)\}")


class PhraseError(ValueError):
    """A phrase that cannot be read; the message names it."""


@dataclass(frozen=True)
class Mention:
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
    """A place inside phrases: what may come next, and which parts end here. Never changed once it is reachable."""

    __slots__ = ("gaps", "numbers", "parts", "prefixes", "shortest", "words")

    def __init__(self) -> None:
        self.words: dict[str, tuple[_Node, ...]] = {}
        self.prefixes: dict[str, tuple[_Node, ...]] = {}
        self.gaps: tuple[tuple[int, _Node], ...] = ()
        self.numbers: tuple[tuple[float, float, _Node], ...] = ()
        self.parts: tuple[str, ...] = ()
        self.shortest = 0


def _merge(nodes: Iterable[_Node]) -> _Node:
    out = _Node()
    for node in nodes:
        for word, after in node.words.items():
            out.words[word] = tuple(dict.fromkeys((*out.words.get(word, ()), *after)))
        for prefix, after in node.prefixes.items():
            out.prefixes[prefix] = tuple(dict.fromkeys((*out.prefixes.get(prefix, ()), *after)))
        out.gaps = tuple(dict.fromkeys((*out.gaps, *node.gaps)))
        out.numbers = tuple(dict.fromkeys((*out.numbers, *node.numbers)))
        out.parts = tuple(dict.fromkeys((*out.parts, *node.parts)))
    out.shortest = min((len(p) for p in out.prefixes), default=0)
    return out


class Trie:
    """All phrases of a pack in one graph. Filled, sealed on the first search, then read only, so threads may share it."""

    def __init__(self) -> None:
        self._entries: list[_Node] = []
        self._root: _Node | None = None
        self._heads: frozenset[str] = frozenset()
        self.words: set[str] = set()
        self.prefixes: set[str] = set()

    def add(self, part: str, phrase: str) -> None:
        """Adds a phrase under a part's name.

        Raises:
            PhraseError: empty, unbalanced, or it could start with a gap.
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
        """Builds the root; words that start many phrases lead to one merged node, which keeps the search linear and quick."""
        root = _merge(self._entries)
        root.words = {word: (_merge(after),) for word, after in root.words.items()}
        self._heads = frozenset(prefix[:3] for prefix in root.prefixes)
        self._root = root

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
            node.gaps = ((int(element[2:] or 3), after),)
        elif bounds:
            node.numbers = ((float(bounds[1]), float(bounds[2]), after),)
        elif element.endswith("*"):
            node.prefixes = {element[:-1]: (after,)}
            node.shortest = len(element) - 1
            self.prefixes.add(element[:-1])
        else:
            node.words = {element: (after,)}
            self.words.add(element)
        return node

    def find(self, tokens: Tokens) -> Iterator[Mention]:
        """Every mention of every part. Linear: the work at one word is bounded by the longest phrase."""
        if self._root is None:
            self.seal()
        root = self._root
        assert root is not None
        words, last = tokens.words, len(tokens.words) - 1
        for start, word in enumerate(words):
            after = root.words.get(word)
            if after is not None:
                node = after[0]
                dead = start == last or words[start + 1] not in node.words
                # Most starts die at the second word: leave before any work is set up.
                if dead and not (node.parts or node.gaps or node.numbers or node.prefixes) and word[:3] not in self._heads:
                    continue
            elif not (word[0].isdigit() and root.numbers) and word[:3] not in self._heads:
                continue
            yield from self._from(root, start, tokens)

    def _from(self, root: _Node, start: int, tokens: Tokens) -> Iterator[Mention]:
        stack = list(self._next(root, start, tokens))
        if not stack:
            return
        visited: set[tuple[int, int]] = set()
        ends: set[tuple[str, int]] = set()
        while stack:
            node, at = stack.pop()
            if (id(node), at) in visited:
                continue
            visited.add((id(node), at))
            ends.update((part, at) for part in node.parts)
            if at < len(tokens.words) and (node.words or node.gaps or node.prefixes or node.numbers):
                stack.extend(self._next(node, at, tokens))
        for part, at in ends:
            yield Mention(part, start, at)

    @staticmethod
    def _next(node: _Node, at: int, tokens: Tokens) -> Iterator[tuple[_Node, int]]:
        word = tokens.words[at]
        for child in node.words.get(word, ()):
            yield child, at + 1
        if node.prefixes:
            for size in range(node.shortest, len(word) + 1):
                for child in node.prefixes.get(word[:size], ()):
                    yield child, at + 1
        if node.numbers:
            number = _number(word)
            for low, high, child in node.numbers:
                if number is not None and low <= number <= high:
                    yield child, at + 1
        for width, child in node.gaps:
            for skip in range(width + 1):
                if at + skip >= len(tokens.words) or (skip and tokens.breaks[at + skip] == 2):
                    break
                yield child, at + skip


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
