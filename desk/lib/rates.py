"""Rate limits: counters of fixed windows in the cache (Redis where there is one, else this process)."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.core.cache import cache

from lib.env import Rate


def take(name: str, key: str, rates: Sequence[Rate]) -> int:
    """Counts one event.

    Args:
        name: what is counted, like `conversation`.
        key: whose it is.
        rates: the limits; empty means none.

    Returns:
        0 if it is within every limit, else the seconds until it may be tried again. With the cache gone it is 0: the
        limit protects the service, it must not silence a patient.
    """
    now = time.time()
    wait = 0
    for rate in rates:
        window, passed = divmod(now, rate.seconds)
        slot = f"rate:{name}:{rate.seconds}:{int(window)}:{key}"
        try:
            cache.add(slot, 0, timeout=rate.seconds + 5)
            if cache.incr(slot) > rate.count:
                wait = max(wait, int(rate.seconds - passed) + 1)
        except Exception:  # whichever backend serves, its errors differ
            continue
    return wait
