"""The console in a real browser: what a dispatcher types, sees, hears of mistakes, and takes away."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

FUMES = "临沂二村门口的烧烤摊每晚油烟直冲楼上，阳台的衣服都是油烟味，关着窗也挡不住。"
MONDAY = "2026-03-02T09:00"

Opener = Callable[..., Page]


def ask(page: Page, text: str, received: str = MONDAY) -> dict[str, Any]:
    """Types a complaint that came in on a Monday morning, asks, and answers what the service said."""
    page.fill("#text", text)
    page.fill("#received", received)
    page.locator("#more").evaluate("fold => { fold.open = true; }")
    page.fill("#judged-at", received)
    with page.expect_response("**/v1/decisions") as answer:
        page.press("#text", "Control+Enter")
    decision: dict[str, Any] = answer.value.json()
    return decision


def answer_with(page: Page, **changes: Any) -> None:
    """From now on the service's decisions have these parts changed."""

    def change(route: Route) -> None:
        decision = route.fetch().json()
        route.fulfill(json=decision | changes)

    page.route("**/v1/decisions", change)


def dispatch(mode: str, decider: str) -> dict[str, Any]:
    return {"mode": mode, "decider": decider, "clause": "nanmatou:rules/6.3", "because": "为此", "auto": False}


def owed(due_at: str | None, **changes: Any) -> dict[str, Any]:
    told = {"id": "finish", "actor": "unit", "clause": "nanmatou:rules/8.4", "state": "open", "because": "自派单起算"}
    return told | {"due_at": due_at, "provisional": False} | changes


def test_a_complaint_is_answered_with_unit_clause_and_deadlines(open_console: Opener) -> None:
    page = open_console()
    decision = ask(page, FUMES)
    lead = decision["units"][0]["name"]
    expect(page.locator("#headline")).to_have_text(f"派往 {lead}")
    expect(page.locator("#verdict")).to_contain_text("法定派单")
    expect(page.locator("#verdict")).to_contain_text(decision["dispatch"]["clause"])
    expect(page.locator("#verdict")).to_contain_text(decision["dispatch"]["because"])
    expect(page.locator(".owed .due")).to_have_text(
        ["今天10:00前", "明天17:00前", "明天17:00前", "3月9日 周一 17:00前"]
    )
    expect(page.locator(".category b").first).to_have_text(decision["category"][0]["name"])
    expect(page.locator(".foot")).to_contain_text(decision["model"]["version"])
    expect(page.locator(".foot")).to_contain_text("毫秒")


def test_a_deadline_says_why_on_demand_and_counts_down(open_console: Opener) -> None:
    page = open_console()
    decision = ask(page, FUMES)
    first = page.locator(".owed-item").first
    expect(first.locator(".left")).to_have_text("还有 1小时")
    expect(first.locator(".because")).to_be_hidden()
    first.locator("summary").click()
    expect(first.locator(".because")).to_contain_text(decision["obligations"][0]["because"])


def test_what_is_provisional_or_has_no_time_is_said_to_be_so(open_console: Opener) -> None:
    page = open_console()
    later = owed("2027-01-04T17:00:00+08:00", provisional=True)
    answer_with(page, obligations=[owed(None, id="call_back"), later], if_dispatched=[])
    ask(page, FUMES)
    expect(page.locator(".owed .due")).to_have_text(["2027年1月4日 周一 17:00前", "未定时限"])
    expect(page.locator(".owed-item").first).to_contain_text("暂定")


def test_the_marked_words_are_the_evidence(open_console: Opener) -> None:
    page = open_console()
    spans = ask(page, FUMES)["evidence"]["category"]
    in_order = sorted(spans, key=lambda span: int(span["start"]))
    expect(page.locator(".complaint mark")).to_have_text([span["text"] for span in in_order])
    expect(page.locator(".complaint .body")).to_have_text(FUMES)


def test_evidence_is_counted_in_characters_not_in_utf_16(open_console: Opener) -> None:
    page = open_console()
    text = "😀𠮷家烧烤店😡油烟大"
    spans = [
        {"text": "烧烤店", "start": 3, "end": 6, "weight": 0.5, "field": "text"},
        {"text": "油烟", "start": 7, "end": 9, "weight": 2.0, "field": "text"},
        {"text": "不在", "start": 0, "end": 2, "weight": 9.0, "field": "text"},
        {"text": "🔥", "start": 1, "end": 2, "weight": 1.0, "field": "title"},
    ]
    answer_with(page, evidence={"category": spans})
    page.fill("#title", "急🔥急")
    ask(page, text)
    expect(page.locator(".complaint .body mark")).to_have_text(["烧烤店", "油烟"])
    expect(page.locator(".complaint .title mark")).to_have_text(["🔥"])
    levels = page.locator(".complaint .body mark").evaluate_all("marks => marks.map(mark => mark.dataset.level)")
    assert int(levels[0]) < int(levels[1])


def test_the_nearest_examples_stand_folded_under_the_evidence(open_console: Opener) -> None:
    page = open_console()
    fumes = {"id": "catering-fumes", "name": "餐饮油烟"}
    plain = {"text": "小龙虾店油烟直排", "title": "", "category": fumes, "similarity": 0.2}
    titled = {"text": "烟管对着窗户", "title": "面馆<b>", "category": fumes, "similarity": 0.1}
    answer_with(page, examples=[plain, titled])
    ask(page, FUMES)
    expect(page.locator(".near q")).to_have_text(["小龙虾店油烟直排", "面馆<b>：烟管对着窗户"])
    expect(page.locator(".near q").first).to_be_hidden()
    page.locator(".near summary").click()
    expect(page.locator(".near small").first).to_have_text("餐饮油烟")
    answer_with(page, examples=[])
    ask(page, FUMES)
    expect(page.locator(".near")).to_have_count(0)


def test_an_emergency_stands_above_everything(open_console: Opener) -> None:
    page = open_console()
    answer_with(
        page,
        dispatch=dispatch("emergency_transfer", "dispatcher"),
        emergency={"value": "119", "confidence": 0.97},
    )
    ask(page, FUMES)
    expect(page.locator("#verdict > *").first).to_contain_text("紧急警情（119 消防）")
    expect(page.locator("#headline")).to_have_text("立即转接 119 消防")


def test_a_likely_emergency_is_pointed_out_where_the_rules_do_not_transfer_it(open_console: Opener) -> None:
    page = open_console()
    answer_with(page, emergency={"value": "120", "confidence": 0.8})
    ask(page, FUMES)
    expect(page.locator("#verdict .emergency")).to_contain_text("疑似紧急警情（120 急救）")
    expect(page.locator("#headline")).to_contain_text("派往")


@pytest.mark.parametrize(
    ("mode", "decider", "line"),
    [
        ("agreed", "centre_leader", "请城运中心分管领导明确牵头单位"),
        ("designated", "main_leader", "请主要领导指定承办单位"),
        ("designated", "meeting", "提请专题会议明确承办单位"),
        ("direct_answer", "dispatcher", "可直接答复来电人"),
        ("return_upward", "dispatcher", "退回上级平台"),
    ],
)
def test_the_verdict_names_who_decides(open_console: Opener, mode: str, decider: str, line: str) -> None:
    page = open_console()
    answer_with(page, dispatch=dispatch(mode, decider))
    ask(page, FUMES)
    expect(page.locator("#headline")).to_have_text(line)


def test_no_unit_and_no_category_are_told_plainly(open_console: Opener) -> None:
    page = open_console()
    answer_with(page, units=[], category=[], evidence={})
    ask(page, FUMES)
    expect(page.locator("#headline")).to_have_text("请派单员确定承办单位")
    expect(page.locator(".units")).to_contain_text("没有把握推荐单位")
    expect(page.locator(".categories")).to_contain_text("未能判断类别")


def test_several_matters_are_listed_and_a_question_is_offered(open_console: Opener) -> None:
    page = open_console()
    light = {"id": "street-light", "name": "路灯照明", "domain": "城乡建设", "confidence": 0.99}
    place = {"field": "text", "start": 0, "end": 4, "units": ["u", "unknown"]}
    unit = {"id": "u", "name": "供电公司", "role": "lead", "confidence": 0.9, "duty": "路灯"}
    ask_words = {"text": "请问您主要想反映的是甲，还是乙？", "between": [], "because": "答案决定主办单位：甲归丙"}
    answer_with(page, matters=[{"category": light, "text": "路灯坏了", **place}], units=[unit], question=ask_words)
    ask(page, FUMES)
    expect(page.locator(".matter b")).to_have_text("路灯照明")
    expect(page.locator(".matter q")).to_have_text("路灯坏了")
    expect(page.locator(".matter small")).to_have_text("供电公司、unknown")
    expect(page.locator(".ask")).to_contain_text("建议问来电人")
    expect(page.locator(".ask")).to_contain_text("还是乙？")
    expect(page.locator(".ask small")).to_have_text("答案决定主办单位：甲归丙")


def test_one_clear_matter_shows_neither_parts_nor_a_question(open_console: Opener) -> None:
    page = open_console()
    answer_with(page, matters=[], question=None)
    ask(page, FUMES)
    expect(page.locator("#headline")).to_be_visible()
    expect(page.locator(".matters, .ask")).to_have_count(0)


def test_alerts_and_related_orders_are_shown(open_console: Opener) -> None:
    page = open_console()
    alert = {
        "kind": "yellow",
        "clause": "tangqiao:4.2.5",
        "notify": ["unit_head", "deputy_leader"],
        "because": "已有5件",
    }
    similar = {"order_id": "W-7", "score": 0.91, "same_caller": True, "why": ["同一地点"]}
    issue = {"id": "i1", "orders": 7, "callers": 5, "today": 2, "week": 7}
    answer_with(page, alerts=[alert], similar=[similar], issue=issue, caller={"token": "t", "repeat_count": 3})
    ask(page, FUMES)
    expect(page.locator(".alerts")).to_contain_text("黄色预警")
    expect(page.locator(".alerts")).to_contain_text("告知 单位负责人、分管领导")
    expect(page.locator(".related")).to_contain_text("第 3 次来电")
    expect(page.locator(".related")).to_contain_text("共 7 件、5 人")
    expect(page.locator(".related")).to_contain_text("同一来电人；同一地点")


def test_facts_that_are_stated_reach_the_rules(open_console: Opener) -> None:
    page = open_console()
    page.locator("#more summary").click()
    page.get_by_label("区领导批示").check()
    page.get_by_label("第几次来电").fill("6")
    with page.expect_request("**/v1/decisions") as request:
        ask(page, FUMES)
    assert json.loads(request.value.post_data or "")["facts"] == {"district_leader_comment": True, "repeat_count": 6}
    expect(page.locator("#headline")).to_have_text("请主要领导指定承办单位")
    expect(page.locator("#more summary")).to_contain_text("已填 3 项")
    page.locator(".trace summary").click()
    expect(page.locator(".trace table")).to_contain_text("区领导批示：是")
    expect(page.locator(".trace table")).to_contain_text("指定派单，由主要领导决定")


def test_an_empty_text_is_asked_for_without_a_call(open_console: Opener) -> None:
    page = open_console()
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    page.fill("#text", "  \n ")
    page.click("#submit")
    expect(page.locator("#text-fault")).to_have_text("请先填写诉求内容")
    expect(page.locator("#text")).to_be_focused()
    assert calls == []
    page.fill("#text", "有内容了")
    expect(page.locator("#text-fault")).to_be_hidden()


def test_a_fault_the_service_finds_is_shown_beside_its_field(open_console: Opener) -> None:
    page = open_console()
    page.fill("#title", "长" * 2001)
    ask(page, FUMES)
    expect(page.locator("#title-fault")).to_have_text("最多 2,000 个字")
    expect(page.locator("#title")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#title")).to_be_focused()


def test_a_number_that_cannot_be_is_refused_beside_its_field(open_console: Opener) -> None:
    page = open_console()
    page.fill("#text", FUMES)
    page.locator("#more summary").click()
    page.fill("#issue-today", "0")
    page.click("#submit")
    expect(page.locator("#issue-today-fault")).to_have_text("请填 1 以上的整数，或留空")
    expect(page.locator("#issue-today")).to_be_in_viewport()


def test_a_network_failure_is_told_politely_and_keeps_the_text(open_console: Opener) -> None:
    page = open_console()
    page.route("**/v1/decisions", lambda route: route.abort())
    page.fill("#text", FUMES)
    page.press("#text", "Control+Enter")
    expect(page.locator("#form-fault")).to_contain_text("暂时连不上服务")
    expect(page.locator("#text")).to_have_value(FUMES)
    expect(page.locator("#submit")).to_contain_text("判断去向")


def test_everything_can_be_done_from_the_keyboard(open_console: Opener) -> None:
    page = open_console()
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.insert_text(FUMES)
    with page.expect_response("**/v1/decisions"):
        page.keyboard.press("Control+Enter")
    expect(page.locator("#headline")).to_contain_text("派往")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.owed-item summary')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".owed-item .because").first).to_be_visible()
    page.keyboard.press("Alt+n")
    expect(page.locator("#text")).to_have_value("")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#headline")).to_have_count(0)


def test_the_dispatch_note_is_copied_without_the_callers_words(open_console: Opener) -> None:
    page = open_console()
    decision = ask(page, FUMES)
    page.keyboard.press("Alt+c")
    expect(page.locator("#copy")).to_contain_text("已复制")
    note = page.evaluate("navigator.clipboard.readText()")
    assert f"主办单位：{decision['units'][0]['name']}" in note
    assert decision["category"][0]["name"] in note
    assert decision["dispatch"]["clause"] in note
    assert "办结（承办单位）：2026年3月9日 周一 17:00前（暂定）" in note
    assert FUMES not in note


def test_hostile_text_is_shown_as_text(open_console: Opener) -> None:
    page = open_console()
    hostile = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>油烟很大"
    unit = {"id": "u", "name": hostile, "role": "lead", "confidence": 0.9, "duty": hostile}
    answer_with(page, units=[unit])
    page.fill("#title", hostile)
    ask(page, hostile)
    expect(page.locator(".complaint .body")).to_have_text(hostile)
    expect(page.locator("#headline")).to_have_text(f"派往 {hostile}")
    assert page.locator("main img, main script").count() == 0
    assert page.title() != "taken"


def test_nothing_is_left_in_the_browser(open_console: Opener) -> None:
    page = open_console()
    ask(page, FUMES)
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert kept == [0, 0, ""]
    page.reload()
    expect(page.locator("#text")).to_have_value("")


def test_a_changed_text_marks_the_answer_as_the_old_one(open_console: Opener) -> None:
    page = open_console()
    ask(page, FUMES)
    expect(page.locator("#stale")).to_be_hidden()
    page.fill("#text", FUMES + "请尽快处理。")
    expect(page.locator("#stale")).to_be_visible()


def test_only_the_latest_question_is_answered(open_console: Opener) -> None:
    page = open_console()
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/v1/decisions", hold_the_first)
    page.fill("#text", "第一件：路灯不亮了")
    page.press("#text", "Control+Enter")
    expect(page.locator("#result")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#submit")).to_contain_text("正在判断")
    ask(page, FUMES)
    expect(page.locator(".complaint .body")).to_have_text(FUMES)
    expect(page.locator("#result")).to_have_attribute("aria-busy", "false")


def test_a_very_long_text_is_answered(open_console: Opener) -> None:
    page = open_console()
    page.fill("#text", "门口堆了很多杂物没有人清理。" * 10_000)
    expect(page.locator("#length")).to_have_text("140,000 字")
    page.press("#text", "Control+Enter")
    expect(page.locator("#headline")).to_be_visible(timeout=20_000)
    tall = page.locator(".complaint .scroll").bounding_box()
    assert tall is not None and tall["height"] < 250


def test_each_example_gets_a_verdict(open_console: Opener) -> None:
    page = open_console()
    examples = page.locator(".example")
    assert examples.count() == 4
    for index in range(4):
        page.keyboard.press("Alt+n")
        examples.nth(index).click()
        expect(page.locator("#headline")).to_be_visible()


def test_the_bookmarked_jurisdiction_is_chosen(open_console: Opener) -> None:
    assert open_console(query="?policy=yanji").locator("#policy").input_value() == "yanji"


def test_the_received_time_starts_as_now_in_shanghai(open_console: Opener) -> None:
    page = open_console()
    now = page.evaluate(
        "new Intl.DateTimeFormat('sv-SE', {timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'short'})"
        ".format(new Date()).slice(0, 13).replace(' ', 'T')"
    )
    assert page.locator("#received").input_value().startswith(now)


def test_every_field_has_a_label_and_the_result_is_announced(open_console: Opener) -> None:
    page = open_console()
    unnamed = page.evaluate(
        "[...document.querySelectorAll('input, select, textarea')].filter(f => !f.labels.length).map(f => f.id)"
    )
    assert unnamed == []
    expect(page.locator("#verdict")).to_have_attribute("aria-live", "polite")


def test_a_telephone_screen_shows_it_all_without_scrolling_sideways(open_console: Opener) -> None:
    page = open_console(width=390, height=844)
    ask(page, FUMES)
    expect(page.locator("#headline")).to_be_in_viewport()
    expect(page.locator("#result")).to_be_focused()
    page.locator(".trace summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_a_clipboard_the_note_is_laid_out_for_copying(open_console: Opener) -> None:
    page = open_console()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    ask(page, FUMES)
    page.click("#copy")
    area = page.get_by_label("派单意见，请按 Ctrl+C 复制")
    expect(area).to_be_focused()
    assert area.input_value().startswith("【派单意见】")
