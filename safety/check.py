"""`python -m safety check`: every rule's examples, sources and dates, the cards' reading grade, the numbers, the manifest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from safety import manifest
from safety.cards import KINDS, render_card
from safety.pack import Pack, Verdict
from safety.phrases import PhraseError
from safety.regions import MAX_REVIEW_DAYS, UNKNOWN, USES, held, read_region
from safety.rules import PackError, Rule, load_rules, read_yaml

MIN_EXAMPLES = 5
MAX_CARD_GRADE = 6.0
MAX_RULE_REVIEW_DAYS = 366
CARD_VERDICTS = {
    "full": Verdict(),
    "both": Verdict(classes=("C1", "C2")),
    "poison": Verdict(rule_ids=("poison_overdose",)),
    "soft": Verdict(soft=True),
    "help_on_way": Verdict(help_on_way=True),
    "generic": Verdict(failed=True),
}


def check_pack(root: Path = manifest.ROOT, *, today: date | None = None) -> list[str]:
    """Every fault of a pack, each naming its file or rule and what to do; empty if there is none.

    Args:
        root: folder of the pack.
        today: also fail on reviews that are due; None judges the dates only against each other.
    """
    try:
        rules = load_rules(root)
        pack = Pack(rules, root)
    except (PackError, PhraseError, OSError, KeyError, TypeError) as error:
        return [f"{type(error).__name__}: {line}" for line in str(error).splitlines()]
    faults = [f for rule in rules.rules for f in rule_faults(rule, pack, today)]
    faults += [
        f"idiom fires: {idiom}"
        for idiom in _plain_idioms(rules.cues["figurative"])
        if pack.screen(idiom).tier != "none"
    ]
    faults += region_faults(root, today) + card_faults(root, today)
    return faults + [
        f"{fault}: run `python -m safety manifest` once a person has looked" for fault in manifest.faults(root)
    ]


def _plain_idioms(idioms: list[str]) -> list[str]:
    return [i for i in idioms if not set("()[]|*{}.") & set(i)]


def rule_faults(rule: Rule, pack: Pack, today: date | None) -> Iterator[str]:
    """Faults of one rule: too few examples, an example that goes wrong, missing source, dates."""
    for name, examples in (("fires", rule.fires), ("quiet", rule.quiet)):
        if len(set(examples)) < MIN_EXAMPLES:
            yield f"rule {rule.id}: {name} needs {MIN_EXAMPLES} examples, has {len(set(examples))}"
    yield from (f"rule {rule.id}: does not fire on: {e}" for e in rule.fires if rule.id not in pack.screen(e).rule_ids)
    yield from (f"rule {rule.id}: fires on: {e}" for e in rule.quiet if rule.id in pack.screen(e).rule_ids)
    yield from (
        f"rule {rule.id}: does not fire on its offline phrase: {e}"
        for e in rule.offline
        if pack.screen(e).tier == "none"
    )
    if not rule.source.url.startswith("https://"):
        yield f"rule {rule.id}: source has no https address"
    if not isinstance(rule.checked_on, date) or not isinstance(rule.review_by, date):
        yield f"rule {rule.id}: checked_on and review_by must be dates"
        return
    if not timedelta() < rule.review_by - rule.checked_on <= timedelta(days=MAX_RULE_REVIEW_DAYS):
        yield f"rule {rule.id}: review_by must follow checked_on within a year"
    if today and rule.review_by <= today:
        yield f"rule {rule.id}: review was due on {rule.review_by}"


def region_faults(root: Path, today: date | None) -> list[str]:
    """Faults of the numbers: unknown use, no source, a review later than 180 days, or due."""
    faults = []
    for code in [*held(root), UNKNOWN]:
        region = read_region(root / "regions" / f"{code}.yml")
        where = f"regions/{code}.yml"
        faults += [f"{where}: no {use} line" for use in ("emergency", "crisis") if not region.lines_for(use)]
        for line in region.lines:
            checks = {
                f"use {line.use} is unknown": line.use in USES,
                "organisation or source is missing": line.organisation and line.source.startswith("https://"),
                "href is not a tel or sms link with the same digits": _same_digits(line.number, line.href),
                "review_by is not within 180 days of verified_on": timedelta()
                < line.review_by - line.verified_on
                <= timedelta(days=MAX_REVIEW_DAYS),
                "says no reason why it is not verified": line.verified or line.note,
                f"review was due on {line.review_by}": not today or line.review_by > today,
            }
            faults += [f"{where}: {line.id}: {text}" for text, good in checks.items() if not good]
    return faults


def _same_digits(number: str, href: str) -> bool:
    kind, _, target = href.partition(":")
    digits = re.sub(r"\D", "", number)
    return kind in ("tel", "sms") and target.lstrip("+") == digits


def card_faults(root: Path, today: date | None) -> list[str]:
    """Faults of the cards: a card that does not render, is too hard to read, has no number first, or is due."""
    faults = []
    for kind in KINDS:
        raw = read_yaml(root / "cards" / f"{kind}.yml")
        if today and raw["review_by"] <= today:
            faults.append(f"cards/{kind}.yml: review was due on {raw['review_by']}")
        for region in [*held(root), None]:
            for variant, base in CARD_VERDICTS.items():
                if variant in ("soft", "help_on_way", "generic") and variant not in raw:
                    continue
                for person in ("self", "other"):
                    verdict = Verdict(
                        tier=kind, classes=base.classes, rule_ids=base.rule_ids, soft=base.soft, person=person,
                        help_on_way=base.help_on_way, failed=base.failed,
                    )  # fmt: skip
                    card = render_card(verdict=verdict, region=region, staff_alerted=True, root=root)
                    grade = reading_grade(card.text)
                    where = f"card {card.card_id}, {region or UNKNOWN}, {person}"
                    if grade > MAX_CARD_GRADE:
                        faults.append(f"{where}: reading grade {grade:.1f} is above {MAX_CARD_GRADE:.0f}")
                    if "](tel:" not in card.text.splitlines()[0]:
                        faults.append(f"{where}: no number in the first line")
                    if "{" in card.text:
                        faults.append(f"{where}: an unfilled place")
    return faults


def syllables(word: str) -> int:
    """Syllables of an English word by its vowel groups, at least 1; a silent final e is not counted."""
    word = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", word))
    if word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1:
        groups -= 1
    return max(groups, 1)


def reading_grade(text: str) -> float:
    """Flesch-Kincaid grade of a Markdown text, links read as their label, numbers as one syllable.

    Source: Kincaid, Fishburne, Rogers, Chissom: Derivation of New Readability Formulas, 1975
    (0.39 words per sentence + 11.8 syllables per word - 15.59).
    """
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("**", "")
    sentences = [s for s in re.split(r"[.!?:\n]+", plain) if re.search(r"\w", s)]
    words = re.findall(r"[A-Za-z0-9'-]+", plain)
    if not words or not sentences:
        return 0.0
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
