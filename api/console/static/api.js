// The calls this page makes. Every failure arrives as a Refusal whose message is fit to be shown.

const PATIENCE = 30e3;

/** Why there is no answer: a sentence, the faults of single fields, and the status where the service answered. */
export class Refusal extends Error {
  constructor(message, faults = [], status = null) {
    super(message);
    this.faults = faults;
    this.status = status;
  }
}

/** The jurisdictions: [{id, name, version}]. */
export function listPolicies() {
  return call("/v1/policies", {});
}

/** The decision on one order; `signal` gives it up. */
export async function decide(request, signal) {
  return change("POST", "/v1/decisions", request, signal);
}

/** Who is logged in: {name, role, policy, unit, csrf}. */
export function whoIsLoggedIn() {
  return call("/console/session", {});
}

/** Logs in; a Refusal says why not. */
export function logIn(name, password) {
  return call("/console/session", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name, password }),
  });
}

/** Logs out. */
export function logOut() {
  return change("DELETE", "/console/session");
}

let token = null; // the session's, which every change must carry; null where it has to be asked for

async function change(method, path, body, signal) {
  token ??= await whoIsLoggedIn().then(({ csrf }) => csrf, () => ""); // a demo answers without a session, too
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
  try {
    return await call(path, { method, headers, body: body && JSON.stringify(body), signal });
  } catch (refusal) {
    if ([401, 403].includes(refusal.status)) token = null; // logged in anew elsewhere: the next try asks again
    throw refusal;
  }
}

async function call(path, options) {
  const patience = AbortSignal.timeout(PATIENCE);
  const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience;
  let response;
  let body;
  try {
    response = await fetch(path, { ...options, signal, cache: "no-store" });
    body = await response.json().catch(() => null);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Refusal(patience.aborted
      ? "服务迟迟没有回应，请稍后再试。急件请先按人工流程派单。"
      : "暂时连不上服务，请检查网络后再试。您填写的内容还在。");
  }
  if (response.status === 204 || (response.ok && body !== null)) return body;
  throw new Refusal(sentence(response.status, body), Array.isArray(body?.errors) ? body.errors : [], response.status);
}

function sentence(status, problem) {
  if (status === 401) return "登录已失效，请在另一个标签页重新登录后再试。您填写的内容还在。";
  if (status === 403) return "没有权限，或登录已经更换，请再试一次；仍不行请重新登录。";
  if (status === 413) return "内容太长，服务没有接收，请删减后再试。";
  if (status === 422 || status === 400) return "有内容需要修改，请看标红的地方。";
  if (status === 429) return "请求过于频繁，请稍等片刻再试。";
  const why = problem?.detail || problem?.title;
  return `服务暂时不能判断${why ? `（${why}）` : ""}，请稍后再试。急件请先按人工流程派单。`;
}
