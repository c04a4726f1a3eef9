"""Errors as application/problem+json (RFC 9457), with fixed words: nothing of a request is ever repeated."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import JsonResponse

TITLES = {
    400: ("Malformed request", "The request could not be read."),
    401: ("Not signed in", "The token is missing or not known."),
    403: ("Not allowed", "This web site may not use this service."),
    404: ("Not found", "There is nothing here."),
    405: ("Method not allowed", "This address cannot be used like that."),
    409: ("Message id used before", "The same client_message_id was sent before with other words."),
    413: ("Message too long", "A message may have up to 2,000 characters."),
    415: ("Not JSON", "Send the body as application/json."),
    422: ("Not valid", "The request was read, but something in it is not valid."),
    429: ("Too many messages", "Please wait a little before you send the next message."),
    500: ("Something went wrong", "An unexpected error happened on our side."),
    503: ("Not available", "Your message could not be stored just now. Please send it again."),
}


@dataclass(frozen=True)
class Problem(Exception):
    """An error on its way to the client.

    Attributes:
        status: HTTP status.
        errors: (field, detail) pairs with fixed words.
        retry_after: seconds, for 429 and 503.
    """

    status: int
    errors: tuple[tuple[str, str], ...] = ()
    retry_after: int = 0


def respond(problem: Problem, *, help_text: str = "") -> JsonResponse:
    """The response for a problem; `help_text` carries the emergency line."""
    title, detail = TITLES.get(problem.status, TITLES[500])
    body: dict[str, object] = {"title": title, "detail": detail, "status": problem.status}
    if problem.errors:
        body["errors"] = [{"field": field, "detail": words} for field, words in problem.errors]
    if help_text:
        body["help"] = help_text
    response = JsonResponse(body, status=problem.status, content_type="application/problem+json")
    if problem.retry_after or problem.status == 503:
        response["Retry-After"] = str(problem.retry_after or 2)
    return response
