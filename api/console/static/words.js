// The Chinese names of the closed lists that the service answers in.

import { fullWords } from "./times.js";

export const ROLES = {
  dispatcher: "派单员", centre: "城运中心", centre_leader: "城运中心分管领导", deputy_leader: "分管领导",
  duty_leader: "轮值领导", main_leader: "主要领导", unit: "承办单位", unit_head: "单位负责人", meeting: "专题会议",
  party_office: "党政办", discipline: "纪检", district: "区城运", city: "市热线办", analyst: "分析员", admin: "管理员",
};

export const MODES = {
  statutory: "法定派单", agreed: "商定派单", designated: "指定派单", direct_answer: "直接答复",
  return_upward: "退回上级", emergency_transfer: "紧急转接",
};

export const REQUEST_TYPES = {
  consultation: "咨询", help: "求助", complaint: "投诉", report: "举报", suggestion: "意见建议", other: "其他",
};

export const URGENCIES = { urgent: "紧急", semi_urgent: "次紧急", normal: "一般" };

export const COMPLEXITIES = { simple: "简单", normal: "一般", hard: "疑难" };

export const TERRITORIES = { inside: "在辖区内", outside: "不在辖区", unknown: "尚不能确定" };

export const EMERGENCIES = { 110: "报警", 119: "消防", 120: "急救", 122: "交通事故" };

export const OBLIGATIONS = {
  centre_contact: "先行联系来电人", sign: "签收", first_contact: "承办单位联系来电人", site_visit: "到达现场",
  return_window: "申请退单截止", extension_window: "申请延期截止", finish: "办结", urgent_feedback: "紧急件反馈",
  rework_finish: "重新办结", call_back: "回访", bulletin_answer: "答复通报",
};

export const STATES = { open: "进行中", met: "已完成", missed: "已超时", void: "已失效" };

export const ALERTS = {
  supervision: "督办", key_supervision: "重点督办", yellow: "黄色预警", red: "红色预警", warning: "预警",
  special_report: "民情专报", inspection_bulletin: "督查通报", reminder: "催办", stored_call_candidate: "可申请存电",
  unsatisfied: "不满意件", missing_parameter: "时限参数未给定",
};

/** Facts that a person or the upstream platform states, offered as check boxes. */
export const STATED_FLAGS = {
  district_leader_comment: "区领导批示", district_backstop: "区城运明确托底", city_supervised: "市督办",
  district_supervised: "区督办", review_order: "回访复核单", media_exposed: "媒体曝光", needs_site_visit: "需现场勘查",
};

export const FACTS = {
  ...STATED_FLAGS,
  request_type: "诉求类型", urgency: "紧急程度", complexity: "复杂程度", emergency: "紧急警情", territory: "属地",
  candidate_units: "候选单位", units_share_leader: "候选单位同一领导分管", duty_clear: "职责清楚",
  working_time: "办公时间内收到", repeat_count: "第几次来电", issue_today: "同类今日件数", issue_week: "同类7日件数",
  issue_callers_week: "同类7日来电人数", unit_callers: "投诉同一对象人数", dispatch_count: "派单次数",
  return_count: "申请退单次数", return_open: "退单待答复", return_rejected: "退单被驳回",
  unsatisfied_count: "连续不满意次数", untrue_count: "签报不属实次数", overdue: "已超期", extension_count: "延期次数",
  main_leader_comment: "街道或市领导批示", buck_passing: "推诿扯皮", falsified: "弄虚作假", flawed: "处置有瑕疵",
  in_legal_procedure: "已进入法律程序", petition_concluded: "信访已有结论", medical_finding: "有医疗鉴定结论",
  city_listed_hard_case: "市认定疑难事项", agreed_to_policy: "来电人接受解释",
};

const FACT_VALUES = {
  request_type: REQUEST_TYPES, urgency: URGENCIES, complexity: COMPLEXITIES, territory: TERRITORIES,
};

/** The Chinese name of a value, or the value itself where the list has grown since. */
export function named(list, value) {
  return Object.hasOwn(list, value) ? list[value] : String(value);
}

/** One fact as a person reads it: "职责清楚：是". */
export function factWords(name, value, unitNames = new Map()) {
  return `${named(FACTS, name)}：${valueWords(name, value, unitNames)}`;
}

function valueWords(name, value, unitNames) {
  if (value === true) return "是";
  if (value === false) return "否";
  if (Array.isArray(value)) return value.map((one) => unitNames.get(one) ?? one).join("、") || "无";
  if (value === null || value === undefined) return "无";
  if (typeof value === "object") return JSON.stringify(value);
  return named(FACT_VALUES[name] ?? {}, value);
}

/** The rule of a trace step: "派单规则第 3 条", "时限规则：办结". */
export function ruleWords(rule) {
  const order = /^dispatch\[(\d+)\]/.exec(rule);
  if (order) return `派单规则第 ${Number(order[1]) + 1} 条`;
  const clock = /^clocks\.(\w+)$/.exec(rule);
  return clock ? `时限规则：${named(OBLIGATIONS, clock[1])}` : rule;
}

/** What a trace step brought about: "法定派单，由派单员决定", "进行中，2026年3月9日 周一 17:00前". */
export function effectWords(effect) {
  const verdict = /^(\w+) by (\w+)$/.exec(effect);
  if (verdict) return `${named(MODES, verdict[1])}，由${named(ROLES, verdict[2])}决定`;
  const clock = /^(\w+), (?:due (\S+)|no time)$/.exec(effect);
  if (!clock) return effect;
  return `${named(STATES, clock[1])}，${clock[2] ? `${fullWords(new Date(clock[2]))}前` : "未定时限"}`;
}
