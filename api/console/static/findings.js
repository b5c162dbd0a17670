// The blocks under the verdict, each built from one part of the decision.

import { clauseLine, clauseMark } from "./clauses.js";
import { card, confidenceBar, el, shareWords } from "./dom.js";
import { markedComplaint } from "./evidence.js";
import { countdownWords, dueWords, fullWords } from "./times.js";
import { inTime } from "./verdict.js";
import {
  ALERTS, COMPLEXITIES, OBLIGATIONS, REQUEST_TYPES, ROLES, STATES, TERRITORIES, URGENCIES,
  effectWords, factWords, named, ruleWords,
} from "./words.js";

/** Who handles: lead and assisting units with the duty that makes them so. */
export function unitsCard({ units, dispatch }) {
  if (units.length === 0) {
    return card("处置单位", "units", el("p", { class: "none" }, "没有把握推荐单位，请按职责清单人工确定。"));
  }
  const leading = { statutory: "主办", agreed: "候选", designated: "候选" }[dispatch.mode] ?? "相关";
  return card("处置单位", "units", el("ul", { class: "rows" }, units.map((unit) =>
    el("li", { class: "row unit" },
      el("span", { class: `role ${leading === "相关" ? "" : unit.role}` }, unit.role === "assist" ? "协办" : leading),
      el("span", { class: "what" }, el("b", {}, unit.name), el("small", {}, unit.duty)),
      confidenceBar(unit.confidence)))));
}

/** What it is about: the best categories, and which of them are within the promise. */
export function categoriesCard({ category }) {
  if (category.length === 0) {
    return card("类别", "categories", el("p", { class: "none" }, "内容太少，未能判断类别，请补充后再试。"));
  }
  return card("类别", "categories",
    el("ul", { class: "rows" }, category.map((one) =>
      el("li", { class: `row category ${one.in_set ? "in-set" : "out-of-set"}` },
        el("span", { class: "what" }, el("b", {}, one.name), el("small", {}, one.domain)),
        one.in_set && el("span", { class: "chip", title: "带此标记的各类合起来，按承诺的把握包含正确的一类" }, "可信范围"),
        confidenceBar(one.confidence)))));
}

/** The matters of an order with several, each with its own words and the units that would lead it; else nothing. */
export function mattersCard({ matters, units }) {
  if (!matters?.length) return null;
  const names = new Map(units.map((unit) => [unit.id, unit.name]));
  return card("一单多事", "matters",
    el("p", { class: "legend" }, "来电人说了不止一件事，请逐件确认"),
    el("ol", { class: "rows" }, matters.map(({ category, text, units: ids }) =>
      el("li", { class: "row matter" },
        el("span", { class: "what" }, el("b", {}, category.name), el("q", {}, text),
          el("small", {}, ids.map((id) => names.get(id) ?? id).join("、") || "职责清单中没有对应单位")),
        confidenceBar(category.confidence)))));
}

/** Request type, urgency, complexity and place as a line of labels. */
export function labelsCard({ request_type: type, urgency, complexity, territory }) {
  const label = (name, list, guess) => el("div", { class: `label value-${guess.value}` },
    el("dt", {}, name), el("dd", {}, el("b", {}, named(list, guess.value)), el("small", {}, sureness(guess.confidence))));
  return card("标签与属地", "labels", el("dl", { class: "labels-row" },
    label("诉求类型", REQUEST_TYPES, type), label("紧急程度", URGENCIES, urgency),
    label("复杂程度", COMPLEXITIES, complexity),
    el("div", { class: `label wide value-${territory.value}` }, el("dt", {}, "属地"),
      el("dd", {}, el("b", {}, named(TERRITORIES, territory.value)),
        el("small", {}, [territory.place, territory.evidence].filter(Boolean).filter(unlikeOthers).join(" · "))))));
}

const sureness = (confidence) => ({ 0: "未能判断", 1: "已给定" })[confidence] ?? shareWords(confidence);

const unlikeOthers = (words, index, all) => all.indexOf(words) === index;

/** The complaint as it was sent, with the telling words marked, and the known examples that stand nearest. */
export function textCard({ evidence, examples }, order) {
  const anything = Object.values(evidence ?? {}).some((spans) => spans.length > 0);
  return card("诉求原文", "complaint",
    anything && el("p", { class: "legend" }, "标出的词是判断依据，颜色越深分量越重"),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "诉求原文全文" }, markedComplaint(order, evidence)),
    examples?.length > 0 && nearExamples(examples));
}

function nearExamples(examples) {
  return el("details", { class: "near" }, el("summary", {}, "最接近的已知例子"),
    el("ul", {}, examples.map(({ category, title, text }) =>
      el("li", {}, el("small", {}, category.name), el("q", {}, title ? `${title}：${text}` : text)))));
}

/** What is owed by whom until when; the countdowns are filled by `tick`. */
export function owedCard(decision) {
  const from = new Date(decision.as_of);
  const then = decision.dispatch.mode === "direct_answer" ? "如转为派单" : "如现在派单";
  const groups = [["正在计时", decision.obligations], [then, decision.if_dispatched]];
  const lists = groups.filter(([, owed]) => owed.length > 0).map(([name, owed]) =>
    el("div", { class: "owed-group" }, el("h4", {}, name), inTime(owed).map((one) => owedRow(one, from))));
  return card("办理时限", "owed", lists.length > 0 ? lists : el("p", { class: "none" }, "此去向下没有需要计时的事项。"));
}

function owedRow(one, from) {
  const due = one.due_at && new Date(one.due_at);
  return el("details", { class: `owed-item state-${one.state}` },
    el("summary", {},
      el("span", { class: "due" }, due ? dueWords(due, from) : "未定时限"),
      el("span", { class: "duty" }, el("b", {}, named(OBLIGATIONS, one.id)), el("small", {}, named(ROLES, one.actor)),
        one.provisional && el("span", { class: "chip provisional", title: "起算点或工作日历尚未确定，时间可能变动" }, "暂定")),
      el("span", { class: "left", "data-due": one.state === "open" ? one.due_at : null },
        one.state === "open" ? "" : named(STATES, one.state))),
    el("p", { class: "because" }, due && el("span", { class: "full" }, `${fullWords(due)}前。`), one.because),
    clauseLine(one.clause));
}

/** Brings every countdown up to date; nothing is announced, since the times themselves do not change. */
export function tick(root, now) {
  for (const place of root.querySelectorAll("[data-due]")) {
    const due = new Date(place.dataset.due);
    place.textContent = countdownWords(due, now);
    place.dataset.near = due < now ? "past" : due - now <= 3600e3 ? "hour" : due - now <= 4 * 3600e3 ? "soon" : "far";
  }
}

/** Who must be told, and why. */
export function alertsCard({ alerts }) {
  if (alerts.length === 0) return null;
  return card("预警与督办", "alerts", el("ul", { class: "rows" }, alerts.map((alert) =>
    el("li", { class: `alert kind-${alert.kind}` },
      el("p", {}, el("b", {}, named(ALERTS, alert.kind)),
        alert.notify.length > 0 && el("span", {}, `告知 ${alert.notify.map((role) => named(ROLES, role)).join("、")}`)),
      el("p", { class: "because" }, alert.because, " ", clauseMark(alert.clause))))));
}

/** Other orders about the same matter, the issue and the caller, where there are any. */
export function relatedCard({ similar, issue, caller, group_sending: sending }) {
  const facts = [
    caller.repeat_count > 1 && (caller.because || `同一来电人就此事第 ${caller.repeat_count} 次来电`),
    issue.orders > 1 && `同一诉求共 ${issue.orders} 件、${issue.callers} 人，今日 ${issue.today} 件，近 7 日 ${issue.week} 件`,
    issue.orders > 1 && issue.remark,
    sending && sending.because,
  ].filter(Boolean);
  if (facts.length === 0 && similar.length === 0) return null;
  return card("相似与重复", "related",
    facts.map((words) => el("p", { class: "fact" }, words)),
    similar.length > 0 && el("ul", { class: "rows" }, similar.map((one) =>
      el("li", { class: "row" },
        el("span", { class: "what" }, el("b", {}, one.order_id),
          el("small", {}, [one.same_caller && "同一来电人", ...one.why].filter(Boolean).join("；"))),
        confidenceBar(one.score)))));
}

/** Every rule that applied, in order, with the facts it looked at. */
export function traceBlock({ trace, units }) {
  const names = new Map(units.map((unit) => [unit.id, unit.name]));
  const head = ["条款", "规则", "看了哪些事实", "得出"].map((name) => el("th", { scope: "col" }, name));
  const rows = trace.map((step) => el("tr", {},
    el("td", {}, clauseLine(step.clause)), el("td", {}, ruleWords(step.rule)),
    el("td", {}, Object.entries(step.facts).map(([name, value]) => el("div", {}, factWords(name, value, names)))),
    el("td", {}, effectWords(step.effect))));
  return el("details", { class: "card trace" }, el("summary", {}, `判断依据（${trace.length} 条）`),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "判断依据" },
      el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows))));
}

/** What answered, and how long it took. */
export function footLine({ model, policy, as_of: at }, milliseconds) {
  return el("p", { class: "foot" }, [
    `模型 ${model.name} ${model.version}`, `规则 ${policy.id} ${policy.version}`,
    `判断时刻 ${fullWords(new Date(at))}`, `用时 ${Math.max(1, Math.round(milliseconds))} 毫秒`,
  ].map((words) => el("span", {}, words)));
}
