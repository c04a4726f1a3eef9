"""Rasa's `rest` and `cmdline` channels for developers; production refuses both.

They read `/intent` payloads from the text and have no token (SAFETY X-1 to X-3).
"""

from __future__ import annotations

import os
from typing import Any

from rasa.core.channels import console, rest
from rasa.core.channels.channel import InputChannel
from rasa.shared.exceptions import RasaException

from components.runtime import prepare_rasa

prepare_rasa()


def refuse_in_production(name: str) -> None:
    """Raises RasaException if ASKIMMUNE_MODE is production."""
    if os.environ.get("ASKIMMUNE_MODE") == "production":
        raise RasaException(f"The channel `{name}` is for developers. In production only channels.desk.DeskInput runs.")


class RestInput(rest.RestInput):
    """Rasa's REST channel, refused in production."""

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Called by Rasa at start."""
        refuse_in_production("rest")
        return cls()


def guard_stock_channels() -> None:
    """Makes Rasa's own `rest` and `cmdline` refuse production too, whoever configures them."""
    for channel in (rest.RestInput, console.CmdlineInput):
        channel.from_credentials = classmethod(_guarded(channel))


def _guarded(channel: type[InputChannel]) -> Any:
    def from_credentials(cls: type[InputChannel], credentials: dict[str, Any] | None) -> InputChannel:
        refuse_in_production(channel.name())
        return cls()

    return from_credentials


guard_stock_channels()
