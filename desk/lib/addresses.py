"""Where a request comes from, for the rate limits: one answer for HTTP and the socket."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings


def client_address(peer: str, forwarded: str) -> str:
    """The client's network address.

    Args:
        peer: who is at the other end of the connection.
        forwarded: the X-Forwarded-For header, empty if there is none. It counts only where the peer is a proxy of
            ASKIMMUNE_TRUSTED_PROXIES: anybody else could write whatever they like there.
    """
    trusted = settings.ENV.trusted_proxies
    if peer not in trusted:
        return peer
    # Each proxy adds its own peer at the end; what stands left of the last unknown address is the client's own claim.
    for part in reversed(forwarded.split(",")):
        address = part.strip()
        if not _is_address(address):
            break
        if address not in trusted:
            return address
    return peer


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
