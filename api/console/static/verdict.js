// The verdict as one line, and what may be said to the caller and written to the unit.

import { dueWords, fullWords } from "./times.js";
import { ALERTS, COMPLEXITIES, EMERGENCIES, MODES, OBLIGATIONS, REQUEST_TYPES, ROLES, URGENCIES, named } from "./words.js";

/** The units to lead, best first. */
const leads = (decision) => decision.units.filter((unit) => unit.role === "lead");

/** "派往 综合行政执法队": where the order goes, or who says so. */
export function headline(decision) {
  const { mode, decider } = decision.dispatch;
  const who = named(ROLES, decider);
  const [first] = leads(decision);
  switch (mode) {
    case "statutory": return first ? `派往 ${first.name}` : `请${who}确定承办单位`;
    case "agreed": return decider === "dispatcher" ? "与相关单位商定牵头单位" : `请${who}明确牵头单位`;
    case "designated": return decider === "meeting" ? "提请专题会议明确承办单位" : `请${who}指定承办单位`;
    case "direct_answer": return "可直接答复来电人";
    case "return_upward": return "退回上级平台";
    case "emergency_transfer": return `立即转接 ${emergencyLine(decision) ?? "紧急警情台"}`;
    default: return named(MODES, mode);
  }
}

/** How sure the service is where the dispatcher decides alone; null where others decide or time presses. */
export function assurance({ dispatch }) {
  if (dispatch.auto) return { sure: true, words: "把握足够，可直接派" };
  const alone = ["statutory", "direct_answer", "return_upward"].includes(dispatch.mode);
  return alone ? { sure: false, words: "请您核实后再定" } : null;
}

/** "候选：甲、乙" where someone still has to choose between units. */
export function candidateWords(decision) {
  const names = leads(decision).map((unit) => unit.name);
  const open = ["agreed", "designated"].includes(decision.dispatch.mode);
  return open && names.length > 0 ? `候选：${names.join("、")}` : null;
}

/** "由派单员直接派": who decides. */
export function deciderWords({ mode, decider }) {
  const verb = { statutory: "直接派", direct_answer: "答复", return_upward: "退回", emergency_transfer: "转接" }[mode];
  return `由${named(ROLES, decider)}${verb ?? "决定"}`;
}

/** "119 消防", or null where there is no emergency. */
export function emergencyLine({ emergency }) {
  return emergency && emergency.value !== "none" ? `${emergency.value} ${named(EMERGENCIES, emergency.value)}` : null;
}

/** A sentence that the dispatcher may read to the caller; it names no leader and promises no more than the clocks do. */
export function wordsForCaller(decision) {
  const [first] = leads(decision);
  const matter = decision.category[0] ? `“${decision.category[0].name}”` : "";
  switch (decision.dispatch.mode) {
    case "emergency_transfer":
      return `情况紧急，请您注意安全，尽快拨打 ${decision.emergency.value}，我这边同时为您转接。`;
    case "direct_answer": return "您咨询的事项可以现在答复，请稍等，我为您查一下。";
    case "return_upward": return "您反映的地点不在本辖区，工单会退回上级平台，由属地单位办理。";
    case "statutory":
      return first ? `您反映的${matter}问题会转由${first.name}办理。${deadlinesForCaller(decision)}` : null;
    default: return "您反映的情况已经记录，需要先明确由哪个单位承办，确定后会有工作人员与您联系。";
  }
}

function deadlinesForCaller({ if_dispatched: then, as_of: at }) {
  const told = { first_contact: "与您联系", finish: "办结" };
  const dues = Object.entries(told).flatMap(([id, words]) => {
    const owed = then.find((one) => one.id === id && one.due_at && !one.provisional);
    return owed ? [`${dueWords(new Date(owed.due_at), new Date(at))}${words}`] : [];
  });
  return dues.length > 0 ? `按规定，承办单位应在${dues.join("、")}。` : "";
}

/** The note that goes with the order: category, unit, clause, deadlines. It holds nothing of the caller's own words. */
export function dispatchNote(decision) {
  const { dispatch } = decision;
  const [best] = decision.category;
  return [
    "【派单意见】",
    `去向：${headline(decision)}（${named(MODES, dispatch.mode)}，${deciderWords(dispatch)}）`,
    ...unitLines(decision),
    best ? `类别：${best.domain} / ${best.name}` : "类别：未能判断",
    `诉求：${named(REQUEST_TYPES, decision.request_type.value)}；紧急程度${named(URGENCIES, decision.urgency.value)}；` +
      `复杂程度${named(COMPLEXITIES, decision.complexity.value)}`,
    `依据：${dispatch.because}（${dispatch.clause}）`,
    ...deadlineLines(decision),
    ...decision.alerts.map((alert) => `提醒：${named(ALERTS, alert.kind)}，${alert.because}（${alert.clause}）` +
      `，告知${alert.notify.map((role) => named(ROLES, role)).join("、")}`),
  ].join("\n");
}

function unitLines(decision) {
  const settled = decision.dispatch.mode === "statutory";
  return decision.units.map((unit) => {
    const part = unit.role === "assist" ? "协办单位" : settled ? "主办单位" : "候选单位";
    return `${part}：${unit.name}（${unit.duty}）`;
  });
}

function deadlineLines(decision) {
  const owed = inTime([...decision.obligations, ...decision.if_dispatched]).filter(({ state }) => state === "open");
  if (owed.length === 0) return [];
  return ["时限：", ...owed.map((one, index) => {
    const due = one.due_at ? `${fullWords(new Date(one.due_at))}前` : "未定时限";
    return `${index + 1}. ${named(OBLIGATIONS, one.id)}（${named(ROLES, one.actor)}）：${due}` +
      `${one.provisional ? "（暂定）" : ""} 〔${one.clause}〕`;
  })];
}

/** Earliest first, then those without a time, then what is done or void. */
export function inTime(obligations) {
  const rank = ({ due_at: due, state }) =>
    [["met", "void"].includes(state) ? 1 : 0, due ? new Date(due).getTime() : Number.MAX_VALUE];
  return [...obligations].sort((one, other) => rank(one)[0] - rank(other)[0] || rank(one)[1] - rank(other)[1]);
}
