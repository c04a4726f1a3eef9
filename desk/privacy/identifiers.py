"""Where a text says who somebody is, and where a number is a medical fact (P-2). Every search takes linear time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

import phonenumbers
from stdnum import luhn
from stdnum.gb import nhs

Span: TypeAlias = tuple[int, int]
Finder: TypeAlias = Callable[[str], Iterator[Span]]
# Fewer digits than this name nobody: they are readings, doses and ages.
MIN_LONG_DIGITS = 7
MAX_DIGITS_PER_READING = 8
# What is found is overwritten by this: no later search reads across a line break.
BLANK = "\n"


def _any(words: str) -> str:
    return "(?:" + "|".join(words.split()) + ")"


_WEB = re.compile(r"https?://\S+|(?<![\w.\-@])www\.\S+|(?<![\w.\-@])(?:[\w\-]++\.)+?(?:com|net|me)/\S+", re.IGNORECASE)
# The pages of public bodies can be named; elsewhere a path is as likely somebody's profile.
_PUBLIC_BODY = re.compile(r"\.(?:gov|edu|org|int|nhs\.uk|(?:gov|ac|edu|org)\.[a-z]{2})$", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]++ ?@ ?(?:[\w\-]++\.)+[^\W\d_]{2,}+")
_PROVIDER = _any("gmail googlemail yahoo hotmail outlook icloud live aol proton protonmail")
_DOT = r"(?: dot | ?[\[(]dot[\])] ?)"
_SPOKEN_EMAIL = re.compile(
    rf"(?<![\w.+\-])(?:[\w+\-]{{1,64}}+(?:{_DOT}|\.| underscore | dash )){{0,4}}[\w+\-]{{1,64}}+"
    rf"(?: at | ?[\[(]at[\])] ?)(?:(?:[\w\-]{{1,63}}+{_DOT}){{1,4}}[a-z]{{2,24}}|{_PROVIDER}\.[a-z.]{{2,8}})\b",
    re.IGNORECASE,
)

_UNIT_WORDS = "one two three four five six seven eight nine"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY_WORD = _any(f"{_ORDINALS} {_UNIT_WORDS} {_TEENS}")
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|(?:(?:twenty|thirty)[ \-])?{_DAY_WORD})\b"
_YEAR_WORD = _any(f"{_UNIT_WORDS} {_TEENS} {_TENS} hundred thousand oh and")
_YEAR = rf"(?:\d{{4}}|'?\d{{2}}|(?:nineteen|twenty|two thousand)(?:[ \-]{_YEAR_WORD}){{0,4}})\b"
_GAP = r"[ ,\-/]{1,3}"
_DATE = (
    r"(?:\d{1,2} ?[./\- ] ?\d{1,2} ?[./\- ] ?(?:\d{4}|\d{2})(?!\d)|\d{4}[./\- ]\d{1,2}[./\- ]\d{1,2}(?!\d)"
    rf"|{_DAY} ?(?:of )?(?:{_GAP})?{_MONTH}(?:{_GAP}(?:in )?{_YEAR})?"
    rf"|{_MONTH}{_GAP}(?:(?:the )?{_DAY}(?:{_GAP}(?:in )?{_YEAR})?|(?:of )?{_YEAR})|\d{{8}}(?!\d)|\d{{6}}(?!\d))"
)
_BORN = r"(?:d\.o\.b|\b(?:born|dob|date of birth|birth ?date|b(?:irth)?-?day))\b"
_BIRTH = re.compile(rf"{_BORN}[^\d\n]{{0,20}}?\b(?P<x>{_DATE})", re.IGNORECASE)
_BIRTH_LAST = re.compile(
    rf"(?<![\d./\-])(?P<x>{_DATE})[ ,(:\-]{{1,3}}(?:(?:is|was) )?(?:(?:my|his|her|the) )?{_BORN}", re.IGNORECASE
)

_STREET = _any("street road rd avenue ave lane crescent boulevard blvd terrace")
_MAYBE_STREET = _any("st ln drive dr court ct close way place square")
# "3 miles down the road" and "2 weeks in court" are no addresses.
_NO_NAME = _any(
    "mg mcg ml g kg iu units? tablets? pills? doses? times? seconds? minutes? hours? days? weeks? months? years? "
    "miles? km am pm in on of a an the to and or at for from per by is was i me my it with "
    "down more people patients? blocks?"
)
_ADDRESS = re.compile(
    rf"(?<!\d)\d{{1,5}}[a-z]?,? (?P<name>(?:(?!{_NO_NAME}\b)[^\W_][\w'\-]{{1,20}}+ ){{1,3}}?)"
    rf"(?:(?P<sure>{_STREET})|{_MAYBE_STREET})\b\.?(?:,? [A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}\b)?",
    re.IGNORECASE,
)
_LIVES = re.compile(r"\b(?:at|lives?|living|address|home|house)\b[^\d\n]{0,8}$", re.IGNORECASE)
# The last two letters of a UK postcode are never C, I, K, M, O or V (BS 7666), so "B12 5MG" is a vitamin.
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b")
_NAMED_POSTCODE = re.compile(
    r"\b(?:post ?code|zip(?: ?code)?)\b(?: is)?\W{1,3}(?P<x>[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|\d{5}(?:-\d{4})?)\b",
    re.IGNORECASE,
)

_SSN = re.compile(r"(?<!\d)(?!000|666|9\d\d)\d{3} ?[ .\-] ?(?!00)\d{2} ?[ .\-] ?(?!0000)\d{4}(?!\d)")
_CARD = re.compile(r"(?<!\d)(?:\d{4}(?:[ .\-]{0,3}\d{4}){3}|\d{4}[ .\-]{0,3}\d{6}[ .\-]{0,3}\d{5})(?!\d)")
_RUN = re.compile(rf"\d(?:[ \-]{{0,3}}\d){{{MIN_LONG_DIGITS - 1},}}+")
_SPOKEN_DIGIT = _any(f"{_UNIT_WORDS} zero oh double triple")
_SPOKEN_RUN = re.compile(rf"\b{_SPOKEN_DIGIT}(?:[ ,.\-]{{1,3}}{_SPOKEN_DIGIT}){{6,}}+\b", re.IGNORECASE)
_ENOUGH_DIGITS = re.compile(r"(?:\d[^\d]{0,3}){6}\d")

# 37.9, 180/120, 1:1280, 12/03/2020, 12.03.2020; not a piece of something longer.
_READING = re.compile(
    r"(?<![\d+])(?<!\d[./:\-])(?:\d{1,4}\.\d{1,3}|\d{2,3}/\d{2,3}|\d{1,2}:\d{1,5}|\d{1,2}([./])\d{1,2}\1(?:\d{4}|\d{2}))"
    r"(?!\d|[./:\-]\d| \d{4})"
)
_A_YEAR = r"(?:19|20)\d\d"
_CALENDAR = re.compile(rf"{_A_YEAR}(?:-{_A_YEAR}|-\d\d)?|{_A_YEAR}-[01]?\d-[0-3]?\d|[0-3]?\d-[0-3]?\d-{_A_YEAR}|\d\d?")
_NUMBER = rf"(?:\d{{1,{MAX_DIGITS_PER_READING}}}|\d{{1,3}}(?: \d{{3}}){{1,2}})"
_NUMBERS = re.compile(rf"{_NUMBER}(?:[ \-]{_NUMBER})?")
_ROUND_RANGE = re.compile(r"[1-9]\d{0,4}0[ \-][1-9]\d{0,3}00")
_UNIT = re.compile(
    r" ?(?:%|/|[x×]\b|(?:[mkμunp]?g|mcg|[mdu]?l|m?iu|m?u|units?|cells?|copies|[mμn]mol|per|steps?|calories|k?cal)\b)",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"\b(?:platelets?|plt|[wr]bc|white|counts?|doses?|range|levels?|load|ferritin|glucose|crp|ck|b12|titers?|titres?)\b\D{0,12}$",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b(?:call|(?:tele)?phone|tel|mobile|whatsapp|fax|ring|reach|number|text|contact)\b\D{0,20}$", re.IGNORECASE
)
_BEFORE = 40


def facts(text: str) -> Iterator[Span]:
    """The numbers that name nobody: readings, dates, years, ranges and whatever is measured in a unit."""
    yield from (m.span() for m in _READING.finditer(text))
    for match in _RUN.finditer(text):
        start, end = match.span()
        before = text[max(0, start - _BEFORE) : start]
        if not before.endswith("+") and not _CONTACT.search(before) and _is_fact(match[0], before, text[end : end + 9]):
            yield start, end


def _is_fact(run: str, before: str, after: str) -> bool:
    run = re.sub(r" *-[ \-]*", "-", re.sub(r" +", " ", run))
    if re.search(_A_YEAR, run) and all(_CALENDAR.fullmatch(part) for part in run.split(" ")):
        return True
    if _UNIT.match(after) or _MEASURED.search(before):
        return bool(_NUMBERS.fullmatch(run))
    return bool(_ROUND_RANGE.fullmatch(run))


def _all(pattern: re.Pattern[str]) -> Finder:
    group = "x" if "x" in pattern.groupindex else 0
    return lambda text: (match.span(group) for match in pattern.finditer(text))


def _web(text: str) -> Iterator[Span]:
    for match in _WEB.finditer(text):
        host, path = re.fullmatch(r"(?:https?://)?([^/?#]*)(.*)", match[0], re.IGNORECASE).groups()  # type: ignore[union-attr]
        private = "@" in match[0] or re.search(r"[?#]\w", path)
        if private or (re.match(r"/\w", path) and not _PUBLIC_BODY.search(host)):
            yield match.span()


def _addresses(text: str) -> Iterator[Span]:
    for match in _ADDRESS.finditer(text):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        if match["sure"] or match["name"].istitle() or _LIVES.search(before):
            yield match.span()


def _cards(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if 13 <= len(digits) <= 19 and luhn.is_valid(digits):
            yield match.span()


def _nhs(text: str) -> Iterator[Span]:
    for match in _RUN.finditer(text):
        # One telephone number in eleven has a valid check digit too, but NHS numbers are not written with hyphens.
        digits = match[0].replace(" ", "")
        if len(digits) == 10 and digits.isdigit() and nhs.is_valid(digits):
            yield match.span()


def _phones(region: str) -> Finder:
    return lambda text: (
        ((m.start, m.end) for m in phonenumbers.PhoneNumberMatcher(text, region))
        if _ENOUGH_DIGITS.search(text)
        else iter(())
    )


# Each finder sees the text without what those before it took; a kind of None is left as it is written.
_FIRST: list[tuple[str | None, Finder]] = [
    ("url", _web),
    ("email", _all(_EMAIL)),
    ("email", _all(_SPOKEN_EMAIL)),
    ("birth", _all(_BIRTH)),
    ("birth", _all(_BIRTH_LAST)),
    ("address", _addresses),
    ("address", _all(_NAMED_POSTCODE)),
    ("address", _all(_POSTCODE)),
    ("ssn", _all(_SSN)),
    ("card", partial(_cards, _CARD)),
    ("card", partial(_cards, _RUN)),
    ("nhs", _nhs),
    (None, facts),
]


def find(text: str, region: str | None) -> list[tuple[int, int, str]]:
    """Start, end and kind of whatever may identify a person, in order of place.

    Args:
        text: plain text, see `masking.plain`.
        region: ISO 3166-1 alpha-2, for telephone numbers without a country code; None tries US and GB.
    """
    found: list[tuple[int, int, str]] = []
    phones = [("phone", _phones(country)) for country in ([region] if region else ["US", "GB"])]
    for kind, finder in [*_FIRST, *phones, ("number", _all(_RUN)), ("number", _all(_SPOKEN_RUN))]:
        left = text
        for start, end in finder(text):
            left = left[:start] + BLANK * (end - start) + left[end:]
            if kind:
                found.append((start, end, kind))
        text = left
    return sorted(found)
