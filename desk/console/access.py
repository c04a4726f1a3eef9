"""The door of every staff page: signed in, the right role, not idle too long; and which conversation is whose (P-6, X-8)."""

from __future__ import annotations

from collections.abc import Callable, Set
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model, logout
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

from console.roles import LEAD, TEAM, roles_of
from conversations.models import Conversation, Message, Status
from conversations.outbox import display_name
from lib import clock
from tickets.models import Ticket
from tickets.selectors import open_ticket_of

USED_AT, SIGNED_IN_AT = "console_used_at", "console_signed_in_at"
# A page that refreshes itself says so with this header; such a request does not count as somebody being there.
PASSIVE_HEADER = "X-Console-Passive"
IDLE = timedelta(seconds=settings.SESSION_COOKIE_AGE)
ABSOLUTE = timedelta(hours=12)
View = Callable[..., HttpResponse]


def for_roles(*allowed: str, json: bool = False) -> Callable[[View], View]:
    """Makes a view a staff page: only for these roles, ended when idle, never kept by a cache.

    Args:
        allowed: role names; without any, every signed-in user with a role.
        json: whether a request of the page's script is answered, which wants 401 instead of the sign-in page.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated or _is_over(request):
                response = _sign_in_first(request, json)
            else:
                request.roles = roles_of(request.user)  # type: ignore[attr-defined]
                if not request.roles & frozenset(allowed or request.roles):  # type: ignore[attr-defined]
                    raise PermissionDenied("Your account does not have the role for this page.")
                response = view(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            return response

        return wrapped

    return decorate


def _sign_in_first(request: HttpRequest, json: bool) -> HttpResponse:
    if json:
        return JsonResponse({"title": "Not signed in", "status": 401}, status=401)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else settings.LOGIN_REDIRECT_URL)


def _is_over(request: HttpRequest) -> bool:
    """Ends the session after 15 minutes without anybody there, or 12 hours in all (X-8)."""
    if not is_fresh(request.session):
        logout(request)
        return True
    now = clock.now().timestamp()
    request.session.setdefault(SIGNED_IN_AT, now)
    if request.headers.get(PASSIVE_HEADER) != "1":
        request.session[USED_AT] = now
    return False


def is_fresh(session: Any) -> bool:
    """Whether a session is neither idle too long nor too old."""
    now = clock.now().timestamp()
    used, began = session.get(USED_AT, now), session.get(SIGNED_IN_AT, now)
    return now - used <= IDLE.total_seconds() and now - began <= ABSOLUTE.total_seconds()


def user_of_session(session_key: str | None) -> Any | None:
    """The user whom a session, read anew, belongs to; None once it ended, the password changed or the user was barred."""
    session = SessionStore(session_key)
    user = get_user_model().objects.filter(pk=session.get(SESSION_KEY), is_active=True).first() if session_key else None
    if user is None or not is_fresh(session):
        return None
    kept = session.get(HASH_SESSION_KEY, "")
    return user if constant_time_compare(kept, user.get_session_auth_hash()) else None


def is_on_team(user: Any) -> bool:
    """Whether somebody may see the queue."""
    return bool(roles_of(user) & TEAM)


def access_conversation(*, user: Any, roles: Set[str], conversation_id: str) -> Conversation:
    """A conversation that this user may open: an agent's own and those that nobody has, a lead's all (P-6).

    Raises:
        Http404: there is none, or nothing in it concerns the team.
        PermissionDenied: a colleague has it; the sentence says who.
    """
    conversation = Conversation.objects.select_related("owner").filter(id=conversation_id).first()
    if conversation is None or not roles & TEAM:
        raise Http404
    if LEAD in roles or conversation.owner_id == user.pk or _has_answered(user, conversation):
        return conversation
    if conversation.owner is not None:
        raise PermissionDenied(f"{display_name(conversation.owner)} has this conversation.")
    if conversation.status == Status.WAITING_FOR_STAFF or open_ticket_of(conversation.id):
        return conversation
    raise Http404


def _has_answered(user: Any, conversation: Conversation) -> bool:
    """Whether the user dealt with a conversation that is closed now; while a colleague has it, it is the colleague's."""
    return conversation.status == Status.CLOSED and (
        Ticket.objects.filter(conversation=conversation, answered_by=user).exists()
        or Message.objects.filter(conversation=conversation, author_user=user).exists()
    )
