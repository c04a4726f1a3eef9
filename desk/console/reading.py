"""What the pages and the page's script read, for one user."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from conversations import selectors
from conversations.models import Conversation, Outbox, Status
from conversations.selectors import QueueRow
from console.presenting import fact_values, message_values, row_values
from console.roles import LEAD
from lib import clock
from tickets.models import Contact, Ticket
from tickets.selectors import open_ticket_of

MAX_CLOSED = 50


def queue_rows(*, user: Any, roles: Set[str], shown: str = "all") -> list[dict[str, Any]]:
    """The rows of one filter, most urgent first, then longest waiting.

    Args:
        shown: a key of `presenting.FILTERS`.
    """
    if shown == "closed":
        return closed_rows(user=user, roles=roles)
    now = clock.now()
    return [
        row_values(row, now=now, may_open=LEAD in roles or row.mine or row.owner_name is None)
        for row in selectors.queue(user=user)
        if _is_in(row, shown)
    ]


def _is_in(row: QueueRow, shown: str) -> bool:
    if shown == "mine":
        return row.mine
    if shown == "unassigned":
        return row.owner_name is None
    if shown == "waiting":
        return row.ticket is not None and row.ticket.answered_at is None
    return True


def closed_rows(*, user: Any, roles: Set[str]) -> list[dict[str, Any]]:
    """The last closed tickets: a lead's all, an agent's own."""
    tickets = Ticket.objects.exclude(closed_at=None).select_related("conversation", "answered_by").order_by("-closed_at")
    if LEAD not in roles:
        tickets = tickets.filter(answered_by=user, conversation__status=Status.CLOSED)
    return [_closed_row(ticket, user) for ticket in tickets[:MAX_CLOSED]]


def _closed_row(ticket: Ticket, user: Any) -> dict[str, Any]:
    closed = ticket.closed_at or clock.now()
    answered_by = ticket.answered_by
    row = QueueRow(
        conversation=ticket.conversation,
        ticket=ticket,
        level=ticket.level,
        reason=ticket.reason,
        waiting_since=ticket.opened_at,
        owner_name=selectors.display_name(answered_by) if answered_by else None,
        mine=answered_by is not None and answered_by.pk == user.pk,
        last_patient_seq=None,
        last_text=None,
    )
    values = row_values(row, now=closed, may_open=True)
    outcome = ticket.outcome.replace("_", " ")
    return {**values, "claim_url": "", "outcome": outcome, "owner": row.owner_name or "Nobody"}


def urgent_rows(*, user: Any, roles: Set[str]) -> list[dict[str, Any]]:
    """The rows that still ring."""
    return [row for row in queue_rows(user=user, roles=roles) if row["ringing"]]


def state(*, user: Any, roles: Set[str], shown: str) -> dict[str, Any]:
    """What the page's script refreshes from: the rows of its filter, and every urgent ticket, whatever the filter."""
    rows = queue_rows(user=user, roles=roles)
    newest = Outbox.objects.order_by("-id").values_list("id", flat=True).first()
    wanted = rows if shown == "all" else queue_rows(user=user, roles=roles, shown=shown)
    return {
        "version": newest or 0,
        "waiting": sum(not row["answered"] and not row["mine"] for row in rows),
        "urgent": [row for row in rows if row["ringing"]],
        "rows": wanted,
    }


def conversation_values(*, conversation: Conversation, user: Any, after: int = 0) -> dict[str, Any]:
    """A conversation as its page shows it, with the messages after a sequence number."""
    ticket = open_ticket_of(conversation.id) or Ticket.objects.filter(conversation=conversation).order_by("-pk").first()
    messages = selectors.transcript(conversation_id=conversation.id, user=user)
    shared = conversation.shared_at is not None
    mine = conversation.owner_id == user.pk
    open_ticket = ticket if ticket and ticket.closed_at is None else None
    return {
        "conversation_id": conversation.id,
        "status": str(conversation.status),
        "owner": selectors.display_name(conversation.owner) if conversation.owner else "",
        "mine": mine,
        "may_claim": conversation.owner_id is None
        and (conversation.status == Status.WAITING_FOR_STAFF or (conversation.status == Status.ASSISTANT and open_ticket is not None)),
        "shared": shared,
        "deleted": conversation.deleted_by_patient_at is not None,
        "level": str(ticket.level) if ticket else "P4",
        "last_seq": conversation.last_seq,
        "facts": fact_values(conversation, ticket, now=clock.now()),
        "contact": contact_of(conversation) if shared else [],
        "messages": [message_values(message, shared=shared) for message in messages if message.seq > after],
    }


def contact_of(conversation: Conversation) -> list[tuple[str, str]]:
    """How the patient wants to be reached, as given in the contact form; empty if not given."""
    contact = Contact.objects.filter(conversation=conversation).first()
    if contact is None:
        return []
    pairs = [("Name", contact.name), ("Phone", contact.phone), ("Email", contact.email)]
    return [(name, value) for name, value in pairs if value]
