"""The checker names every fault, with file, field and remedy, in one run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from knowledge.__main__ import main
from knowledge.check import find_faults
from knowledge.files import DEFAULT_ROOT

from .conftest import TODAY, MakeAnswer, SaveAnswer

BAD = sorted((Path(__file__).parent / "bad").glob("*.yml"))


def read_header(path: Path, name: str) -> list[str]:
    prefix = f"# {name}: "
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(prefix) for line in lines if line.startswith(prefix)]


def test_the_curated_answers_have_no_faults() -> None:
    assert [str(fault) for fault in find_faults(DEFAULT_ROOT)] == []


def test_an_answer_as_it_should_be_has_no_faults(root: Path, make_answer: MakeAnswer, save: SaveAnswer) -> None:
    save(make_answer())
    assert find_faults(root) == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_seeded_bad_file_is_refused_with_each_of_its_faults(path: Path, root: Path) -> None:
    (target,) = read_header(path, "saved as")
    expected = read_header(path, "expect")
    (root / target).parent.mkdir(parents=True)
    shutil.copy(path, root / target)
    faults = find_faults(root)
    assert expected
    for line in expected:
        field, words = line.split(" | ")
        assert any(f.file == target and f.field == field and words in f"{f.problem} {f.remedy}" for f in faults), (
            line,
            [str(fault) for fault in faults],
        )
    assert all(fault.remedy for fault in faults)


def test_there_are_at_least_ten_seeded_bad_files() -> None:
    assert len(BAD) >= 10


def test_two_answers_with_the_same_words_are_refused(root: Path, make_answer: MakeAnswer, save: SaveAnswer) -> None:
    save(make_answer())
    save(make_answer(condition="psoriasis", title="Can psoriasis be cured?"))
    (fault,) = find_faults(root)
    assert fault.file == "answers/psoriasis/cure.yml"
    assert "same text as lupus.cure" in fault.problem


def test_a_review_that_falls_due_later_is_a_fault_then(root: Path, make_answer: MakeAnswer, save: SaveAnswer) -> None:
    save(make_answer(review_by=date(2027, 5, 22)))
    assert find_faults(root, date(2027, 5, 22)) == []
    (fault,) = find_faults(root, date(2027, 5, 23))
    assert (fault.field, "overdue" in fault.problem) == ("review_by", True)


def test_a_release_finds_what_falls_due_soon(root: Path, make_answer: MakeAnswer, save: SaveAnswer) -> None:
    """S-22: nothing may fall due within 30 days of a release."""
    save(make_answer(review_by=date(2027, 5, 22)))
    assert find_faults(root, date(2027, 4, 22), due_within_days=30) == []
    (fault,) = find_faults(root, date(2027, 4, 23), due_within_days=30)
    assert "due within 30 days" in fault.problem
    assert main(["check", "--root", str(root), "--today", "2027-04-22", "--due-within", "30"]) == 0
    assert main(["check", "--root", str(root), "--today", "2027-04-23", "--due-within", "30"]) == 1


@pytest.mark.parametrize(
    ("topic", "months", "allowed"),
    [("cure", 12, "2027-11-22"), ("medicines", 6, "2027-05-22"), ("pregnancy", 6, "2027-05-22")],
)
def test_a_review_date_keeps_to_its_topics_period(
    root: Path, make_answer: MakeAnswer, save: SaveAnswer, topic: str, months: int, allowed: str
) -> None:
    last = date.fromisoformat(allowed)
    save(make_answer(topic=topic, review_by=last))
    assert find_faults(root) == []
    save(make_answer(topic=topic, review_by=last.replace(day=23)))
    (fault,) = find_faults(root)
    assert f"{months} months" in fault.remedy


def test_a_term_that_the_text_does_not_use_is_refused(root: Path, make_answer: MakeAnswer, save: SaveAnswer) -> None:
    save(make_answer(more="Some people have long quiet spells."))
    (fault,) = find_faults(root)
    assert (fault.field, "does not use" in fault.problem) == ("glossary", True)


def test_a_stray_file_is_named(root: Path, make_answer: MakeAnswer, save: SaveAnswer) -> None:
    path = save(make_answer())
    path.rename(path.with_suffix(".yaml"))
    assert [fault.problem for fault in find_faults(root)] == ["is not read as an answer"]


def test_a_caveat_that_is_too_long_or_too_hard_is_refused(root: Path) -> None:
    path = root / "caveats" / "child.yml"
    hard = "Paediatric immunological considerations necessitate individualised multidisciplinary consultation. " * 4
    path.write_text(f"id: child\ncode: K6\nposition: below\ntext: {hard}\nshort: Ask the child's team.\n")
    problems = [f.problem for f in find_faults(root) if f.file == "caveats/child.yml"]
    assert any("words" in problem for problem in problems)
    assert any("grade" in problem for problem in problems)


def test_a_release_date_stands_and_is_the_default_day(root: Path) -> None:
    assert (root / "RELEASE_DATE").read_text().strip() == TODAY.isoformat()


def test_the_command_lists_faults_and_fails(
    root: Path, make_answer: MakeAnswer, save: SaveAnswer, capsys: pytest.CaptureFixture[str]
) -> None:
    save(make_answer(title=""))
    save(make_answer(condition="psoriasis", short="You can have psoriasis and a cure is near.", facts=["nothing"]))
    assert main(["check", "--root", str(root)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("answers/lupus/cure.yml: title: is empty") for line in lines)
    assert any(line.startswith("answers/psoriasis/cure.yml: facts: names 'nothing'") for line in lines)
    assert main(["check", "--root", str(root), "answers/lupus"]) == 1
    assert "psoriasis" not in capsys.readouterr().out
    assert main(["check", "--root", str(root), "topics.yml"]) == 0
    assert main(["check", "--root", str(root), "answers/nowhere"]) == 2


def test_it_runs_as_a_module(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "knowledge", "check", "--root", str(root)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "no faults")
