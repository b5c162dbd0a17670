"""The Chinese words for what packs and judgements name: roles, events, obligations, alerts, elements of a reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

ROLES = {
    "dispatcher": "派单员",
    "centre": "城运中心（热线办）",
    "centre_leader": "城运中心分管领导",
    "deputy_leader": "条线分管领导",
    "duty_leader": "轮值班子成员",
    "main_leader": "主要领导",
    "unit": "承办单位",
    "unit_head": "承办单位负责人",
    "meeting": "专题会议",
    "party_office": "党政办",
    "discipline": "纪检部门",
    "district": "区城运",
    "city": "市热线办",
    "analyst": "分析员",
    "admin": "系统管理员",
}
MODES = {
    "statutory": "法定派单",
    "agreed": "商定派单",
    "designated": "指定派单",
    "direct_answer": "直接答复",
    "return_upward": "退回上级",
    "emergency_transfer": "紧急转接",
}
OBLIGATIONS = {
    "centre_contact": "中心先行联系",
    "sign": "签收",
    "first_contact": "单位先行联系",
    "site_visit": "现场勘查",
    "return_window": "可申请退单",
    "extension_window": "可申请延期",
    "finish": "办结答复",
    "urgent_feedback": "紧急处置反馈",
    "rework_finish": "重办办结",
    "call_back": "回访",
    "bulletin_answer": "通报整改答复",
}
EVENTS = {
    "received": "收到工单",
    "contact_attempt": "联系来电人",
    "dispatched": "派单",
    "signed": "签收",
    "accepted": "接单",
    "site_visited": "到达现场",
    "return_requested": "申请退单",
    "return_approved": "同意退单",
    "return_rejected": "驳回退单",
    "designated": "指定承办单位",
    "extension_requested": "申请延期",
    "extension_granted": "批准延期",
    "extension_refused": "不同意延期",
    "progress_reported": "反馈进展",
    "replied": "答复",
    "review_failed": "审核退回",
    "review_passed": "审核通过",
    "called_back": "回访",
    "untrue_signed": "签报不属实说明表",
    "stored": "存电备案",
    "closed": "结案",
    "reopened": "重新办理",
    "supervised": "下发督办",
    "bulletin_received": "收到通报",
    "bulletin_answered": "答复通报",
    "note": "说明情况",
    "corrected": "更正",
}
ALERTS = {
    "supervision": "督办",
    "key_supervision": "重点督办",
    "yellow": "黄色预警",
    "red": "红色预警",
    "warning": "提示",
    "special_report": "民情专报",
    "inspection_bulletin": "督查通报",
    "reminder": "催办",
    "stored_call_candidate": "可申请存电",
    "unsatisfied": "回访不满意",
    "missing_parameter": "缺少参数",
}
ELEMENTS = {
    "first_contact_time": "先行联系时间",
    "first_contact_person": "先行联系人",
    "fact_finding": "事实认定",
    "request_finding": "诉求认定",
    "satisfaction": "市民满意度",
    "answer_time": "答复时间",
    "answer_person": "答复人",
    "site_check": "现场核实情况",
    "before_picture": "处置前图片",
    "after_picture": "处置后图片",
    "contact_recording": "先行联系录音",
    "callback_recording": "回访录音",
    "plan_dates": "计划和时间节点",
    "legal_documents": "执法文书",
}
CALLBACK = {
    "contacted": "是否先联",
    "answered": "是否答复",
    "solved": "是否解决",
    "satisfied": "是否满意",
}
FIELDS = {
    "unit": "单位",
    "reason": "理由",
    "proposed_unit": "建议的责任单位",
    "signed_by_head": "负责人签发",
    "days": "延期天数",
    "until": "延期日期",
    "by": "经手人",
    "attachments": "附件",
    "ground": "存电情形",
}
VALUES = {
    "": "无",
    "consultation": "咨询",
    "help": "求助",
    "complaint": "投诉",
    "report": "举报",
    "suggestion": "意见建议",
    "other": "其他",
    "urgent": "紧急",
    "semi_urgent": "次紧急",
    "normal": "一般",
    "simple": "简单",
    "hard": "复杂疑难",
    "inside": "本辖区内",
    "outside": "本辖区外",
    "unknown": "不明",
    "solved": "实际解决",
    "explained": "解释说明",
    "excessive": "诉求过高",
    "for_reference": "参考备案",
    "unsolved": "未解决",
    "true": "属实",
    "not_true": "不属实",
    "no_policy": "无政策信息",
    "not_accepted": "对政策解释不接受",
    "not_adopted": "不采纳",
    "passed": "通过",
    "failed": "退回",
}
"""Words that facts take: types of request, urgency, outcomes of replies …"""

KINDS = {
    "decides": "定派单",
    "clock": "定时限",
    "alert": "发提醒",
    "refusal": "不予受理",
    "computed": "计算",
    "report": "报表",
    "stated": "仅陈述",
}


_LISTED: Mapping[str, str] = {**OBLIGATIONS, **CALLBACK}
_BRACES = re.compile(r"\{(\w+)\}")


def filled_in(sentence: str, facts: Mapping[str, Any]) -> str:
    """A sentence of a pack with the facts in braces as people call them.

    >>> filled_in("第{repeat_count}次来电，{urgency}", {"repeat_count": 5, "urgency": "urgent"})
    '第5次来电，紧急'
    """
    return _BRACES.sub(lambda found: _as_said(facts[found[1]]), sentence)


def _as_said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(_LISTED.get(one, one) for one in value)
    return VALUES.get(value, value) if isinstance(value, str) else str(value)
