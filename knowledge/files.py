"""Reading the knowledge folder: YAML files to records, with every fault found on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from . import parse
from .errors import Fault, KnowledgeError
from .policy import Policy, parse_policy
from .schema import THEME_LABELS, Answer, Caveat, Condition, Evidence, Fact, GlossaryEntry, Organisation, Topic

#: The folder that this package lives in: where the files are by default.
DEFAULT_ROOT = Path(__file__).resolve().parent
#: libyaml reads ten times as fast; the pure-Python loader gives the same result where it is not built in.
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):
    """A safe loader that refuses a field written twice: plain YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands there twice", key.start_mark)
            seen.add(key.value)
        return dict(super().construct_mapping(node, deep=deep))


@dataclass
class Content:
    """The knowledge folder without the fact base. `works` maps a paper's address to the class it counts as."""

    answers: dict[str, Answer] = field(default_factory=dict)
    answer_files: dict[str, str] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)
    conditions: dict[str, Condition] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    works: dict[str, str] = field(default_factory=dict)
    caveats: dict[str, Caveat] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    glossary: dict[str, GlossaryEntry] = field(default_factory=dict)
    policy: Policy | None = None
    faults: list[Fault] = field(default_factory=list)


def read_yaml(path: Path, root: Path, faults: list[Fault]) -> Any:
    """The file's content, or None and a fault where it cannot be read."""
    name = path.relative_to(root).as_posix()
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError:
        faults.append(Fault(name, "", "does not exist", "restore or write it (knowledge/README.md)"))
    except UnicodeDecodeError:
        faults.append(Fault(name, "", "is not UTF-8", "save it as UTF-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be read"
        faults.append(Fault(name, line, f"is not YAML: {problem}", "mend the line; quote texts that hold `: ` or ` #`"))
    return None


def read_content(root: Path) -> Content:
    """Reads every file that serving needs. Nothing is raised: the faults stand in the result."""
    content = Content()
    _read_topics(root, content)
    _read_conditions(root, content)
    _read_sources(root, content)
    _read_caveats(root, content)
    for code, data in _entries(root / "evidence.yml", root, content.faults):
        content.evidence[code], faults = parse.parse_evidence("evidence.yml", code, data)
        content.faults += faults
    for path in sorted((root / "glossary").glob("*.yml")):
        name = path.relative_to(root).as_posix()
        entry, faults = parse.parse_glossary(name, path.stem, read_yaml(path, root, content.faults))
        content.glossary[entry.id] = entry
        content.faults += faults
    _read_answers(root, content)
    return content


def _entries(path: Path, root: Path, faults: list[Fault]) -> Iterator[tuple[str, Any]]:
    data = read_yaml(path, root, faults)
    if isinstance(data, Mapping):
        yield from ((str(key), value) for key, value in data.items())
    elif data is not None:
        faults.append(Fault(path.relative_to(root).as_posix(), "", "is not a mapping", "write `name:` entries"))


def _read_topics(root: Path, content: Content) -> None:
    for topic_id, data in _entries(root / "topics.yml", root, content.faults):
        content.topics[topic_id], faults = parse.parse_topic("topics.yml", topic_id, data)
        content.faults += faults


def _read_conditions(root: Path, content: Content) -> None:
    for slug, data in _entries(root / "conditions.yml", root, content.faults):
        content.conditions[slug], faults = parse.parse_condition("conditions.yml", slug, data)
        content.faults += faults


def _read_sources(root: Path, content: Content) -> None:
    data = read_yaml(root / "sources.yml", root, content.faults)
    raw: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    for number, record in enumerate(raw.get("organisations") or ()):
        organisation, faults = parse.parse_organisation("sources.yml", number, record)
        if organisation.name in content.organisations:
            remedy = "keep one entry and add the other's aliases"
            faults.append(Fault("sources.yml", f"organisations[{number}].name", "stands there twice", remedy))
        content.organisations[organisation.name] = organisation
        content.faults += faults
    for number, record in enumerate(raw.get("works") or ()):
        f = parse.Fields("sources.yml", record, ["url", "class", "note"], f"works[{number}].")
        content.works[f.text("url")] = f.choice("class", parse.SOURCE_CLASSES) or ""
        content.faults += f.faults


def _read_caveats(root: Path, content: Content) -> None:
    for path in sorted((root / "caveats").glob("*.yml")):
        if path.name == "policy.yml":
            continue
        name = path.relative_to(root).as_posix()
        caveat, faults = parse.parse_caveat(name, read_yaml(path, root, content.faults))
        if caveat.id != path.stem:
            faults.append(Fault(name, "id", f"is {caveat.id!r}", f"make it {path.stem}, the file's name"))
        content.caveats[caveat.id] = caveat
        content.faults += faults
    data = read_yaml(root / "caveats" / "policy.yml", root, content.faults)
    content.policy, faults = parse_policy(data)
    content.faults += faults


def _read_answers(root: Path, content: Content) -> None:
    for path in sorted((root / "answers").rglob("*")):
        if path.is_file() and (path.suffix != ".yml" or path.parent.parent.name != "answers"):
            remedy = "move it to answers/<subject>/<topic>.yml, or remove it"
            content.faults.append(Fault(path.relative_to(root).as_posix(), "", "is not read as an answer", remedy))
    for path in sorted((root / "answers").glob("*/*.yml")):
        name = path.relative_to(root).as_posix()
        before = len(content.faults)
        data = read_yaml(path, root, content.faults)
        if len(content.faults) > before:
            continue
        answer, faults = parse.parse_answer(name, data)
        content.faults += faults
        if answer is None:
            continue
        expected = f"{path.parent.name}.{path.stem}"
        if answer.id != expected:
            content.faults.append(Fault(name, "id", f"is {answer.id!r}", f"make it {expected}, the file's path"))
        if (answer.subject, answer.topic) != (path.parent.name, path.stem):
            wanted = f"condition or theme {path.parent.name} and topic {path.stem}"
            content.faults.append(Fault(name, "topic", f"is {answer.subject}.{answer.topic}", f"write {wanted}"))
        content.answers[expected] = answer
        content.answer_files[expected] = name


def read_facts(root: Path, faults: list[Fault]) -> dict[str, Fact]:
    """The fact base by id. It is large: read it when checking, not when serving."""
    facts: dict[str, Fact] = {}
    for path in sorted((root / "facts").glob("*.yml")):
        name = path.relative_to(root).as_posix()
        for record in read_yaml(path, root, faults) or ():
            fact, found = parse.parse_fact(name, record)
            if fact.id in facts:
                found.append(Fault(name, fact.id, "stands there twice", "give one of them a new id"))
            facts[fact.id] = fact
            faults += found
    return facts


def read_release_date(root: Path) -> date:
    """The day at which tests and checks judge review dates (RELEASE_DATE)."""
    return date.fromisoformat((root / "RELEASE_DATE").read_text(encoding="utf-8").strip())


def read_labels(root: Path = DEFAULT_ROOT) -> tuple[dict[str, str], dict[str, str]]:
    """Labels of conditions (themes included) and of topics, for the middle of a sentence.

    Raises:
        KnowledgeError: topics.yml or conditions.yml is malformed.
    """
    content = Content()
    _read_topics(root, content)
    _read_conditions(root, content)
    if content.faults:
        raise KnowledgeError(content.faults)
    conditions = {slug: condition.label for slug, condition in content.conditions.items()}
    return {**conditions, **THEME_LABELS}, {topic_id: topic.label for topic_id, topic in content.topics.items()}
