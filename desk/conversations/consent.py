"""A typed yes or no to "May we share it with them?": a small closed list. Anything else is a message like any other."""

from __future__ import annotations

import re

from conversations.models import Choice, Conversation


def _set(words: str) -> frozenset[str]:
    return frozenset(part.strip() for part in words.split("|"))


YES = _set(
    "y|yes|yeah|yep|yup|sure|ok|okay|agreed|i agree|please|please do|yes please|yes please do|yes sure|yes ok|"
    "yes you may|yes you can|you may|you can|yes share it|share it|please share it|yes please share it|"
    "of course|yes of course|go ahead|yes go ahead|thats fine|yes thats fine"
)
NO = _set(
    "n|no|nope|nah|no thanks|no thank you|no please|please no|dont|do not|please dont|please do not|no dont|no do not|"
    "dont share|do not share|dont share it|do not share it|no dont share it|no do not share it|not now|no not now|"
    "rather not|id rather not|no you may not"
)


def answer_to_share(text: str) -> str | None:
    """The action that a plain yes or no stands for, else None."""
    words = " ".join(re.sub(r"[^\w\s]", "", text.casefold()).split())
    if words in YES:
        return "share"
    return "back_to_assistant" if words in NO else None


def typed_choice(conversation: Conversation, text: str, seq: int, *, used: bool = False) -> Choice | None:
    """The choice that was typed instead of tapped, where the message before asks whether to share.

    Args:
        conversation: locked.
        text: as it was sent.
        seq: of the message before it.
        used: whether to look for the choice that this text has used already, for a retry, or for one still unused.
    """
    action = answer_to_share(text)
    if action is None:
        return None
    asked = Choice.objects.filter(message__conversation=conversation, message__seq=seq)
    offered = {choice.payload.get("action"): choice for choice in asked}
    if "share" not in offered or any(choice.used_at for choice in offered.values()) != used:
        return None
    return offered.get(action)
