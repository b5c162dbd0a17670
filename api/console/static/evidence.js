// The complaint as it came, with the words that pulled the decision marked by their weight.

import { el } from "./dom.js";

const TARGETS = { category: "类别", unit: "单位", request_type: "诉求类型", urgency: "紧急程度", emergency: "紧急警情",
  territory: "属地", complexity: "复杂程度" };

/** The title and the text as paragraphs, with the evidence marked in three strengths by its weight. */
export function markedComplaint({ title, text }, evidence) {
  const parts = { title: pieces(title ?? "", spansOn("title", evidence)), body: pieces(text, spansOn("text", evidence)) };
  const weights = Object.values(parts).flat().map(({ span }) => span?.weight ?? 0);
  const heaviest = weights.reduce((one, other) => Math.max(one, other), 0);
  return Object.entries(parts).filter(([, pieced]) => pieced.length > 0).map(([name, pieced]) =>
    el("p", { class: name }, pieced.map(({ text: words, span }) => (span ? mark(words, span, heaviest) : words))));
}

// Pieces of a text in order, each with the span that covers it or null; spans count Unicode code points. Where spans
// overlap the heavier one is shown. A span whose words are not those of the text marks nothing.
function pieces(source, spans) {
  const points = Array.from(source);
  const owner = new Map();
  for (const span of [...spans].sort((one, other) => one.weight - other.weight)) {
    if (points.slice(span.start, span.end).join("") !== span.text) continue;
    for (let at = span.start; at < span.end; at += 1) owner.set(at, span);
  }
  const edges = new Set([0]);
  for (const [at, span] of owner) {
    if (owner.get(at - 1) !== span) edges.add(at);
    if (owner.get(at + 1) !== span) edges.add(at + 1);
  }
  const starts = [...edges].filter((at) => at < points.length).sort((one, other) => one - other);
  return starts.map((start, index) => ({
    text: points.slice(start, starts[index + 1]).join(""), span: owner.get(start) ?? null,
  }));
}

// All spans on one field of the order, each knowing what it is evidence for.
function spansOn(field, evidence) {
  return Object.entries(evidence ?? {}).flatMap(([target, spans]) =>
    spans.filter((span) => (span.field ?? "text") === field).map((span) => ({ ...span, target })));
}

function mark(text, span, heaviest) {
  const share = heaviest > 0 ? span.weight / heaviest : 0;
  const level = share > 0.66 ? 3 : share > 0.33 ? 2 : 1;
  const about = `判断${TARGETS[span.target] ?? span.target}的依据，权重 ${Number(span.weight).toFixed(2)}`;
  return el("mark", { "data-level": level, title: about }, text);
}
