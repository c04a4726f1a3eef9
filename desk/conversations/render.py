"""From ids to words: the only place where a turn becomes what a patient reads."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from knowledge import AnswerWithdrawn, KnowledgeError, Store, UnknownLine, load_store
from knowledge.lines import Lines, load_lines
from knowledge.render import fill, plain_text
from safety import emergency_line, emergency_numbers

from clinic.selectors import get_profile
from conversations import texts
from conversations.models import Choice, Kind, Message
from lib import clock, ids
from tickets.hours import describe

log = logging.getLogger(__name__)
# Kinds that point to a person; their reply always offers one (S-15, C15).
OFFERS_PERSON = (Kind.CLINICIAN, Kind.FALLBACK, Kind.OUT_OF_SCOPE)
STARTERS = (("definition", "autoimmune"), ("stem_cell_therapy", None), ("stem_cell_risks", None))


@dataclass(frozen=True)
class Pack:
    """What is read once at start."""

    store: Store
    lines: Lines


@dataclass
class Reply:
    """A reply that is ready to be stored. `choices` are (label, payload) pairs."""

    kind: str
    text: str
    body: dict[str, Any] = field(default_factory=dict)
    choices: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@cache
def _load() -> Pack | Exception:
    try:
        return Pack(load_store(), load_lines(settings.ROOT / "domain.yml"))
    except (KnowledgeError, OSError, ValueError) as error:
        # Kept too: reading it again takes seconds, and a running service must not stall on every message.
        return error


def pack() -> Pack:
    """The curated content of this process, read once.

    Raises:
        KnowledgeError, OSError, ValueError: it cannot be read.
    """
    loaded = _load()
    if isinstance(loaded, Exception):
        raise loaded
    return loaded


def is_held() -> bool:
    """Whether ordinary answers are withheld: in production, as long as nobody of the clinic has signed them off.

    Signing off is not built yet, so production is always held; it says so instead of pretending.
    """
    return settings.PRODUCTION


def person_choice() -> tuple[str, dict[str, Any]]:
    """The offer of a person."""
    return texts.TALK_TO_PERSON, {"action": "talk_to_person"}


def fallback(reason: str, region: str | None) -> Reply:
    """An honest line instead of an answer, with the emergency line and the offer of a person."""
    return Reply(Kind.FALLBACK, f"{reason}\n\n{emergency_line(region)}", choices=[person_choice()])


def _values(region: str | None, *, clinic: bool) -> dict[str, str]:
    numbers = [n["number"] for n in emergency_numbers(region)]
    values = {"emergency_number": numbers[0]} if len(numbers) == 1 else {}
    if clinic:
        profile = get_profile()
        for name in pack().store.policy.clinic_fields:
            value = getattr(profile, name)
            values[name] = describe(value) if name == "opening_hours" else str(value)
    return values


def render_turn(turn: Mapping[str, Any], *, region: str | None, first: bool, footer: bool) -> Reply:
    """A checked turn as a patient reads it.

    Args:
        turn: from `safety.check_turn`.
        region: for emergency numbers.
        first: whether no answer was given before in this conversation (the full K1 then).
        footer: whether K7 must stand on the message.
    """
    if is_held():
        return fallback(texts.HELD, region)
    try:
        return _render(turn, region, first, footer)
    except AnswerWithdrawn:
        return fallback(texts.WITHDRAWN, region)
    except (KnowledgeError, UnknownLine, KeyError, OSError, ValueError) as error:
        log.error("a turn could not be rendered: %s", type(error).__name__)
        return fallback(texts.ASSISTANT_DOWN, region)


def _render(turn: Mapping[str, Any], region: str | None, first: bool, footer: bool) -> Reply:
    store = pack().store
    clinic = any(store.answers[answer_id].theme == "clinic" for answer_id in turn["answers"])
    values = _values(region, clinic=clinic)
    answers = [
        store.render_answer(a, today=clock.today(), mode=settings.ENV.mode, values=values, signed_off=False)
        for a in dict.fromkeys(turn["answers"])
    ]
    kind = turn["kind"]
    caveats = store.message_caveats(answers, kind=kind, first=first, values=values)
    if footer:
        # A frightening sign was named: K7 in full, also where the message would carry its short form.
        caveats = [*(c for c in caveats if c["caveat_id"] != "emergency_line"), _footer(values)]
    text = plain_text(answers, caveats, _lines(turn))
    choices = [_choice(c["topic"], c["condition"]) for c in turn["choices"] if c["topic"] or c["condition"]]
    if turn["offer_person"] or kind in OFFERS_PERSON:
        choices.append(person_choice())
    return Reply(kind, text, {"answers": answers, "caveats": caveats}, choices)


def _footer(values: Mapping[str, str]) -> dict[str, Any]:
    store = pack().store
    caveat = store.caveats["emergency_line"]
    text = fill(caveat.text, {**store.policy.default_values, **values})
    return {"caveat_id": "emergency_line", "text": text, "position": caveat.position}


def _lines(turn: Mapping[str, Any]) -> list[str]:
    first = turn["questions"][0] if turn["questions"] else {"condition": None, "topic": None}
    return [pack().lines.render(i, condition=first["condition"], topic=first["topic"]) for i in turn["lines"]]


def _choice(topic: str | None, condition: str | None) -> tuple[str, dict[str, Any]]:
    store = pack().store
    if topic is None:
        label = store.condition_label(str(condition))
        label = label[:1].upper() + label[1:]
    else:
        label = store.choice_label(topic, condition)
    return label[:200], {"topic": topic, "condition": condition}


def greeting(region: str | None) -> Reply:
    """The first message of a conversation: says what it is before the patient says anything (P-1)."""
    parts = [texts.GREETING, emergency_line(region)]
    if not settings.PRODUCTION:
        parts.append(f"**{texts.DEMONSTRATION}.**")
    choices = []
    try:
        if not is_held():
            choices = [_choice(*pair) for pair in STARTERS if pack().store.find_answer(*pair)]
    except (KnowledgeError, OSError, ValueError) as error:
        log.error("the knowledge could not be read: %s", type(error).__name__)
    return Reply(Kind.TEXT, "\n\n".join(parts), choices=choices)


def store_choices(message: Message, choices: list[tuple[str, dict[str, Any]]]) -> None:
    """Keeps the choices of a new message on the server under opaque ids (X-2)."""
    message.new_choices = [
        Choice(id=ids.new_id(), message=message, position=n, label=label, payload=payload)
        for n, (label, payload) in enumerate(choices)
    ]
    if message.new_choices:
        Choice.objects.bulk_create(message.new_choices)


def message_json(message: Message) -> dict[str, Any]:
    """A message as contracts/message.json describes it. Prefetch `choices` where many are shown."""
    body = message.body or {}
    shown = {
        "seq": message.seq,
        "author": str(message.author),
        "author_name": message.author_name or None,
        "kind": str(message.kind),
        "text": message.text,
        "lang": message.lang,
        "dir": "rtl" if message.lang.split("-")[0] in ("ar", "fa", "he", "ur") else "ltr",
        "answers": body.get("answers", []),
        "caveats": body.get("caveats", []),
        "actions": [] if body.get("cleared_at") else body.get("actions", []),
        "choices": _choices_json(message),
        "created_at": message.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    if message.client_message_id:
        shown["client_message_id"] = str(message.client_message_id)
    return shown


def _choices_json(message: Message) -> list[dict[str, str]]:
    if message.pk is None or message.author == "patient":
        return []
    held = message.choices.all() if message.new_choices is None else message.new_choices
    return [{"choice_id": c.id, "label": c.label} for c in sorted(held, key=lambda c: c.position)]
