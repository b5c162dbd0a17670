// Builds elements. Data only ever enters as text nodes and plain attributes, never as markup.

/** An element with attributes and children; empty children (null, undefined, false) are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A bar that shows a confidence from 0 to 1, with its figure beside it. */
export function confidenceBar(confidence) {
  const fill = el("span", { class: "bar-fill" });
  fill.style.width = `${Math.min(Math.max(confidence, 0), 1) * 100}%`;
  return el("span", { class: "confidence" },
    el("span", { class: "bar", "aria-hidden": "true" }, fill),
    el("span", { class: "share" }, el("span", { class: "unseen" }, "把握 "), shareWords(confidence)));
}

/** "88%"; what is nearly certain or nearly excluded is not rounded into certainty. */
export function shareWords(confidence) {
  if (confidence > 0.99 && confidence < 1) return ">99%";
  if (confidence > 0 && confidence < 0.01) return "<1%";
  return `${Math.round(confidence * 100)}%`;
}

/** A titled block of the result. */
export function card(title, name, ...children) {
  return el("section", { class: `card ${name}`, "aria-label": title }, el("h3", {}, title), ...children);
}
