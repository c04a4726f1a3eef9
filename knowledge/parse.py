"""From YAML to records. Each function takes a file's path and content, and returns a record with its faults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from .errors import Fault
from .fields import Fields
from .schema import (
    EVIDENCE_CODES,
    SOURCE_CLASSES,
    THEMES,
    Answer,
    Caveat,
    Condition,
    Evidence,
    Fact,
    GlossaryEntry,
    Organisation,
    Source,
    Topic,
)

ANSWER_FIELDS = [
    "id",
    "title",
    "short",
    "more",
    "topic",
    "condition",
    "theme",
    "evidence",
    "caveats",
    "glossary",
    "sources",
    "facts",
    "as_of",
    "jurisdiction",
    "checked_on",
    "review_by",
    "locale",
    "empty",
]
SOURCE_FIELDS = ["organisation", "title", "url", "year", "accessed"]
TOPIC_FIELDS = [
    "label",
    "question",
    "question_general",
    "intent",
    "subjects",
    "caveats",
    "review_months",
    "facts",
    "next",
]
LOCALES = ("en",)


def parse_answer(file: str, data: object) -> tuple[Answer | None, list[Fault]]:
    """Reads an answer; None where a fault leaves too little to go on."""
    f = Fields(file, data, ANSWER_FIELDS)
    theme = f.choice("theme", THEMES, required=False)
    clinic = theme == "clinic"
    answer = Answer(
        id=f.text("id"),
        title=f.text("title"),
        short=f.text("short"),
        more=f.text("more", required=False, may_be_empty=True),
        topic=f.identifier("topic"),
        condition=f.text("condition", required=False) or None,
        theme=theme,
        evidence=f.choice("evidence", EVIDENCE_CODES, required=False),
        caveats=f.texts("caveats", required=False),
        glossary=f.texts("glossary", required=False),
        sources=tuple(_parse_sources(f)),
        facts=f.texts("facts", required=not clinic),
        as_of=f.day("as_of", required=False),
        jurisdiction=f.texts("jurisdiction", required=False),
        checked_on=f.day("checked_on", required=not clinic),
        review_by=f.day("review_by", required=not clinic),
        locale=f.choice("locale", LOCALES) or "en",
        empty=f.text("empty", required=clinic),
    )
    if bool(answer.condition) == bool(theme):
        f.fault("condition", "and theme are both set or both empty", "set exactly one of them, the other to null")
    if answer.empty and not clinic:
        f.fault("empty", "belongs to clinic answers only", "remove it")
    usable = answer.id and answer.short and answer.topic and answer.subject
    return (answer if usable else None), f.faults


def _parse_sources(parent: Fields) -> list[Source]:
    clinic = parent.data.get("theme") == "clinic"
    sources = []
    for number, record in enumerate(parent.records("sources", required=not clinic)):
        f = Fields(parent.file, record, SOURCE_FIELDS, prefix=f"sources[{number}].")
        source = Source(
            organisation=f.text("organisation"),
            title=f.text("title"),
            url=f.text("url"),
            year=f.number("year", required=False),
            accessed=f.day("accessed") or date.min,
        )
        parent.faults += f.faults
        if source.organisation and source.url:
            sources.append(source)
    return sources


def parse_topic(file: str, topic_id: str, data: object) -> tuple[Topic, list[Fault]]:
    """Reads one topic of topics.yml."""
    f = Fields(file, data, TOPIC_FIELDS, prefix=f"{topic_id}.")
    topic = Topic(
        id=topic_id,
        label=f.text("label"),
        question=f.text("question"),
        question_general=f.text("question_general", required=False) or None,
        intent=f.identifier("intent"),
        subjects=f.texts("subjects"),
        caveats=f.texts("caveats"),
        review_months=f.number("review_months") or 0,
        facts=f.texts("facts"),
        next=f.texts("next"),
    )
    return topic, f.faults


def parse_condition(file: str, slug: str, data: object) -> tuple[Condition, list[Fault]]:
    """Reads one condition of conditions.yml; without `label` its name is used with a small first letter."""
    f = Fields(file, data, ["name", "label", "also", "abbreviations", "common_misspellings"], prefix=f"{slug}.")
    name = f.text("name")
    condition = Condition(
        slug=slug,
        name=name,
        label=f.text("label", required=False) or name[:1].lower() + name[1:],
        also=f.texts("also", required=False),
        abbreviations=f.texts("abbreviations", required=False),
        common_misspellings=f.texts("common_misspellings", required=False),
    )
    return condition, f.faults


def parse_organisation(file: str, number: int, data: object) -> tuple[Organisation, list[Fault]]:
    """Reads one organisation of sources.yml."""
    f = Fields(file, data, ["name", "class", "homepage", "aliases", "hosts"], prefix=f"organisations[{number}].")
    homepage = f.text("homepage")
    organisation = Organisation(
        name=f.text("name"),
        source_class=f.choice("class", SOURCE_CLASSES) or "",
        homepage=homepage,
        aliases=f.texts("aliases", required=False),
        hosts=(_bare_host(homepage), *f.texts("hosts", required=False)),
    )
    if not homepage.startswith("https://"):
        f.fault("homepage", f"is {homepage!r}", "use the https:// address")
    return organisation, f.faults


def _bare_host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def parse_caveat(file: str, data: object) -> tuple[Caveat, list[Fault]]:
    """Reads one caveat file."""
    f = Fields(file, data, ["id", "code", "position", "text", "short"])
    caveat = Caveat(
        id=f.identifier("id"),
        code=f.text("code"),
        position=f.choice("position", ("above", "below")) or "below",
        text=f.text("text"),
        short=f.text("short"),
    )
    return caveat, f.faults


def parse_evidence(file: str, code: str, data: object) -> tuple[Evidence, list[Fault]]:
    """Reads one evidence code of evidence.yml."""
    f = Fields(file, data, ["label", "meaning", "rank"], prefix=f"{code}.")
    if code not in EVIDENCE_CODES:
        f.fault("", "is not a known code", f"use one of: {', '.join(EVIDENCE_CODES)}")
    return Evidence(code, f.text("label"), f.text("meaning"), f.number("rank") or 0), f.faults


def parse_glossary(file: str, entry_id: str, data: object) -> tuple[GlossaryEntry, list[Fault]]:
    """Reads one glossary file. `also` lists other forms of the word; `sources` may say where it comes from."""
    f = Fields(file, data, ["id", "term", "text", "also", "sources"])
    f.texts("also", required=False)
    return GlossaryEntry(entry_id, f.text("term"), f.text("text")), f.faults


def parse_fact(file: str, data: object) -> tuple[Fact, list[Fault]]:
    """Reads one fact; its sources are for writers and are not read here."""
    names = ["id", "condition", "aspect", "topic", "statement", "sources", "verified", "confidence", "caution"]
    raw: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    f = Fields(file, data, names, prefix=f"{raw.get('id', '?')}.")
    fact = Fact(
        id=f.text("id"),
        condition=f.text("condition", required=False) or None,
        aspect=f.text("aspect" if "aspect" in raw else "topic"),
        statement=f.text("statement"),
        verified=f.flag("verified"),
    )
    return fact, f.faults
