"""What can go wrong with a conversation, in words for whoever reads it."""


class NotAllowed(Exception):
    """The conversation's state or owner does not allow this; the message is a sentence for the reader."""


class OtherText(Exception):
    """A client_message_id came again with other words (409)."""


class UnknownChoice(Exception):
    """A choice that was not offered in this conversation, or that was used up (422)."""
