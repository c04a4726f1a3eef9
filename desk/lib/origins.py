"""Which web sites may talk to the desk: exact matches only, over HTTP and on the socket's handshake (X-5)."""

from __future__ import annotations

from django.conf import settings


def is_allowed(origin: str | None, host: str) -> bool:
    """Whether a request may come from this origin.

    Args:
        origin: the Origin header; None where the client is not a browser.
        host: the Host header.
    """
    if origin is None:
        return True
    own = {f"https://{host}"} if settings.PRODUCTION else {f"https://{host}", f"http://{host}"}
    return origin in settings.ENV.origins or (host_is_ours(host) and origin in own)


def host_is_ours(host: str) -> bool:
    """Whether the Host header names this service; a foreign name there is a rebinding attack or a wrong set-up."""
    from django.http.request import split_domain_port, validate_host

    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
