"""Words and pairs of words as features, beside the sentence vector: a single word can decide about danger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from components.condition_names import read_words

MIN_COUNT = 2  # a word seen in one example only is learned by heart


def read_terms(text: str) -> list[str]:
    """Returns the words of a text and its pairs of neighbouring words, without case, accents and apostrophes."""
    words = [word.plain for word in read_words(text)]
    return [*words, *(f"{one} {two}" for one, two in pairwise(words))]


class WordFeatures:
    """Unit-length tf-idf over a vocabulary that is stored as plain arrays."""

    def __init__(self, terms: Sequence[str], idf: np.ndarray) -> None:
        """Args: `terms` the vocabulary, `idf` its weights, float32 of the same length."""
        self._index = {term: i for i, term in enumerate(terms)}
        self._idf = idf

    @classmethod
    def fit(cls, texts: Iterable[str]) -> WordFeatures:
        """Takes every term that stands in at least `MIN_COUNT` texts; the rarer, the heavier."""
        documents = [set(read_terms(text)) for text in texts]
        counts = Counter(term for terms in documents for term in terms)
        kept = sorted(term for term, count in counts.items() if count >= MIN_COUNT)
        idf = np.log((1 + len(documents)) / (1 + np.array([counts[term] for term in kept], dtype=np.float64))) + 1
        return cls(kept, idf.astype(np.float32))

    def weigh(self, text: str) -> dict[int, float]:
        """Returns the weight of each known term by its column; empty where no term is known."""
        counts = Counter(column for term in read_terms(text) if (column := self._index.get(term)) is not None)
        weights = {column: (1 + float(np.log(count))) * float(self._idf[column]) for column, count in counts.items()}
        length = float(np.sqrt(sum(weight * weight for weight in weights.values())))
        return {column: weight / length for column, weight in weights.items()}

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """Returns the features of several texts, float32 of shape (n_texts, n_terms)."""
        rows = [self.weigh(text) for text in texts]
        values = np.array([weight for row in rows for weight in row.values()], dtype=np.float32)
        columns = [column for row in rows for column in row]
        ends = np.cumsum([0, *(len(row) for row in rows)])
        return csr_matrix((values, columns, ends), shape=(len(texts), len(self._index)))

    def vector(self, text: str) -> np.ndarray:
        """Returns the features of one text, float32 of shape (n_terms,)."""
        found = np.zeros(len(self._index), dtype=np.float32)
        for column, weight in self.weigh(text).items():
            found[column] = weight
        return found

    def save(self, path: Path) -> None:
        """Writes an .npz file."""
        np.savez(path, terms=np.array(list(self._index)), idf=self._idf)

    @classmethod
    def load(cls, path: Path) -> WordFeatures:
        """Reads an .npz file; nothing in it can run code.

        Raises:
            OSError, KeyError, ValueError: if the file is absent or holds something else.
        """
        with np.load(path, allow_pickle=False) as arrays:
            return cls([str(term) for term in arrays["terms"]], arrays["idf"])
