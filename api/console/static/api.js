// The calls this page makes. Every failure arrives as a Refusal whose message is fit to be shown.

const PATIENCE = 30e3;

/** Why there is no answer: a sentence, and the faults of single fields. */
export class Refusal extends Error {
  constructor(message, faults = []) {
    super(message);
    this.faults = faults;
  }
}

/** The jurisdictions: [{id, name, version}]. */
export function listPolicies() {
  return call("/v1/policies", {});
}

/** The decision on one order; `signal` gives it up. */
export function decide(request, signal) {
  return call("/v1/decisions", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(request), signal,
  });
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
  if (response.ok && body !== null) return body;
  throw new Refusal(sentence(response.status, body), Array.isArray(body?.errors) ? body.errors : []);
}

function sentence(status, problem) {
  if (status === 401 || status === 403) return "登录已失效或没有权限，请重新登录后再试。";
  if (status === 413) return "内容太长，服务没有接收，请删减后再试。";
  if (status === 422 || status === 400) return "有内容需要修改，请看标红的地方。";
  if (status === 429) return "请求过于频繁，请稍等片刻再试。";
  const why = problem?.detail || problem?.title;
  return `服务暂时不能判断${why ? `（${why}）` : ""}，请稍后再试。急件请先按人工流程派单。`;
}
