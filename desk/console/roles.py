"""Who may open what (P-6). Deny by default: an account in no group may open nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from console.sessions import keep_or_end

AGENT, LEAD, REVIEWER, ADMIN = "agent", "clinical_lead", "reviewer", "admin"
ROLE_NAMES = {AGENT: "Agent", LEAD: "Clinical lead", REVIEWER: "Reviewer", ADMIN: "Administrator"}
ROLES = tuple(ROLE_NAMES)
TEAM = READS_CONVERSATIONS = frozenset({AGENT, LEAD})
PROFILE_EDITORS = EDITS_CLINIC = frozenset({LEAD, ADMIN})
View = Callable[..., Any]


def roles_of(user: Any) -> frozenset[str]:
    """The roles of an active account; being a superuser gives none."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    return frozenset(user.groups.filter(name__in=ROLES).values_list("name", flat=True))


def role_required(*allowed: str) -> Callable[[View], View]:
    """Lets only these roles open a page: others get 403, anonymous visitors the sign-in page. Never cached."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated or not keep_or_end(request):
                return redirect_to_login(
                    request.get_full_path() if request.method == "GET" else settings.LOGIN_REDIRECT_URL
                )
            request.roles = roles_of(request.user)  # type: ignore[attr-defined]
            if not request.roles.intersection(allowed):  # type: ignore[attr-defined]
                raise PermissionDenied
            try:
                response = view(request, *args, **kwargs)
            except Http404:
                response = render(request, "console/missing.html", status=404)
            response["Cache-Control"] = "no-store"
            return response

        return guarded

    return decorate


def give_role(user: Any, role: str) -> None:
    """Puts an account into the group of a role."""
    user.groups.add(Group.objects.get_or_create(name=role)[0])
