"""From a curated answer to what a patient sees: the JSON of contracts/answer.json, and plain text.

Every answer leaves through `_seal`, which checks once more that its required caveats are there (S-14).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from .errors import AnswerWithdrawn, CaveatMissing
from .schema import Answer, Source

if TYPE_CHECKING:
    from .store import Store

Mode = Literal["demonstration", "production"]
_FIELD = re.compile(r"\{([a-z_]{1,40})\}")


def render_answer(
    store: Store, answer: Answer, *, today: date, mode: Mode, values: Mapping[str, str], signed_off: bool
) -> dict[str, Any]:
    """The answer as contracts/answer.json describes it.

    Args:
        today: the day at which the review date is judged.
        mode: in `production` an overdue answer is withdrawn; in `demonstration` it says since when it is overdue.
        values: what fields in braces are filled with: the clinic's profile, and `emergency_number` for the region.
        signed_off: whether this version was signed off at this clinic (the desk knows).

    Raises:
        AnswerWithdrawn: the review is overdue, in production.
        CaveatMissing: a required caveat did not make it into the result.
    """
    overdue = answer.review_by is not None and answer.review_by < today
    if overdue and mode == "production":
        raise AnswerWithdrawn(answer.id, str(answer.review_by))
    short, more = _fill_text(answer, values)
    rendered = {
        "answer_id": answer.id,
        "version": compute_version(store, answer),
        "topic": answer.topic,
        "condition": answer.condition,
        "title": answer.title,
        "short": short,
        "more": more,
        "evidence": _render_evidence(store, answer),
        "caveats": _render_caveats(store, answer, values),
        "sources": [_render_source(store, source) for source in answer.sources],
        "glossary": _render_terms(store, answer),
        "checked_on": _iso(answer.checked_on),
        "review_by": _iso(answer.review_by),
        "overdue_since": _iso(answer.review_by) if overdue else None,
        "signed_off": signed_off,
    }
    return _seal(store, answer, rendered)


def _seal(store: Store, answer: Answer, rendered: dict[str, Any]) -> dict[str, Any]:
    """Passes the rendered answer on only with every required caveat, each with its text (S-14)."""
    shown = {caveat["caveat_id"] for caveat in rendered["caveats"] if caveat["text"].strip()}
    missing = [caveat for caveat in store.required_caveats(answer.id) if caveat not in shown]
    if missing:
        raise CaveatMissing(answer.id, missing)
    return rendered


def compute_version(store: Store, answer: Answer) -> str:
    """SHA-256 in hex of everything that a patient can see of the answer, before fields in braces are filled."""
    seen = [
        answer.title,
        answer.short,
        answer.more,
        answer.empty,
        answer.locale,
        _render_evidence(store, answer),
        _render_caveats(store, answer, {}),
        [_render_source(store, source) for source in answer.sources],
        _render_terms(store, answer),
        [_iso(answer.checked_on), _iso(answer.review_by)],
    ]
    return hashlib.sha256(json.dumps(seen, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _fill_text(answer: Answer, values: Mapping[str, str]) -> tuple[str, str]:
    """Short and further text with the clinic's values; the `empty` text where the short text's value is missing.

    A paragraph of the further text whose value is missing is left out.
    """
    if answer.theme != "clinic":
        return answer.short, answer.more
    filled = {key: value.strip() for key, value in values.items() if value and value.strip()}
    if any(name not in filled for name in _FIELD.findall(answer.short)):
        return answer.empty, ""
    paragraphs = [p for p in answer.more.split("\n\n") if all(name in filled for name in _FIELD.findall(p))]
    return fill(answer.short, filled), fill("\n\n".join(paragraphs), filled)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each `{field}` that has a value replaced; values are never read as fields themselves."""
    return _FIELD.sub(lambda match: values.get(match.group(1), match.group(0)), text)


def _render_caveats(store: Store, answer: Answer, values: Mapping[str, str]) -> list[dict[str, Any]]:
    required = store.required_caveats_of(answer)
    return [_render_caveat(store, c, store.policy.shows_short_form(c), values) for c in required]


def _render_caveat(store: Store, caveat_id: str, short: bool, values: Mapping[str, str]) -> dict[str, Any]:
    caveat = store.caveats[caveat_id]
    given = {key: value for key, value in values.items() if value and value.strip()}
    text = fill(caveat.short if short else caveat.text, {**store.policy.default_values, **given})
    return {"caveat_id": caveat_id, "text": text, "position": caveat.position}


def _render_evidence(store: Store, answer: Answer) -> dict[str, str] | None:
    if answer.evidence is None:
        return None
    evidence = store.evidence[answer.evidence]
    return {"code": evidence.code, "label": evidence.label, "meaning": evidence.meaning}


def _render_source(store: Store, source: Source) -> dict[str, Any]:
    organisation = store.source_list.find(source.organisation)
    return {
        "title": source.title,
        "organisation": organisation.name if organisation else source.organisation,
        "url": source.url,
        "year": source.year,
        "accessed": source.accessed.isoformat(),
    }


def _render_terms(store: Store, answer: Answer) -> list[dict[str, str]]:
    entries = [store.glossary[term] for term in answer.glossary if term in store.glossary]
    return [{"term": entry.term, "text": entry.text} for entry in entries]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def message_caveats(
    store: Store, rendered: list[dict[str, Any]], *, kind: str, first: bool, values: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The caveats that a message carries beside those of its answers, by policy.yml.

    Args:
        rendered: the message's answers; a message of kind `answer` without any carries no caveat.
        kind: the message's kind (API.md).
        first: whether this is the first message with answers in the conversation; then K1 stands in full.
        values: `emergency_number` for the region.
    """
    if kind == "answer" and not rendered:
        return []
    caveats = []
    for rule in store.policy.messages:
        if kind in rule.kinds:
            short = rule.form == "short" or (rule.form == "first" and not first)
            caveats.append(_render_caveat(store, rule.caveat, short, values))
    return caveats


def plain_text(answers: list[dict[str, Any]], caveats: list[dict[str, Any]], lines: Sequence[str] = ()) -> str:
    """The whole message for a client that shows text only, in Markdown (bold, lists, links; nothing else).

    Args:
        answers: rendered answers, in order.
        caveats: the message's own caveats.
        lines: conversational lines, shown first.

    Returns:
        Lines; caveats that stand above; each answer; caveats that stand below; sources. A caveat that the message
        carries itself is not repeated from an answer, and the same caveat of two answers stands once.
    """
    own = {caveat["caveat_id"] for caveat in caveats}
    of_answers = [c for answer in answers for c in answer["caveats"] if c["caveat_id"] not in own]
    every = list({c["caveat_id"]: c for c in [*of_answers, *caveats]}.values())
    above = [c["text"] for c in every if c.get("position") == "above"]
    below = [c["text"] for c in every if c.get("position") != "above"]
    blocks = [*lines, *(f"**Please note:** {text}" for text in above)]
    for answer in answers:
        blocks += _answer_blocks(answer)
    blocks += ["\n".join(f"- {text}" for text in below)] if below else []
    blocks += _source_blocks(answers)
    return "\n\n".join(block.strip() for block in blocks if block.strip())


def _answer_blocks(answer: dict[str, Any]) -> list[str]:
    blocks = [f"**{answer['title']}**", answer["short"], answer["more"]]
    evidence = answer["evidence"]
    if evidence:
        blocks.append(f"**How strong is the evidence?** {evidence['label']}. {evidence['meaning']}")
    if answer["glossary"]:
        blocks.append("\n".join(f"- **{entry['term']}**: {entry['text']}" for entry in answer["glossary"]))
    if answer.get("overdue_since"):
        blocks.append(f"Review of this answer is overdue since {answer['overdue_since']}.")
    return blocks


def _source_blocks(answers: list[dict[str, Any]]) -> list[str]:
    lines: dict[str, None] = {}
    for answer in answers:
        for source in answer["sources"]:
            year = f", {source['year']}" if source["year"] else ""
            title = source["title"].replace("[", "(").replace("]", ")")
            url = source["url"].replace("(", "%28").replace(")", "%29")
            lines[f"- {source['organisation']}{year}: [{title}]({url}), read on {source['accessed']}"] = None
    return ["**Sources**\n" + "\n".join(lines)] if lines else []
