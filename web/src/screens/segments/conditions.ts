import type { Comparison, Condition, Edges, Property, Scalar } from "../../api/segments";
import { words } from "../../format";
import { edgeName } from "../../graph/kinds";

export const COMPARISONS: { op: Comparison; text: string; value: boolean }[] = [
  { op: "eq", text: "is", value: true }, { op: "ne", text: "is not", value: true }, { op: "contains", text: "contains", value: true }, { op: "starts_with", text: "begins with", value: true },
  { op: "in", text: "is one of", value: true }, { op: "ge", text: "is at least", value: true }, { op: "le", text: "is at most", value: true }, { op: "gt", text: "is more than", value: true }, { op: "lt", text: "is less than", value: true }, { op: "exists", text: "is known", value: false },
];

export const PERSON_PROPERTIES = ["title", "seniority", "department", "name", "email", "timezone", "phone"];
export const COMPANY_PROPERTIES = ["segment", "industry", "plan", "employees", "name", "domain", "mrr_minor"];

/** What a fresh row says. */
export const FRESH: Record<string, () => Condition> = {
  edges: () => ({ type: "edges", kind: "uses" }),
  property: () => ({ type: "property", name: "title", op: "contains", value: "" }),
  company: () => ({ type: "company", of: { type: "all", of: [{ type: "property", name: "segment", op: "eq", value: "" }] } }),
  influence: () => ({ type: "influence", at_least: 0.5 }),
  group: () => ({ type: "any", of: [{ type: "edges", kind: "praised" }, { type: "edges", kind: "champion_of" }] }),
};

/** The tree's top is always a list, so that there is a place to add to. */
export function rooted(condition: Condition | null): Condition & { type: "all" | "any" } {
  if (condition?.type === "all" || condition?.type === "any") return condition;
  return { type: "all", of: condition ? [condition] : [] };
}

/** A number where one was written, else the text; what is compared must be of the property's own type. */
export function valueOf(text: string, op: Comparison): Scalar | Scalar[] {
  const plain = (one: string): Scalar => {
    const trimmed = one.trim();
    if (trimmed === "true" || trimmed === "false") return trimmed === "true";
    return /^-?\d+(\.\d+)?$/.test(trimmed) && trimmed.length < 15 ? Number(trimmed) : trimmed;
  };
  if (op === "in") return text.split(",").map(plain).filter((one) => one !== "");
  return op === "contains" || op === "starts_with" ? text : plain(text);
}
export const textOf = (value: Property["value"]): string => (Array.isArray(value) ? value.join(", ") : value === null || value === undefined ? "" : String(value));

/** Whether every row says something; a half-written one is not sent. */
export function complete(condition: Condition): boolean {
  switch (condition.type) {
    case "all": case "any": return condition.of.length > 0 && condition.of.every(complete);
    case "not": case "company": return complete(condition.of);
    case "property": return condition.name !== "" && (condition.op === "exists" || (Array.isArray(condition.value) ? condition.value.length > 0 : condition.value !== "" && condition.value !== undefined && condition.value !== null));
    case "edges": return condition.kind !== "" && (condition.where ?? []).every(complete);
    case "influence": return (condition.at_least ?? 0) <= (condition.at_most ?? 1);
  }
}

const listed = (parts: string[], join: string): string => (parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} ${join} ${parts[parts.length - 1]}`);

function edgeSentence(one: Edges): string {
  const least = one.at_least ?? 1;
  const most = one.at_most ?? null;
  const many = most === 0 ? "no" : most === null ? (least <= 1 ? "an" : `at least ${least}`) : least === most ? `${least}` : `${least} to ${most}`;
  const end = one.keys?.length ? ` ${one.direction === "in" ? "from" : "to"} ${listed(one.keys.map((key) => key.slice(key.indexOf(":") + 1)), "or")}` : one.nodes?.length ? ` ${one.direction === "in" ? "from" : "to"} ${one.nodes.length} named` : "";
  const where = one.where?.length ? ` whose ${listed(one.where.map(inWords), "and")}` : "";
  const time = one.within_days ? `, ${one.by === "began" ? "begun" : "seen"} in the last ${one.within_days} days` : one.since ? `, since ${one.since.slice(0, 10)}` : "";
  const sure = one.confidence ? `, believed with ${one.confidence} or more` : "";
  const state = one.state === "ended" ? " that ended" : one.state === "any" ? " now or before" : "";
  return `have ${many} “${edgeName(one.kind).toLowerCase()}” edge${most === null && least > 1 ? "s" : ""}${one.direction === "in" ? " pointing at them" : ""}${end}${where}${state}${time}${sure}`;
}

/** A condition as a sentence; what the builder shows and what the list tells. */
export function inWords(condition: Condition): string {
  switch (condition.type) {
    case "all": return condition.of.length === 0 ? "everybody" : listed(condition.of.map(inner), "and");
    case "any": return condition.of.length === 0 ? "nobody" : listed(condition.of.map(inner), "or");
    case "not": return `not: ${inner(condition.of)}`;
    case "company": return `work at a company whose ${inWords(condition.of)}`;
    case "property": { const known = COMPARISONS.find((one) => one.op === (condition.op ?? "exists")); return `${words(condition.name).toLowerCase()} ${known?.text ?? condition.op}${known?.value ? ` “${textOf(condition.value)}”` : ""}`; }
    case "edges": return edgeSentence(condition);
    case "influence": return condition.at_most !== undefined && condition.at_most < 1 ? `have influence between ${condition.at_least ?? 0} and ${condition.at_most}` : `have influence of ${condition.at_least ?? 0} or more`;
  }
}
const inner = (condition: Condition): string => (condition.type === "all" || condition.type === "any" ? `(${inWords(condition)})` : inWords(condition));
