"""Schema and loader of the rule files (`rules/<sign>.yml`, `rules/shared.yml`, `cues.yml`, `figurative.yml`, `words.yml`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from safety.normalise import PAIRS

TIERS = ("none", "urgent", "safeguarding", "crisis", "emergency")
CLASSES = ("C1", "C2", "C3", "C4")
TIER_OF_CLASS = {"C1": "emergency", "C2": "crisis", "C3": "urgent", "C4": "safeguarding"}
DEFAULT_SUPPRESSORS = frozenset({"negated", "past", "educational", "hypothetical", "quoted", "figurative"})
DEFAULT_WITHIN = 20
CUES = frozenset(
    [
        "low_mood",
        "negation",
        "not_negation",
        "past",
        "resolved",
        "ongoing",
        "present",
        "educational",
        "hypothetical",
        "quoted",
        "personal",
        "not_personal",
        "condition",
        "help_on_way",
        "person_other",
        "person_first",
        "figurative",
    ]
)
_PLAIN_WORD = re.compile(r"(?<![^\s(|\[])[a-z0-9]+(?![^\s)|\]])")
_ID = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_RULE_KEYS = frozenset(
    [
        "id",
        "tier",
        "classes",
        "any",
        "all",
        "with",
        "within",
        "whole",
        "suppress",
        "source",
        "locale",
        "region",
        "checked_on",
        "review_by",
        "examples",
        "soft_when_past",
        "offline",
        "note",
    ]
)


class PackError(ValueError):
    """The rule files cannot be used; the message lists every fault, one a line."""


@dataclass(frozen=True)
class Source:
    """Where a rule's medicine comes from.

    Attributes:
        organisation: who published it.
        title: title of the page.
        url: its address.
        read: True if we read the organisation's own page; else the address awaits a check by a person.
    """

    organisation: str
    title: str
    url: str
    read: bool


@dataclass(frozen=True)
class Rule:
    """One sign that makes the screen fire.

    Attributes:
        groups: every group must be mentioned; a group is met by any of its parts.
        context: like groups, but only a negation takes them back ("on rituximab since 2019" still counts).
        within: all groups and contexts lie within this many words.
        suppress: which of `clauses.SUPPRESSORS` silence it.
        fires: example messages on which it fires.
        quiet: example messages on which it does not.
        whole: the part must be the whole message (a bare "911").
        soft_when_past: a past mention shows the soft card instead of a footer (past self-harm).
    """

    id: str
    tier: str
    classes: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    context: tuple[tuple[str, ...], ...]
    within: int
    suppress: frozenset[str]
    soft_when_past: bool
    whole: bool
    locale: str
    region: str | None
    source: Source
    checked_on: date
    review_by: date
    fires: tuple[str, ...]
    quiet: tuple[str, ...]
    offline: tuple[str, ...] = ()


@dataclass
class RuleSet:
    """All that the screen reads, before it is compiled.

    Attributes:
        parts: part or cue name to its phrases.
        words: the sections of words.yml.
    """

    rules: list[Rule] = field(default_factory=list)
    parts: dict[str, list[str]] = field(default_factory=dict)
    cues: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, Any] = field(default_factory=dict)


def read_yaml(path: Path) -> Any:
    """Parsed YAML of one file, by the safe loader (in C where it is there)."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)


def load_rules(root: Path) -> RuleSet:
    """Reads and checks every rule file below a folder.

    Raises:
        PackError: with every fault found, each naming its file and field.
    """
    faults: list[str] = []
    out = RuleSet(words=read_yaml(root / "words.yml"))
    out.cues = {k: [str(p) for p in v] for k, v in read_yaml(root / "cues.yml").items()}
    out.cues["figurative"] = [str(p) for p in read_yaml(root / "figurative.yml")["idioms"]]
    faults += [f"cues.yml: unknown cue {name}" for name in out.cues if name not in CUES]
    out.cues = {k: [_fill(p, out.words) for p in v] for k, v in out.cues.items()}
    sources = read_yaml(root / "sources.yml")
    for path in sorted((root / "rules").glob("*.yml")):
        content = read_yaml(path)
        for name, phrases in (content.get("parts") or {}).items():
            if name in out.parts:
                faults.append(f"{path.name}: part {name} is defined twice")
            out.parts[name] = [_fill(str(p), out.words) for p in phrases]
        for raw in content.get("rules") or []:
            out.rules.append(_rule(raw, content, sources, path.name, faults))
    faults += _unresolved(out)
    if faults:
        raise PackError("\n".join(faults))
    return out


def _fill(phrase: str, words: Mapping[str, Any]) -> str:
    """The phrase with its short names (`<cant>`) written out and every word in the one form that the normaliser gives."""
    for name, text in (words.get("macros") or {}).items():
        phrase = phrase.replace(f"<{name}>", text)
    same = words.get("same") or {}
    phrase = _PLAIN_WORD.sub(lambda found: same.get(found[0], found[0]), phrase)
    for (first, second), one in PAIRS.items():
        phrase = re.sub(rf"(?<![^\s(|\[]){first} {second}(?![^\s)|\]])", one, phrase)
    return phrase


def _unresolved(out: RuleSet) -> list[str]:
    seen: set[str] = set()
    faults = []
    for rule in out.rules:
        if rule.id in seen:
            faults.append(f"rule {rule.id} is defined twice")
        seen.add(rule.id)
        for name in [p for group in (*rule.groups, *rule.context) for p in group]:
            if name not in out.parts:
                faults.append(f"rule {rule.id}: part {name} is defined nowhere")
    return faults


def _groups(raw: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    if "any" in raw:
        return (tuple(raw["any"]),)
    return tuple(tuple(g) if isinstance(g, list) else (g,) for g in raw.get("all", ()))


def _source(key: str, sources: Mapping[str, Any], where: str, faults: list[str]) -> Source:
    entry = sources.get(key)
    if not entry:
        faults.append(f"{where}: source {key} is not in sources.yml")
        return Source("", "", "", False)
    return Source(entry["organisation"], entry["title"], entry["url"], bool(entry.get("read", False)))


def _rule(
    raw: Mapping[str, Any], file: Mapping[str, Any], sources: Mapping[str, Any], name: str, faults: list[str]
) -> Rule:
    where = f"{name}: rule {raw.get('id')}"
    classes = tuple(raw.get("classes", ()))
    checks = {
        "id is not lower_snake_case": _ID.fullmatch(str(raw.get("id"))),
        "tier is unknown": raw.get("tier") in TIERS[1:],
        "classes are unknown": classes and set(classes) <= set(CLASSES),
        "tier is not that of its highest class": classes and TIER_OF_CLASS.get(min(classes)) == raw.get("tier"),
        "needs either any or all": ("any" in raw) != ("all" in raw),
        "needs examples fires and quiet": set(raw.get("examples", {})) == {"fires", "quiet"},
        "unknown suppressor": set(raw.get("suppress", ())) <= DEFAULT_SUPPRESSORS,
    }
    faults += [f"{where}: {text}" for text, good in checks.items() if not good]
    faults += [f"{where}: unknown field {key}" for key in raw if key not in _RULE_KEYS]
    examples = raw.get("examples", {})
    return Rule(
        id=str(raw.get("id")),
        tier=str(raw.get("tier")),
        classes=classes,
        groups=_groups(raw),
        context=tuple(tuple(g) if isinstance(g, list) else (g,) for g in raw.get("with", ())),
        within=int(raw.get("within", DEFAULT_WITHIN)),
        suppress=frozenset(raw.get("suppress", DEFAULT_SUPPRESSORS)),
        soft_when_past=bool(raw.get("soft_when_past", False)),
        whole=bool(raw.get("whole", False)),
        locale=str(raw.get("locale", file.get("locale", "en"))),
        region=raw.get("region"),
        source=_source(str(raw.get("source")), sources, where, faults),
        checked_on=raw.get("checked_on", file.get("checked_on")),
        review_by=raw.get("review_by", file.get("review_by")),
        fires=tuple(str(e) for e in examples.get("fires", ())),
        quiet=tuple(str(e) for e in examples.get("quiet", ())),
        offline=tuple(str(e) for e in raw.get("offline", ())),
    )
