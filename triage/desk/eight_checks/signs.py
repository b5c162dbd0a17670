"""The wordings by which a reply's text gives something; every repetition is bounded, so that reading stays linear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from triage.domain.vocabulary import Satisfaction
from triage.language.clean import HAN
from triage.language.names import SURNAME

_CALLER = r"(?:来电人|诉求人|投诉人|反映人|举报人|申请人|当事人|市民|居民|群众|业主|网友|来信人|对方|您)"
_GAP = r"[^，。；\n]"


def _p(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


TIME = _p(
    r"\d{4}[年.\-/]\d{1,2}[月.\-/]\d{1,2}日?|\d{1,2}月\d{1,2}[日号]|\d{1,2}[:：]\d{2}|\d{1,2}时(?:\d{1,2}分)?"
    r"|(?:上午|下午|晚上|晚|早上|凌晨)\d{1,2}点|[今昨当][天日](?:上午|下午|晚)"
)
DATE_AT_END = _p(r"\d{4}[年.\-/]\d{1,2}[月.\-/]\d{1,2}日?$")
_PLANNED_TIME = _p(
    rf"{TIME.pattern}|\d{{1,2}}月(?:底|初|份|[上中下]旬)|年底|年内|季度|\d{{1,3}}(?:个工作日|日|天|个月)内"
)

_ROLE = r"(?:承办人|经办人|联系人|答复人|回复人|工作人员|执法人员|民警|队员|网格员|社区干部|居委干部|科员|专员|管理员)"
_NO_NAME = (
    r"(?!电话|电联|已|及时|第一|主动|先行|通过|再次|多次|立即|随即|上门|现场|到|前往|赶|于|与|和|向|当|将|在|对|经|进)"
)
PERSON = _p(
    rf"{_ROLE}[:：]?{_NO_NAME}{SURNAME}(?:某某?|[{HAN}]{{1,2}}(?=[（，、\d]|电话|电联|致电|回电|联系|答复|回复|告知|于|与|向|$))"
    rf"|{SURNAME}(?:队长|主任|警官|科长|站长|所长|书记|同志)"
)

CONTACT = _p(
    rf"(?:与|和|同|向|跟|给){_CALLER}{_GAP}{{0,8}}?(?:联系|沟通|通话|致电|去电|电话)"
    rf"|(?:电话|当面|主动|先行|首次|及时|微信)?(?:联系|致电|去电|电联|回电)(?:上|到|了)?{_CALLER}|先行联系|首次联系"
)
NOT_REACHED = _p(
    r"(?:未能?|没有?|无法)[^，。；\n]{0,10}?(?:取得联系|联系[上到您]|联系(?:来电|诉求)人|接通|打通)"
    r"|无人接听|未接通|未接听|拒接|(?:手机|电话|处于|已)(?:关机|停机|空号)"
)
INVITATION = _p(r"欢迎|以便|尽快[与和]|(?:请|建议|可以?|如有|如需)[^，。；\n]{0,10}(?:联系|致电|拨打|电话|咨询)")

FACT = _p(
    r"经(?:现场|实地|初步|进一步|我[局街镇所办委])?(?:查|核|调查|了解|勘|检查|走访|检测|监测|调阅|调取|比对|与)"
    r"|查明|查实|据查|据了解|属实|事实认定|调查(?:了解|核实|情况)|核查情况|与事实不符"
)
GROUNDS = _p(r"因|由于|鉴于|根据|依据|按照?|依照|《|规定|政策")
TRUE = _p(r"(?<![不否])(?<!部分)(?<!基本)属实|确实?存在")
UNTRUE = _p(r"不属实|(?:严重|情况|内容|问题|投诉|反映|经查|均)不实|与(?:事实|实际)(?:情况)?不符")
DENIED = _p(r"不存在|未发现")
PARTLY_TRUE = _p(r"(?:部分|基本)属实")

REQUEST = _p(
    rf"(?:诉求|请求|要求|主张){_GAP}{{0,12}}?(?:合理|成立|过高|支持|采纳|无法满足|不能满足|予以满足|不属于|属于|符合|不符合)"
    rf"|诉求认定|(?:关于|针对|对于|就){_CALLER}?(?:所)?(?:反映|提出|咨询|要求)的?{_GAP}{{4,60}}?(?:问题|事项|诉求|情况|建议)"
)

SITE = _p(
    r"(?:现场|实地|上门)(?:进行|开展|予以)?(?:查看|检查|勘查|勘察|核查|核实|查勘|巡查|踏勘|走访|查验|处置|查处|了解|检测|察看|调查)"
    r"|(?:到|赶赴|赶到|前往|赴|抵达)[^，。；\n]{0,12}?(?:现场|实地)"
)
NO_SITE = _p(r"(?:未|没有?|无法|不能)(?:能|再|及时)?(?:前往|到达?|去|赴|进行|进入|开展)?(?:过)?(?:现场|实地|上门)")

# Words of a condition, of the past, or of somebody else's account: what follows is not how the matter stands now.
NOT_NOW = _p(
    r"如[果有需]?|若|一旦|之前|此前|曾|以前|长期|过去|避免|防止|[您你][^，。；\n]{0,4}反映|来电人反映|来电反映"
)
_DONE = (
    r"(?:解决|处理|落实|整改(?!意见|通知|措施|方案|要求|学习|教育|告知)|修复|修好|清理|清运|清除|拆除|更换|恢复|退还|退费"
    r"|关停|停止|安装|疏通|补发|发放|补齐)"
)
UNSOLVED = _p(
    rf"(?:无法|不能|难以|未能|尚未|没有|未|不予|还没)(?:得到|予以|彻底|完全|妥善|马上|立即|全部)?(?:{_DONE}|办结|满足)(?!的)"
    r"|(?:尚未|未能|无法|暂未)(?:完成|到位)(?!的)|(?:问题|情况|现象)(?:仍然?|依然)(?:存在|未变)"
)
SOLVED = _p(
    rf"(?:已经?|均|全部|当场|现场|及时)(?:得到|予以|进行|由|被|将|把|对|为)?{_GAP}{{0,14}}?"
    rf"(?:{_DONE}|办结|完成|完毕|到位|改善)|(?:修复|整改|清理|处理|拆除|安装|办理)(?:完毕|完成|到位)"
)
NOT_DONE_YET = _p(
    r"将|计划|拟|待|正在|准备|要求|责令|督促|下达|预计|争取|赶在|日内|天内|下一步|申请|承诺|安排|未|没|不|无法|难以|转|交"
)

SATISFACTION = _p(
    rf"(?:(?:表示|评价|反馈|回答|认为){_GAP}{{0,10}}?|满意(?:度|情况|程度)(?:评价)?(?:[:：为是]|结果为){{0,2}}|{_CALLER}(?:对{_GAP}{{0,14}}?)?)"
    r"(?P<said>不满意|不认可|不接受|基本满意|比较满意|较满意|较为满意|一般|非常满意|满意|认可)(?![度率])"
)
WISHED = _p(rf"{NOT_NOW.pattern}|让|使|争取|祝|力求|希望|直到|确保")
SAID_SATISFACTION: Mapping[str, Satisfaction] = MappingProxyType(
    dict.fromkeys(("不满意", "不认可", "不接受"), Satisfaction.UNSATISFIED)
    | dict.fromkeys(("基本满意", "比较满意", "较满意", "较为满意"), Satisfaction.MOSTLY)
    | {"一般": Satisfaction.FAIR}
    | dict.fromkeys(("非常满意", "满意", "认可"), Satisfaction.SATISFIED)
)

ANSWER = _p(
    rf"(?:答复|回复|反馈|告知|回访|解释|说明){_GAP}{{0,6}}?{_CALLER}|(?:向|给|对|与|将){_GAP}{{0,20}}?(?:答复|回复|反馈|告知|回访)"
    r"|(?:答复|回复)(?:人|时间)"
)
PLAN = _p(r"计划|预计|拟|将于|力争|争取|前完成|底前|内完成")
LEGAL = _p(
    r"[〔\[（]\d{4}[〕\]）][^，。；\n]{0,6}?\d{1,5}号"
    r"|(?:责令|处罚|整改|限期|立案|受理|裁决|判决|复议|仲裁|调解)[^，。；\n]{0,10}?(?:通知书|决定书|告知书|裁决书|判决书|调解书)"
)


class Trace(NamedTuple):
    """How an element shows in the text: a sentence with `sign` and, where it is given, `also`; never with `unless`."""

    sign: re.Pattern[str]
    also: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None


TRACES: Mapping[str, Trace] = MappingProxyType(
    {
        "first_contact_time": Trace(CONTACT, TIME, INVITATION),
        "first_contact_person": Trace(CONTACT, PERSON, INVITATION),
        "fact_finding": Trace(FACT),
        "request_finding": Trace(REQUEST),
        "satisfaction": Trace(SATISFACTION, unless=WISHED),
        "answer_time": Trace(ANSWER, TIME, INVITATION),
        "answer_person": Trace(ANSWER, PERSON, INVITATION),
        "site_check": Trace(SITE, unless=NO_SITE),
        "plan_dates": Trace(PLAN, _PLANNED_TIME),
        "legal_documents": Trace(LEGAL),
    }
)
"""Pictures and recordings are in no text: they count only where they are attached."""
