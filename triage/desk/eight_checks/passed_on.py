"""Does a reply only say that the matter was passed on, or not even that?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from triage.desk.eight_checks.signs import NOT_DONE_YET, SOLVED, TIME
from triage.language.clean import HAN

LEAST = 7
"""So many Chinese characters outside all formulas say something of the matter."""

_QUOTED = re.compile(r"[“\"《【][^”\"》】\n]{0,100}[”\"》】]|[（][^）\n]{0,60}[）]")
_HAN = re.compile(f"[{HAN}]")

_PASSED = re.compile(
    r"(?:转|移)(?:交|至|送|办|给|到|有关|相关|请|往)|转[^，]{1,25}?(?:调查|核查|核处|核实|处理|办理|答复|负责|研究|$)"
    r"|交(?:由|办|给|至)|交[^，]{0,12}(?:部门|单位)|发函|函告|(?:上报|呈报|报送|报告|反馈|反映)(?:给|至|到|市|区|县|省|上级|相关|有关)"
    r"|转[^，]{2,16}$"
)
_REFERRED = re.compile(
    r"(?:请|建议|可以?|需要?|应该?|详询|详情|具体|如需|敬请|欢迎)[^，]{0,24}?(?:咨询|联系|拨打|致电|询问|反映|登录|访问|查询|查看|投诉|电话|了解|反馈|沟通)"
    r"|不(?:属于?|在)[^，]{0,16}?(?:范围|职权|职责|管辖|权限|管理|辖区)|属于?[^，]{1,14}(?:辖区|管辖|职责)|详询|(?:权限|业务|工作)[^，]{0,8}(?:下放|负责)"
)
_PROMISED = re.compile(
    r"(?:将|会|要求|责成|安排|已|尽快|抓紧|待|如有|及时|第一时间)[^，]{0,22}?(?:回复|答复|反馈|联系|告知|调查|研究|考虑|介入|跟进|关注|核实|核查|办理|受理|登记|处理|落实|重视|措施)"
    r"|作出批示|(?:正在|进一步)(?:调查|核实|研究|处理|办理|跟进)|加大[^，]{0,6}力度"
)
_FORMULA = re.compile(
    r"[您你]好|尊敬的|亲爱的|网友|网民|来信人|收悉|收到|已阅|知晓|获悉|知悉|如下|感谢|谢谢|祝[您你]|敬请|请耐心|耐心等待|请等待|请留意"
    r"|支持|理解|监督|高度重视|非常重视|特此|专此|关心|关注|欢迎|有关情况|请[^，]{0,4}谅解|抱歉|歉意|联系方式|办公时间|工作时间"
    r"|^(?:关于|针对|对于?|对)?[您你][^，]{0,6}(?:反映|提出|咨询|来信|留言|发帖|诉求|投诉|反应|建议)[^，]{0,40}$"
    r"|^[^，]{0,14}(?:电话|热线|编号|邮箱|网址)[^，]{0,4}[:：]"
    r"|^(?:如有疑问|为[了更]|以便|因反映|因您反映|根据[您你]|根据后续|从帖文|如[果有需]|待[^，]{2,20}后|具体|详情|详细|请勿)[^，]{0,20}$"
)
_SIGNED = re.compile(rf"^[\s{HAN}A-Za-z0-9]{{0,20}}(?:局|办|委|中心|政府|大队|支队|办公室|街道|公司|镇|科|处|院|所)$")
_FORMULAS = (_PASSED, _REFERRED, _PROMISED, _FORMULA, _SIGNED)


class Substance(StrEnum):
    """How much a reply says of the matter."""

    SAYS_SOMETHING = "says_something"
    PASSED_ON = "passed_on"
    NOTHING = "nothing"


def substance(clauses: Iterable[str]) -> Substance:
    """Whether any clause is more than a formula, and if none is, whether the matter was at least passed on.

    >>> substance(["您好", "您反映的问题已转交区绿化部门处理", "感谢您的支持"]).value
    'passed_on'
    >>> substance(["您反映的问题已转交区绿化部门处理", "倒伏的树木于昨日扶正并加了支架"]).value
    'says_something'
    """
    passed, said = False, 0
    for clause in clauses:
        bare = TIME.sub("", _QUOTED.sub("", clause)).strip()
        if _is_formula(bare):
            passed = passed or any(form.search(bare) for form in _FORMULAS[:3])
        else:
            said += len(_HAN.findall(bare))
    if said >= LEAST:
        return Substance.SAYS_SOMETHING
    return Substance.PASSED_ON if passed else Substance.NOTHING


def _is_formula(clause: str) -> bool:
    """Something done is none, whatever words surround it."""
    done = SOLVED.search(clause) and not NOT_DONE_YET.search(clause)
    return not done and any(form.search(clause) for form in _FORMULAS)
