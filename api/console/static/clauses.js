// The wording of the clauses, as the packs state it.

import { el } from "./dom.js";

const wordings = new Map();

/** Remembers the clauses of every jurisdiction: [{clauses: [{id, text}]}]. */
export function learnClauses(policies) {
  for (const { clauses } of policies) for (const { id, text } of clauses ?? []) wordings.set(id, text);
}

/** The id of the clause that stands behind a statement, its wording on hover. */
export function clauseMark(clause) {
  return clause ? el("span", { class: "clause", title: wordings.get(clause) ?? "依据条款" }, clause) : null;
}

/** The wording of a clause as a line of its own, where it is known. */
export function clauseLine(clause) {
  const wording = wordings.get(clause);
  return el("p", { class: "wording" }, clauseMark(clause), wording ? ` ${wording}` : "");
}
