"""What each role may do. A call that a role has no right to is refused; what a role may not see is not there for it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from triage.domain.vocabulary import Role


class Right(StrEnum):
    """One thing that may be allowed."""

    DECIDE = "decide"
    RECEIVE = "receive"
    READ_ORDERS = "read_orders"
    READ_PERSONAL = "read_personal"
    RECORD = "record"
    FEEDBACK = "feedback"
    READ_ISSUES = "read_issues"
    EDIT_ISSUES = "edit_issues"
    READ_CALLERS = "read_callers"
    ERASE_CALLERS = "erase_callers"
    READ_ALERTS = "read_alerts"
    READ_PERFORMANCE = "read_performance"
    READ_POLICIES = "read_policies"
    READ_MODELS = "read_models"
    PROMOTE_MODELS = "promote_models"
    READ_PEOPLE = "read_people"
    EDIT_PEOPLE = "edit_people"
    EDIT_WEBHOOKS = "edit_webhooks"
    READ_AUDIT = "read_audit"
    SEND_RESULTS = "send_results"


_READ = frozenset({Right.DECIDE, Right.READ_POLICIES, Right.READ_MODELS, Right.READ_PEOPLE})
_OVERSEE = _READ | {
    Right.READ_ORDERS,
    Right.READ_ISSUES,
    Right.READ_CALLERS,
    Right.READ_ALERTS,
    Right.READ_PERFORMANCE,
}
_LEAD = _OVERSEE | {Right.RECORD, Right.FEEDBACK}
_DESK = _LEAD | {Right.RECEIVE, Right.READ_PERSONAL, Right.EDIT_ISSUES, Right.SEND_RESULTS}

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.DISPATCHER: _DESK,
    Role.CENTRE: _DESK | {Right.EDIT_PEOPLE, Right.ERASE_CALLERS},
    Role.CENTRE_LEADER: _DESK | {Right.EDIT_PEOPLE, Right.ERASE_CALLERS, Right.READ_AUDIT},
    Role.DEPUTY_LEADER: _LEAD,
    Role.DUTY_LEADER: _LEAD,
    Role.MAIN_LEADER: _LEAD,
    Role.MEETING: _LEAD,
    Role.PARTY_OFFICE: _OVERSEE,
    Role.DISCIPLINE: _OVERSEE | {Right.READ_AUDIT},
    Role.UNIT: _READ
    | {Right.READ_ORDERS, Right.READ_PERSONAL, Right.RECORD, Right.READ_ALERTS, Right.READ_PERFORMANCE},
    Role.UNIT_HEAD: _READ
    | {Right.READ_ORDERS, Right.READ_PERSONAL, Right.RECORD, Right.READ_ALERTS, Right.READ_PERFORMANCE},
    Role.DISTRICT: _OVERSEE | {Right.RECEIVE, Right.RECORD},
    Role.CITY: _OVERSEE | {Right.RECORD},
    Role.ANALYST: _OVERSEE,
    Role.ADMIN: _READ | {Right.PROMOTE_MODELS, Right.EDIT_WEBHOOKS, Right.READ_AUDIT},
}
"""Who hands down, dispatches and handles sees whom an order comes from; who leads, oversees or analyses does not."""

OF_ONE_UNIT = frozenset({Role.UNIT, Role.UNIT_HEAD})
"""Roles that see their own unit's orders only."""


def may(role: Role, right: Right) -> bool:
    """Whether a role has a right.

    >>> may(Role.ANALYST, Right.READ_PERSONAL), may(Role.UNIT, Right.READ_PERSONAL)
    (False, True)
    """
    return right in RIGHTS[role]
