"""Where a request comes from: the other end's address, and whether that is this very machine."""

from __future__ import annotations

import ipaddress

from fastapi import Request

_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


def is_loopback(host: str) -> bool:
    """Whether an address or a name is this machine's own.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def network_of(request: Request) -> str:
    """What failures are counted by: the address, and of IPv6 the first 64 bits, which is what one household gets."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def is_from_here(request: Request) -> bool:
    """Whether a person or a program on this machine asks for this machine: no proxy passed it on, and no other site's
    name was bent to point here (DNS rebinding)."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    return is_loopback(request.client.host if request.client else "") and is_loopback(request.url.hostname or "")
