"""What the worker does: replays the spool, keeps the clocks of tickets, sends mail, closes quiet chats, tidies up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.mail import send_mail
from django.db import close_old_connections, transaction
from django.db.models import Q

from conversations import outbox, spool
from conversations.models import Conversation, Outbox, Status
from conversations.writing import lock, message_rows, save, system_line
from lib import clock
from tickets.models import Ticket
from tickets.services import alert_row, erase_deleted

log = logging.getLogger(__name__)
TICK_S = 0.5
LEASE = timedelta(seconds=60)
TIDY_EVERY_S = 300.0
# Sockets look back 10 seconds; what a client missed it gets from the messages themselves.
KEEP_PUSHES = timedelta(hours=1)
MAX_ATTEMPTS = 20


def heartbeat_path() -> Path:
    """A file that the worker touches at each turn: it tells of the worker even while the database is away."""
    return Path(settings.HOME) / "worker.heartbeat"


def heartbeat_age_s(now_s: float) -> float | None:
    """Seconds since the worker's last turn; None if there was none."""
    try:
        return max(0.0, now_s - heartbeat_path().stat().st_mtime)
    except OSError:
        return None


class Worker:
    """The loop. `turn` does one round and never raises."""

    def __init__(self) -> None:
        self._tidied_at = 0.0

    def run(self) -> None:
        """Runs until the process is ended."""
        while True:
            started = time.monotonic()
            self.turn()
            time.sleep(max(0.05, TICK_S - (time.monotonic() - started)))

    def turn(self) -> None:
        """One round: each job on its own, so that one fault stops no other."""
        heartbeat_path().touch()
        jobs: list[Callable[[], object]] = [spool.replay, do_due_rows]
        if time.monotonic() - self._tidied_at > TIDY_EVERY_S or not self._tidied_at:
            self._tidied_at = time.monotonic()
            jobs += [erase_deleted, close_quiet_chats, tidy]
        for job in jobs:
            try:
                close_old_connections()
                job()
            except Exception as error:  # the next turn tries again
                log.warning("the job %s failed: %s", getattr(job, "__name__", job), type(error).__name__)


def do_due_rows() -> int:
    """Does what is due, each row under a lease; returns how many were done."""
    now = clock.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    due = Outbox.objects.filter(free, done_at=None, due_at__lte=now, attempts__lt=MAX_ATTEMPTS)
    done = 0
    for row in due.filter(kind__in=[outbox.DEADLINE, outbox.MAIL]).order_by("due_at")[:100]:
        taken = Outbox.objects.filter(free, pk=row.pk, done_at=None).update(
            leased_until=now + LEASE, attempts=row.attempts + 1
        )
        if taken:
            _do(row)
            done += 1
    return done


def _do(row: Outbox) -> None:
    if row.kind == outbox.MAIL:
        _send_mail(row)
    else:
        _step_ladder(row)


@transaction.atomic
def _step_ladder(row: Outbox) -> None:
    """Alerts once more if nobody has answered (S-16). The ticket's own step makes a second doing harmless."""
    ticket = Ticket.objects.select_for_update().filter(pk=row.payload["ticket_id"]).first()
    step = row.payload["step"]
    if ticket and ticket.closed_at is None and ticket.answered_at is None and ticket.escalation < step:
        ticket.escalation = step
        ticket.save(update_fields=["escalation"])
        outbox.tell([alert_row(ticket)])
    Outbox.objects.filter(pk=row.pk).update(done_at=clock.now())


def _send_mail(row: Outbox) -> None:
    """Tells the configured addresses that a ticket waits: level and link, never a word of the patient's."""
    ticket = Ticket.objects.filter(pk=row.payload["ticket_id"], closed_at=None).first()
    if ticket:
        body = f"A new {ticket.level} ticket (number {ticket.pk}) waits in the staff console. Please open it now.\n"
        send_mail(f"AskImmune: {ticket.level} ticket", body, None, list(settings.ENV.alert_email))
    Outbox.objects.filter(pk=row.pk).update(done_at=clock.now())


def close_quiet_chats() -> None:
    """Closes chats with the assistant that nobody wrote in for a day and that no ticket keeps open."""
    from api.work import IDLE

    limit = clock.now() - IDLE
    quiet = Conversation.objects.filter(status=Status.ASSISTANT, last_activity_at__lt=limit).exclude(
        tickets__closed_at=None, tickets__isnull=False
    )
    for conversation_id in list(quiet.values_list("id", flat=True)[:500]):
        with transaction.atomic():
            conversation = lock(conversation_id)
            if conversation.status == Status.ASSISTANT and conversation.last_activity_at < limit:
                line = system_line(conversation, "This chat was closed because it was quiet. Write to open it again.")
                conversation.status, conversation.closed_at = Status.CLOSED, clock.now()
                save(conversation, "status", "closed_at")
                outbox.tell([*message_rows(conversation, line), *outbox.status_rows(conversation)])


def tidy() -> None:
    """Deletes pushes that nobody can need any more."""
    old = Outbox.objects.filter(kind__in=[outbox.PUSH, outbox.STAFF_PUSH], created_at__lt=clock.now() - KEEP_PUSHES)
    old.delete()
