"""A tracker store that keeps nothing of what patients write through the desk."""

from __future__ import annotations

import os
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from components.runtime import prepare_rasa

DESK_PREFIX = "desk-"

prepare_rasa()


class ForgetfulTrackerStore(InMemoryTrackerStore):
    """Keeps developers' conversations in memory; those of the channel `desk` end with their answer.

    The desk sends the context with each message, so nothing needs to be remembered here (SAFETY P-2).
    """

    def __init__(self, domain: Domain, event_broker: EventBroker | None = None, **kwargs: Any) -> None:
        """Refuses an event broker in production: it would carry patients' words away."""
        if event_broker is not None and os.environ.get("ASKIMMUNE_MODE") == "production":
            raise RasaException("An event broker would carry patients' words out of Rasa; production refuses it.")
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores a tracker unless it belongs to the desk."""
        if not tracker.sender_id.startswith(DESK_PREFIX):
            await super().save(tracker)
