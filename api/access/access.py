"""Everything that lets people and programs in, put together around one ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from api.access.gate import Gate
from api.access.identify import KeyOrSession
from triage.desk.access.keys import KnownKeys
from triage.desk.access.limits import RateLimit
from triage.desk.access.logins import LogIns
from triage.desk.access.passwords import Passwords
from triage.desk.access.rights import Right
from triage.desk.access.sessions import Sessions
from triage.records.access import UserRow
from triage.records.ledger import Ledger

OPEN_IN_A_DEMO = frozenset({Right.DECIDE, Right.READ_POLICIES})


@dataclass(frozen=True)
class Access:
    """The gate, and what the console's log-in needs. `visitor` is who comes in by opening the page, in a demo only;
    `loopback` says that the service listens on this machine's own address, with no proxy before it."""

    gate: Gate
    identify: KeyOrSession
    sessions: Sessions
    log_ins: LogIns
    loopback: bool = False
    visitor: UserRow | None = None


def open_access(
    ledger: Ledger,
    passwords: Passwords,
    *,
    now: Callable[[], datetime],
    clock: Callable[[], float],
    a_minute: int,
    loopback: bool = False,
    visitor: UserRow | None = None,
) -> Access:
    """The access to a ledger's service; `a_minute` is how many requests each key has, `clock` counts seconds."""
    sessions = Sessions(ledger, now, clock)
    identify = KeyOrSession(KnownKeys(ledger, now, clock), sessions, RateLimit(a_minute, clock))
    opened: Collection[Right] = () if visitor is None else OPEN_IN_A_DEMO
    log_ins = LogIns(ledger, sessions, passwords, clock)
    return Access(Gate(identify, opened, identify.waits), identify, sessions, log_ins, loopback, visitor)
