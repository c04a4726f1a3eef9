"""What staff send from a conversation's page."""

from __future__ import annotations

from django import forms

from conversations.services import MAX_STAFF_CHARS

OUTCOMES = [
    ("", "Choose an outcome"),
    ("answered", "Question answered"),
    ("appointment", "Appointment arranged"),
    ("emergency_advice", "Told to call emergency services"),
    ("passed_on", "Passed on to a clinician"),
    ("no_reply", "Patient did not reply"),
    ("not_for_us", "Not for this clinic"),
]


class ReplyForm(forms.Form):
    """A message to the patient."""

    text = forms.CharField(
        label="Reply to the patient",
        max_length=MAX_STAFF_CHARS,
        widget=forms.Textarea(attrs={"rows": 3, "aria-describedby": "reply-help", "dir": "auto"}),
        error_messages={"required": "Write your reply first."},
    )

    def clean_text(self) -> str:
        """Called by Django. Forms send line ends as CR LF; a message has LF, however it came."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")


class CloseForm(forms.Form):
    """How a conversation ended."""

    outcome = forms.ChoiceField(choices=OUTCOMES, error_messages={"required": "Choose an outcome first."})
