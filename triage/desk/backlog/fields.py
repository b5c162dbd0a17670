"""What a column of a backlog may hold, and the names it goes by in district platforms' exports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from triage.policy.vocabulary import FACTS

IGNORE = "ignore"
"""What `--map COLUMN=ignore` says: the column stays unread."""

REQUIRED = ("id", "received_at", "text")

_NAMES: Mapping[str, str] = {
    "id": "order_id 工单编号 工单号 工单流水号 工单ID 编号 单号 受理编号 受理单号 诉求编号 事项编号 热线编号 "
    "案件编号 任务号",
    "received_at": "来电时间 受理时间 诉求时间 登记时间 来件时间 收件时间 接件时间 反映时间 创建时间 提交时间 "
    "工单生成时间 来电日期 受理日期 登记日期",
    "title": "标题 诉求标题 工单标题 事项标题 主题 诉求主题 来电主题",
    "text": "内容 诉求内容 问题描述 工单内容 来电内容 反映内容 事项内容 事项描述 诉求描述 内容描述 主要内容 "
    "具体内容 问题内容",
    "name": "caller.name caller_name 来电人 来电人姓名 姓名 联系人 联系人姓名 诉求人 诉求人姓名 市民姓名 反映人 投诉人",
    "phone": "caller.phone caller_phone 联系电话 来电号码 来电电话 手机 手机号 手机号码 电话 电话号码 联系方式 "
    "联系号码 市民电话 诉求人电话",
    "address": "地址 事发地址 诉求地址 事发地点 问题地址 发生地址 发生地点 案发地址 详细地址 诉求地点 地点",
    "request_type": "诉求类型 工单类型 诉求类别 工单类别 诉求性质 来电类型 受理类型 诉求目的",
    "urgency": "紧急程度 紧急级别 缓急程度 紧急等级",
    "complexity": "复杂程度 难易程度",
    "unit": "处置单位 承办单位 主办单位 办理单位 责任单位 承办部门 处置部门 主责单位 责任部门 主办部门",
    "assist": "协办单位 协同单位 协办部门 会办单位",
    "dispatched_at": "派单时间 派发时间 转派时间 交办时间 分派时间 下派时间",
    "replied_at": "答复时间 回复时间 反馈时间 办理答复时间",
    "closed_at": "办结时间 结案时间 办结日期 完成时间 办理完成时间 实际办结时间 归档时间",
    "called_back_at": "回访时间 回访日期",
    "satisfaction": "满意度 满意情况 满意程度 是否满意 回访满意度 满意度评价 市民满意度",
    "solved": "是否解决 解决情况 是否实际解决",
    "outcome": "处置结果 办理结果类型 解决类型 办理结论 处置结论 办结类型",
}
_FLAG_NAMES: Mapping[str, str] = {
    "city_supervised": "市督办件 市级督办",
    "district_supervised": "区督办件 区级督办",
    "review_order": "复核单 复核工单",
    "media_exposed": "媒体曝光件",
    "mass_sent": "群发 群发件",
}
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_NOT_A_LETTER = re.compile(r"[\W_]+")

FLAGS = tuple(name for name, fact in FACTS.items() if fact.given and fact.type == "flag")
"""Facts that a column may state with 是 and 否."""

FIELDS = (*_NAMES, *FLAGS)


def column_key(name: str) -> str:
    """A column's name without what exports put around it: blanks, line breaks, widths, brackets, stars, 是否.

    >>> column_key("＊工单\\n编 号（必填）：") == column_key("工单编号")
    True
    >>> column_key("Caller.Phone")
    'callerphone'
    """
    plain = _IN_BRACKETS.sub("", unicodedata.normalize("NFKC", name))
    key = _NOT_A_LETTER.sub("", plain).lower()
    return key.removeprefix("是否") or key


def all_names_of(field: str) -> tuple[str, ...]:
    """Every name that a column of this field goes by, its own first."""
    if field in FLAGS:
        return (field, FACTS[field].meaning, *_FLAG_NAMES.get(field, "").split())
    return (field, *_NAMES[field].split())


_FIELD_OF = {column_key(name): field for field in FIELDS for name in all_names_of(field)}


def field_of(column: str) -> str | None:
    """The field that a column's name stands for, or None.

    >>> field_of("来电 时间"), field_of("处理意见")
    ('received_at', None)
    """
    return _FIELD_OF.get(column_key(column))


def examples_of(field: str) -> tuple[str, ...]:
    """The first few Chinese names that a column of this field goes by, to show."""
    return tuple(name for name in all_names_of(field) if not name.isascii())[:3]
