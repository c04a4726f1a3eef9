"""Reads the outbox for this process's sockets: one poller for all of them, only while one is open.

Subscribers get rows; what they show they read from the database. A row may come twice, never not at all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from conversations.models import Outbox
from conversations.outbox import PUSH, STAFF_PUSH
from lib import clock
from lib.threads import in_thread

log = logging.getLogger(__name__)
POLL_S = 0.25
# Ids are given before the commit, so a smaller id may appear after a greater one: this long it is looked for.
LATE = timedelta(seconds=10)
BATCH = 500


@dataclass(frozen=True)
class Row:
    """An outbox row: `kind` push or staff_push; `payload` holds ids only."""

    id: int
    kind: str
    conversation_id: str | None
    payload: dict


Subscriber = Callable[[list[Row]], Awaitable[None]]


class Hub:
    """The poller of one event loop. `key` of a subscriber: a conversation's id, or None for the staff's rows."""

    def __init__(self) -> None:
        self._subscribers: dict[object, tuple[str | None, Subscriber]] = {}
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._floor = 0
        self._told: set[int] = set()

    async def join(self, owner: object, key: str | None, subscriber: Subscriber) -> None:
        """Starts telling a subscriber of rows written from now on."""
        if not self._subscribers:
            self._floor, self._told = await in_thread(_start)
        self._subscribers[owner] = (key, subscriber)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def leave(self, owner: object) -> None:
        """Stops telling it; the poller ends with the last one."""
        self._subscribers.pop(owner, None)
        if not self._subscribers and self._task is not None:
            self._task.cancel()
            self._task = None

    def wake(self) -> None:
        """Something was written here: do not wait for the next turn."""
        self._wake.set()

    async def _run(self) -> None:
        while True:
            try:
                await self._poll()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the database may be away for a while; the sockets stay
                log.warning("the outbox could not be read: %s", type(error).__name__)
            try:
                await asyncio.wait_for(self._wake.wait(), POLL_S)
            except TimeoutError:
                pass
            self._wake.clear()

    async def _poll(self) -> None:
        rows, floor = await in_thread(_read, self._floor, frozenset(self._told))
        self._told.update(row.id for row in rows)
        self._floor = max(self._floor, floor)
        self._told = {i for i in self._told if i > self._floor}
        if rows:
            for key, tell in list(self._subscribers.values()):
                mine = [row for row in rows if _is_for(row, key)]
                if mine:
                    await _tell(tell, mine)


async def _tell(tell: Subscriber, rows: list[Row]) -> None:
    """One subscriber's fault must not cost the others their rows."""
    try:
        await tell(rows)
    except Exception as error:
        log.error("a subscriber of the outbox failed: %s", type(error).__name__)


def _is_for(row: Row, key: str | None) -> bool:
    if key is None:
        return row.kind == STAFF_PUSH
    # The row that tells of an erased conversation outlives it, so it cannot refer to it.
    return row.kind == PUSH and key in (row.conversation_id, row.payload.get("conversation_id"))


def _start() -> tuple[int, set[int]]:
    since = clock.now() - LATE
    older = Outbox.objects.filter(created_at__lt=since).order_by("-id").values_list("id", flat=True).first() or 0
    return older, set(Outbox.objects.filter(id__gt=older).values_list("id", flat=True))


def _read(floor: int, told: frozenset[int]) -> tuple[list[Row], int]:
    late = clock.now() - LATE
    rows, highest_old = [], floor
    found = Outbox.objects.filter(id__gt=floor, kind__in=[PUSH, STAFF_PUSH]).order_by("id")
    for row in found[: BATCH + len(told)]:
        if row.id not in told:
            rows.append(Row(row.id, row.kind, row.conversation_id, row.payload))
        if row.created_at < late:
            highest_old = row.id
    return rows, highest_old


_hubs: dict[int, tuple[asyncio.AbstractEventLoop, Hub]] = {}


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    held = _hubs.get(id(loop))
    if held is None or held[0] is not loop:
        held = _hubs[id(loop)] = (loop, Hub())
    return held[1]
