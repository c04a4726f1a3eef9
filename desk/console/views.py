"""Staff pages. Each works with plain forms; the live page (console.js) only shows sooner what a reload would show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from console import selectors
from console.forms import CloseForm, ReplyForm
from console.roles import ADMIN, READS_CONVERSATIONS, ROLES, role_required
from console.sessions import is_passive
from conversations import services
from conversations.errors import NotAllowed
from conversations.models import Conversation
from tickets.services import touch_presence


@require_GET
@role_required(*ROLES)
def home(request: Any) -> HttpResponse:
    """GET /staff/: the queue; what other roles have instead."""
    if request.roles.intersection(READS_CONVERSATIONS):
        return _queue(request)
    if ADMIN in request.roles:
        return redirect("console:clinic")
    return render(request, "console/nothing.html")


def _queue(request: Any) -> HttpResponse:
    shown = request.GET.get("show", "all")
    shown = shown if shown in selectors.FILTERS else "all"
    rows = selectors.queue_rows(user=request.user, roles=request.roles, shown=shown)
    touch_presence(user=request.user)
    context = {"rows": rows, "shown": shown, "filters": selectors.FILTERS.items(), "urgent": _urgent(request)}
    return render(request, "console/queue.html", context)


def _urgent(request: Any) -> list[dict[str, Any]]:
    return selectors.urgent_rows(user=request.user, roles=request.roles)


@require_GET
@role_required(*READS_CONVERSATIONS)
def queue_json(request: Any) -> HttpResponse:
    """GET /staff/queue.json: the rows for the live page."""
    shown = request.GET.get("show", "all")
    touch_presence(user=request.user)
    rows = selectors.queue_rows(user=request.user, roles=request.roles, shown=shown)
    return JsonResponse({"rows": rows, "urgent": _urgent(request)})


def _find(request: Any, conversation_id: str) -> Conversation:
    found = selectors.find_visible(conversation_id, user=request.user, roles=request.roles)
    if found is None:
        raise Http404
    return found


@require_GET
@role_required(*READS_CONVERSATIONS)
def conversation(request: Any, conversation_id: str) -> HttpResponse:
    """GET /staff/conversations/<id>/: transcript, facts and what can be done."""
    found = _find(request, conversation_id)
    _note_seen(found, request.user)
    return _page(request, found)


def _note_seen(found: Conversation, user: Any) -> None:
    if found.owner_id == user.pk:
        try:
            services.mark_staff_seen(conversation_id=found.id, user=user, seq=found.last_seq)
        except NotAllowed:
            pass  # a colleague took it meanwhile; the page shows that


def _page(
    request: Any, found: Conversation, *, reply: ReplyForm | None = None, close: CloseForm | None = None
) -> HttpResponse:
    failed = bool((reply and reply.errors) or (close and close.errors))
    context = {
        "conversation": found,
        "messages_shown": selectors.messages_of(found, user=request.user),
        "facts": selectors.facts_of(found, user=request.user),
        "urgent": _urgent(request),
        "reply": reply or ReplyForm(),
        "close": close or CloseForm(),
    }
    return render(request, "console/conversation.html", context, status=400 if failed else 200)


@require_GET
@role_required(*READS_CONVERSATIONS)
def messages_json(request: Any, conversation_id: str) -> HttpResponse:
    """GET …/messages.json?after=<seq>: what is new, and who has the conversation."""
    found = _find(request, conversation_id)
    after = request.GET.get("after", "0")
    new = selectors.messages_of(
        found, user=request.user, after=int(after) if after.isdecimal() and len(after) < 10 else 0
    )
    if not is_passive(request):
        _note_seen(found, request.user)
    facts = selectors.facts_of(found, user=request.user)
    state = {key: facts[key] for key in ("status", "owner", "mine", "shared", "patient_seen")}
    return JsonResponse({"messages": new, "state": state})


def _action(work: Callable[[Any, str], object], said: str) -> Callable[..., HttpResponseBase]:
    """A POST that changes one conversation, then shows it, or says why not."""

    @require_POST
    @role_required(*READS_CONVERSATIONS)
    def act(request: HttpRequest, conversation_id: str) -> HttpResponse:
        try:
            work(request, conversation_id)
        except NotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, said)
        visible = selectors.find_visible(conversation_id, user=request.user, roles=request.roles)  # type: ignore[attr-defined]
        return redirect("console:conversation", conversation_id) if visible else redirect("console:home")

    return act


claim = _action(
    lambda request, key: services.claim(conversation_id=key, user=request.user),
    "You have this conversation. The patient has been told that you joined.",
)
release = _action(
    lambda request, key: services.release(conversation_id=key, user=request.user),
    "The conversation is back in the queue.",
)
give_back = _action(
    lambda request, key: services.give_back(conversation_id=key, user=request.user),
    "The assistant answers again. The patient has been told.",
)


@require_POST
@role_required(*READS_CONVERSATIONS)
def reply(request: Any, conversation_id: str) -> HttpResponse:
    """POST …/reply/: on an error the page comes back with the words still in the field."""
    found = _find(request, conversation_id)
    form = ReplyForm(request.POST)
    if form.is_valid():
        try:
            services.post_staff_message(conversation_id=found.id, user=request.user, text=form.cleaned_data["text"])
            return redirect("console:conversation", found.id)
        except NotAllowed as error:
            form.add_error("text", f"Not sent. {error}")
    return _page(request, found, reply=form)


@require_POST
@role_required(*READS_CONVERSATIONS)
def close(request: Any, conversation_id: str) -> HttpResponse:
    """POST …/close/: ends the conversation with an outcome."""
    found = _find(request, conversation_id)
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            services.close(conversation_id=found.id, user=request.user, outcome=form.cleaned_data["outcome"])
            messages.success(request, "The conversation is closed.")
            return redirect("console:home")
        except NotAllowed as error:
            form.add_error("outcome", str(error))
    return _page(request, found, close=form)
