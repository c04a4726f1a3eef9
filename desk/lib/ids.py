"""Ids and tokens: unguessable, and only a token's hash is kept (X-1)."""

from __future__ import annotations

import hashlib
import secrets

from django.utils.crypto import salted_hmac


def new_id() -> str:
    """A random id of 144 bits."""
    return secrets.token_urlsafe(18)


def new_token() -> str:
    """A random bearer token of 256 bits."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What is stored of a token. Plain SHA-256 is enough: a token holds 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def hash_words(words: str) -> str:
    """A keyed hash of what was sent with a client_message_id.

    Without the key it cannot be tried against guesses (P-2).
    """
    return salted_hmac("askimmune.client_message", words, algorithm="sha256").hexdigest()
