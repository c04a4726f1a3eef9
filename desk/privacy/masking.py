"""Masking: what identifies a person is taken out before anything is stored (P-2). Pure; never raises on any text."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from privacy.identifiers import find

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


@dataclass(frozen=True)
class Masked:
    """The text to keep, and the kinds of what was taken out (keys of LABELS), in order of place."""

    text: str
    kinds: tuple[str, ...]


def mask(text: str, region: str | None = None) -> Masked:
    """Replaces whatever may identify a person by a word for it; all else stays as typed.

    Args:
        text: the patient's words.
        region: ISO 3166-1 alpha-2, for telephone numbers without a country code; None tries US and GB.
    """
    flat, places = plain(text)
    kept, kinds, done = [], [], 0
    for start, end, kind in find(flat, region):
        kept += [text[done : places[start]], f"[{LABELS[kind]} removed]"]
        kinds.append(kind)
        done = places[end - 1] + 1
    return Masked("".join([*kept, text[done:]]), tuple(dict.fromkeys(kinds)))


def plain(text: str) -> tuple[str, list[int]]:
    """The text as a reader sees it, for searching: no full-width form or invisible character hides anything.

    Returns:
        The plain text, and for each of its characters the index in `text` of the one it comes from.
    """
    flat: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        seen = char if char.isascii() and char.isprintable() else _seen(char)
        flat.append(seen)
        places.extend([place] * len(seen))
    return "".join(flat), places


def _seen(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    match unicodedata.category(char):
        case "Cf" | "Mn" | "Me":
            return ""
        case "Pd":
            return "-"
        case "Cc" | "Zs":
            return "\n" if char == "\n" else " "
    return unicodedata.normalize("NFKC", char)


def describe(kinds: tuple[str, ...]) -> str:
    """One line that tells the patient what was taken out."""
    names = [LABELS[kind] for kind in kinds]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    article = "an" if listed[0] in "aeiou" else "a"
    removed = f"To protect your privacy we removed what looked like {article} {listed}."
    return f"{removed} Please do not share such details here."
