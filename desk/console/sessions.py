"""How long somebody stays signed in (X-8): 15 minutes without anybody there, 12 hours in all.

A page's own refreshes do not count.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model, logout
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from lib import clock

USED_AT, SIGNED_IN_AT = "console_used_at", "console_signed_in_at"
# The live page sends it with a refresh when nobody touched the page for a minute.
PASSIVE_HEADER = "X-Console-Passive"
IDLE = timedelta(seconds=settings.SESSION_COOKIE_AGE)
ABSOLUTE = timedelta(hours=12)


def is_passive(request: HttpRequest) -> bool:
    """Whether the page asks by itself: the live page with nobody there, or the queue reloading without JavaScript."""
    return request.headers.get(PASSIVE_HEADER) == "1" or request.GET.get("auto") == "1"


def is_fresh(session: Any) -> bool:
    """Whether a session is neither idle too long nor too old."""
    now = clock.now().timestamp()
    used, began = session.get(USED_AT, now), session.get(SIGNED_IN_AT, now)
    return bool(now - used <= IDLE.total_seconds() and now - began <= ABSOLUTE.total_seconds())


def keep_or_end(request: HttpRequest) -> bool:
    """Ends a session that is over, else notes that somebody is there.

    Returns:
        Whether the session still holds.
    """
    if not is_fresh(request.session):
        logout(request)
        return False
    now = clock.now().timestamp()
    request.session.setdefault(SIGNED_IN_AT, now)
    if not is_passive(request):
        request.session[USED_AT] = now
    return True


def user_of(session_key: str | None) -> Any | None:
    """The account of a session, read anew; None once it ended, the password changed or the account was closed."""
    if not session_key:
        return None
    session = SessionStore(session_key)
    pk = session.get(SESSION_KEY)
    if not isinstance(pk, str | int):
        return None
    user = get_user_model().objects.filter(pk=pk, is_active=True).first()
    if user is None or not is_fresh(session):
        return None
    kept = session.get(HASH_SESSION_KEY, "")
    return user if constant_time_compare(kept, user.get_session_auth_hash()) else None
