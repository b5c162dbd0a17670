"""The packs that ship, a state calendar, and judging without ceremony."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from triage.bootstrap import Service, build
from triage.policy.calendar.statecalendar import StateCalendar
from triage.policy.calendar.workdays import OfficeHours, WorkingTime, parse_time
from triage.policy.events import parse_events
from triage.policy.judging.facts import Case
from triage.policy.judging.judge import Judgement, judge
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.policy.vocabulary import check_facts
from triage.settings import Settings

Judge = Callable[..., Judgement]


@pytest.fixture(scope="session")
def service() -> Service:
    return build(Settings(model=None, packs=None, calendar=None, parameters={}))


@pytest.fixture(scope="session")
def shelf(service: Service) -> PackShelf:
    return service.shelf


@pytest.fixture(scope="session")
def hours() -> WorkingTime:
    return WorkingTime(StateCalendar.published(), OfficeHours(time(9), time(17)))


@pytest.fixture(scope="session")
def judged(shelf: PackShelf, hours: WorkingTime) -> Judge:
    """Judge plain data: judged("yanji", as_of, events=[...], derived={...}, stated={...}, received_at=...)."""

    def run(
        pack: str | Pack,
        as_of: str,
        events: list[dict[str, object]] | None = None,
        received_at: str | None = "2026-03-02T09:00",
        derived: dict[str, object] | None = None,
        stated: dict[str, object] | None = None,
    ) -> Judgement:
        case = Case(
            None if received_at is None else parse_time(received_at),
            check_facts(derived or {}),
            parse_events(events or []),
            check_facts(stated or {}),
        )
        ready = shelf.get_or_raise(pack) if isinstance(pack, str) else pack
        return judge(ready, case, parse_time(as_of), hours)

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a pack file; its name is the pack's unless given."""

    def write_pack(text: str, name: str = "town") -> Path:
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_pack
