"""A small language for phrases, and one trie that finds all of them in a single pass over the words.

`word` a word; `breath*` a word that begins so; `(a|b c)` one of; `[very]` may be missing; `..` up to three other words
(`..5` up to five) inside one sentence; `{38-43}` a number in that range, both ends included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from safety.normalise import Tokens

MAX_FORMS = 10_000
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


def expand(phrase: str) -> list[tuple[str, ...]]:
    """All plain forms of a phrase, each a sequence of atoms.

    Raises:
        PhraseError: empty, unbalanced or with too many forms.
    """
    tokens = _PIECE.findall(phrase)
    forms, at = _alternatives(tokens, 0, phrase)
    if at != len(tokens):
        raise PhraseError(f"unbalanced brackets: {phrase}")
    if any(not form or form[0].startswith("..") for form in forms):
        raise PhraseError(f"starts with a gap or is empty: {phrase}")
    return list(dict.fromkeys(forms))


def _alternatives(tokens: list[str], at: int, phrase: str) -> tuple[list[tuple[str, ...]], int]:
    out: list[tuple[str, ...]] = []
    forms: list[tuple[str, ...]] = [()]
    while at < len(tokens) and tokens[at] not in (")", "]"):
        token = tokens[at]
        at += 1
        if token == "|":
            out, forms = out + forms, [()]
            continue
        choices: list[tuple[str, ...]] = [(token,)]
        if token in ("(", "["):
            choices, at = _alternatives(tokens, at, phrase)
            if at >= len(tokens) or tokens[at] != _CLOSING[token]:
                raise PhraseError(f"unbalanced brackets: {phrase}")
            choices = choices + [()] if token == "[" else choices
            at += 1
        forms = [(*form, *choice) for form in forms for choice in choices]
        if len(forms) + len(out) > MAX_FORMS:
            raise PhraseError(f"more than {MAX_FORMS} forms: {phrase}")
    return out + forms, at


class _Node:
    __slots__ = ("words", "prefixes", "gaps", "numbers", "parts", "shortest")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.prefixes: dict[str, _Node] = {}
        self.gaps: dict[int, _Node] = {}
        self.numbers: dict[tuple[float, float], _Node] = {}
        self.parts: list[str] = []
        self.shortest = 0


class Trie:
    """All phrases of a pack. Built once, then read only, so threads may share it."""

    def __init__(self) -> None:
        self._root = _Node()
        self.words: set[str] = set()
        self.prefixes: set[str] = set()

    def add(self, part: str, phrase: str) -> None:
        """Adds every form of a phrase under a part's name."""
        for form in expand(phrase):
            node = self._root
            for atom in form:
                node = self._step(node, atom)
            if part not in node.parts:
                node.parts.append(part)

    def _step(self, node: _Node, atom: str) -> _Node:
        if atom.startswith(".."):
            return node.gaps.setdefault(int(atom[2:] or 3), _Node())
        bounds = _RANGE.fullmatch(atom)
        if bounds:
            return node.numbers.setdefault((float(bounds[1]), float(bounds[2])), _Node())
        if atom.endswith("*"):
            self.prefixes.add(atom[:-1])
            child = node.prefixes.setdefault(atom[:-1], _Node())
            node.shortest = min(node.shortest or 99, len(atom) - 1)
            return child
        self.words.add(atom)
        return node.words.setdefault(atom, _Node())

    def find(self, tokens: Tokens) -> Iterator[Mention]:
        """Every mention of every part. Linear: the work at one word is bounded by the longest phrase."""
        words = tokens.words
        for start in range(len(words)):
            seen: set[tuple[str, int]] = set()
            stack = [(self._root, start)]
            while stack:
                node, at = stack.pop()
                for part in node.parts:
                    if (part, at) not in seen:
                        seen.add((part, at))
                        yield Mention(part, start, at)
                if at < len(words):
                    stack.extend(self._next(node, at, tokens))

    @staticmethod
    def _next(node: _Node, at: int, tokens: Tokens) -> Iterable[tuple[_Node, int]]:
        word = tokens.words[at]
        child = node.words.get(word)
        if child is not None:
            yield child, at + 1
        if node.prefixes:
            for size in range(node.shortest, len(word) + 1):
                child = node.prefixes.get(word[:size])
                if child is not None:
                    yield child, at + 1
        if node.numbers:
            number = _number(word)
            for (low, high), child in node.numbers.items():
                if number is not None and low <= number <= high:
                    yield child, at + 1
        for width, child in node.gaps.items():
            for skip in range(width + 1):
                if at + skip > len(tokens.words) or (skip and tokens.breaks[at + skip - 1] == 2):
                    break
                yield child, at + skip


def _number(word: str) -> float | None:
    try:
        return float(word) if word[0].isdigit() and len(word) < 12 else None
    except ValueError:
        return None
