"""The eight checks of a unit's reply: what each finds, where it looked, and that they decide nothing."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.desk.eight_checks.passed_on import Substance, substance
from triage.desk.eight_checks.reading import ReplyText
from triage.desk.eight_checks.reply import Finding, Reply, ReplyContext, Verdict
from triage.desk.eight_checks.review import CHECKS, check_reply, clause_for
from triage.desk.eight_checks.signs import TRACES
from triage.desk.eight_checks.topic import is_off_topic
from triage.desk.reviews import read_replies, review_of
from triage.domain.errors import BadInput
from triage.domain.vocabulary import REPLY_ELEMENTS, Outcome, ReplyFact, Satisfaction

TEXT = (
    "3月2日10时，承办人李某电话联系来电人，告知将派员查看。经现场核查，小区北门路灯灯泡损坏、线路老化情况属实。"
    "来电人要求更换路灯的诉求合理，予以支持。3月4日，维修人员更换灯泡并检修线路，路灯已恢复照明，现场已清理完毕。"
    "3月5日，答复人王某将维修结果答复来电人，来电人表示满意。"
)
REPLY = Reply(
    TEXT,
    outcome=Outcome.SOLVED,
    attachments=("before_picture", "after_picture", "contact_recording", "callback_recording"),
    satisfaction=Satisfaction.SATISFIED,
)
CONTEXT = ReplyContext(
    title="路灯不亮",
    text="小区北门的路灯坏了一个月，晚上一片漆黑，请尽快维修",
    needs_site_visit=True,
    contacted=True,
    answered=True,
    solved=True,
    satisfaction=Satisfaction.SATISFIED,
)
OTHER_MATTER = (
    "经核查，该烧烤店油烟净化器长期未清洗，排烟管道破损，油烟直排后巷。关于您反映的烧烤店油烟扰民的问题，"
    "执法队员责令店主清洗净化器、修补管道，店主当晚停业整改，餐饮协会派员复查。"
)


def _found(number: int, reply: Reply = REPLY, context: ReplyContext = CONTEXT) -> Finding:
    return check_reply(reply, context)[number - 1]


def _with(old: str, new: str) -> Reply:
    assert old in TEXT
    return replace(REPLY, text=TEXT.replace(old, new))


@pytest.mark.parametrize("number", range(1, 9))
def test_a_whole_reply_passes_each_of_the_eight(number):
    finding = _found(number)
    assert (finding.verdict, finding.number) == (Verdict.PASS, number), finding.because


@pytest.mark.parametrize(
    ("number", "reply", "context", "said"),
    [
        (1, _with("3月2日10时，", ""), CONTEXT, "缺少先行联系时间"),
        (1, _with("承办人李某", "我单位"), CONTEXT, "缺少先行联系人"),
        (1, REPLY, replace(CONTEXT, contacted=False), "回访时诉求人表示未被联系"),
        (2, _with("情况属实", "情况不属实"), CONTEXT, "认定为属实，但文中称情况不属实"),
        (2, replace(REPLY, fact=ReplyFact.NOT_TRUE), CONTEXT, "认定为不属实，但文中称情况属实"),
        (2, Reply("路灯好好的。", fact=ReplyFact.NO_POLICY), CONTEXT, "未说明依据"),
        (3, _with("的诉求合理，予以支持", "一事"), CONTEXT, "缺少诉求认定"),
        (3, replace(REPLY, text=OTHER_MATTER), CONTEXT, "答复内容似未针对该诉求"),
        (4, replace(REPLY, attachments=REPLY.attachments[:1]), CONTEXT, "缺少处置后图片"),
        (4, _with("经现场核查", "未到现场，经电话了解"), CONTEXT, "文中称未到现场"),
        (5, _with("路灯已恢复照明，现场已清理完毕", "线路老化问题暂时无法解决"), CONTEXT, "文中称尚未或无法解决"),
        (5, REPLY, replace(CONTEXT, solved=False), "回访时诉求人表示未解决"),
        (5, replace(REPLY, fact=ReplyFact.NOT_TRUE), CONTEXT, "事实认定为不属实"),
        (5, replace(REPLY, outcome=Outcome.UNSOLVED), replace(CONTEXT, solved=None), "文中称已解决"),
        (5, replace(REPLY, outcome=Outcome.EXPLAINED), CONTEXT, "回访时诉求人表示已解决"),
        (6, _with("表示满意", "表示不满意"), CONTEXT, "满意度前后不一"),
        (6, REPLY, replace(CONTEXT, satisfaction=Satisfaction.UNSATISFIED), "填写为满意、回访为不满意"),
        (6, replace(_with("，来电人表示满意", ""), satisfaction=None), CONTEXT, "缺少市民满意度"),
        (7, _with("答复人王某", "我单位"), CONTEXT, "缺少答复人"),
        (7, replace(REPLY, text="您好，您反映的问题已转交区绿化部门处理。"), CONTEXT, "答复仅说明已转交"),
        (7, replace(REPLY, text="请您向区房管部门咨询。"), CONTEXT, "请诉求人另行咨询"),
        (7, replace(REPLY, text=""), CONTEXT, "答复未说明办理过程"),
        (7, REPLY, replace(CONTEXT, answered=False), "回访时诉求人表示未得到答复"),
        (8, replace(REPLY, outcome=None), CONTEXT, "缺少办理结果"),
        (8, replace(REPLY, outcome=Outcome.EXPLAINED), CONTEXT, "缺少计划和时间节点"),
        (8, REPLY, replace(CONTEXT, in_legal_procedure=True), "缺少执法文书"),
    ],
)
def test_a_reply_that_just_falls_short_fails_the_check_and_is_told_why(number, reply, context, said):
    finding = _found(number, reply, context)
    assert finding.verdict is Verdict.FAIL
    assert said in finding.because
    assert finding.because.endswith("，请核对。")


@pytest.mark.parametrize(
    ("number", "reply", "context", "said"),
    [
        (1, _with("告知将派员查看", "多次拨打无人接听"), CONTEXT, "未联系上"),
        (2, _with("情况属实", "情况部分属实"), CONTEXT, "部分或基本属实"),
        (2, _with("情况属实", "的情况不存在"), CONTEXT, "不存在或未发现"),
        (3, REPLY, ReplyContext(), "无法比对"),
        (5, replace(REPLY, outcome=None), CONTEXT, "未填写办理结果"),
        (5, _with("已恢复照明，现场已清理完毕", "将恢复照明"), CONTEXT, "未见已解决的表述"),
        (5, _with("3月4日", "起初因缺配件无法修复，3月4日"), CONTEXT, "尚未或无法解决"),
        (6, _with("表示满意", "表示基本满意"), CONTEXT, "文中为基本满意"),
        (8, replace(REPLY, outcome=Outcome.FOR_REFERENCE), CONTEXT, "是否已经领导同意"),
        (8, replace(REPLY, fact=ReplyFact.NO_POLICY), CONTEXT, "附件1.2"),
    ],
)
def test_what_only_a_person_can_tell_is_left_unsure(number, reply, context, said):
    finding = _found(number, reply, context)
    assert finding.verdict is Verdict.UNSURE, finding.because
    assert said in finding.because


def test_an_element_counts_where_it_is_named_attached_or_plain_in_the_text_and_the_finding_says_which():
    named = replace(REPLY, elements=("first_contact_time",))
    fields = {look.value: look.field for look in _found(1, named).looked_at}
    assert fields["first_contact_time"] == "reply.elements"
    assert fields["contact_recording"] == "reply.attachments"
    assert fields["承办人李某"] == "reply.text"


def test_a_recording_or_a_picture_counts_only_where_it_is_attached():
    assert {"before_picture", "after_picture", "contact_recording", "callback_recording"} == (
        set(REPLY_ELEMENTS) - set(TRACES)
    )
    spoken = replace(REPLY, text=TEXT + "附处置前后照片和录音。", attachments=())
    assert "缺少先行联系录音" in _found(1, spoken).because


def test_places_are_those_of_the_text_as_written():
    text = "　　您好！！！<br>３月２日，承办人李某电话联系來電人。"
    looks = [look for look in _found(1, replace(REPLY, text=text)).looked_at if look.field == "reply.text"]
    assert [text[look.start : look.end] for look in looks] == ["３月２日", "承办人李某"]


def test_a_telephone_number_offered_is_no_first_contact():
    assert ReplyText("3月2日起欢迎您致电承办人李某，工作人员将联系您。").trace("first_contact_time") is None


@pytest.mark.parametrize("clause", ["如不能解决", "此前未能修复", "您反映的路灯无法修复"])
def test_a_condition_the_past_and_the_callers_own_words_are_not_how_the_matter_stands(clause):
    assert _found(5, _with("3月4日", f"{clause}，3月4日")).verdict is Verdict.PASS


def test_a_site_visit_is_asked_for_only_where_there_is_a_site():
    bare = replace(REPLY, attachments=REPLY.attachments[2:])
    assert _found(4, bare, replace(CONTEXT, needs_site_visit=False)).verdict is Verdict.PASS
    assert _found(4, bare).verdict is Verdict.FAIL


def test_explained_with_dates_and_documents_in_a_legal_procedure_keep_to_the_rules():
    text = TEXT + "计划于6月30日前完成线路改造。已出具《责令改正通知书》。"
    explained = replace(REPLY, text=text, outcome=Outcome.EXPLAINED)
    assert _found(8, explained, replace(CONTEXT, in_legal_procedure=True)).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        (["您好", "您的来电已收悉", "感谢您的支持"], Substance.NOTHING),
        (["您反映的问题已转交区水务局核查"], Substance.PASSED_ON),
        (["我单位已将情况上报区有关部门", "请您耐心等待"], Substance.PASSED_ON),
        (["该事项不属于我镇管理范围", "建议您拨打供电服务热线咨询"], Substance.PASSED_ON),
        (["已转交物业处理", "倒伏的树木于昨日扶正并加了支架"], Substance.SAYS_SOMETHING),
        (["已交由环卫所清运完毕", "垃圾已全部清理"], Substance.SAYS_SOMETHING),
    ],
)
def test_what_is_only_passed_on_is_told_from_what_was_also_done(clauses, expected):
    assert substance(clauses) is expected


def test_a_brief_reply_is_not_called_off_the_topic():
    assert is_off_topic("小区北门的路灯坏了", "烧烤店已停业") is None
    assert is_off_topic("", OTHER_MATTER) is None
    assert is_off_topic("小区北门的路灯坏了，晚上漆黑", OTHER_MATTER) is True
    assert is_off_topic("烧烤店的油烟熏得睡不着", OTHER_MATTER) is False


def test_a_quoted_title_alone_does_not_put_a_reply_on_the_topic():
    assert is_off_topic("小区北门的路灯坏了，晚上漆黑", f"您反映的“小区北门路灯坏了”已收悉。{OTHER_MATTER}") is True


def test_each_jurisdiction_is_cited_by_the_clause_that_wants_the_checks():
    assert [clause_for(policy) for policy in ("tangqiao", "nanmatou", "moushi")] == [
        "tangqiao:4.2.3",
        "nanmatou:rules/8.9.1",
        None,
    ]


# --- any text ----------------------------------------------------------------------------------------------

PIECES = st.sampled_from([*TEXT.split("，"), "已转交", "不属实", "满意", "。", "\n", "联系来电人", "〔2024〕1号"])
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=30).map("".join))


@given(
    text=TEXTS,
    complaint=TEXTS,
    outcome=st.sampled_from([None, *Outcome]),
    fact=st.sampled_from(ReplyFact),
    elements=st.lists(st.sampled_from(REPLY_ELEMENTS)).map(tuple),
    said=st.sampled_from([None, *Satisfaction]),
    solved=st.sampled_from([None, True, False]),
)
def test_any_reply_gets_the_eight_in_order_and_the_same_each_time(
    text, complaint, outcome, fact, elements, said, solved
):
    reply, context = Reply(text, outcome, fact, elements, (), said), ReplyContext(text=complaint, solved=solved)
    findings = check_reply(reply, context)
    assert [(one.number, one.id) for one in findings] == list(enumerate([check.id for check in CHECKS], start=1))
    assert findings == check_reply(reply, context)
    for look in (look for one in findings for look in one.looked_at if look.start is not None):
        assert text[look.start : look.end].startswith(look.value)


@pytest.mark.parametrize(
    "piece", ["好", "已", "，", "“", "《", "1", "关于您反映的", "与您", "转交", "（2024）", "3月2日联系来电人", TEXT]
)
def test_a_very_long_text_is_read_in_bounded_time(piece):
    check_reply(REPLY, CONTEXT)  # the dictionary is read on first use
    text = (piece * 100_000)[:100_000]
    started = time.process_time()
    check_reply(replace(REPLY, text=text), replace(CONTEXT, text=text))
    assert time.process_time() - started < 3


# --- what the command reads --------------------------------------------------------------------------------

BODY = {
    "order": {"id": "a-1", "title": CONTEXT.title, "text": CONTEXT.text},
    "reply": {"text": TEXT, "outcome": "solved", "attachments": list(REPLY.attachments), "satisfaction": "satisfied"},
    "facts": {"needs_site_visit": True},
    "call_back": {"contacted": True, "answered": True, "solved": True, "satisfaction": "satisfied"},
}


def test_a_file_is_read_as_the_reply_and_its_order(written):
    given = read_replies(written("reply.json", json.dumps(BODY)), "tangqiao", ["tangqiao"])
    [request] = given.requests
    review = review_of(request, "tangqiao")
    assert not given.by_line
    assert review.findings == check_reply(REPLY, CONTEXT)
    assert (review.assists, review.note, review.order_id) == (True, "仅供人工审核参考", "a-1")


def test_a_jsonl_file_is_read_line_by_line_and_blank_lines_are_skipped(written):
    given = read_replies(written("replies.jsonl", f"{json.dumps(BODY)}\n\n{json.dumps(BODY)}\n"), "yanji", ["yanji"])
    assert given.by_line and len(given.requests) == 2


@pytest.mark.parametrize(
    ("name", "content", "faults"),
    [
        ("r.json", json.dumps({**BODY, "reply": {"text": "好", "outcome": "done"}}), ["reply.outcome"]),
        ("r.json", json.dumps({**BODY, "reply": {"elements": ["photo"]}}), ["reply.text", "reply.elements.0"]),
        ("r.json", json.dumps({**BODY, "facts": {"needs_site_visit": 1}}), ["facts.needs_site_visit"]),
        ("r.json", json.dumps({**BODY, "called_back": {}}), ["called_back"]),
        ("r.json", "[]", ["must be a JSON object with an order and a reply"]),
        ("r.jsonl", json.dumps(BODY) + '\n{"order": {}}\nx', ["row 2.reply", "row 3"]),
        ("r.jsonl", "\n", ["is empty"]),
    ],
)
def test_what_cannot_be_used_is_named_by_its_field_and_row(written, name, content, faults):
    with pytest.raises(BadInput) as caught:
        read_replies(written(name, content), "tangqiao", ["tangqiao"])
    told = [str(problem).split(":")[0] for problem in caught.value.problems]
    assert len(told) == len(faults) and all(one.startswith(fault) for one, fault in zip(told, faults, strict=True))


def test_a_policy_that_no_pack_has_is_refused(written):
    with pytest.raises(BadInput, match="unknown policy 'atlantis'"):
        read_replies(written("reply.json", json.dumps(BODY)), "atlantis", ["tangqiao"])
