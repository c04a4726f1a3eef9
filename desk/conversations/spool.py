"""The spool: safety events that could not be written to the database in time. A file that is only appended to.

An event holds ids and rule ids, never words. The worker replays it; replaying twice changes nothing.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import DatabaseError, transaction

from conversations import outbox
from conversations.models import Conversation, Message, Outbox
from conversations.writing import lock
from lib import clock
from tickets.services import Sign, open_ticket

log = logging.getLogger(__name__)
DONE = "spool"


def path() -> Path:
    """Where the spool is."""
    return Path(settings.HOME) / "spool" / "safety.jsonl"


@contextmanager
def _opened(mode: str) -> Iterator[IO[str]]:
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().open(mode, encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def append(event: dict[str, Any]) -> bool:
    """Adds an event and waits until it is on the disk.

    Returns:
        False if even the disk refused; the card is shown all the same.
    """
    line = json.dumps({"event_id": str(uuid.uuid4()), "at": clock.now().isoformat(), **event})
    try:
        with _opened("a") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        return True
    except OSError as error:
        log.critical("a safety event could not be spooled: %s", type(error).__name__)
        return False


def replay() -> int:
    """Turns every spooled event into its ticket; what cannot be done yet stays for the next time.

    Returns:
        How many were done.
    """
    if not path().exists() or path().stat().st_size == 0:
        return 0
    with _opened("r+") as file:
        left = []
        done = 0
        for line in file.read().splitlines():
            try:
                _replay_one(json.loads(line))
                done += 1
            except DatabaseError:
                left.append(line)
            except (ValueError, KeyError):
                log.error("a line of the spool was not readable")
        file.seek(0)
        file.truncate()
        file.writelines(line + "\n" for line in left)
        file.flush()
        os.fsync(file.fileno())
    return done


@transaction.atomic
def _replay_one(event: dict[str, Any]) -> None:
    if Outbox.objects.filter(kind=DONE, payload__event_id=event["event_id"]).exists():
        return
    now = clock.now()
    known = Conversation.objects.filter(id=event["conversation_id"], token_hash=event["token_hash"]).exists()
    if not known:
        return
    conversation = lock(event["conversation_id"])
    Outbox.objects.create(kind=DONE, conversation=conversation, payload={"event_id": event["event_id"]}, done_at=now)
    client_id = event.get("client_message_id")
    if client_id and Message.objects.filter(conversation=conversation, client_message_id=client_id).exists():
        return  # the client's own retry came first, and opened the ticket
    if event["level"] in ("P0", "P1") and conversation.shared_at is None:
        conversation.shared_at = now
        conversation.save(update_fields=["shared_at"])
    rows: list[Outbox] = []
    sign = Sign(event["level"], event["tier"], event["tier"], event["rule_ids"], layer=event.get("layer", "A"))
    open_ticket(conversation=conversation, sign=sign, rows=rows)
    outbox.tell(rows)
