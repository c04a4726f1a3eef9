"""Turns a patient's text into plain lower-case words, in the order that SAFETY S-3 gives.

Characters first (`clean`), then words (`Normaliser.tokens`): joined or split words, leet, repeats, one-letter typos.
Every step is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

MAX_CHARS = 65_536
MAX_MARKS = 5
MAX_GLUED = 48

_COMBINING = [c for c in range(0x20000) if unicodedata.combining(chr(c))]
_INVISIBLE_ODD = [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, 0xFFFC, *range(0xFE00, 0xFE10)]
_INVISIBLE = [c for c in range(0x20000) if unicodedata.category(chr(c)) == "Cf"] + _INVISIBLE_ODD
_INVISIBLE += [*range(0x180B, 0x1810), *range(0xE0000, 0xE0200)]
_CONTROLS: dict[int, str | None] = {c: None for c in [*range(0x20), *range(0x7F, 0xA0)] if c not in (0x09, 0x0A, 0x0D)}
# C1 NEL is a line end in some editors; dropping it would glue two words.
_CONTROLS[0x85] = "\n"
_SURROGATES = dict.fromkeys(range(55296, 57344), " ")

# Letters that look like Latin ones (Unicode TS 39, only the ones met in the words of our rules).
_LOOKALIKES = (
    "аaвbсcԁdеeғfһhіiјjкkмmнhоoрpԛqгrѕsтtуyѵvԝwхxυuαaβbγyεeηnιiκkνvοoρpσoςcτtχxωwɑaɡgɩiɪiʀrɴnʟlʙbᴀaᴄcᴅdᴇe"
    "ɢgʜhᴊjᴋkᴍmᴏoᴘpꜱsᴛtᴜuᴠvᴡwʏyᴢzıiłløođdħhŧtƒfƙkɓbɗdɛeɔoəeℓlոnցgսuօoհhոnʋv"
)
_FOLD = {ord(a): b for a, b in zip(_LOOKALIKES[::2], _LOOKALIKES[1::2])}
_FOLD.update({ord("æ"): "ae", ord("œ"): "oe", ord("\u2044"): "/", ord("°"): " ", ord("µ"): "u"})
_FOLD.update({ord(q): "'" for q in "\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9`\u00b4"})
_FOLD.update({ord(q): '"' for q in "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"})
_FOLD.update({ord(d): "-" for d in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"})
for _first in (0x1F150, 0x1F170):
    _FOLD.update({_first + i: chr(97 + i) for i in range(26)})
_FOLD.update({0x1F1E6 + i: chr(97 + i) for i in range(26)})
_DROP = dict.fromkeys(_INVISIBLE)
_MARKS = dict.fromkeys(_COMBINING)

_MARK_RUN = re.compile(
    "(["
    + "".join(map(re.escape, map(chr, _COMBINING)))
    + f"]{{{MAX_MARKS}}})["
    + "".join(map(re.escape, map(chr, _COMBINING)))
    + "]+"
)
_WORD = re.compile(r"(\d+(?:[.,]\d+)+[^\W\d_]*|[^\W_](?:[^\W_]|[@$'!](?=[^\W_]))*|[@$](?=[^\W_])[\w@$']*)")
_NUMBER_UNIT = re.compile(r"(\d+(?:\.\d+)?)([a-z]{1,5})")
_REPEAT3 = re.compile(r"(.)\1{2,}")
_TWICE = re.compile(r"(.)\1")
_THRICE = re.compile(r"(.)\1\1")
_REPEAT2 = re.compile(r"(.)\1+")
_LEET = str.maketrans("013457@$!", "oieastasi")
_KEEP_S = frozenset({"he", "she", "it", "that", "what", "there", "who", "where", "how", "let", "here"})


@dataclass(frozen=True)
class Tokens:
    """Words of a text and the strength of the break before each.

    Attributes:
        words: lower-case words and numbers.
        breaks: same length; 0 none, 1 comma or bracket, 2 end of sentence or line.
    """

    words: tuple[str, ...]
    breaks: tuple[int, ...]


def strip_invisible(text: str) -> str:
    """Text after NFKC without control, zero-width, bidi, tag and variation characters; other scripts stay as they are."""
    if text.isascii():
        return text.translate(_CONTROLS)
    text = text.translate(_CONTROLS).translate(_SURROGATES)
    text = unicodedata.normalize("NFKC", _MARK_RUN.sub(r"\1", text))
    return text.translate(_DROP).translate(_CONTROLS)


def clean(text: str | bytes) -> str:
    """The characters half of S-3: decoded, visible, folded to plain Latin letters where they only look different.

    Args:
        text: what the patient typed; bytes are read as UTF-8 with bad bytes replaced.

    Returns:
        Case-folded text. Letters of other scripts that look like no Latin letter are kept.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    text = strip_invisible(text[:MAX_CHARS])
    if not text.isascii():
        text = unicodedata.normalize("NFD", text.casefold()).translate(_MARKS)
    return text.casefold().translate(_FOLD)


def _deletes(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _one_edit(a: str, b: str) -> bool:
    """True if one insertion, deletion, change or swap of neighbours turns a into b."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    if len(a) == len(b):
        return a[i + 1 :] == b[i + 1 :] or (a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :])
    return a[i + 1 :] == b[i:] if len(a) > len(b) else a[i:] == b[i + 1 :]


class Normaliser:
    """Words half of S-3, over a closed vocabulary.

    Args:
        vocabulary: every word that a rule or cue can match.
        prefixes: beginnings that a rule can match (`breath*`), without the star.
        ordinary: everyday words one letter away from a vocabulary word, never corrected.
        same: spelling or slang to plain words, e.g. {"cnt": "cant"}.
        glued: words that may be split out of a run of letters.
        emoji: sign emoji to words.
    """

    def __init__(
        self,
        *,
        vocabulary: Iterable[str],
        prefixes: Iterable[str] = (),
        ordinary: Iterable[str] = (),
        same: Mapping[str, str] | None = None,
        glued: Iterable[str] = (),
        emoji: Mapping[str, str] | None = None,
    ) -> None:
        self._same = {k: tuple(v.split()) for k, v in (same or {}).items()}
        self._vocabulary = frozenset(vocabulary)
        self._prefixes = tuple(sorted(prefixes))
        self._heads = frozenset(prefix[:3] for prefix in self._prefixes)
        self._ordinary = frozenset(ordinary)
        self._glued = frozenset(glued)
        sizes: dict[str, set[int]] = {}
        for word in self._glued:
            # A one-letter word may be followed by any letter: it is filed under each pair that begins with it.
            for head in [word[:2]] if len(word) > 1 else [word, *(word + chr(c) for c in range(97, 123))]:
                sizes.setdefault(head, set()).add(len(word))
        self._glued_sizes = {head: tuple(sorted(s)) for head, s in sizes.items()}
        self._known = self._vocabulary | self._ordinary | self._glued | frozenset(self._same)
        self._squeezed = {_REPEAT2.sub(r"\1", w): w for w in sorted(self._vocabulary, reverse=True)}
        self._emoji = str.maketrans({k: f" {v} " for k, v in (emoji or {}).items() if len(k) == 1})
        self._typos: dict[str, list[str]] = {}
        for word in sorted(w for w in self._vocabulary if len(w) >= 5 and w.isalpha()):
            for key in {word, *_deletes(word)}:
                self._typos.setdefault(key, []).append(word)

    def tokens(self, text: str | bytes) -> Tokens:
        """Words of a patient's text.

        Args:
            text: as typed; only the first 65,536 characters are read.

        Returns:
            Words and breaks, ready for matching.
        """
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        raw, breaks, tight = _split(clean(text.translate(self._emoji)))
        raw, breaks = self._join_pieces(raw, breaks, tight)
        # Each different word is worked out once, however often it comes.
        plain = {token: self._resolve(token) for token in set(raw)}
        words: list[str] = []
        out_breaks: list[int] = []
        for token, gap in zip(raw, breaks):
            resolved = plain[token]
            words.extend(resolved)
            out_breaks.append(gap)
            if len(resolved) > 1:
                out_breaks.extend([0] * (len(resolved) - 1))
        return _contract(words, out_breaks)

    def _is_known(self, word: str) -> bool:
        return word in self._known or (word[:3] in self._heads and word.startswith(self._prefixes))

    def _join_pieces(self, raw: list[str], breaks: list[int], tight: list[bool]) -> tuple[list[str], list[int]]:
        """Joins spaced-out letters (`c h e s t`), words cut by signs (`ki.ll`) and words cut by a space (`che st`)."""
        vocabulary = self._vocabulary
        pairs = [i for i, whole in enumerate(map(str.__add__, raw, raw[1:])) if whole in vocabulary]
        letters = [i for i, piece in enumerate(raw) if len(piece) == 1 and piece.isalpha()]
        if not pairs and len(letters) < 4:
            return raw, breaks
        loose = frozenset(letters)
        out: list[str] = []
        out_breaks: list[int] = []
        i = 0
        for at in sorted(loose.union(pairs)):
            if at < i:
                continue
            out += raw[i:at]
            out_breaks += breaks[i:at]
            i = end = at
            while end in loose and end - i < MAX_GLUED:
                end += 1
            take = end - i if end - i >= 4 else 1
            # A last whole word may follow the loose letters ("c a n t breathe"): it stays a word of its own.
            if take == 1 and i + 1 < len(raw) and self._fits(raw[i], raw[i + 1], tight[i + 1]):
                take = 2
            out.append("".join(raw[i : i + take]))
            out_breaks.append(breaks[i])
            i += take
        return out + raw[i:], out_breaks + breaks[i:]

    def _fits(self, left: str, right: str, tight: bool) -> bool:
        whole = left + right
        if len(whole) < 4 or whole not in self._vocabulary:
            return False
        return tight or (
            not (self._is_known(left) and self._is_known(right)) and not (left.isdigit() or right.isdigit())
        )

    def _resolve(self, token: str) -> tuple[str, ...]:
        if token in self._known:
            return self._same.get(token, (token,))
        if token[0].isdigit():
            plain = token.replace(",", ".")
            number = _NUMBER_UNIT.fullmatch(plain)
            if number or plain.replace(".", "", 1).isdigit():
                return (number[1], number[2]) if number else (plain,)
        if token.isalpha() and not _TWICE.search(token):
            return (token,) if self._is_known(token) else self._guess(token)
        attempts = [token, token.translate(_LEET)]
        if _THRICE.search(token):
            attempts += [_REPEAT3.sub(r"\1\1", token), _REPEAT3.sub(r"\1", token)]
        else:
            attempts.append(token)
        for attempt in attempts:
            if attempt in self._same:
                return self._same[attempt]
            if attempt in self._known:
                return (attempt,)
        # A beginning counts last: "breathhhh" is "breath", not some unknown word that begins with it.
        if self._is_known(attempts[-1]):
            return (attempts[-1],) if attempts[-1] != token else (token,)
        return self._guess(token)

    def _guess(self, token: str) -> tuple[str, ...]:
        if len(token) > MAX_GLUED:
            return (token,)  # no word is so long, and guessing would not be linear
        token = token if token.isalpha() else token.translate(_LEET)
        token = _REPEAT3.sub(r"\1", token) if _THRICE.search(token) else token
        squeezed = _REPEAT2.sub(r"\1", token) if _TWICE.search(token) else token
        if token != squeezed and squeezed in self._squeezed and len(squeezed) >= 3:
            return (self._squeezed[squeezed],)
        parts = self._unglue(token)
        if parts:
            return tuple(w for part in parts for w in self._same.get(part, (part,)))
        if len(token) >= 5 or (len(token) == 4 and token in self._typos):
            keys = {token, *_deletes(token)}
            if self._typos.keys().isdisjoint(keys):
                return (token,)
            for key in (token, *sorted(keys - {token})):
                for word in self._typos.get(key, ()):
                    if _one_edit(token, word):
                        return (word,)
        return (token,)

    def _unglue(self, token: str) -> tuple[str, ...]:
        """Splits `chestpain` into words of the closed list; empty if it does not split exactly (at least 6 letters)."""
        if not 6 <= len(token) <= MAX_GLUED:
            return ()
        best: list[tuple[str, ...] | None] = [()] + [None] * len(token)
        for start in range(len(token)):
            head = best[start]
            if head is None:
                continue
            for size in self._glued_sizes.get(token[start : start + 2], ()):
                word = token[start : start + size]
                if word in self._glued and start + size <= len(token):
                    current = best[start + size]
                    if current is None or len(head) + 1 < len(current):
                        best[start + size] = (*head, word)
        return best[-1] or ()


PAIRS = {
    ("can", "not"): "cant", ("could", "not"): "couldnt", ("do", "not"): "dont", ("does", "not"): "doesnt",
    ("did", "not"): "didnt", ("is", "not"): "isnt", ("are", "not"): "arent", ("will", "not"): "wont",
    ("has", "not"): "hasnt", ("have", "not"): "havent", ("would", "not"): "wouldnt", ("was", "not"): "wasnt",
    ("i", "am"): "im", ("he", "is"): "hes", ("she", "is"): "shes", ("it", "is"): "its",
    ("what", "is"): "whats", ("they", "are"): "theyre",
}  # fmt: skip


_EMERGENCY = frozenset(["911", "999", "112"])
_CONTRACTED = frozenset([*PAIRS, *((n[0], n[1]) for n in _EMERGENCY)])


def _contract(words: list[str], breaks: list[int]) -> Tokens:
    """One form for "can not", "cannot" and "can't", so that a rule names it once."""
    out: list[str] = []
    out_breaks: list[int] = []
    i = 0
    for at in [n for n, pair in enumerate(pairwise(words)) if pair in _CONTRACTED]:
        if at < i:
            continue
        pair = PAIRS.get((words[at], words[at + 1])) if breaks[at + 1] == 0 else None
        number = "".join(words[at : at + 3])
        if pair is None and (number not in _EMERGENCY or words[at] == number):
            continue
        out += [*words[i:at], pair or number]
        out_breaks += breaks[i : at + 1]
        i = at + (2 if pair else 3)
    return Tokens((*out, *words[i:]), (*out_breaks, *breaks[i:]))


def _split(text: str) -> tuple[list[str], list[int], list[bool]]:
    """Words, the strength of the break before each, and whether only a sign or two parts it from the word before."""
    pieces = _WORD.split(text)  # gap, word, gap, word, … gap
    gaps, found = pieces[0:-1:2], pieces[1::2]
    words = {word: _unpossess(word.strip("'!")) for word in set(found)}
    kinds = {gap: (_strength(gap), bool(gap) and not any(map(str.isspace, gap)) and len(gap) <= 3) for gap in set(gaps)}
    return [words[w] for w in found], [kinds[g][0] for g in gaps], [kinds[g][1] for g in gaps]


def _unpossess(token: str) -> str:
    if token.endswith("'s") and token[:-2] not in _KEEP_S:
        return token[:-2].replace("'", "") or token
    return token.replace("'", "")


def _strength(gap: str) -> int:
    if any(c in ".?!;\n\u2026" for c in gap):
        return 2
    return 1 if any(c in ',:()[]"-/|' for c in gap) else 0
