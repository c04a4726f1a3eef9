"""How hard a text is to read: the Flesch-Kincaid grade, and sentence lengths (S-23).

Source: Kincaid, Fishburne, Rogers, Chissom, "Derivation of new readability formulas for Navy enlisted personnel",
Naval Technical Training Command, 1975: grade = 0.39 words/sentence + 11.8 syllables/word - 15.59.

Names that a text cannot avoid: the grade punishes "rheumatoid arthritis" as hard prose, though the reader asked with
these very words or can tap the word for its explanation. `grade(text, names)` therefore counts each word of a name as
at most two syllables. Callers pass the names of the answer's own condition and the glossary terms that the answer
declares, nothing else; and check.py also bounds the grade without this allowance: names cannot carry a whole text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: Syllables that a word of an explained name counts for at most.
NAME_SYLLABLES = 2

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_LINK = re.compile(r"\[([^\]]{0,300})\]\([^)]{0,500}\)")
_MARKS = re.compile(r"\*\*|^\s{0,8}[-*] ", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\u201d\u2019]?\s|\n")
_ABBREVIATIONS = re.compile(r"\b(?:e\.g|i\.e|etc|vs|Dr|St|approx|No)\.", re.IGNORECASE)
_VOWELS = re.compile(r"[aeiouy]+")
#: Two vowel letters that are two sounds: tri-al, re-ac-tion, va-ri-ous, ea-si-er, sci-ence, gra-du-al, go-ing.
_SPLIT_VOWELS = re.compile(
    r"(?<![ct])ial|i[ao](?!n\b|ns\b|nal|us|l)|(?<![ctxg])ious|io[dl]"
    r"|(?<![ctr])ie[nt]|(?<!f)rie[nt]|ier|[^qg]u[ao]|(?<!p)eo[^u]|[aeo]ing|reac|scien|ciet|autoi"
)
_SILENT_END = re.compile(r"[^aeiouy](?:e|es|ed)$|aches$")
_SOUNDED_END = re.compile(r"(?:[^aeiouyl]les?|[bct]res?|[td]ed|(?:[csxz]|sh|(?<!a)ch|[dg]g|g)es)$")
#: A silent e inside: rare-ly, use-ful, move-ment, some-one, life-style.
_SILENT_INSIDE = re.compile(r"[^aeiouyl]e(?=ly$|ful|less|ness|ment|one$|thing|time|where|style|fore)")


@dataclass(frozen=True)
class Measure:
    """Counts of a text. `words_per_sentence` and `grade` are 0.0 for a text without words."""

    words: int
    sentences: int
    syllables: int

    @property
    def words_per_sentence(self) -> float:
        """The average sentence."""
        return self.words / self.sentences if self.sentences else 0.0

    @property
    def grade(self) -> float:
        """Flesch-Kincaid grade: the US school year of a reader who follows the text."""
        if not self.words:
            return 0.0
        return 0.39 * self.words_per_sentence + 11.8 * self.syllables / self.words - 15.59


def grade(text: str, names: Iterable[str] = ()) -> float:
    """The Flesch-Kincaid grade of a text in light Markdown.

    Args:
        text: links count by their words; each list item and each paragraph ends a sentence.
        names: names whose words count as at most NAME_SYLLABLES syllables each.
    """
    return measure(text, names).grade


def measure(text: str, names: Iterable[str] = ()) -> Measure:
    """Words, sentences and syllables of a text; see `grade`."""
    eased = {word for name in names for word in _words(name)}
    sentences = [words for sentence in split_sentences(text) if (words := _words(sentence))]
    syllables = 0
    for word in (word for words in sentences for word in words):
        count = count_syllables(word)
        plain = word.removesuffix("'s")
        syllables += min(count, NAME_SYLLABLES) if {word, plain, plain.removesuffix("s")} & eased else count
    return Measure(sum(map(len, sentences)), len(sentences), syllables)


def split_sentences(text: str) -> list[str]:
    """The sentences of a text in light Markdown, without marks. The end of a line ends a sentence."""
    plain = _MARKS.sub("", _LINK.sub(r"\1", text))
    plain = _ABBREVIATIONS.sub(lambda match: match.group(0).replace(".", ""), plain)
    return [part.strip() for part in _SENTENCE_END.split(plain) if part.strip()]


def _words(text: str) -> list[str]:
    return [word.replace("\u2019", "'").casefold() for word in _WORD.findall(text)]


def count_syllables(word: str) -> int:
    """The syllables of an English word by its spelling, at least one; numbers count as one word of one syllable.

    Parts of a hyphenated word are counted one by one. Capital abbreviations are counted as if they were read as a word.
    """
    return sum(_count_part(part) for part in word.split("-") if part) or 1


def _count_part(part: str) -> int:
    letters = part.casefold().removesuffix("'s")
    count = len(_VOWELS.findall(letters)) + len(_SPLIT_VOWELS.findall(letters))
    if _SILENT_END.search(letters) and not _SOUNDED_END.search(letters):
        count -= 1
    count -= len(_SILENT_INSIDE.findall(letters))
    return max(count, 1)
