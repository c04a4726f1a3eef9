"""Staff accounts: an administrator gives roles and closes accounts. New ones come from `manage.py create_staff`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from console.roles import ADMIN, READS_CONVERSATIONS, ROLE_NAMES, ROLES, role_required
from conversations import services
from conversations.errors import NotAllowed
from conversations.models import Conversation
from conversations.outbox import display_name


class AccountForm(forms.Form):
    """What an administrator may change about an account."""

    role = forms.ChoiceField(label="Role", choices=[("", "No role"), *ROLE_NAMES.items()], required=False)
    active = forms.BooleanField(label="May sign in", required=False)


@require_GET
@role_required(ADMIN)
def accounts(request: Any) -> HttpResponse:
    """GET /staff/accounts/: everybody, with role and last sign-in."""
    users = get_user_model().objects.prefetch_related("groups").order_by("-is_active", "username")
    rows = [
        {"user": user, "name": display_name(user), "form": _form_of(user), "own": user.pk == request.user.pk}
        for user in users
    ]
    return render(request, "console/accounts.html", {"rows": rows})


def _form_of(user: Any) -> AccountForm:
    held = [group.name for group in user.groups.all() if group.name in ROLES]
    initial = {"role": held[0] if held else "", "active": user.is_active}
    return AccountForm(initial=initial, auto_id=f"id_{user.pk}_%s")


@require_POST
@role_required(ADMIN)
def change_account(request: Any, user_id: int) -> HttpResponse:
    """POST /staff/accounts/<id>/: nobody changes their own, so that one administrator always stays."""
    user = get_user_model().objects.filter(pk=user_id).first()
    form = AccountForm(request.POST)
    if user is None or not form.is_valid():
        raise Http404
    if user.pk == request.user.pk:
        messages.error(request, "You cannot change your own account. Ask another administrator.")
    else:
        freed = set_account(user=user, role=form.cleaned_data["role"], active=form.cleaned_data["active"])
        more = f" {freed} of their conversations are back in the queue." if freed else ""
        messages.success(request, f"The account of {display_name(user)} was changed.{more}")
    return redirect("console:accounts")


@transaction.atomic
def set_account(*, user: Any, role: str, active: bool) -> int:
    """Sets the one role of an account, and whether it may sign in.

    Returns:
        How many conversations went back to the queue, because their owner may not answer any more.
    """
    user.is_active = active
    user.save(update_fields=["is_active"])
    user.groups.remove(*Group.objects.filter(name__in=ROLES))
    if role:
        user.groups.add(Group.objects.get(name=role))
    if active and role in READS_CONVERSATIONS:
        return 0
    return sum(_release(conversation_id, user) for conversation_id in _owned_by(user))


def _owned_by(user: Any) -> list[str]:
    return list(Conversation.objects.filter(owner=user).values_list("id", flat=True))


def _release(conversation_id: str, user: Any) -> bool:
    try:
        services.release(conversation_id=conversation_id, user=user)
    except NotAllowed:  # closed or taken meanwhile
        return False
    return True
