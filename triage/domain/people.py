"""Who acts: the person or the system behind a key or a log-in."""

from __future__ import annotations

from dataclasses import dataclass

from triage.domain.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks or records: `id` names the key or the person in the audit log; without `policy` it is of all of them;
    `unit` is whose orders a unit's key may see."""

    id: str
    role: Role
    policy: str | None = None
    unit: str | None = None

    def is_of(self, policy: str) -> bool:
        """Whether orders of a policy are this actor's business at all."""
        return self.policy is None or self.policy == policy
