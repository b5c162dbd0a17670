// The desk: what is typed goes to the service, and the decision that comes back is laid out.

import { decide, listPolicies, logOut, Refusal, whoIsLoggedIn } from "./api.js";
import { clauseLine, learnClauses } from "./clauses.js";
import { el } from "./dom.js";
import { EXAMPLES } from "./examples.js";
import {
  alertsCard, categoriesCard, footLine, labelsCard, mattersCard, owedCard, relatedCard, textCard, tick, traceBlock,
  unitsCard,
} from "./findings.js";
import {
  choosePolicy, clearFaults, clearForm, fillExample, keepReceivedCurrent, prepareForm, readForm, showRefusal,
} from "./form.js";
import {
  assurance, candidateWords, deciderWords, dispatchNote, emergencyLine, headline, wordsForCaller,
} from "./verdict.js";
import { MODES, named } from "./words.js";

const byId = (id) => document.getElementById(id);
const blankVerdict = [...byId("verdict").childNodes];
const narrow = window.matchMedia("(max-width: 900px)");

let asking = null; // the AbortController of the request on its way
let shown = null; // {decision, at}: what stands on the page, and when it came

async function ask() {
  clearFaults();
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  try {
    if (byId("policy").options.length === 0) await loadPolicies();
    const request = readForm();
    setPending(true);
    const begun = performance.now();
    const decision = await decide(request, mine.signal);
    if (asking === mine) show(decision, request.order, performance.now() - begun);
  } catch (error) {
    if (mine.signal.aborted) return;
    if (error instanceof Refusal) showRefusal(error);
    else {
      showRefusal(new Refusal("服务的答复无法显示，请联系管理员。急件请先按人工流程派单。"));
      throw error;
    }
  } finally {
    if (asking === mine) setPending(false);
  }
}

function setPending(pending) {
  byId("result").setAttribute("aria-busy", String(pending));
  byId("submit").firstChild.textContent = pending ? "正在判断… " : "判断去向 ";
}

function show(decision, order, milliseconds) {
  shown = { decision, at: performance.now() };
  byId("stale").hidden = true;
  document.querySelector(".note-offer")?.remove();
  byId("verdict").replaceChildren(...verdictBlock(decision));
  byId("findings").replaceChildren(
    el("div", { class: "column" }, ...present(owedCard(decision), alertsCard(decision), textCard(decision, order))),
    el("div", { class: "column" },
      ...present(mattersCard(decision), unitsCard(decision), categoriesCard(decision), labelsCard(decision),
        relatedCard(decision))),
    traceBlock(decision), footLine(decision, milliseconds));
  refreshTimes();
  byId("result").scrollTop = 0;
  showFirstMark();
  if (narrow.matches) byId("result").focus({ preventScroll: true });
  if (narrow.matches) byId("result").scrollIntoView({ block: "start" });
}

// A long complaint is shown in a box of its own, which starts where the evidence starts.
function showFirstMark() {
  const mark = document.querySelector(".complaint mark");
  if (mark) mark.closest(".scroll").scrollTop = mark.offsetTop - 40;
}

const present = (...nodes) => nodes.filter(Boolean);

function verdictBlock(decision) {
  const { dispatch } = decision;
  const sure = assurance(decision);
  const say = wordsForCaller(decision);
  const candidates = candidateWords(decision);
  return present(emergencyBanner(decision), el("div", { class: `verdict mode-${dispatch.mode}` },
    el("div", { class: "verdict-main" },
      el("p", { class: "tags" }, el("span", { class: "tag mode" }, named(MODES, dispatch.mode)),
        el("span", { class: "tag" }, deciderWords(dispatch)),
        sure && el("span", { class: `tag ${sure.sure ? "sure" : "unsure"}` }, sure.words)),
      el("h2", { id: "headline" }, headline(decision)),
      candidates && el("p", { class: "candidates" }, candidates),
      el("p", { class: "because" }, dispatch.because)),
    copyButton(),
    clauseLine(dispatch.clause),
    questionBox(decision),
    say && el("p", { class: "say" }, el("span", {}, "可对来电人说"), say)));
}

function questionBox({ question }) {
  return question && el("p", { class: "ask" }, el("span", {}, "建议问来电人"), question.text,
    el("small", {}, question.because));
}

function emergencyBanner(decision) {
  const line = emergencyLine(decision);
  if (decision.dispatch.mode === "emergency_transfer") {
    return el("p", { class: "emergency", role: "alert" }, `紧急警情（${line ?? "相应警情台"}），请勿按普通工单派发`);
  }
  return line && el("p", { class: "emergency maybe", role: "alert" }, `疑似紧急警情（${line}），请先问清险情，必要时立即转接`);
}

function copyButton() {
  const button = el("button", { type: "button", id: "copy", "aria-keyshortcuts": "Alt+C" }, "复制派单意见 ",
    el("kbd", {}, "Alt+C"));
  button.addEventListener("click", copyNote);
  return button;
}

async function copyNote() {
  if (!shown) return;
  const note = dispatchNote(shown.decision);
  const copied = await navigator.clipboard?.writeText(note).then(() => true, () => false);
  const button = byId("copy");
  if (copied) {
    button.firstChild.textContent = "已复制 ";
    setTimeout(() => { button.firstChild.textContent = "复制派单意见 "; }, 2000);
  } else {
    offerNote(note);
  }
}

// A plain http page in a closed network has no clipboard: the note is laid out selected, to be copied by hand.
function offerNote(note) {
  document.querySelector(".note-offer")?.remove();
  const area = el("textarea", { readonly: true, rows: "12", "aria-label": "派单意见，请按 Ctrl+C 复制" });
  area.value = note;
  byId("verdict").after(el("div", { class: "note-offer" }, el("p", {}, "浏览器不允许自动复制，请按 Ctrl+C："), area));
  area.select();
}

function refreshTimes() {
  keepReceivedCurrent();
  if (!shown) return;
  tick(byId("findings"), new Date(new Date(shown.decision.as_of).getTime() + performance.now() - shown.at));
}

function startAnew() {
  asking?.abort();
  asking = null;
  shown = null;
  setPending(false);
  clearForm();
  byId("stale").hidden = true;
  document.querySelector(".note-offer")?.remove();
  byId("verdict").replaceChildren(...blankVerdict);
  byId("findings").replaceChildren();
}

async function loadPolicies() {
  const policies = await listPolicies();
  byId("policy").replaceChildren(...policies.map(({ id, name, version }) =>
    el("option", { value: id, title: `规则版本 ${version}` }, name)));
  learnClauses(policies);
  choosePolicy();
}

// Where the service knows nobody, it stands open and there is nobody to log out.
async function showWhoIsLoggedIn() {
  const { name } = await whoIsLoggedIn().catch(() => ({}));
  if (!name) return;
  byId("who-name").textContent = name;
  byId("who").hidden = false;
}

async function leave() {
  try {
    await logOut();
  } catch (error) {
    if (error.status !== 401) return showRefusal(error);
  }
  window.location.assign("/login");
}

function listen() {
  byId("form").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  byId("form").addEventListener("input", () => { byId("stale").hidden = !shown; });
  byId("clear").addEventListener("click", startAnew);
  byId("log-out").addEventListener("click", leave);
  // The address is the only thing that is kept, and only in the address bar.
  byId("policy").addEventListener("change", () => {
    window.history.replaceState(null, "", `?policy=${encodeURIComponent(byId("policy").value)}`);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") { event.preventDefault(); ask(); }
    if (event.altKey && event.code === "KeyC") { event.preventDefault(); copyNote(); }
    if (event.altKey && event.code === "KeyN") { event.preventDefault(); startAnew(); }
  });
  setInterval(refreshTimes, 15e3);
}

function offerExamples() {
  byId("examples").append(el("span", {}, "示例"), ...EXAMPLES.map((example) => {
    const chip = el("button", { type: "button", class: "example" }, example.name);
    chip.addEventListener("click", () => { fillExample(example); ask(); });
    return chip;
  }));
}

prepareForm();
offerExamples();
listen();
showWhoIsLoggedIn();
loadPolicies().catch((error) => showRefusal(error));
