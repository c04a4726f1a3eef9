"""Masking: what identifies a person is taken out before anything is stored (P-2). Pure; never raises on any text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers
from stdnum import luhn
from stdnum.gb import nhs

LABELS = {
    "email": "e-mail address",
    "url": "web address",
    "card": "card number",
    "ssn": "identity number",
    "nhs": "NHS number",
    "birth": "date of birth",
    "phone": "phone number",
    "address": "address",
    "number": "long number",
}
_ENOUGH_DIGITS = re.compile(r"(?:\d[^\d]{0,3}){6}\d")
_EMAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}")
# A page without a query can be named; what follows `?` or a user part may identify somebody.
_URL = re.compile(r"https?://[^\s?#]{1,300}[?#][^\s]{1,1000}|https?://[^\s/@]{1,100}@[^\s]{1,1000}", re.IGNORECASE)
_SSN = re.compile(r"(?<!\d)(?!000|666|9\d\d)\d{3}[ \-](?!00)\d{2}[ \-](?!0000)\d{4}(?!\d)")
_GROUPED = re.compile(r"(?<![\d.])(?!\d{4}-\d\d-\d\d(?!\d))\d(?:[ \-]?\d){6,22}(?![\d])")
_DATE = (
    r"(?:\d{1,2}[./\- ]\d{1,2}[./\- ]\d{2,4}|\d{4}-\d{1,2}-\d{1,2}"
    r"|\d{1,2}(?:st|nd|rd|th)?[ ](?:of )?[A-Za-z]{3,9},?[ ]\d{4}"
    r"|[A-Za-z]{3,9}[ ]\d{1,2}(?:st|nd|rd|th)?,?[ ]\d{4})"
)
_BIRTH = re.compile(
    rf"(\b(?:born|dob|d\.o\.b\.?|date of birth|birth ?date|birthday)\b[^\d\n]{{0,20}}?)({_DATE})", re.IGNORECASE
)
_STREETS = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|close|crescent|way|boulevard|blvd|terrace|place|square"
)
_ADDRESS = re.compile(
    rf"(?<!\d)\d{{1,5}}[a-z]?,? (?:[A-Z][\w'\-]{{1,20}} ){{1,3}}(?i:{_STREETS})\b\.?"
    r"(?:,? [A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})?"
)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
# Short groups with a slash or a unit are readings ("180/120", "10 000 units"), not identities.
MIN_LONG_DIGITS = 7


@dataclass(frozen=True)
class Masked:
    """The text to keep, and the kinds of what was taken out (keys of LABELS), in order of first finding."""

    text: str
    kinds: tuple[str, ...]


def mask(text: str, region: str | None = None) -> Masked:
    """Replaces whatever may identify a person by a word for it.

    Args:
        text: the patient's words.
        region: ISO 3166-1 alpha-2, for telephone numbers without a country code; None tries US and GB.
    """
    found: list[str] = []

    def put(kind: str) -> str:
        found.append(kind)
        return f"[{LABELS[kind]} removed]"

    if "@" in text:
        text = _EMAIL.sub(lambda _: put("email"), text)
    if "://" in text:
        text = _URL.sub(lambda _: put("url"), text)
    if any(char.isdigit() for char in text):
        text = _mask_numbers(text, region, put)
    return Masked(text, tuple(dict.fromkeys(found)))


def _mask_numbers(text: str, region: str | None, put: Callable[[str], str]) -> str:
    text = _BIRTH.sub(lambda m: m[1] + put("birth"), text)
    text = _ADDRESS.sub(lambda _: put("address"), text)
    text = _POSTCODE.sub(lambda _: put("address"), text)
    if not _ENOUGH_DIGITS.search(text):
        return text
    text = _SSN.sub(lambda _: put("ssn"), text)
    text = _GROUPED.sub(lambda m: put(kind) if (kind := _identity(m[0])) else m[0], text)
    text = _mask_phones(text, region, put)
    return _GROUPED.sub(lambda m: put("number") if _is_long(m[0]) else m[0], text)


def _identity(number: str) -> str | None:
    digits = re.sub(r"\D", "", number)
    if 13 <= len(digits) <= 19 and luhn.is_valid(digits):
        return "card"
    # One telephone number in eleven has a valid check digit too, but NHS numbers are not written with hyphens.
    if len(digits) == 10 and "-" not in number and nhs.is_valid(digits):
        return "nhs"
    return None


def _is_long(number: str) -> bool:
    return sum(char.isdigit() for char in number) >= MIN_LONG_DIGITS


def _mask_phones(text: str, region: str | None, put: Callable[[str], str]) -> str:
    for country in [region] if region else ["US", "GB"]:
        spans = [(m.start, m.end) for m in phonenumbers.PhoneNumberMatcher(text, country)]
        for start, end in reversed(spans):
            text = text[:start] + put("phone") + text[end:]
    return text


def describe(kinds: tuple[str, ...]) -> str:
    """One line that tells the patient what was taken out."""
    names = [LABELS[kind] for kind in kinds]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    article = "an" if listed[0] in "aeiou" else "a"
    removed = f"To protect your privacy we removed what looked like {article} {listed}."
    return f"{removed} Please do not share such details here."
