// Reads the form into a request, and shows each fault beside its field.

import { Refusal } from "./api.js";
import { el } from "./dom.js";
import { fromField, toField } from "./times.js";
import { REQUEST_TYPES, STATED_FLAGS } from "./words.js";

const byId = (id) => document.getElementById(id);
const form = byId("form");

/** Which field a fault belongs to, by its place in the request. */
const FIELDS = {
  policy: "policy", as_of: "judged-at", "order.received_at": "received", "order.title": "title", "order.text": "text",
  "order.address": "address", "order.request_type": "request-type", "facts.issue_today": "issue-today",
  "facts.repeat_count": "repeat-count",
};
const FOLDED = ["judged-at", "issue-today", "repeat-count"];

let receivedEdited = false;

/** Fills the lists and starts the received time at now. */
export function prepareForm() {
  byId("request-type").append(el("option", { value: "" }, "自动判断"),
    ...Object.entries(REQUEST_TYPES).map(([value, name]) => el("option", { value }, name)));
  byId("flags").append(...Object.entries(STATED_FLAGS).map(([name, label]) =>
    el("label", { class: "check" }, el("input", { type: "checkbox", name: `flag-${name}`, "data-fact": name }), label)));
  byId("received").addEventListener("input", () => markReceived(true));
  byId("received-now").addEventListener("click", () => { markReceived(false); byId("received").focus(); });
  form.addEventListener("input", (event) => { clearFault(event.target.id); countInputs(); });
  markReceived(false);
  countInputs();
}

function markReceived(edited) {
  receivedEdited = edited;
  byId("received-now").hidden = !edited;
  keepReceivedCurrent();
}

/** Unless the dispatcher set another time, an order has just come in. */
export function keepReceivedCurrent() {
  if (!receivedEdited) byId("received").value = toField(new Date());
}

function countInputs() {
  const length = Array.from(byId("text").value).length;
  byId("length").textContent = length ? `${length.toLocaleString("zh-CN")} 字` : "";
  const stated = Object.keys(statedFacts()).length + (byId("judged-at").value ? 1 : 0);
  byId("stated-count").textContent = stated ? `已填 ${stated} 项` : "";
}

/** Selects the jurisdiction that the page's address names: a bookmark opens the dispatcher's own. */
export function choosePolicy() {
  const wanted = new URLSearchParams(window.location.search).get("policy");
  if ([...byId("policy").options].some(({ value }) => value === wanted)) byId("policy").value = wanted;
}

/** Puts an example into the form, in place of what stood there. */
export function fillExample({ policy, title, text, address }) {
  if ([...byId("policy").options].some(({ value }) => value === policy)) byId("policy").value = policy;
  Object.assign(byId("title"), { value: title });
  Object.assign(byId("text"), { value: text });
  Object.assign(byId("address"), { value: address });
  clearFaults();
  countInputs();
}

/** Everything back to the start; the jurisdiction to the dispatcher's own, which an example may have changed. */
export function clearForm() {
  form.reset();
  choosePolicy();
  byId("more").open = false;
  markReceived(false);
  clearFaults();
  countInputs();
  byId("text").focus();
}

/** The request as the service takes it, and the same sent words for showing; a Refusal names what is missing. */
export function readForm() {
  keepReceivedCurrent();
  const faults = [];
  const need = (good, loc, msg) => { if (!good) faults.push({ loc, msg }); };
  const text = byId("text").value;
  need(text.trim() !== "", ["order", "text"], "请先填写诉求内容");
  const received = fromField(byId("received").value);
  need(received, ["order", "received_at"], "请填写完整的日期和时间");
  need(byId("policy").value, ["policy"], "请选择辖区");
  need(!byId("judged-at").validity.badInput, ["as_of"], "请填写完整的日期和时间");
  for (const id of ["issue-today", "repeat-count"]) {
    need(byId(id).validity.valid, ["facts", byId(id).name], "请填 1 以上的整数，或留空");
  }
  if (faults.length > 0) throw new Refusal("有内容需要修改，请看标红的地方。", faults);
  const order = { received_at: byId("received").value, text };
  for (const id of ["title", "address", "request-type"]) {
    if (byId(id).value.trim()) order[byId(id).name] = byId(id).value;
  }
  return { policy: byId("policy").value, as_of: judgedAt(received), order, facts: statedFacts() };
}

/** The time to judge at: as stated, else now, but never before the order came. */
function judgedAt(received) {
  return byId("judged-at").value || new Date(Math.max(Date.now(), received.getTime())).toISOString();
}

function statedFacts() {
  const facts = {};
  for (const box of byId("flags").querySelectorAll("input:checked")) facts[box.dataset.fact] = true;
  for (const id of ["issue-today", "repeat-count"]) {
    if (byId(id).value) facts[byId(id).name] = Number(byId(id).value);
  }
  return facts;
}

/** Shows a refusal: its sentence by the button, each fault beside its field, the first one focused. */
export function showRefusal({ message, faults }) {
  const placed = faults.map(({ loc, msg }) => ({ id: fieldOf(loc), msg: inChinese(String(msg)), loc }));
  const homeless = placed.filter(({ id }) => !id).map(({ loc, msg }) => `${(loc ?? []).join(".")} ${msg}`.trim());
  byId("form-fault").textContent = [message, ...homeless].join(" ");
  byId("form-fault").hidden = false;
  for (const { id, msg } of placed.filter((fault) => fault.id)) {
    byId(`${id}-fault`).textContent = msg;
    byId(`${id}-fault`).hidden = false;
    byId(id).setAttribute("aria-invalid", "true");
    if (FOLDED.includes(id)) byId("more").open = true;
  }
  const first = form.querySelector('[aria-invalid="true"]');
  first?.focus();
  first?.closest(".field").scrollIntoView({ block: "nearest" });
}

function fieldOf(loc) {
  const path = (Array.isArray(loc) ? loc : [loc]).filter((part, index) => !(index === 0 && part === "body"));
  return FIELDS[path.slice(0, 2).join(".")] ?? FIELDS[path[0]];
}

function clearFault(id) {
  const note = byId(`${id}-fault`);
  if (!note) return;
  note.hidden = true;
  byId(id).removeAttribute("aria-invalid");
}

export function clearFaults() {
  Object.values(FIELDS).forEach(clearFault);
  byId("form-fault").hidden = true;
}

const PHRASES = [
  [/^Field required/, () => "请填写这一项"],
  [/at most (\d+) characters/, (found) => `最多 ${Number(found[1]).toLocaleString("zh-CN")} 个字`],
  [/must lie in the years (\d+) to (\d+)/, (found) => `时间须在 ${found[1]} 年至 ${found[2]} 年之间`],
  [/^unknown policy/, () => "没有这个辖区，请重新选择"],
  [/^Input should be/, () => "填写的内容不合要求"],
];

function inChinese(message) {
  for (const [pattern, words] of PHRASES) {
    const found = pattern.exec(message);
    if (found) return words(found);
  }
  return message;
}
