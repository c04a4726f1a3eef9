"""Everything that a knowledge folder is held to, in one run: `python -m knowledge check`.

Each function takes what it judges and returns faults; `find_faults` runs them all. Rules and their sources:
docs of the safety specification S-8 (banned claims), S-21 (sources), S-22 (review dates), S-23 (reading grade).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from . import lint, reading, render
from .errors import Fault
from .files import Content, read_content, read_facts, read_release_date
from .policy import Policy
from .references import find_broken_references
from .schema import STRONG_CLASSES, Answer, Caveat, Fact
from .similar import find_similar
from .source_list import SourceList

MAX_TITLE_CHARS = 60
MAX_SHORT_WORDS = 60
MAX_MORE_WORDS = 160
MAX_GRADE = 8.0  # S-23
MAX_GRADE_WITH_NAMES = 11.0  # the same text without the allowance of reading.py
MAX_SENTENCE_WORDS = 20.0  # S-23, the average
MAX_CAVEAT_WORDS = 25  # SAFETY section 3
MAX_CAVEAT_GRADE = 6.0
_NOT_ALLOWED_MARKUP = re.compile(r"<[a-zA-Z/!]|^#|!\[|`|\|", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)]{0,500})\)")
_FIELD = re.compile(r"\{([^}]{0,60})\}")


def find_faults(root: Path, today: date | None = None, due_within_days: int = 0) -> list[Fault]:
    """Everything that is wrong with a knowledge folder.

    Args:
        root: the folder.
        today: the day at which dates are judged; RELEASE_DATE by default.
        due_within_days: an answer whose review falls due within so many days of that day is a fault too.
    """
    content = read_content(root)
    faults = content.faults + find_broken_references(content)
    facts = read_facts(root, faults)
    day = today or read_release_date(root)
    sources = SourceList(content.organisations, content.works)
    if content.policy is None:
        return faults
    for answer_id, answer in content.answers.items():
        file = content.answer_files[answer_id]
        faults += _Answer(file, answer, content, content.policy, facts, sources, day, due_within_days).faults()
    for caveat in content.caveats.values():
        faults += check_caveat(caveat, content.policy)
    faults += check_glossary(content)
    faults += check_evidence(content)
    texts = {answer_id: answer.text for answer_id, answer in content.answers.items()}
    for first, second, likeness in find_similar(texts):
        problem = f"is {likeness:.0%} the same text as {first}"
        faults.append(Fault(content.answer_files[second], "", problem, "write what is particular to this subject"))
    return sorted(set(faults))


class _Answer:
    """The checks of one answer."""

    def __init__(
        self,
        file: str,
        answer: Answer,
        content: Content,
        policy: Policy,
        facts: dict[str, Fact],
        sources: SourceList,
        today: date,
        due_within_days: int,
    ) -> None:
        self.file = file
        self.answer = answer
        self.content = content
        self.policy = policy
        self.facts = facts
        self.sources = sources
        self.today = today
        self.due_within_days = due_within_days

    def faults(self) -> Iterator[Fault]:
        """All of them."""
        yield from self._size()
        yield from self._markup()
        yield from self._glossary()
        yield from self._reading()
        yield from self._claims()
        yield from self._evidence()
        if self.answer.theme != "clinic":
            yield from self._sources()
            yield from self._facts()
            yield from self._dates()

    def _fault(self, field: str, problem: str, remedy: str) -> Fault:
        return Fault(self.file, field, problem, remedy)

    def _size(self) -> Iterator[Fault]:
        if len(self.answer.title) > MAX_TITLE_CHARS:
            yield self._fault("title", f"has {len(self.answer.title)} characters", f"at most {MAX_TITLE_CHARS}")
        for field, text, most in (
            ("short", self.answer.short, MAX_SHORT_WORDS),
            ("empty", self.answer.empty, MAX_SHORT_WORDS),
            ("more", self.answer.more, MAX_MORE_WORDS),
        ):
            words = len(text.split())
            if words > most:
                yield self._fault(field, f"has {words} words", f"at most {most}")

    def _markup(self) -> Iterator[Fault]:
        known = self.policy.clinic_fields if self.answer.theme == "clinic" else frozenset()
        for field in ("title", "short", "more", "empty"):
            text: str = getattr(self.answer, field)
            if _NOT_ALLOWED_MARKUP.search(text):
                yield self._fault(field, "holds markup that is not allowed", "bold, `- ` lists and links only")
            for url in _LINK.findall(text):
                if not url.startswith(("https://", "tel:", "{")):
                    yield self._fault(field, f"links to {url!r}", "link to https:// or tel: only")
            for name in _FIELD.findall(text):
                if name not in known:
                    yield self._fault(field, f"holds the field {{{name}}}", f"known: {sorted(known) or 'none here'}")

    def _names(self) -> list[str]:
        """What may not be held against the reading grade: the subject's names and the explained terms."""
        entries = [self.content.glossary[term] for term in self.answer.glossary if term in self.content.glossary]
        names = [entry.term for entry in entries]
        condition = self.content.conditions.get(self.answer.condition or "")
        return [*names, condition.name, *condition.also, *condition.abbreviations] if condition else names

    def _glossary(self) -> Iterator[Fault]:
        for term in self.answer.glossary:
            if term not in self.content.glossary:
                yield self._fault("glossary", f"names {term!r}, which does not exist", "write glossary/<term>.yml")
            elif not _mentions(f"{self.answer.title} {self.answer.text}", self.content.glossary[term].term):
                yield self._fault("glossary", f"explains {term!r}, which the text does not use", "remove it")

    def _reading(self) -> Iterator[Fault]:
        text = f"{self.answer.text}\n\n{self.answer.empty}"
        eased = reading.measure(text, self._names())
        if eased.grade > MAX_GRADE:
            yield self._fault("more", f"reads at grade {eased.grade:.1f}", f"at most {MAX_GRADE:g}: {_hard(text)}")
        plain = reading.grade(text)
        if plain > MAX_GRADE_WITH_NAMES:
            remedy = f"at most {MAX_GRADE_WITH_NAMES:g}: use fewer medical names"
            yield self._fault("more", f"reads at grade {plain:.1f}, its medical names counted in full", remedy)
        if eased.words_per_sentence > MAX_SENTENCE_WORDS:
            problem = f"has {eased.words_per_sentence:.0f} words a sentence on average"
            yield self._fault("more", problem, f"at most {MAX_SENTENCE_WORDS:g}: split the longest sentences")

    def _claims(self) -> Iterator[Fault]:
        for field in ("title", "short", "more", "empty"):
            for finding in lint.find_banned(getattr(self.answer, field)):
                yield self._fault(field, f"says {finding.found!r} ({finding.rule})", finding.remedy)

    def _evidence(self) -> Iterator[Fault]:
        if self.answer.evidence is None and self.policy.needs_evidence(self.answer):
            yield self._fault("evidence", "is missing", f"use one of: {', '.join(self.content.evidence)}")

    def _sources(self) -> Iterator[Fault]:
        strong = set()
        for number, source in enumerate(self.answer.sources):
            field = f"sources[{number}]"
            organisation = self.sources.find(source.organisation)
            if organisation is None:
                remedy = "use a name of sources.yml; second-hand pages, sellers and news sites are not citable"
                yield self._fault(f"{field}.organisation", f"is {source.organisation!r}, which is not listed", remedy)
            elif not self.sources.owns(organisation, source.url):
                remedy = f"link to {', '.join(organisation.hosts)}, or name the organisation whose page it is"
                yield self._fault(f"{field}.url", f"{source.url} is not {organisation.name}'s", remedy)
            elif self.sources.class_of(source) in STRONG_CLASSES:
                strong.add(source.url)
            if not source.url.startswith("https://"):
                yield self._fault(f"{field}.url", f"is {source.url!r}", "use the https:// address")
            if source.accessed > self.today:
                yield self._fault(
                    f"{field}.accessed", f"{source.accessed} is in the future", "write the day of reading"
                )
        needed = self.policy.strong_sources_needed(self.answer)
        if len(strong) < needed:
            remedy = f"cite at least {needed} of class {', '.join(sorted(STRONG_CLASSES))} (sources.yml)"
            yield self._fault("sources", f"has {len(strong)} of a strong class", remedy)

    def _facts(self) -> Iterator[Fault]:
        known = [self.facts[fact] for fact in self.answer.facts if fact in self.facts]
        for fact in self.answer.facts:
            if fact not in self.facts:
                yield self._fault("facts", f"names {fact!r}, which does not exist", "use an id of facts/*.yml")
        if not self.answer.facts:
            yield self._fault("facts", "is empty", "name the facts that the text rests on")
        elif known and not any(fact.verified for fact in known):
            yield self._fault("facts", "rests on unverified facts alone", "verify one at its source, or cite another")

    def _dates(self) -> Iterator[Fault]:
        answer = self.answer
        if answer.as_of and not answer.jurisdiction:
            yield self._fault("jurisdiction", "is empty though as_of is set", "name where it holds, like [US, EU, GB]")
        if answer.jurisdiction and not answer.as_of:
            yield self._fault("as_of", "is empty though jurisdiction is set", "write the day at which it held")
        for field, day in (("as_of", answer.as_of), ("checked_on", answer.checked_on)):
            if day and day > self.today:
                yield self._fault(field, f"{day} is in the future", "write the day of the check")
        topic = self.content.topics.get(answer.topic)
        if not (answer.review_by and answer.checked_on and topic):
            return
        latest = _add_months(answer.checked_on, topic.review_months)
        if answer.review_by > latest:
            remedy = f"at most {topic.review_months} months after checked_on: {latest} or before"
            yield self._fault("review_by", f"{answer.review_by} is too late", remedy)
        if answer.review_by < self.today:
            yield self._fault("review_by", f"{answer.review_by} is overdue", "check the answer at its sources again")
        elif answer.review_by < self.today + timedelta(days=self.due_within_days):
            problem = f"{answer.review_by} is due within {self.due_within_days} days"
            yield self._fault("review_by", problem, "check the answer at its sources again")


def _hard(text: str) -> str:
    """The sentence and the words that weigh most, for the writer."""
    longest = max(reading.split_sentences(text), key=lambda sentence: len(sentence.split()))
    words = {word.strip(".,;:()*") for word in text.split()}
    hard = sorted(words, key=lambda word: -reading.count_syllables(word) if word else 0)[:5]
    return f"shorten {longest[:60]!r}...; hard words: {', '.join(hard)}"


def _mentions(text: str, term: str) -> bool:
    """Whether each word of a term stands in the text, endings aside: `antibody` is mentioned by `antibodies`."""
    plain = " ".join(re.findall(r"\w+", text.casefold()))
    return all(word[: max(3, len(word) - 3)] in plain for word in re.findall(r"\w+", term.casefold()))


def _add_months(day: date, months: int) -> date:
    """The same day so many months on; the last of the month where that day does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def check_caveat(caveat: Caveat, policy: Policy) -> list[Fault]:
    """Length, reading grade and fields of a caveat's two texts."""
    file = f"caveats/{caveat.id}.yml"
    faults = []
    for field, written in (("text", caveat.text), ("short", caveat.short)):
        text = render.fill(written, policy.default_values)
        words = len(text.split())
        if words > MAX_CAVEAT_WORDS:
            faults.append(Fault(file, field, f"has {words} words", f"at most {MAX_CAVEAT_WORDS}"))
        if (grade := reading.grade(text)) > MAX_CAVEAT_GRADE:
            faults.append(Fault(file, field, f"reads at grade {grade:.1f}", f"at most {MAX_CAVEAT_GRADE:g}"))
        for name in _FIELD.findall(text):
            faults.append(Fault(file, field, f"holds {{{name}}}", "give it a default in policy.yml"))
        faults += [Fault(file, field, f"says {f.found!r} ({f.rule})", f.remedy) for f in lint.find_banned(text)]
    return faults


def check_glossary(content: Content) -> list[Fault]:
    """Length, banned claims and sentences of each explanation. Grade is not judged on one line: one name decides it."""
    faults = []
    for entry in content.glossary.values():
        file = f"glossary/{entry.id}.yml"
        if len(entry.text.split()) > MAX_SHORT_WORDS:
            faults.append(Fault(file, "text", f"has {len(entry.text.split())} words", f"at most {MAX_SHORT_WORDS}"))
        if _NOT_ALLOWED_MARKUP.search(entry.text):
            faults.append(Fault(file, "text", "holds markup", "write plain text"))
        faults += [Fault(file, "text", f"says {f.found!r} ({f.rule})", f.remedy) for f in lint.find_banned(entry.text)]
    return faults


def check_evidence(content: Content) -> list[Fault]:
    """Reading grade of the evidence meanings: they stand beside answers."""
    return [
        Fault("evidence.yml", f"{item.code}.meaning", f"reads at grade {grade:.1f}", f"at most {MAX_GRADE:g}")
        for item in content.evidence.values()
        if (grade := reading.grade(item.meaning)) > MAX_GRADE
    ]
