"""What `triage review` reads, a reply with its order, and what it answers: the eight findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from triage.desk.eight_checks.reply import Finding, Reply, ReplyContext
from triage.desk.eight_checks.review import NOTE, check_reply, clause_for
from triage.desk.inputs import bytes_of, decoded, each_row, json_object
from triage.desk.requests import LONGEST_TEXT
from triage.domain.errors import BadInput, Problem, UnknownPolicy
from triage.domain.vocabulary import REPLY_ELEMENTS, Outcome, ReplyFact, Satisfaction
from triage.policy.vocabulary import check_facts

Element = Literal[REPLY_ELEMENTS]  # type: ignore[valid-type]
Elements = Annotated[tuple[Element, ...], Field(max_length=100)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AnsweredOrder(_Part):
    """The order that was answered."""

    id: str | None = Field(default=None, max_length=100)
    title: str = Field(default="", max_length=2_000)
    text: str = Field(default="", max_length=LONGEST_TEXT)


class ReplyIn(_Part):
    """The unit's reply, as the event `replied` carries it, with its text."""

    text: str = Field(max_length=LONGEST_TEXT)
    outcome: Outcome | None = None
    fact: ReplyFact = ReplyFact.TRUE
    elements: Elements = ()
    attachments: Elements = ()
    satisfaction: Satisfaction | None = None


class CallBackIn(_Part):
    """What the caller said when called back; left out is what nobody asked."""

    contacted: bool | None = None
    answered: bool | None = None
    solved: bool | None = None
    satisfaction: Satisfaction | None = None


class ReviewRequest(_Part):
    """A reply to look over. Of the facts, `needs_site_visit` and `in_legal_procedure` matter here."""

    order: AnsweredOrder
    reply: ReplyIn
    facts: dict[str, Any] = {}
    call_back: CallBackIn = CallBackIn()

    @model_validator(mode="after")
    def _known_facts(self) -> Self:
        check_facts(self.facts)
        return self

    @property
    def context(self) -> ReplyContext:
        """What the reply answers, and what is known besides."""
        return ReplyContext(
            title=self.order.title,
            text=self.order.text,
            needs_site_visit=self.facts.get("needs_site_visit", False),
            in_legal_procedure=self.facts.get("in_legal_procedure", False),
            **dict(self.call_back),
        )


@dataclass(frozen=True)
class Replies:
    """Checked requests, in order; `by_line` where they came a line each and are answered a line each."""

    requests: list[ReviewRequest]
    by_line: bool


@dataclass(frozen=True)
class Review:
    """What the eight checks found; `assists` says that nothing is decided."""

    assists: bool
    note: str
    order_id: str | None
    policy: str
    clause: str | None
    findings: tuple[Finding, ...]


def review_of(request: ReviewRequest, policy: str) -> Review:
    """The eight findings on a checked request, with the clause of the jurisdiction that wants them."""
    findings = check_reply(Reply(**dict(request.reply)), request.context)
    return Review(True, NOTE, request.order.id, policy, clause_for(policy), findings)


def read_replies(file: Path, policy: str, policies: list[str]) -> Replies:
    """Read a JSON or JSONL file; every faulty line of it is reported at once, with the field."""
    if policy not in policies:
        raise UnknownPolicy(policy, policies)
    name, content = str(file), decoded(str(file), bytes_of(file))
    if file.suffix != ".jsonl":
        return Replies([_checked(name, content)], by_line=False)
    lines, empty = content.split("\n"), "is empty: a reply a line is needed"
    requests = each_row(name, lines, lambda _, line: _checked(name, line), empty)
    return Replies(requests, by_line=True)


def _checked(name: str, content: str) -> ReviewRequest:
    data = json_object(name, content, "an order and a reply")
    try:
        return ReviewRequest.model_validate(data)
    except ValidationError as error:
        problems = [
            Problem(tuple(fault["loc"]), fault["msg"])
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise BadInput(name, problems) from None
    except BadInput as error:
        raise BadInput(name, error.problems) from None
