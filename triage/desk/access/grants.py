"""What a key or a log-in is given: a role, and for whose orders."""

from __future__ import annotations

from collections.abc import Iterator

from triage.desk.access.rights import OF_ONE_UNIT
from triage.domain.errors import BadInput, Problem, UnknownPolicy
from triage.domain.vocabulary import Role
from triage.policy.pack.load import PackShelf
from triage.records.access import Grant


def grant_of(role: str, policy: str | None, unit: str | None, shelf: PackShelf) -> Grant:
    """A grant of what the packs know; BadInput names every fault, and what was allowed."""
    faults = [*_role_faults(role, policy, unit), *_pack_faults(policy, unit, shelf)]
    if faults:
        raise BadInput("access", faults)
    return Grant(Role(role), policy, unit)


def _role_faults(role: str, policy: str | None, unit: str | None) -> Iterator[Problem]:
    if role not in set(Role):
        yield Problem(("--role",), f"no role {role[:40]!r}; known are {', '.join(Role)}")
    elif role in OF_ONE_UNIT:
        if policy is None:
            yield Problem(("--policy",), f"is needed for the role {role}")
        if unit is None:
            yield Problem(("--unit",), f"is needed for the role {role}")
    elif unit is not None:
        yield Problem(("--unit",), f"is for the roles {', '.join(sorted(OF_ONE_UNIT))} only")


def _pack_faults(policy: str | None, unit: str | None, shelf: PackShelf) -> Iterator[Problem]:
    if policy is None:
        return
    try:
        units = shelf.get_or_raise(policy).units
    except UnknownPolicy as error:
        yield Problem(("--policy",), error.problems[0].msg)
        return
    if unit is not None and unit not in units:
        yield Problem(("--unit",), f"no unit {unit[:80]!r} in pack {policy}; known are {', '.join(units)}")
