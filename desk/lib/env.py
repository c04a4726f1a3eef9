"""The settings reader: every `ASKIMMUNE_…` variable in one typed table, read once at start.

`docs/settings.md` documents each of them; a test compares the two. Bad values never stop the import: they become
faults, which the system checks report with an id and a hint.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class BadValue(ValueError):
    """A setting cannot be read; the message says what it must look like."""


@dataclass(frozen=True)
class Rate:
    """At most `count` events in `seconds`."""

    count: int
    seconds: int


_UNITS = {"s": 1, "min": 60, "hour": 3600, "day": 86400}


def read_rates(text: str) -> tuple[Rate, ...]:
    """Rates like `20/min,200/day`; `0` or nothing means no limit (an empty tuple)."""
    if text.strip() in ("", "0"):
        return ()
    found = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([1-9]\d{0,6})/(s|min|hour|day)\s*", part)
        if not match:
            raise BadValue("use rates like 20/min,200/day, or 0 for no limit")
        found.append(Rate(int(match[1]), _UNITS[match[2]]))
    return tuple(found)


def read_mode(text: str) -> str:
    """`demonstration` or `production`."""
    if text not in ("demonstration", "production"):
        raise BadValue("use demonstration or production")
    return text


def read_region(text: str) -> str | None:
    """An ISO 3166-1 alpha-2 code in capitals, or None."""
    code = text.strip().upper()
    if code and not re.fullmatch(r"[A-Z]{2}", code):
        raise BadValue("use an ISO 3166-1 alpha-2 code, like US or GB")
    return code or None


def read_list(text: str) -> tuple[str, ...]:
    """Comma-separated words."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def read_origins(text: str) -> tuple[str, ...]:
    """Comma-separated origins: scheme, host and port, nothing more."""
    origins = read_list(text)
    for origin in origins:
        if not re.fullmatch(r"https?://[a-z0-9.\-]+(:\d{1,5})?", origin):
            raise BadValue("use origins like https://www.example.org, without a path or a slash at the end")
    return origins


def read_flag(text: str) -> bool:
    """`1` or `0`."""
    if text not in ("0", "1", ""):
        raise BadValue("use 1 or 0")
    return text == "1"


def read_date(text: str) -> date | None:
    """A date like 2026-11-22, or None."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadValue("use a date like 2026-11-22") from error


def read_seconds(text: str) -> float:
    """A number of seconds above 0."""
    try:
        value = float(text)
    except ValueError as error:
        raise BadValue("use a number of seconds") from error
    if not 0 < value <= 60:
        raise BadValue("use a number of seconds above 0, at most 60")
    return value


def read_path(text: str) -> Path:
    """A folder; a relative one counts from the project's root."""
    path = Path(text).expanduser()
    return path if path.is_absolute() else ROOT / path


@dataclass(frozen=True)
class Setting:
    """One variable: its name, default (as text), reader, and what it is for (one line of docs/settings.md)."""

    name: str
    default: str
    read: Callable[[str], Any]
    meaning: str


SETTINGS = (
    Setting("ASKIMMUNE_MODE", "demonstration", read_mode, "demonstration or production"),
    Setting("ASKIMMUNE_PORT", "8000", int, "port of the desk"),
    Setting("ASKIMMUNE_HOME", "var", read_path, "folder of everything that changes"),
    Setting("ASKIMMUNE_SECRET_KEY", "", str, "key of sessions and signatures"),
    Setting("ASKIMMUNE_DEBUG", "0", read_flag, "Django's debug pages"),
    Setting("ASKIMMUNE_HOSTS", "", read_list, "host names under which the desk is reached"),
    Setting("ASKIMMUNE_ORIGINS", "", read_origins, "web sites that may show the widget"),
    Setting("ASKIMMUNE_REGION", "", read_region, "region of the clinic"),
    Setting("ASKIMMUNE_RASA_URL", "http://127.0.0.1:5005", str, "address of the Rasa server"),
    Setting("ASKIMMUNE_RASA_TOKEN", "", str, "secret between desk and Rasa"),
    Setting("ASKIMMUNE_RASA_TIMEOUT", "3", read_seconds, "longest wait for Rasa, in seconds"),
    Setting("ASKIMMUNE_ACTIONS_URL", "", str, "address of the action server, for the health check"),
    Setting("ASKIMMUNE_RATE_PER_CONVERSATION", "20/min,200/day", read_rates, "messages of one conversation"),
    Setting("ASKIMMUNE_RATE_PER_ADDRESS", "60/min,1000/day", read_rates, "messages from one network address"),
    Setting("ASKIMMUNE_TRUSTED_PROXIES", "", read_list, "addresses whose X-Forwarded-For is believed"),
    Setting("ASKIMMUNE_TODAY", "", read_date, "the day to judge review dates at (tests)"),
    Setting("ASKIMMUNE_ALERT_EMAIL", "", read_list, "addresses told of new urgent tickets"),
    Setting("DATABASE_URL", "", str, "the database"),
    Setting("REDIS_URL", "", str, "Redis, to wake other processes sooner"),
    Setting("EMAIL_URL", "", str, "the mail server"),
    Setting("EMAIL_FROM", "", str, "sender of mail"),
)


@dataclass(frozen=True)
class Fault:
    """A variable that could not be read."""

    name: str
    hint: str


@dataclass(frozen=True)
class Env:
    """The values, by name without prefix and in small letters, and the faults found while reading."""

    values: Mapping[str, Any]
    faults: tuple[Fault, ...] = field(default=())

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


def short_name(name: str) -> str:
    """`ASKIMMUNE_RASA_URL` is `rasa_url`."""
    return name.removeprefix("ASKIMMUNE_").lower()


def read_env(environ: Mapping[str, str]) -> Env:
    """Reads every setting; one that cannot be read keeps its default and becomes a fault."""
    values: dict[str, Any] = {}
    faults = []
    for setting in SETTINGS:
        try:
            values[short_name(setting.name)] = setting.read(environ.get(setting.name, setting.default))
        except ValueError as error:
            values[short_name(setting.name)] = setting.read(setting.default)
            hint = str(error) if isinstance(error, BadValue) else "use a whole number"
            faults.append(Fault(setting.name, hint))
    return Env(values, tuple(faults))


@cache
def env() -> Env:
    """The settings of this process."""
    return read_env(os.environ)


def kept_secret(home: Path, name: str) -> str:
    """A random secret, made once and kept in `home` for its owner only."""
    folder = home / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
