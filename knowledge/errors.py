"""Errors of the knowledge store: one fault per mistake in a file, one error per way of failing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake in one file, in words that help whoever has to mend it.

    Attributes:
        file: path below the knowledge folder, with forward slashes.
        field: the field at fault, like `sources[0].url`; empty where the whole file is.
        problem: what is wrong.
        remedy: what to do about it.
    """

    file: str
    field: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.field}" if self.field else self.file
        return f"{where}: {self.problem} -> {self.remedy}"


class KnowledgeError(Exception):
    """The knowledge folder cannot be used; `faults` lists everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults: list[Fault] = sorted(faults)
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{len(self.faults)} fault(s) in the knowledge folder:\n{lines}")


class AnswerWithdrawn(Exception):
    """The answer's review is overdue, and production shows no overdue answer (S-22)."""

    def __init__(self, answer_id: str, review_by: str) -> None:
        self.answer_id = answer_id
        self.review_by = review_by
        super().__init__(f"{answer_id} was due for review by {review_by} and is withdrawn")


class CaveatMissing(Exception):
    """A rendered answer lacks caveats that the policy requires (S-14): it must not be shown."""

    def __init__(self, answer_id: str, missing: Sequence[str]) -> None:
        self.answer_id = answer_id
        self.missing = list(missing)
        super().__init__(f"{answer_id} lacks required caveats: {', '.join(self.missing)}")


class UnknownLine(KeyError):
    """No line with this id stands in the `responses` of domain.yml."""

    def __init__(self, line_id: str) -> None:
        self.line_id = line_id
        super().__init__(line_id)

    def __str__(self) -> str:
        return f"no response called {self.line_id} in domain.yml"
