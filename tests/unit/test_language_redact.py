from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.language.redact import PLACEHOLDERS, find_personal, redact


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("请回电13812345678。", "请回电[电话]。"),
        ("电话：138 1234 5678", "电话：[电话]"),
        ("电话138-1234-5678", "电话[电话]"),
        ("电话１３８１２３４５６７８", "电话[电话]"),
        ("+86 13812345678", "[电话]"),
        ("手机一三八一二三四五六七八", "手机[电话]"),
        ("021-58881234", "[电话]"),
        ("（021）58881234转8001", "[电话]"),
        ("座机5888 1234", "座机[电话]"),
        ("身份证11010519491231002X", "身份证[身份证号]"),
        ("证件号码11010519491231002x。", "证件号码[身份证号]。"),
        ("11010519491231002X", "[身份证号]"),
        ("身份证号110105491231002", "身份证号[身份证号]"),
        ("卡号6222 0210 0111 6245 702", "卡号[银行卡号]"),
        ("4111111111111111", "[银行卡号]"),
        ("沪A·12345乱停", "[车牌]乱停"),
        ("沪AD12345（绿牌）", "[车牌]（绿牌）"),
        ("皖B1234学", "[车牌]"),
        ("邮箱li.si@example.com", "邮箱[邮箱]"),
        ("微信号：abc_123456", "微信号：[账号]"),
        ("QQ123456789", "QQ[账号]"),
        ("临沂路88弄8号301室漏水", "临沂路88弄[门牌]漏水"),
        ("12弄8号301室", "12弄[门牌]"),
        ("88弄十二号三〇一室", "88弄[门牌]"),
        ("临沂二村12号502", "临沂二村[门牌]"),
        ("浦三路120号门口", "浦三路[门牌]门口"),
        ("3号楼502噪音", "[门牌]噪音"),
        ("金浦小区5栋2单元1201", "金浦小区[门牌]"),
        ("金浦小区8-301", "金浦小区[门牌]"),
        ("楼上301室漏水", "楼上[门牌]漏水"),
        ("我叫张三，住在这里", "我叫[姓名]，住在这里"),
        ("我叫高峰，有事反映", "我叫[姓名]，有事反映"),
        ("本人李四，反映路灯不亮", "本人[姓名]，反映路灯不亮"),
        ("联系人：王五", "联系人：[姓名]"),
        ("我是张建国，张建国的诉求如下", "我是[姓名]，[姓名]的诉求如下"),
        ("姓名：欧阳小红 电话", "姓名：[姓名] 电话"),
        ("邻居张先生、李女士和王阿姨", "邻居[姓名]先生、[姓名]女士和[姓名]阿姨"),
        ("业主王先生：漏水", "业主[姓名]先生：漏水"),
        ("高先生来电", "[姓名]先生来电"),
    ],
)
def test_what_tells_who_a_citizen_is_is_hidden(written: str, shown: str) -> None:
    assert redact(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "请拨打12345或400-820-8820、95588、110",
        "2024年10月25日14时30分，20241025，拖欠13800元",
        "工单20241025123456，合同编号2024102512345678",
        "补偿款13812345678元",
        "310115202410250002是案件编号",
        "3号线噪音大，5号门关闭，10号口出站",
        "3号楼电梯坏了，临沂路88弄停水",
        "本村5号开始停水，10月25号1500人到场",
        "地下室、实验室、活动室漏水",
        "3幢100户，20栋300户居民，1栋1000平米，3号楼2000人",
        "每平方米2000元，面积120平，2路公交",
        "微信支付12345元，微信群里说过",
        "新区A3地块，云A座",
        "本人认为不合理，本人高度重视，我是路过，我是常住户，",
        "班主任老师、任课老师、高中老师、保洁阿姨、司机师傅、安装师傅",
        "请对方先生配合",
        "王书记、李局长、张主任、陈所长",
        "业主强烈反对，业主常年投诉，业主方面不同意，业主任意停车",
        "早高峰拥堵，安全通道堵塞",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert redact(text) == text


def test_findings_are_in_order_and_apart() -> None:
    text = "我叫张建国，13812345678，沪A12345，临沂路88弄8号301室，邮箱a@b.cn"
    findings = find_personal(text)
    assert [finding.kind for finding in findings] == ["name", "phone", "plate", "house_number", "email"]
    assert all(first.end <= second.start for first, second in pairwise(findings))
    assert {finding.kind for finding in findings} <= set(PLACEHOLDERS)


@given(
    st.text(alphabet=st.characters(), max_size=60) | st.text(alphabet="我叫张三先生138-1234沪AD@.室号弄 ", max_size=60)
)
def test_nothing_breaks_it_and_twice_is_as_good_as_once(text: str) -> None:
    for finding in find_personal(text):
        assert 0 <= finding.start < finding.end <= len(text)
    redact(redact(text))


@pytest.mark.parametrize("part", ["1", "13", "138 ", "a", "a@", "a.", "张", "我叫张", "号", "8号", "三", "沪A1", "一"])
def test_a_hostile_text_takes_bounded_time(part: str) -> None:
    started = time.perf_counter()
    find_personal(part * (20_000 // len(part)))
    assert time.perf_counter() - started < 2
