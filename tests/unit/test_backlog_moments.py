"""Times as spreadsheets hold them."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.desk.backlog.moments import read_moment
from triage.domain.moments import SHANGHAI
from triage.policy.calendar.workdays import BadTime

FIVE_PAST_NINE = "2026-03-02T09:05:00+08:00"


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02 09:05",
        "2026-03-02T09:05:00",
        "2026-03-02 09:05:00.000",
        "2026-3-2 9:05",
        "2026/3/2 9:05",
        "2026/03/02 09:05:00",
        "2026年3月2日 9时5分",
        "2026年3月2日9时5分0秒",
        "2026年03月02日 9点05分",
        "2026年3月2号 9:05",
        "2026.3.2 9:05",
        "20260302 0905",
        "202603020905",
        "20260302090500",
        "２０２６／３／２　９：０５",
        " 2026-03-02\n09:05 ",
        "2026/3/2 上午9:05",
        "2026/3/2 上午 9时5分",
        "2026/3/2 9:05 AM",
        "2026/3/2 星期一 9:05",
        "2026年3月2日（周一）9时5分",
        "2026-03-02T01:05:00Z",
        "2026-03-02 09:05:00+08:00",
        "2026-03-02T09:05:00+0800",
        "46083.378472222225",
    ],
)
def test_a_moment_is_read_however_it_is_written(written):
    moment = read_moment(written)
    assert moment.at.isoformat() == FIVE_PAST_NINE
    assert not moment.day_only


@pytest.mark.parametrize(
    ("written", "clock"),
    [
        ("2026-3-2 下午3:05", "15:05"),
        ("2026-3-2 下午 12:05", "12:05"),
        ("2026-3-2 下午15:05", "15:05"),
        ("2026-3-2 上午12:05", "00:05"),
        ("2026-3-2 凌晨1时", "01:00"),
        ("2026-3-2 中午12:30", "12:30"),
        ("2026-3-2 中午1点", "13:00"),
        ("2026-3-2 晚上9点30分", "21:30"),
        ("2026-3-2 3:05 PM", "15:05"),
        ("2026-3-2 15时", "15:00"),
    ],
)
def test_the_half_of_the_day_counts(written, clock):
    assert read_moment(written).at.isoformat() == f"2026-03-02T{clock}:00+08:00"


@pytest.mark.parametrize("written", ["2026-03-02", "2026/3/2", "2026年3月2日", "2026.3.2", "20260302", "46083"])
def test_a_day_alone_is_known_for_one(written):
    moment = read_moment(written)
    assert moment.at == datetime(2026, 3, 2, tzinfo=SHANGHAI)
    assert moment.day_only


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-30 09:05",
        "2026-13-01",
        "2026/3/2 25:00",
        "2026/3/2 9:75",
        "2026/3/2 24:00",
        "2026-3-2 上午15:05",
        "2026-3-2 晚上12点",
        "2026-3-2 9:",
        "2026-3-29:05",
        "3/2/2026",
        "26-3-2",
        "09:05",
        "123",
        "99999",
        "13800000000",
        "昨天上午",
        "9" * 5000,
        "",
        "0000-00-00 00:00:00",
        "9999-12-31 23:59",
        "٢٠٢٦-٠٣-٠٢",
    ],
)
def test_what_is_no_moment_or_cannot_be_is_refused(written):
    with pytest.raises(BadTime):
        read_moment(written)


@given(st.datetimes(datetime(1993, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0)))
def test_a_serial_number_is_the_moment_that_a_spreadsheet_means(moment):
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    assert read_moment(repr(serial)).at.replace(tzinfo=None) == moment


@given(st.text(max_size=80))
def test_any_text_is_a_moment_or_refused(written):
    with suppress(BadTime):
        assert read_moment(written).at.tzinfo is SHANGHAI
