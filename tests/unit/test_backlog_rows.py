"""What becomes of a row of a CSV backlog."""

from __future__ import annotations

import csv
import io

import pytest

from triage.desk.backlog.backlog import Reached, open_backlog
from triage.desk.backlog.rows import Accepted, Rejected
from triage.domain.errors import BadInput
from triage.policy.events import parse_events

UNITS = {"社区管理办公室": "management-office", "综合行政执法队": "urban-squad"}
SECRET = b"a secret of the town"
ROW = {"工单编号": "G1", "来电时间": "2026-03-02 09:05", "诉求内容": "楼道堆放杂物，物业不管"}
DONE = {
    "承办单位": "社区管理办公室",
    "派单时间": "2026-03-02 10:00",
    "办结时间": "2026-03-05 16:00",
    "满意度": "基本满意",
    "处置结果": "实际解决",
}


def table(*rows):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.fixture
def opened(tmp_path):
    def open_it(content, **options):
        path = tmp_path / "backlog.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_backlog(path, "nanmatou", units=UNITS, **options)

    return open_it


@pytest.fixture
def read(opened):
    return lambda content, **options: list(opened(content, **options).rows())


@pytest.fixture
def one(read):
    def read_one(**cells):
        (row,) = read(table(ROW | cells))
        return row

    return read_one


def reasons(row):
    assert isinstance(row, Rejected), row
    return [str(reason) for reason in row.reasons]


def test_a_row_becomes_a_request_for_the_policy(one):
    row = one(标题="楼道堆物", 来电人="甲某", 联系电话="13800000000", 事发地址="虚构路1弄2号", 诉求类型="投诉")
    assert isinstance(row, Accepted)
    order = row.request.order
    assert row.request.policy == "nanmatou"
    assert (order.id, order.title, order.text) == ("G1", "楼道堆物", "楼道堆放杂物，物业不管")
    assert order.received_at.isoformat() == "2026-03-02T09:05:00+08:00"
    assert order.caller is not None
    assert (order.caller.name, order.caller.phone, order.address) == ("甲某", "13800000000", "虚构路1弄2号")
    assert order.request_type == "complaint"
    assert (row.position, str(row.place), row.events, row.repeats) == (1, "2", (), None)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("咨询", "consultation"),
        ("求助类", "help"),
        ("投诉", "complaint"),
        ("举报件", "report"),
        ("建议", "suggestion"),
        ("意见建议", "suggestion"),
        ("其 它", "other"),
        ("complaint", "complaint"),
        ("无", None),
    ],
)
def test_request_types_are_read_as_people_write_them(one, written, meant):
    assert one(诉求类型=written).request.order.request_type == meant


def test_urgency_and_given_facts_are_read(one):
    row = one(紧急程度="紧急", 是否媒体曝光="是", 群发="否", 复杂程度="疑难")
    assert row.request.facts == {"urgency": "urgent", "complexity": "hard", "media_exposed": True, "mass_sent": False}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("13800000000.0", "13800000000"),
        ("'13800000000", "13800000000"),
        ("\t13800000000\t", "13800000000"),
        ('="13800000000"', "13800000000"),
        ("+86 138-0000-0000", "+86 138-0000-0000"),
        ("'+8613800000000", "+8613800000000"),
        ("021-50000000", "021-50000000"),
    ],
)
def test_telephone_numbers_come_out_as_they_were_meant(one, written, meant):
    assert one(联系电话=written).request.order.caller.phone == meant


@pytest.mark.parametrize(
    ("written", "meant"), [("007", "007"), ("1.0", "1"), ("'0012", "0012"), ("GD-2026.3", "GD-2026.3")]
)
def test_ids_keep_their_zeros_and_lose_a_point(one, written, meant):
    assert one(工单编号=written).request.order.id == meant


@pytest.mark.parametrize("written", ["G/1", "G\n1", "G\u200e1"])
def test_an_id_that_no_address_can_hold_is_rejected(one, written):
    assert reasons(one(工单编号=written)) == ["工单编号: 不能含有 / 和不可见字符"]


@pytest.mark.parametrize("name", ["工单编号", "联系电话"])
def test_a_number_that_lost_its_last_digits_is_rejected(one, name):
    (reason,) = reasons(one(**{name: "2.02603E+13"}))
    assert reason.startswith(f"{name}: 以数值存储，末尾数字已丢失")


def test_every_reason_is_told_at_once_by_its_column_and_without_a_value(one):
    row = one(工单编号="", 来电时间="明天", 诉求内容="", 诉求类型="张三 13800000000", 联系电话="1" * 51, 标题="")
    assert [reason.loc for reason in row.reasons] == [("来电时间",), ("诉求内容",), ("联系电话",), ("诉求类型",)]
    assert "诉求类型: 只能是：咨询、求助、投诉、举报、建议、其他" in reasons(row)
    assert "联系电话: 超过 50 个字符" in reasons(row)
    assert "张三" not in str(row) and "13800000000" not in str(row)
    assert row.cells[-2:] == ("1" * 51, "")


def test_a_title_alone_says_enough(one):
    assert one(诉求内容="", 标题="路灯不亮").request.order.title == "路灯不亮"
    assert reasons(one(诉求内容="无", 标题=" ")) == ["诉求内容: 不能为空"]


def test_a_blank_id_is_rejected_even_where_ids_can_be_made(read):
    (row,) = read(table(ROW | {"工单编号": " "}), secret=SECRET)
    assert reasons(row) == ["工单编号: 不能为空"]


def test_what_happened_comes_as_events_in_the_order_of_time(one):
    events = one(**DONE, 协办单位="综合行政执法队", 是否解决="是").events
    unit, at = "management-office", "2026-03-05T16:00:00+08:00"
    assert list(events) == [
        {
            "id": "import-dispatched",
            "kind": "dispatched",
            "at": "2026-03-02T10:00:00+08:00",
            "unit": unit,
            "assist": ["urban-squad"],
        },
        {"id": "import-replied", "kind": "replied", "at": at, "unit": unit, "outcome": "solved"},
        {"id": "import-called_back", "kind": "called_back", "at": at, "satisfaction": "mostly", "solved": True},
        {"id": "import-closed", "kind": "closed", "at": at},
    ]
    assert [event.id for event in parse_events(events)] == [event["id"] for event in events]


def test_times_of_their_own_go_before_that_of_closing(one):
    events = one(**DONE, 答复时间="2026-03-04 09:00", 回访时间="2026-03-06 09:00").events
    kinds = [event["kind"] for event in events]
    assert kinds == ["dispatched", "replied", "closed", "called_back"]


def test_a_unit_may_be_named_by_its_id_and_without_regard_to_blanks(one):
    assert one(**DONE | {"承办单位": "URBAN-squad"}).events[0]["unit"] == "urban-squad"
    assert one(**DONE | {"承办单位": "综合 行政执法队"}).events[0]["unit"] == "urban-squad"


def test_nobody_rated_is_no_rating(one):
    kinds = [event["kind"] for event in one(**DONE | {"满意度": "未评价"}).events]
    assert "called_back" not in kinds


def test_a_day_alone_is_not_before_what_it_follows(one):
    events = one(**DONE | {"派单时间": "2026-03-02", "办结时间": "2026/3/2"}).events
    assert {event["at"] for event in events} == {"2026-03-02T09:05:00+08:00"}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"承办单位": "不存在的科室"}, "承办单位: 不是本级承办单位的名称或代码"),
        ({"承办单位": ""}, "承办单位: 填写了派单时间或协办单位时不能为空"),
        ({"派单时间": ""}, "派单时间: 填写了承办单位时不能为空"),
        ({"派单时间": "2026-03-01"}, "派单时间: 早于来件或派单时间"),
        ({"办结时间": "2026-03-02 09:30"}, "办结时间: 早于来件或派单时间"),
        ({"办结时间": ""}, "办结时间: 填写了满意度或是否解决时，回访时间和办结时间不能都为空"),
        ({"满意度": "还行"}, "满意度: 只能是：满意、基本满意、一般、不满意"),
        ({"处置结果": "已转办"}, "处置结果: 只能是：实际解决、解释说明、诉求过高、参考备案、未解决"),
        ({"协办单位": "综合行政执法队、某科"}, "协办单位: 含有不是本级承办单位的名称或代码，多个单位用顿号分开"),
    ],
)
def test_a_history_that_cannot_be_is_rejected(one, changed, reason):
    assert reason in reasons(one(**DONE | {"协办单位": ""} | changed))


def test_the_same_row_twice_is_one_order_and_told(read):
    first, second = read(table(ROW, ROW))
    assert first.repeats is None
    assert str(second.repeats) == "2"
    assert second.request == first.request


def test_the_same_moment_written_otherwise_is_the_same_content(read):
    _, second = read(table(ROW, ROW | {"来电时间": "2026年3月2日 9时5分"}))
    assert second.repeats is not None


def test_the_same_id_with_other_content_is_rejected(read):
    first, second, third = read(table(ROW, ROW | {"诉求内容": "别的事"}, ROW))
    assert isinstance(first, Accepted) and str(third.repeats) == "2"
    assert reasons(second) == ["工单编号: 与第 2 行的编号相同而内容不同"]


def test_an_id_of_a_rejected_row_is_still_free(read):
    _, second = read(table(ROW | {"来电时间": "?"}, ROW))
    assert isinstance(second, Accepted) and second.repeats is None


def test_made_ids_are_the_same_each_time_and_keyed(read):
    without = {name: value for name, value in ROW.items() if name != "工单编号"}
    other = without | {"联系电话": "13800000000"}
    ids = [row.request.order.id for row in read(table(without, other), secret=SECRET)]
    assert ids == [row.request.order.id for row in read(table(without, other), secret=SECRET)]
    assert len(set(ids)) == 2 and all(made.startswith("row-") for made in ids)
    assert ids != [row.request.order.id for row in read(table(without, other), secret=b"another secret")]


def test_made_ids_do_not_depend_on_the_order_of_columns(read):
    first = {"来电时间": "2026-03-02 09:05", "诉求内容": "漏水", "标题": "漏水"}
    (one,), (other,) = (read(table(row), secret=SECRET) for row in (first, dict(reversed(first.items()))))
    assert one.request.order.id == other.request.order.id


def test_without_ids_and_secret_it_is_said_what_is_needed(opened):
    with pytest.raises(BadInput, match="no column for id: it may be called 工单编号"):
        opened("来电时间,诉求内容\n2026-03-02,漏水\n")


def test_a_later_part_is_read_alone_but_knows_the_ids_before(opened):
    rows = [ROW | {"工单编号": f"G{number}"} for number in range(5)] + [ROW | {"工单编号": "G0"}]
    backlog = opened(table(*rows))
    later = list(backlog.rows(Reached(backlog.digest, 3)))
    assert later == list(backlog.rows())[3:]
    assert str(later[-1].repeats) == "2"
    assert list(backlog.rows(Reached(backlog.digest, 99))) == []


def test_a_changed_file_is_not_resumed(opened):
    reached = Reached(opened(table(ROW)).digest, 1)
    with pytest.raises(BadInput, match="its content has changed"):
        opened(table(ROW, ROW | {"工单编号": "G2"})).rows(reached)


def test_progress_is_told_every_thousand_and_at_the_end(opened):
    heard = []
    backlog = opened(table(*(ROW | {"工单编号": f"G{number}"} for number in range(2500))))
    assert sum(isinstance(row, Accepted) for row in backlog.rows(progress=heard.append)) == 2500
    assert heard == [1000, 2000, 2500]


def test_personal_data_shows_in_no_representation(one):
    row = one(来电人="甲某", 联系电话="13800000000", 事发地址="虚构路1弄")
    assert "13800000000" not in repr(row) and "甲某" not in repr(row) and "虚构路" not in repr(row)
