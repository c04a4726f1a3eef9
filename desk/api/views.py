"""The calls of docs/api.md that concern one conversation."""

from __future__ import annotations

import logging
import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from api import words, work
from api.edge import access_conversation, address, as_object, bearer, call, check_fields, json_body, read_body
from api.incoming import read_message
from conversations import escalating, flow
from lib import rates
from lib.problem import Problem
from lib.threads import in_thread

log = logging.getLogger(__name__)
MAX_COMMENT_CHARS = 1_000
MAX_REASON_CHARS = 500


@call("POST")
async def conversations(request: HttpRequest) -> HttpResponse:
    """POST /conversations"""
    body = await json_body(request, optional=True)
    check_fields(body, {"region": str, "locale": str})
    wait = rates.take("create", address(request), settings.ENV.rate_per_address)
    if wait:
        raise Problem(429, retry_after=wait)
    given = str(body.get("region") or "").strip()
    # What cannot be read counts as unknown, which shows every common number: never as the clinic's own region.
    region = (given.upper() if re.fullmatch(r"[A-Za-z]{2}", given) else "") if given else settings.ENV.region or ""
    locale = str(body.get("locale") or "en")
    locale = locale if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?", locale) else "en"
    return JsonResponse(await in_thread(work.create_conversation, region, locale), status=201)


@call("GET", "DELETE")
async def conversation(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """GET and DELETE /conversations/{id}"""
    found = await access_conversation(request, conversation_id)
    if request.method == "GET":
        return JsonResponse(await in_thread(work.describe, found))
    receipt, erased = await in_thread(work.erase, found.id)
    return JsonResponse(receipt, status=200 if erased else 202)


async def _take_message(request: HttpRequest, conversation_id: str) -> HttpResponse:
    raw, over = read_body(request)
    read = read_message(raw, over, conversation_id=conversation_id, token=bearer(request))
    verdict = await flow.screen_text(read.words)
    problem = read.problem
    if problem is None and request.content_type != "application/json":
        problem = Problem(415)
    if request.foreign:  # type: ignore[attr-defined]
        # Another web site's page gets the card for its reader's sake, and nothing else: neither a ticket nor a read.
        outcome = flow.unsaved_card(verdict, settings.ENV.region, problem=Problem(403))
    else:
        outcome = await flow.receive(read.incoming, verdict, problem=problem, address=address(request))
    if outcome.problem and not outcome.messages:
        raise outcome.problem
    return JsonResponse({"status": outcome.status, "messages": outcome.messages})


@call("GET", "POST", screens_first=True)
async def messages(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """GET and POST /conversations/{id}/messages"""
    if request.method == "POST":
        return await _take_message(request, conversation_id)
    if request.foreign:  # type: ignore[attr-defined]
        raise Problem(403)
    found = await access_conversation(request, conversation_id)
    after = request.GET.get("after", "0")
    if not re.fullmatch(r"[0-9]{1,9}", after):
        raise Problem(422, (("after", "This is not a sequence number."),))
    shown = await in_thread(work.messages_after, found.id, int(after))
    return JsonResponse({"status": found.status, "messages": shown})


@call("POST")
async def escalation(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """POST /conversations/{id}/escalation"""
    raw, over = read_body(request)
    card = await words.card_for(request, conversation_id, words.of_escalation(raw))
    try:
        found = await access_conversation(request, conversation_id)
        contact, reason = _read_escalation(as_object(request, raw, over))
        # What came with the card stands in the chat already.
        reason = "" if card and card.seq is not None else reason
        status, shown = await in_thread(escalating.escalate, found.id, contact=contact, reason=reason)
    except Exception as error:
        if card is None:
            raise
        log.warning("only the card was given: %s", type(error).__name__)
        status, shown = card.status, []
    return JsonResponse({"status": status, "messages": [*(card.messages if card else ()), *shown]})


def _read_escalation(body: dict[str, Any]) -> tuple[dict[str, str] | None, str]:
    check_fields(body, {"share": bool, "reason": str, "contact": dict}, ("share",))
    if body["share"] is not True:
        raise Problem(422, (("share", "Staff can only help if they may read this chat."),))
    reason = flow.clean(str(body.get("reason") or "")).strip()
    if len(reason) > MAX_REASON_CHARS:
        raise Problem(422, (("reason", f"At most {MAX_REASON_CHARS} characters."),))
    return _contact(body.get("contact")), reason


def _contact(given: dict[str, Any] | None) -> dict[str, str] | None:
    if given is None:
        return None
    check_fields(given, {"name": str, "email": str, "phone": str, "consent": bool})
    if given.get("consent") is not True:
        raise Problem(422, (("contact.consent", "Contact details need consent."),))
    values = {name: flow.clean(str(given.get(name) or "")).strip() for name in ("name", "email", "phone")}
    errors = []
    if len(values["name"]) > 120:
        errors.append(("contact.name", "At most 120 characters."))
    if values["email"] and not re.fullmatch(r"[^\s@]{1,64}@[^\s@]{1,180}\.[^\s@]{2,}", values["email"]):
        errors.append(("contact.email", "This is not an e-mail address."))
    if values["phone"] and not re.fullmatch(r"[+\d][\d ()./\-]{4,38}", values["phone"]):
        errors.append(("contact.phone", "This is not a telephone number."))
    if not values["email"] and not values["phone"]:
        errors.append(("contact", "Give an e-mail address or a telephone number."))
    if errors:
        raise Problem(422, tuple(errors))
    return values


@call("POST")
async def clearance(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """POST /conversations/{id}/clearance: the second tap of "this is not an emergency" (S-11)"""
    found = await access_conversation(request, conversation_id)
    seq = await _seq(request)
    status, shown = await in_thread(work.clear_card, found.id, seq)
    return JsonResponse({"status": status, "messages": shown})


async def _seq(request: HttpRequest) -> int:
    body = await json_body(request)
    check_fields(body, {"seq": int}, ("seq",))
    seq = body["seq"]
    if not 0 <= seq < 2**31:
        raise Problem(422, (("seq", "This is not a sequence number."),))
    return int(seq)


@call("POST")
async def feedback(request: HttpRequest, conversation_id: str, seq: str) -> HttpResponse:
    """POST /conversations/{id}/messages/{seq}/feedback"""
    raw, over = read_body(request)
    card = await words.card_for(request, conversation_id, words.of_feedback(raw))
    try:
        found = await access_conversation(request, conversation_id)
        helpful, comment = _read_feedback(as_object(request, raw, over))
        await in_thread(work.give_feedback, found.id, int(seq), helpful, comment)
    except Exception as error:
        if card is None:
            raise
        log.warning("only the card was given: %s", type(error).__name__)
    return JsonResponse({"status": card.status, "messages": card.messages}) if card else HttpResponse(status=204)


def _read_feedback(body: dict[str, Any]) -> tuple[bool, str]:
    check_fields(body, {"helpful": bool, "comment": str}, ("helpful",))
    comment = flow.clean(str(body.get("comment") or ""))
    if len(comment) > MAX_COMMENT_CHARS:
        raise Problem(422, (("comment", f"At most {MAX_COMMENT_CHARS:,} characters."),))
    return bool(body["helpful"]), comment


@call("POST")
async def seen(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """POST /conversations/{id}/seen"""
    found = await access_conversation(request, conversation_id)
    await in_thread(work.note_seen, found.id, await _seq(request))
    return HttpResponse(status=204)


@call("POST")
async def keepalive(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """POST /conversations/{id}/keepalive"""
    found = await access_conversation(request, conversation_id)
    return JsonResponse({"closes_at": await in_thread(work.keep_alive, found.id)})


@call("GET")
async def transcript(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """GET /conversations/{id}/transcript: the patient's own copy"""
    found = await access_conversation(request, conversation_id)
    form = request.GET.get("format", "text")
    if form not in ("text", "json"):
        raise Problem(422, (("format", "Use text or json."),))
    if form == "json":
        shown = await in_thread(work.messages_after, found.id, 0)
        response: HttpResponse = JsonResponse({"conversation_id": found.id, "status": found.status, "messages": shown})
    else:
        text = await in_thread(work.transcript_text, found.id)
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="chat.{"json" if form == "json" else "txt"}"'
    return response


@call("GET", "POST", "DELETE", "PUT", "PATCH")
async def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Any other address."""
    raise Problem(404)
