"""Send one message and say how that ended. Whatever the far side does, it is over at a set time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

import httpx2

from triage.desk.webhooks.addresses import Reach, RefusedAddress, target_of
from triage.desk.webhooks.signing import signed_headers

DEADLINE = 10.0  # seconds, from looking the name up to the answer's head
_TIMEOUT = httpx2.Timeout(5.0)
_LIMITS = httpx2.Limits(max_connections=32, max_keepalive_connections=0)
_AGENT = "hotline-triage-webhook/1"


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent where; `id` is the same on every try."""

    id: str
    url: str
    secret: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended: taken where the far side answered 2xx; `fault` says why not, without address or content."""

    status: int | None = None
    fault: str | None = None

    @property
    def taken(self) -> bool:
        """Whether the message need not be sent again."""
        return self.fault is None


def new_client() -> httpx2.AsyncClient:
    """A client that follows no redirect and listens to no proxy setting: either would lead past the address check."""
    return httpx2.AsyncClient(timeout=_TIMEOUT, limits=_LIMITS, follow_redirects=False, trust_env=False)


async def send(
    message: Message,
    client: httpx2.AsyncClient,
    reach: Reach,
    now: datetime,
    *,
    names: Executor | None = None,
    deadline: float = DEADLINE,
) -> Outcome:
    """Send a message, signed at `now`, to the first address of its host that takes a connection.

    The answer's body is never read: there is nothing in it that is asked for, and it may be endless. `names` has the
    threads that names are looked up in: a name server that hangs cannot be called off.
    """
    try:
        async with asyncio.timeout(deadline):
            addresses = await asyncio.get_running_loop().run_in_executor(names, reach.resolve, message.url)
            return await _to_one_of(addresses, message, client, now)
    except TimeoutError:
        return Outcome(fault=f"no answer within {deadline:g} seconds")
    except RefusedAddress as refused:
        return Outcome(fault=refused.problems[0].msg)
    except OSError:
        return Outcome(fault="the host's name is not known")
    except Exception as error:  # whatever it is, the message is to be tried again and at last to be dead
        return Outcome(fault=type(error).__name__)


async def _to_one_of(addresses: Sequence[str], message: Message, client: httpx2.AsyncClient, now: datetime) -> Outcome:
    outcome = Outcome(fault="the host has no address")
    for address in addresses:
        try:
            return await _to(address, message, client, now)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            outcome = Outcome(fault=type(error).__name__)  # nothing was sent: the next address may be tried
    return outcome


async def _to(address: str, message: Message, client: httpx2.AsyncClient, now: datetime) -> Outcome:
    parts = urlsplit(message.url)
    target = target_of(message.url)
    shown = f"[{address}]" if ip_address(address.split("%")[0]).version == 6 else address
    headers = {
        **signed_headers(message.secret, message.id, now, message.body),
        "host": parts.netloc,
        "content-type": "application/json",
        "user-agent": _AGENT,
    }
    pinned = urlunsplit((parts.scheme, f"{shown}:{target.port}", parts.path or "/", parts.query, ""))
    named = {"sni_hostname": target.host}  # the certificate is checked against the name, not the address
    async with client.stream("POST", pinned, content=message.body, headers=headers, extensions=named) as answer:
        status = answer.status_code
    return Outcome(status, None if 200 <= status < 300 else f"answered {status}")
