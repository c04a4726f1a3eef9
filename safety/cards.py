"""Safety cards: the words that replace an ordinary answer (SAFETY section 1, classes C1 to C4).

Rendering never raises and is never empty: with unreadable data the built-in generic card is shown (S-5).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from safety.manifest import ROOT
from safety.pack import Verdict
from safety.regions import UNKNOWN, HelpLine, Region, get_region, join_or, last_resort
from safety.rules import read_yaml

KINDS = ("emergency", "crisis", "urgent", "safeguarding")
Action = dict[str, str]


@dataclass(frozen=True)
class Card:
    """A rendered card.

    Attributes:
        kind: emergency, crisis, urgent or safeguarding: the message kind of the API.
        text: Markdown of bold, lists and tel links only; the first line holds the number to call.
        actions: `{type, label, href?}` as in contracts/message.json.
        card_id: file and variant, e.g. `crisis.soft`.
        version: first 12 hexadecimal digits of the SHA-256 of the rendered text and actions.
    """

    kind: str
    text: str
    actions: list[Action]
    card_id: str
    version: str


@lru_cache(maxsize=16)
def _read(root: Path, kind: str) -> Mapping[str, Any]:
    return read_yaml(root / "cards" / f"{kind}.yml")


def render_card(
    *,
    verdict: Verdict | None = None,
    tier: str | None = None,
    region: str | None = None,
    person: str = "self",
    repeat: bool = False,
    clinic_phone: str | None = None,
    staff_alerted: bool = False,
    root: Path = ROOT,
) -> Card:
    """The card for a verdict, or for a tier that another layer found.

    Args:
        verdict: of the screen; its person, classes, soft and help_on_way choose the wording.
        tier: emergency, crisis, urgent or safeguarding, where there is no verdict. Anything else gives the generic emergency card.
        region: ISO 3166-1 alpha-2; None or one that we do not hold shows all common emergency numbers.
        person: self or other; used where there is no verdict.
        repeat: True within ten minutes of the full card: the short one, never silence (S-10).
        clinic_phone: number of the clinic for the urgent card.
        staff_alerted: True only if staff were really told; adds the line that says so.
        root: folder of the pack.

    Returns:
        A card, whatever happens.
    """
    found = verdict or Verdict(tier=tier or "emergency", classes=(), person=person, failed=tier not in KINDS)
    kind = found.tier if found.tier in KINDS else "emergency"
    try:
        return _render(found, kind, get_region(region, root), repeat, clinic_phone, staff_alerted, root)
    except Exception:  # S-5: never silence
        return _built_in()


def _variant(verdict: Verdict, repeat: bool) -> str:
    if verdict.failed or verdict.tier not in KINDS:
        return "generic"
    if verdict.help_on_way:
        return "help_on_way"
    if verdict.soft:
        return "soft"
    return "repeat" if repeat else "full"


def _render(
    verdict: Verdict, kind: str, region: Region, repeat: bool, clinic_phone: str | None, staff_alerted: bool, root: Path
) -> Card:
    card = _read(root, kind)
    variant = _variant(verdict, repeat)
    person = "other" if verdict.person == "other" else "self"
    lines: list[str] = list((card if variant == "full" else card[variant])[person])
    both = "C1" in verdict.classes and "C2" in verdict.classes
    poisoned = any(rule.startswith("poison_") for rule in verdict.rule_ids)
    if both and variant in ("full", "repeat", "help_on_way"):
        lines.insert(1, card["both"])
    if poisoned and "poison" in card and variant == "full":
        lines.insert(2, card["poison"])
    if staff_alerted:
        lines.append(card["staff"])
    filled = [text for text in (_fill(line, region, clinic_phone) for line in lines) if text]
    actions = _actions(kind, card, region, both=both, poisoned=poisoned, clinic_phone=clinic_phone)
    if variant in ("help_on_way", "generic"):
        actions = [a for a in actions if a["type"] != "clear"] if variant == "help_on_way" else actions
    return _card(kind, "\n\n".join(filled), actions, kind if variant == "full" else f"{kind}.{variant}")


def _card(kind: str, text: str, actions: list[Action], card_id: str) -> Card:
    digest = hashlib.sha256(repr((text, actions)).encode()).hexdigest()[:12]
    return Card(kind, text, actions, card_id, digest)


def _built_in() -> Card:
    region = last_resort()
    text = f"**If this may be an emergency, call {_numbers(region, 'emergency')} now.**\n\nPlease do not wait for a reply here."
    actions = [_action(line) for line in region.lines]
    return _card("emergency", text, actions, "emergency.built_in")


def _link(line: HelpLine) -> str:
    return f"[{line.number}]({line.href})"


def _numbers(region: Region, use: str) -> str:
    lines = region.lines_for(use)
    if not lines:
        return ""
    tail = ", or your local emergency number," if region.code == UNKNOWN and use == "emergency" else ""
    return join_or([_link(line) for line in lines]) + tail


def _spoken(region: Region, use: str) -> str:
    """ "call [988](tel:988) or text [988](sms:988)"; for an unknown region each number says where it works."""
    lines = [*region.lines_for(use), *region.lines_for(f"{use}_no_voice")]
    said = []
    for line in lines:
        label = line.label[:1].lower() + line.label[1:]
        said.append(label.replace(line.number, _link(line)) if line.number in label else f"{label} on {_link(line)}")
    if use == "crisis" and region.code == UNKNOWN:
        said.append("your local crisis line")
    return join_or(said) if said else ""


def _fill(line: str, region: Region, clinic_phone: str | None) -> str:
    """The line with its numbers; empty if it names a number that the region does not have."""
    dial = re.sub(r"[^\d+]", "", clinic_phone or "")
    urgent = _numbers(region, "urgent")
    values = {
        "emergency": _numbers(region, "emergency"),
        "crisis": _spoken(region, "crisis"),
        "poison": _spoken(region, "poison"),
        "abuse": _spoken(region, "abuse"),
        "child": _spoken(region, "child"),
        "team": f"your care team on [{clinic_phone}](tel:{dial})" if dial else "your care team",
        "or_urgent": f", or call {urgent}" if urgent else ", or go to urgent care",
    }
    if any(f"{{{name}}}" in line and not value for name, value in values.items()):
        return ""
    for name, value in values.items():
        line = line.replace(f"{{{name}}}", value)
    return line.replace("number,.", "number.").replace("number, .", "number.")


def _action(line: HelpLine) -> Action:
    return {"type": "text" if line.href.startswith("sms:") else "call", "label": line.label, "href": line.href}


def _actions(
    kind: str, card: Mapping[str, Any], region: Region, *, both: bool, poisoned: bool, clinic_phone: str | None
) -> list[Action]:
    uses: Sequence[str] = {
        "emergency": ("emergency", *(("crisis", "crisis_no_voice") if both else ()), "emergency_no_voice"),
        "crisis": ("crisis", "crisis_no_voice", "emergency"),
        "urgent": ("urgent", "emergency"),
        "safeguarding": ("emergency", "abuse", "abuse_no_voice", "child"),
    }[kind]
    if poisoned:
        uses = (*uses, "poison")
    actions = [_action(line) for use in uses for line in region.lines_for(use)]
    dial = re.sub(r"[^\d+]", "", clinic_phone or "")
    if kind == "urgent" and dial:
        actions.insert(0, {"type": "call", "label": "Call the clinic", "href": f"tel:{dial}"})
    if "safe_exit" in card:
        actions.insert(0, {"type": "safe_exit", "label": card["safe_exit"]})
    return [*_unique(actions), {"type": "clear", "label": card["clear"]}]


def _unique(actions: list[Action]) -> list[Action]:
    seen: set[str] = set()
    out = []
    for action in actions:
        key = action.get("href", action["type"])
        if key not in seen:
            seen.add(key)
            out.append(action)
    return out
