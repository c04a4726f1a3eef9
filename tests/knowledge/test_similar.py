"""Near-duplicate texts are found, different ones are not."""

from __future__ import annotations

from knowledge.similar import find_similar

TEXT = "Lupus is a long-term disease in which the immune system attacks healthy parts of the body by mistake."


def test_a_copy_with_a_name_changed_is_found() -> None:
    copy = TEXT.replace("Lupus", "Psoriasis")
    ((first, second, likeness),) = find_similar({"b": copy, "a": TEXT})
    assert (first, second) == ("a", "b")
    assert 0.8 < likeness < 1


def test_the_same_text_is_wholly_alike() -> None:
    assert find_similar({"a": TEXT, "b": TEXT.upper()}) == [("a", "b", 1.0)]


def test_different_texts_are_not_alike() -> None:
    other = "Psoriasis makes skin cells grow too fast, so that thick and scaly patches form on the skin."
    assert find_similar({"a": TEXT, "b": other}) == []


def test_the_bound_decides() -> None:
    half = TEXT[: len(TEXT) // 2] + " while something else altogether goes on in the second part of the text"
    assert find_similar({"a": TEXT, "b": half}) == []
    assert len(find_similar({"a": TEXT, "b": half}, bound=0.1)) == 1


def test_texts_too_short_for_a_shingle_are_never_alike() -> None:
    assert find_similar({"a": "Yes.", "b": "Yes."}) == []
