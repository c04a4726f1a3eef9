"""Words as features: known terms only, unit length, the same after storage."""

from __future__ import annotations

import numpy as np
import pytest

from components.word_features import WordFeatures, read_terms

TEXTS = ["I can't breathe", "cant breathe at all", "how is lupus treated", "how is MS treated"]


@pytest.fixture()
def features() -> WordFeatures:
    return WordFeatures.fit(TEXTS)


def test_terms_are_words_and_neighbouring_pairs():
    assert read_terms("I can't breathe") == ["i", "cant", "breathe", "i cant", "cant breathe"]


def test_a_term_of_a_single_example_is_not_kept(features):
    assert np.count_nonzero(features.vector("lupus")) == 0
    assert np.count_nonzero(features.vector("cant breathe")) == 3


def test_vectors_have_unit_length_and_rarer_terms_weigh_more(features):
    assert np.linalg.norm(features.vector("cant breathe how is")) == pytest.approx(1.0)
    more = WordFeatures.fit([*TEXTS, "how are you", "how old"])
    weights = sorted(more.vector("how treated"))
    assert weights[-2] > 0
    assert weights[-1] > weights[-2]


def test_a_text_without_known_words_has_no_features(features):
    assert not features.vector("").any()


def test_many_texts_give_what_one_by_one_does(features):
    assert np.allclose(features.matrix(TEXTS).toarray(), np.stack([features.vector(text) for text in TEXTS]))


def test_it_is_the_same_after_storage(features, tmp_path):
    features.save(tmp_path / "words.npz")
    loaded = WordFeatures.load(tmp_path / "words.npz")
    assert np.array_equal(loaded.vector(TEXTS[0]), features.vector(TEXTS[0]))
