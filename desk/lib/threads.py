"""Database work off the event loop: a small pool of threads, each with a connection that stays open."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

_POOL = ThreadPoolExecutor(max_workers=8, thread_name_prefix="database")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs a function that uses the database, or takes long, in the pool."""
    return await sync_to_async(_with_fresh_connection, thread_sensitive=False, executor=_POOL)(function, args, kwargs)


def _with_fresh_connection(function: Callable[..., T], args: tuple, kwargs: dict) -> T:
    close_old_connections()
    return function(*args, **kwargs)


def close_connections() -> None:
    """Closes the connections of every idle thread of the pool; used at the end of tests."""
    from threading import Barrier

    from django.db import connections

    barrier = Barrier(_POOL._max_workers)

    def close() -> None:
        connections.close_all()
        barrier.wait(5)

    for future in [_POOL.submit(close) for _ in range(_POOL._max_workers)]:
        future.result()
