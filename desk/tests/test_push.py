"""The outbox's readers: ids are given before the commit, so a smaller one may appear late, and must still be told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from conversations import push
from conversations.models import Outbox
from lib import clock
from lib.threads import in_thread


def add(row_id: int, conversation_id: str, seq: int) -> None:
    Outbox.objects.create(
        id=row_id, kind="push", conversation_id=conversation_id, payload={"type": "message", "seq": seq}
    )


async def test_a_row_that_appears_behind_a_later_one_is_told_once(patient):
    told: list[int] = []

    async def tell(rows: list[push.Row]) -> None:
        told.extend(row.payload["seq"] for row in rows)

    hub = push.hub()
    owner = object()
    await hub.join(owner, patient.id, tell)
    try:
        for row_id, seq in ((900_003, 3), (900_001, 1), (900_002, 2)):
            await in_thread(add, row_id, patient.id, seq)
            hub.wake()
            async with asyncio.timeout(3):
                while seq not in told:
                    await asyncio.sleep(0.02)
        hub.wake()
        await asyncio.sleep(0.4)
        assert told == [3, 1, 2]
    finally:
        hub.leave(owner)


async def test_what_is_older_than_the_look_back_is_not_read_again(patient, monkeypatch):
    await in_thread(add, 900_010, patient.id, 1)
    later = clock.now() + timedelta(seconds=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    floor, told = await in_thread(push._start)
    assert (floor, told) == (900_010, set())
    assert await in_thread(push._read, 0, frozenset()) != ([], 0)
    assert await in_thread(push._read, floor, frozenset(told)) == ([], floor)


async def test_one_subscribers_fault_costs_the_others_nothing(patient, caplog):
    told: list[int] = []

    async def fail(rows: list[push.Row]) -> None:
        raise RuntimeError("words of a patient")

    async def tell(rows: list[push.Row]) -> None:
        told.extend(row.payload["seq"] for row in rows)

    hub = push.hub()
    owners = [object(), object()]
    await hub.join(owners[0], patient.id, fail)
    await hub.join(owners[1], patient.id, tell)
    try:
        for seq in (1, 2):
            await in_thread(add, 900_020 + seq, patient.id, seq)
            hub.wake()
            async with asyncio.timeout(3):
                while seq not in told:
                    await asyncio.sleep(0.02)
        assert told == [1, 2]
        assert "RuntimeError" in caplog.text and "words of a patient" not in caplog.text
    finally:
        for owner in owners:
            hub.leave(owner)
