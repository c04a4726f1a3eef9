"""Tickets: what needs a person, how soon, and the clocks that only a named person's reply stops (S-16)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Level(models.TextChoices):
    """Escalation levels of the safety specification, section 4; P0 is the most urgent."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Ticket(models.Model):
    """An escalation of one conversation. At most one is open at a time; a worse sign raises its level."""

    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="tickets")
    level = models.CharField(max_length=2, choices=Level)
    reason = models.CharField(max_length=40)  # emergency | crisis | urgent | safeguarding | asked_for_person | ...
    tier = models.CharField(max_length=16, default="none")
    rule_ids = models.JSONField(default=list)
    # The words that a rule matched (masked), and the layer that found them (A: rules, B: learned). S-18.
    matched = models.JSONField(default=list)
    layer = models.CharField(max_length=4, blank=True, default="")
    region = models.CharField(max_length=2, blank=True, default="")
    message_seq = models.PositiveIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField()
    # A repeat within the ticket's life counts here and resets no clock (S-10).
    repeats = models.PositiveSmallIntegerField(default=0)
    escalation = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    cleared_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(closed_at__isnull=True), name="ticket_one_open"
            ),
            models.CheckConstraint(name="ticket_level_known", condition=Q(level__in=Level.values)),
        ]
        indexes = [models.Index(fields=["closed_at", "level", "opened_at"])]


class Contact(models.Model):
    """How a patient wants to be reached, given by the contact form with consent."""

    conversation = models.OneToOneField("conversations.Conversation", on_delete=models.CASCADE, related_name="contact")
    name = models.CharField(max_length=120, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    consented_at = models.DateTimeField()


class Presence(models.Model):
    """A staff member with a console open; a row older than 30 seconds is not online."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    seen_at = models.DateTimeField()
    available = models.BooleanField(default=True)
