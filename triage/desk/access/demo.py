"""The log-ins that a demo makes for itself, and takes back where a service starts in earnest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from triage.desk.access.passwords import Passwords, new_password
from triage.desk.access.users import DEMO, disable_user, put_demo_user
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.policy.pack.pack import Pack
from triage.records.access import Grant, UserRow, list_users
from triage.records.ledger import Ledger

_BY = Actor("serve", Role.ADMIN)


@dataclass(frozen=True, slots=True)
class DemoLogIn:
    """A log-in with its password, to be told once."""

    user: UserRow
    password: str


def demo_log_ins(ledger: Ledger, pack: Pack, passwords: Passwords) -> list[DemoLogIn]:
    """A dispatcher, a unit, a leader and an analyst of a town, the dispatcher first, with passwords of this start."""
    grants = {
        "dispatcher": Grant(Role.DISPATCHER, pack.id),
        "unit": Grant(Role.UNIT, pack.id, busiest_unit(pack)),
        "leader": Grant(Role.DEPUTY_LEADER, pack.id),
        "analyst": Grant(Role.ANALYST, pack.id),
    }
    made = []
    for name, grant in grants.items():
        password = new_password()
        made.append(DemoLogIn(put_demo_user(ledger, name, password, grant, passwords, _BY), password))
    return made


def end_demo_log_ins(ledger: Ledger) -> None:
    """Disable what a demo on the same database left behind."""
    with ledger.database.reading() as connection:
        users = list_users(connection)
    for user in users:
        if user.name.startswith(DEMO) and user.disabled_at is None:
            disable_user(ledger, user.name, _BY)


def busiest_unit(pack: Pack) -> str:
    """The unit with the most duties, so that there is something to see."""
    leads = Counter(unit for duty in pack.duties.values() for unit in duty.lead)
    return max(pack.units, key=lambda unit: leads[unit])
