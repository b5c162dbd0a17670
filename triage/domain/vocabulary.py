"""The closed lists of the trade; their values are the contract's words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """Who may act or must be told; a person is found behind a role only when it is needed."""

    DISPATCHER = "dispatcher"
    CENTRE = "centre"
    CENTRE_LEADER = "centre_leader"
    DEPUTY_LEADER = "deputy_leader"
    DUTY_LEADER = "duty_leader"
    MAIN_LEADER = "main_leader"
    UNIT = "unit"
    UNIT_HEAD = "unit_head"
    MEETING = "meeting"
    PARTY_OFFICE = "party_office"
    DISCIPLINE = "discipline"
    DISTRICT = "district"
    CITY = "city"
    ANALYST = "analyst"
    ADMIN = "admin"


LEADERS = (Role.CENTRE_LEADER, Role.DEPUTY_LEADER, Role.DUTY_LEADER, Role.MAIN_LEADER, Role.MEETING)
"""Whose word is a leader's: 指定谁、谁主办."""


class RequestType(StrEnum):
    CONSULTATION = "consultation"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    OTHER = "other"


class Urgency(StrEnum):
    URGENT = "urgent"
    SEMI_URGENT = "semi_urgent"
    NORMAL = "normal"


class Complexity(StrEnum):
    SIMPLE = "simple"
    NORMAL = "normal"
    HARD = "hard"


class TerritoryValue(StrEnum):
    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


class DispatchMode(StrEnum):
    STATUTORY = "statutory"
    AGREED = "agreed"
    DESIGNATED = "designated"
    DIRECT_ANSWER = "direct_answer"
    RETURN_UPWARD = "return_upward"
    EMERGENCY_TRANSFER = "emergency_transfer"


class ObligationId(StrEnum):
    CENTRE_CONTACT = "centre_contact"
    SIGN = "sign"
    FIRST_CONTACT = "first_contact"
    SITE_VISIT = "site_visit"
    RETURN_WINDOW = "return_window"
    EXTENSION_WINDOW = "extension_window"
    FINISH = "finish"
    URGENT_FEEDBACK = "urgent_feedback"
    REWORK_FINISH = "rework_finish"
    CALL_BACK = "call_back"
    BULLETIN_ANSWER = "bulletin_answer"


class ObligationState(StrEnum):
    OPEN = "open"
    MET = "met"
    MISSED = "missed"
    VOID = "void"


class AlertKind(StrEnum):
    SUPERVISION = "supervision"
    KEY_SUPERVISION = "key_supervision"
    YELLOW = "yellow"
    RED = "red"
    WARNING = "warning"
    SPECIAL_REPORT = "special_report"
    INSPECTION_BULLETIN = "inspection_bulletin"
    REMINDER = "reminder"
    STORED_CALL_CANDIDATE = "stored_call_candidate"
    UNSATISFIED = "unsatisfied"
    MISSING_PARAMETER = "missing_parameter"


EMERGENCY_LINES = ("none", "110", "119", "120", "122")
"""Who must take a matter at once: police, fire and rescue, ambulance, traffic police; or none of them."""


class Outcome(StrEnum):
    SOLVED = "solved"
    EXPLAINED = "explained"
    EXCESSIVE = "excessive"
    FOR_REFERENCE = "for_reference"
    UNSOLVED = "unsolved"


class ReplyFact(StrEnum):
    """What a reply finds of the facts complained of; anything but `true` needs the signed form 附件1.2."""

    TRUE = "true"
    NOT_TRUE = "not_true"
    NO_POLICY = "no_policy"
    NOT_ACCEPTED = "not_accepted"
    FOR_REFERENCE = "for_reference"
    NOT_ADOPTED = "not_adopted"


REPLY_ELEMENTS = (
    "first_contact_time",
    "first_contact_person",
    "fact_finding",
    "request_finding",
    "satisfaction",
    "answer_time",
    "answer_person",
    "site_check",
    "before_picture",
    "after_picture",
    "contact_recording",
    "callback_recording",
    "plan_dates",
    "legal_documents",
)
"""What a reply may have to contain, in its text or attached (nanmatou:rules/8.8)."""


CALL_BACK = {"contacted": "contacted", "answered": "answered", "solved": "solved", "satisfied": "satisfaction"}
"""What a caller is asked when called back (nanmatou:rules/8.9.2), and the event's field that has the answer."""


class Satisfaction(StrEnum):
    SATISFIED = "satisfied"
    MOSTLY = "mostly"
    FAIR = "fair"
    UNSATISFIED = "unsatisfied"


class EventKind(StrEnum):
    RECEIVED = "received"
    CONTACT_ATTEMPT = "contact_attempt"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    ACCEPTED = "accepted"
    SITE_VISITED = "site_visited"
    RETURN_REQUESTED = "return_requested"
    RETURN_APPROVED = "return_approved"
    RETURN_REJECTED = "return_rejected"
    DESIGNATED = "designated"
    EXTENSION_REQUESTED = "extension_requested"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    PROGRESS_REPORTED = "progress_reported"
    REPLIED = "replied"
    REVIEW_FAILED = "review_failed"
    REVIEW_PASSED = "review_passed"
    CALLED_BACK = "called_back"
    UNTRUE_SIGNED = "untrue_signed"
    STORED = "stored"
    CLOSED = "closed"
    REOPENED = "reopened"
    SUPERVISED = "supervised"
    BULLETIN_RECEIVED = "bulletin_received"
    BULLETIN_ANSWERED = "bulletin_answered"
    NOTE = "note"
    CORRECTED = "corrected"


DOMAINS: tuple[str, ...] = (
    "城乡建设",
    "环境保护",
    "交通运输",
    "教育文体",
    "劳动和社会保障",
    "商贸旅游",
    "卫生计生",
    "民政",
    "政法",
    "国土资源",
    "农村农业",
    "党务政务",
    "经济管理",
    "科技与信息产业",
    "纪检监察",
)
"""The first level of the taxonomy, in the contract's order."""

SIGNALS: Mapping[str, tuple[str, ...]] = {
    "request_type": tuple(RequestType),
    "urgency": tuple(Urgency),
    "complexity": tuple(Complexity),
    "emergency": EMERGENCY_LINES,
}
"""What is read from a text beside its category, each with the closed list of its labels."""
