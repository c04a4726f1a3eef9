"""Conversations and their messages: the truth of who said what, in which order, and who may speak."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Status(models.TextChoices):
    """Who may speak in a conversation (the `status` of the public API)."""

    ASSISTANT = "assistant"
    WAITING_FOR_STAFF = "waiting_for_staff"
    WITH_STAFF = "with_staff"
    CLOSED = "closed"


class Author(models.TextChoices):
    """Who wrote a message."""

    PATIENT = "patient"
    ASSISTANT = "assistant"
    STAFF = "staff"
    SYSTEM = "system"


class Kind(models.TextChoices):
    """What a message is; the `kind` of the public API."""

    TEXT = "text"
    ANSWER = "answer"
    CLARIFY = "clarify"
    EMERGENCY = "emergency"
    CRISIS = "crisis"
    URGENT = "urgent"
    SAFEGUARDING = "safeguarding"
    CLINICIAN = "clinician"
    FALLBACK = "fallback"
    OUT_OF_SCOPE = "out_of_scope"
    HANDOFF = "handoff"
    SMALL_TALK = "small_talk"


SAFETY_KINDS = (Kind.EMERGENCY, Kind.CRISIS, Kind.URGENT, Kind.SAFEGUARDING)


class Conversation(models.Model):
    """One chat of one patient. Ids and tokens are 128+ bits of randomness; only the token's hash is kept (X-1)."""

    id = models.CharField(primary_key=True, max_length=64)
    token_hash = models.CharField(max_length=64, db_index=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.ASSISTANT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="conversations"
    )
    region = models.CharField(max_length=2, blank=True, default="")
    locale = models.CharField(max_length=12, default="en")
    last_seq = models.PositiveIntegerField(default=0)
    # The context sent to Rasa with every turn: condition, topic, pending, asked (contracts/turn_request.json).
    context = models.JSONField(default=dict)
    # Set once the patient has agreed that staff may read the words (S-19); P0 and P1 set it with that basis.
    shared_at = models.DateTimeField(null=True, blank=True)
    failed_answers = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    last_activity_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # DELETE by the patient while a P0 to P2 ticket is open: gone for the patient, erased when the ticket closes.
    deleted_by_patient_at = models.DateTimeField(null=True, blank=True)
    patient_seen_seq = models.PositiveIntegerField(default=0)
    staff_seen_seq = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="conversation_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="conversation_owned_iff_with_staff",
                condition=(
                    Q(status=Status.WITH_STAFF, owner__isnull=False)
                    | (~Q(status=Status.WITH_STAFF) & Q(owner__isnull=True))
                ),
            ),
        ]
        indexes = [models.Index(fields=["status", "last_activity_at"])]


class Message(models.Model):
    """One message, stored masked (P-2). `body` is all that the API shows beside the columns: answers, caveats, actions.

    The assistant may write only where `conversation.status` allows it: a database trigger (migration) refuses any
    other insert, safety cards apart.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    author = models.CharField(max_length=10, choices=Author)
    author_user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    author_name = models.CharField(max_length=80, blank=True, default="")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.TEXT)
    text = models.TextField()
    body = models.JSONField(default=dict)
    lang = models.CharField(max_length=12, default="en")
    # The patient's own id of the message, and a hash of what was sent with it: same id, other text is a 409.
    client_message_id = models.UUIDField(null=True, blank=True)
    client_hash = models.CharField(max_length=64, blank=True, default="")
    # The patient's message that this one answers: a retry is answered with the same replies.
    reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    # What the assistant understood (the turn's `questions`), for the console; null where Rasa was not asked.
    turn = models.JSONField(null=True, blank=True)
    tier = models.CharField(max_length=16, blank=True, default="")
    rule_ids = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    # Of a message that was made just now: its choices, so that they need not be read again.
    new_choices: list[Choice] | None = None

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq_once"),
            models.UniqueConstraint(
                fields=["conversation", "client_message_id"],
                condition=Q(client_message_id__isnull=False),
                name="message_client_id_once",
            ),
            models.CheckConstraint(name="message_author_known", condition=Q(author__in=Author.values)),
            models.CheckConstraint(name="message_kind_known", condition=Q(kind__in=Kind.values)),
        ]


class Choice(models.Model):
    """A choice offered with a message: an opaque one-time id that the server resolves (X-2)."""

    id = models.CharField(primary_key=True, max_length=64)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=200)
    # {"topic", "condition"}, or {"action": "talk_to_person" | "back_to_assistant"} for what the desk itself resolves.
    payload = models.JSONField()
    used_at = models.DateTimeField(null=True, blank=True)


class Feedback(models.Model):
    """Was this answer helpful? Once a message."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="feedback")
    helpful = models.BooleanField()
    comment = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)


class Outbox(models.Model):
    """What must leave the database: pushes, alerts, deadlines, mail. The id only grows; a row holds ids, never words.

    `push` rows are read by every desk process (id greater than the last seen); other rows are taken by the worker
    with a lease, and doing one twice must change nothing.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)  # push | staff_push | alert | deadline | mail
    conversation = models.ForeignKey(Conversation, null=True, blank=True, on_delete=models.CASCADE)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["done_at", "due_at"])]
