"""The reading grade: known values, known syllables, and an allowance for names that cannot carry a text (S-23)."""

from __future__ import annotations

import pytest

from knowledge import Store, reading

SYLLABLES = [
    ("the", 1), ("cells", 1), ("blood", 1), ("stopped", 1), ("changed", 1), ("heart", 1), ("rare", 1), ("eyes", 1),
    ("people", 2), ("patient", 2), ("trial", 2), ("disease", 2), ("tested", 2), ("table", 2), ("doctor", 2),
    ("being", 2), ("science", 2), ("diet", 2), ("rarely", 2), ("useful", 2), ("someone", 2), ("nurses", 2),
    ("muscle", 2), ("muscles", 2), ("immune", 2), ("headaches", 2), ("friend", 1), ("going", 2), ("lifestyle", 2),
    ("diseases", 3), ("medicine", 3), ("arthritis", 3), ("usual", 3), ("serious", 3), ("reaction", 3), ("easier", 3),
    ("infection", 3), ("special", 2), ("million", 2), ("region", 2), ("psoriasis", 4), ("emergency", 4), ("virus", 2),
    ("infectious", 3), ("various", 3), ("experience", 4), ("diagnosis", 4), ("medication", 4), ("radiation", 4),
    ("anxiety", 4), ("sclerosis", 3), ("immunity", 4), ("autoimmune", 4), ("hydroxychloroquine", 6), ("gluten-free", 3),
]  # fmt: skip
#: Texts with the grade that textstat 0.7.4 gives them. It rounds its averages and counts syllables by hyphenation, so
#: it misses some ("medicine" has one there). Over the curated answers ours is the stricter by 0.9 grades on average.
TEXTSTAT = [
    ("Lupus is a long-term disease. It can cause pain, a rash and a fever. There is no cure, but care helps.", 0.1),
    ("The immune system protects the body from germs. In an autoimmune disease it attacks healthy tissue.", 5.2),
    ("Your doctor may order blood tests. They look for signs of inflammation and for certain antibodies.", 6.4),
    ("A transplant is a serious treatment with real risks, and it is done only in expert centres.", 8.7),
]


@pytest.mark.parametrize(("word", "syllables"), SYLLABLES)
def test_it_counts_syllables(word: str, syllables: int) -> None:
    assert reading.count_syllables(word) == syllables


def test_the_grade_is_the_published_formula() -> None:
    """Two sentences, ten words, fourteen syllables: 0.39 x 5 + 11.8 x 1.4 - 15.59."""
    text = "The nurse will call you. The doctor answers every question."
    measured = reading.measure(text)
    assert (measured.words, measured.sentences) == (10, 2)
    expected = 0.39 * 5 + 11.8 * measured.syllables / 10 - 15.59
    assert measured.grade == pytest.approx(expected)
    assert measured.syllables == 15


@pytest.mark.parametrize(("text", "grade"), TEXTSTAT)
def test_it_agrees_with_a_known_implementation(text: str, grade: float) -> None:
    assert reading.grade(text) == pytest.approx(grade, abs=2.5)


def test_longer_words_and_longer_sentences_raise_the_grade() -> None:
    plain = "The body fights germs. It can go wrong."
    assert reading.grade(plain) < reading.grade("The body fights germs and it can go wrong.")
    assert reading.grade(plain) < reading.grade(
        "The immune system eliminates infections. It occasionally malfunctions."
    )


def test_an_empty_text_has_no_grade() -> None:
    assert reading.grade("") == 0.0
    assert reading.measure("").words_per_sentence == 0.0


def test_marks_and_link_addresses_do_not_count() -> None:
    plain = reading.measure("Read this page. It is good.")
    marked = reading.measure("**Read** [this page](https://example.org/incomprehensibilities). It is **good**.")
    assert marked == plain


def test_list_items_and_paragraphs_end_a_sentence() -> None:
    text = "Signs:\n\n- a rash\n- a fever\n\nCall us. Or e.g. write."
    assert reading.split_sentences(text) == ["Signs:", "a rash", "a fever", "Call us.", "Or eg write."]


def test_a_name_counts_as_two_syllables_a_word_and_nothing_else_does() -> None:
    text = "Rheumatoid arthritis hurts. Hydroxychloroquine may help."
    names = ["rheumatoid arthritis", "hydroxychloroquine"]
    full, eased = reading.measure(text), reading.measure(text, names)
    assert full.syllables - eased.syllables == (3 - 2) + (3 - 2) + (6 - 2)
    assert reading.measure(text, ["lupus"]) == full


def test_names_cannot_carry_a_whole_text() -> None:
    """The checker bounds the grade without the allowance too."""
    text = "Immunosuppressive corticosteroid methotrexate cyclophosphamide azathioprine. " * 3
    assert reading.grade(text, text.split()) < reading.grade(text)
    assert reading.grade(text) > 11


def test_every_curated_answer_is_within_the_grade_on_average(real_store: Store) -> None:
    grades = [reading.grade(answer.text) for answer in real_store.answers.values()]
    assert sum(grades) / len(grades) <= 8
