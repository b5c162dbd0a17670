"""The matter of one order in one line: its title, or its first sentence, without address of form, plea and names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from triage.language.names import SURNAME
from triage.language.redact import redact
from triage.similar.naming.told import Told
from triage.similar.naming.words import segmenter, words_of

_LONGEST = 80
_SHORTEST = 3
_LONGEST_TITLE = 200
_PLACEHOLDER = re.compile(r"\[(?:电话|身份证号|银行卡号|车牌|邮箱|账号|门牌|姓名)\]")
_MASKED_NAME = re.compile(rf"{SURNAME}(?:某{{1,2}}|[xX*＊]{{1,2}})(?![\w])|{SURNAME}某{{1,2}}")
_OFFICE = r"(?:书记|[省市区县局厅部镇乡]长|主任)"
_TO_AN_OFFICE = re.compile(rf"^[^\w]*(?:尊敬的|敬爱的)?[\u4e00-\u9fd5]{{0,3}}?{_OFFICE}[^\w]*(?:您好|你好)?")
# Before a name that nothing marks as one; where it is none, little is lost.
_NAMED = re.compile(
    r"((?:住户|户主|业主|居民|村民|市民|职工|女儿|儿子|丈夫|妻子|母亲|父亲|我是|本人))"
    rf"{SURNAME}[\u4e00-\u9fd5]{{1,2}}(?=等|[，。、]|$|的|与|和|及|家|反映|投诉|举报|来电|[称说])"
)
_DOOR = re.compile(r"(?:\d{1,3}(?:号楼|[栋幢座]))?\d{1,2}单元(?:\d{3,4}(?:号房?|[室房])?)?|\d{3,4}号房")
_OFFICES = re.compile("[站院校局所队村组部处科]长|书记|主任|经理|老板|支书|会计|警官|医生|法人|霸|律师|老师")
_SURNAME = re.compile(SURNAME)
_SENTENCE = re.compile(r"[^。！？!?\n]+")

# Words with which a complaint opens; what it is about follows.
_OPENING = frozenset(
    """
    投诉 反映 反应 举报 检举 控告 咨询 询问 请教 质疑 恳请 恳求 请求 诉求 申请 请问 求助 求救 求 希望 期望 期盼 盼
    盼望 望 请
    建议 关于 对于 针对 有关 要求 呼吁 反对 抗议 抵制 严惩 彻查 说说 想问 想 问 谈谈 跪求 责令 强烈要求 强烈 坚决
    紧急 实名 联名 特此
    再次 再 又 一再 多次 几次 三番五次 次 三问 四问 再问 追问 第三次 第二次 第一次 第四次 数次 继续 还是
    政府 领导 书记 市长 区长 省长 县长 局长 市委 省委 区委 有关部门 相关部门 部门 相关 市民 居民 业主 群众 村民 来电
    人 来电人 诉求人 本人 我 我们 大家
    你 你们 您 您好 你好 尊敬 敬爱 贵局 有人 各位 某些 各级 市政府 区政府 热线
    解决 处理 关注 重视 帮助 帮忙 督促 过问 关心 查处 调查 管管 救救 协调 落实 加快 尽快 尽早 早日 依法 公正 加紧
    加强 加大 进一步 一下
    能 能够 能否 可以 可否 给予 给 帮 对 把 将 认真 到底 居然 竟然 究竟 为什么 为何 为啥 难道 不要 让 的 来 是否 在
    向 有没有 谁 说 称 表示 其 希
    如何 怎么 怎样 问问 强烈建议 凭什么 和 与 及 为 为我 急 急求 急需 敬请 麻烦 烦请 督促下 整顿下 请予 该 要求 要
    都 也 就 了 呢 啊 一个 一些 这个 那个 是 我是 家住 住 住在 位于
    座落 坐落 坐落在 座落在 地处 作为 身为 自从 由于 因为 因
    目前 现在 近期 近日 最近 今天 昨天 昨晚 今晚 今早
    """.split()
)
_NUMBER_OF_TIMES = re.compile(r"^第?[几多数\d一二三四五六七八九十]+(?:次|问)")
_MARK = re.compile(r"[^\w“\"‘「《【（]|_")
_CLOSING = re.compile(
    r"(?:[\s，。！？、：；…\-—.“”\"]|的?(?:相关|有关|一些|几个|几点|诸多|若干|种种)?(?:问题|情况|投诉|咨询|反映|建议|疑问|疑惑|事宜|事情|诉求|举报|现象|求助|请求|意见|质疑|疑虑|力度|步伐)"
    r"|(?:问题)?(?:依然|依旧|仍然|还是|至今|迟迟|一直)?(?:没有?|未|不|得不到|没能)(?:得到|被|能)?(?:有效|彻底)?解决|何时(?:才)?能?(?:得到)?解决|什么时候能?解决"
    r"|[请望盼求][^，。！？]{0,8}(?:处理|解决|重视|关注|管管|查处|帮助|答复|回复)|(?:有没有|有)人管(?:管|吗|一?下)?|谁来?管|没有?人管|无人管|该?怎么办|该?如何处理|怎么处理"
    r"|(?:是否|这)(?:合理|合法|合规|违规|违法|正常)吗?|(?:合理|合法|合规|可靠|可信|正常)吗|是真的吗|[吗呢吧啊呀了嘛的哦]"
    r"|的[一二两三四几]点|为哪般|何去何从|谁[^，。！？]{0,6}负责|给个说法|何在)$"
)


@dataclass(frozen=True, slots=True)
class Headline:
    """What an order is about, in one line; `is_title` where the order has a title to take it from."""

    text: str
    is_title: bool


def headline_of(order: Told) -> Headline:
    """The order's title, or the first sentences of its text that say anything, redacted and without their frame.

    >>> from datetime import datetime
    >>> headline_of(Told("1", datetime(2026, 3, 2), "再次投诉齐河路搅拌站夜间施工的问题，请处理！", "")).text
    '齐河路搅拌站夜间施工'
    """
    title = unframed(without_names(order.title[:_LONGEST_TITLE]))
    if len(title) >= _SHORTEST:
        return Headline(title[:_LONGEST], True)
    line = ""
    for match in _SENTENCE.finditer(without_names(order.text[: 2 * _LONGEST_TITLE])):
        if len(line) >= _LONGEST // 2:
            break
        line = "，".join(filter(None, [line, unframed(match[0])]))
    return Headline(line[: 2 * _LONGEST] or title, False)


def without_names(text: str) -> str:
    """The text with personal data left out, not only hidden, and without what looks like a name behind an office."""
    text = _DOOR.sub("", _MASKED_NAME.sub("", _PLACEHOLDER.sub("", redact(text))))
    text = _NAMED.sub(r"\1", text)
    for name in name_like(text) if _OFFICES.search(text) else ():
        text = re.sub(f"({_OFFICES.pattern}){re.escape(name)}", r"\1", text)
    return text


def may_tell_who(text: str) -> bool:
    """Whether a name stands in a text, masked by its writer (刘某) or given away by nothing else, or a door.

    >>> may_tell_who("业主刘某等人反映"), may_tell_who("业主反映"), may_tell_who("业主[姓名]反映")
    (True, False, True)
    """
    return any(pattern.search(text) for pattern in (_PLACEHOLDER, _MASKED_NAME, _NAMED, _DOOR))


def name_like(text: str) -> list[str]:
    """The words that may be full names: a surname and one or two letters that no dictionary knows as a word.

    >>> name_like("警官赵钧办案"), name_like("金浦小区停水")
    (['赵钧'], [])
    """
    tagged = segmenter().tagged(text) if _SURNAME.search(text) else []
    return [word for word, tag in tagged if 2 <= len(word) <= 3 and tag in ("nr", "x") and _SURNAME.match(word)]


def unframed(text: str) -> str:
    """A clause without the words that only say that somebody complains, asks or pleads.

    >>> unframed("恳请政府尽快解决金浦小区停车难的问题")
    '金浦小区停车难'
    """
    text = _TO_AN_OFFICE.sub("", text.strip())
    text = text[_end_of_opening(text) :]
    while found := _CLOSING.search(text):
        text = text[: found.start()]
    return text


def _end_of_opening(text: str) -> int:
    end = 0
    if times := _NUMBER_OF_TIMES.match(text):
        end = times.end()
    for word in words_of(text[end:]):
        if word not in _OPENING and not _MARK.fullmatch(word):
            break
        end += len(word)
    return end
