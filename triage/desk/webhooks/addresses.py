"""Where a webhook may point. A closed government network is a private one, so private addresses are allowed; what no
receiver can be is refused: link-local and metadata addresses, multicast, and this service itself.

An address is checked when it is resolved for sending, and the connection goes to the address that was checked: a name
that resolves differently a moment later changes nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from triage.domain.errors import BadInput, Problem

Address = IPv4Address | IPv6Address
LONGEST_URL = 500
_REFUSED = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"),
            *("::/128", "fe80::/10", "fec0::/10", "ff00::/8"),
            *("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128"),  # clouds' metadata
        ),
    )
)
_NAT64 = ip_network("64:ff9b::/96")


class RefusedAddress(BadInput):
    """An address that no message is sent to."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook points: the host as it was named, and the port."""

    scheme: str
    host: str
    port: int


def is_of_this_machine(address: Address) -> bool:
    """Whether an address is one of this machine's own: only those can be bound."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


def looked_up(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True)
class Reach:
    """What may be reached. `own_port` is the one this service listens on; how names are looked up, and which addresses
    are this machine's, is handed in."""

    own_port: int | None = None
    look_up: Callable[[str, int], Sequence[str]] = looked_up
    is_ours: Callable[[Address], bool] = is_of_this_machine

    def resolve(self, url: str) -> list[str]:
        """The addresses to send to; RefusedAddress where even one is refused, OSError where the name is not known."""
        target = target_of(url)
        found = self.look_up(target.host, target.port)
        for one in found:
            self.refuse(one, target.port)
        return list(found)

    def check(self, url: str) -> None:
        """BadInput for what can be told of a URL before anything is sent: its form, and an address written out."""
        target = target_of(url)
        if target.host == "localhost":
            self.refuse("127.0.0.1", target.port)
        try:
            ip_address(target.host)
        except ValueError:
            return
        self.refuse(target.host, target.port)

    def refuse(self, written: str, port: int) -> None:
        """RefusedAddress where nothing may be sent to an address and port."""
        address = _inner(ip_address(written.split("%")[0]))
        if any(address in network for network in _REFUSED if network.version == address.version):
            raise _refused("points at a link-local, metadata or multicast address")
        if port == self.own_port and (address.is_loopback or self.is_ours(address)):
            raise _refused("points at this service itself")


def target_of(url: str) -> Target:
    """Scheme, host and port of a URL; BadInput where it is none that a webhook may have.

    >>> target_of("https://oa.example.cn/hook")
    Target(scheme='https', host='oa.example.cn', port=443)
    """
    fault = _fault(url)
    if fault is not None:
        raise BadInput("webhook", [Problem(("url",), fault)])
    parts = urlsplit(url)
    return Target(parts.scheme, str(parts.hostname), parts.port or {"http": 80, "https": 443}[parts.scheme])


def _fault(url: str) -> str | None:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return f"must be at most {LONGEST_URL} printable ASCII characters without blanks"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "must begin with http:// or https:// and name a host"
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        return "must not carry a user name or password"
    if parts.fragment or "\\" in url or port == 0:
        return "must have no fragment, no backslash and no port 0"
    return None


def _refused(why: str) -> RefusedAddress:
    return RefusedAddress("webhook", [Problem(("url",), why)])


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address wraps, where it wraps one."""
    if not isinstance(address, IPv6Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
