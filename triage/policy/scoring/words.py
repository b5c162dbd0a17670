"""The Chinese words of figures: what is counted, among what; and how a missing parameter is told."""

from __future__ import annotations

from collections.abc import Mapping

from triage.policy.pack.pack import Pack

RATE_WORDS: Mapping[str, tuple[str, str]] = {
    "timely": ("按时办结", "应办结"),
    "contacted": ("回访已先行联系", "回访"),
    "first_unit_contacted": ("首派按时先行联系", "首派应先行联系"),
    "responded": ("按时响应", "应响应"),
    "outcome": ("解决", "回访评价"),
    "satisfaction": ("满意", "回访评价"),
    "satisfied_of_transferred": ("满意", "转办"),
}
COUNT_WORDS: Mapping[str, str] = {
    "signed_late": "未按时签收",
    "returned_late": "逾期申请退回",
    "finished_late": "超时办结",
    "unfinished_late": "超时未办",
    "extension_late": "未按规定申请延期",
    "answered_late": "未按时答复",
    "sent_back": "退回重办",
    "repeated": "重复投诉",
    "overdue_after_extension": "延期后又超期未办结",
}


def lacking(pack: Pack, name: str) -> str:
    """That a parameter has not been given, and why the pack has it."""
    note = pack.parameters[name].note
    return f"参数 {name} 尚未给定" + (f"（{note}）" if note else "") + "，不计算"
