"""What the use cases around kept orders work with, handed in by whoever wires."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from triage.desk.orders.linking import Linking
from triage.desk.orders.projection import case_of, standing_of
from triage.desk.requests import DecisionRequest
from triage.desk.suggest import Considered
from triage.desk.town import Town
from triage.policy.judging.facts import Case
from triage.records.ledger import Ledger, entries_of
from triage.records.orders import OrderRow, put_standing
from triage.records.originals import Originals
from triage.records.vault import Vault


class Towns(Protocol):
    """A jurisdiction with the version of its pack that was in force at a time."""

    def __call__(self, policy: str, at: datetime | None = None) -> Town: ...


@dataclass(frozen=True)
class Books:
    """The ledger with all that is needed to write in it and to read from it."""

    ledger: Ledger
    vault: Vault
    town: Towns
    consider: Callable[[DecisionRequest], Considered]
    new_linking: Callable[[str, Originals], Linking]
    now: Callable[[], datetime]
    _linkings: dict[str, Linking] = field(default_factory=dict)

    @property
    def originals(self) -> Originals:
        """Seals and opens what was said."""
        return Originals(self.vault)

    def linking(self, policy: str) -> Linking:
        """What this process remembers of a policy's orders."""
        if policy not in self._linkings:
            self._linkings.setdefault(policy, self.new_linking(policy, self.originals))
        return self._linkings[policy]

    def follow(self, policies: Iterable[str]) -> None:
        """Take in what was put down of these policies, so that the first order does not wait for it."""
        with self.ledger.database.reading() as connection:
            for policy in policies:
                self.linking(policy).follow(connection)

    def keep(self) -> None:
        """Have what this process remembers in snapshots, as before it ends."""
        for linking in list(self._linkings.values()):
            with self.ledger.database.reading() as connection:
                linking.keep(connection)

    def case(self, connection: Connection, order: OrderRow) -> Case:
        """What the judge looks at of an order that is kept."""
        return case_of(order, entries_of(connection, order.id))

    def restate(self, connection: Connection, order: OrderRow) -> OrderRow:
        """Work out anew how an order stands, after its latest entry."""
        entries = entries_of(connection, order.id)
        town = self.town(order.policy, order.received_at)
        standing = standing_of(order, case_of(order, entries), town.pack, town.hours)
        return put_standing(connection, order, len(entries), standing)
