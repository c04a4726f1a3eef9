"""A turn as text, for `rasa shell` and other developers' channels; the desk renders by itself."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge import Store
from knowledge import render as rendering
from knowledge.lines import Lines, load_lines
from safety import emergency_line, render_card

DOMAIN = Path(__file__).resolve().parent.parent / "domain.yml"
CARDS = ("emergency", "crisis", "urgent", "safeguarding")
Button = dict[str, str]


@lru_cache(maxsize=1)
def get_lines() -> Lines:
    """Returns the short lines of domain.yml, read once in each process."""
    return load_lines(DOMAIN)


def render(turn: dict[str, Any], store: Store, footer: bool = False) -> list[tuple[str, list[Button]]]:
    """Returns messages as (text, buttons). Buttons carry their question as words, never a payload (X-2)."""
    if turn["tier"] in CARDS:
        return [(render_card(tier=turn["tier"], region=None).text, [])]
    text = _text(turn, store)
    if footer:
        text += "\n\n" + emergency_line(None)
    messages = [(text, _buttons(turn, store))] if text else []
    if turn["offer_person"] and turn["kind"] != "handoff":
        messages.append((get_lines().render("utter_offer_person"), []))
    return messages


def _text(turn: dict[str, Any], store: Store) -> str:
    question = turn["questions"][0] if turn["questions"] else {"condition": None, "topic": None}
    lines = [
        get_lines().render(line, condition=question["condition"], topic=question["topic"]) for line in turn["lines"]
    ]
    answers = [store.render_answer(i, today=date.today(), mode="demonstration") for i in turn["answers"]]
    caveats = store.message_caveats(answers, kind=turn["kind"], first=True)
    return rendering.plain_text(answers, caveats, lines)


def _buttons(turn: dict[str, Any], store: Store) -> list[Button]:
    buttons = []
    for choice in turn["choices"]:
        topic = choice["topic"] or "definition"
        label = store.choice_label(topic, choice["condition"])
        buttons.append({"title": label, "payload": label})
    return buttons
