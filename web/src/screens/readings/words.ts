import type { Chance, Reading } from "../../api/inference";
import { percent, words } from "../../format";

const QUESTIONS: Record<string, string> = {
  resolution: "Was the problem solved for them?", sentiment: "How do they feel?", stance: "Do they praise or complain?", object: "What is it about?", relation: "Which relation does it state?",
  recommend: "Would they recommend us?", intent: "Would they recommend us?", risk: "Are they about to leave?", churn: "Are they about to leave?", product: "Which product is meant?", mention: "Which product is meant?",
  seniority: "How senior is this title?", department: "Which department is this title of?", buying_role: "Which part does this title play in buying?",
};

/** A question set without its version: relation@1 -> relation. */
export const taskName = (task: string): string => words(task.split("@")[0] ?? task);

/** A question as one would ask it. */
export const asked = (row: { task: string; question: string }): string => QUESTIONS[row.question] ?? `${taskName(row.task)}: ${words(row.question).toLowerCase()}?`;

export const labelWords = (label: string): string => (label === "none" ? "None of these" : words(label));

/** The likeliest first. */
export const ranked = (answers: Chance[]): Chance[] => [...answers].sort((a, b) => b.probability - a.probability || (a.label < b.label ? -1 : 1));

/** What "reject" answers: that the text does not say it; null where the question has no such answer. */
export const rejection = (row: Reading): string | null => {
  const top = ranked(row.answers)[0]?.label;
  return ["none", "no"].find((label) => label !== top && row.answers.some((one) => one.label === label)) ?? null;
};

const FLAGS: Record<string, string> = {
  orders: "The text gives orders to whoever reads it", role: "The text pretends to speak as the system", examples: "The text brings answers of its own, as if it were an example", labels: "The text names our own labels",
  json: "The text holds what looks like an answer of a machine", hidden: "The text holds characters one does not see", encoded: "Part of the text is encoded", lookalike: "Letters of other alphabets stand in for ours", markup: "The text holds markup",
  misquoted: "A reader quoted words that do not stand there; its answer was put aside", unsupported: "A language model says so alone, which does not count where money follows", unclear_who: "It is not clear whom the text means", too_long: "Only the beginning of the text was read",
  review: "Nothing follows from it before a person has looked", refused: "A reader was refused the text",
};

/** Why a person is asked, in sentences. */
export function reasons(row: Reading): string[] {
  const [first, second] = ranked(row.answers);
  const list = row.flags.map((flag) => FLAGS[flag] ?? FLAGS[flag.split(":")[0] ?? ""] ?? words(flag));
  if (row.disagreement && !row.flags.includes("unsupported")) list.push("The readers disagree");
  if (list.length === 0 && first && second && first.probability - second.probability < 0.35) list.push(`It is ${percent(first.probability, 0)} sure of “${labelWords(first.label)}” and ${percent(second.probability, 0)} of “${labelWords(second.label)}”`);
  if (list.length === 0) list.push("Your answer teaches the reader more here than elsewhere");
  return [...new Set(list)];
}

const TIERS: Record<string, string> = { rules: "rules", rule: "rules", head: "the small model", embedding: "the small model", local: "the local language model", hosted: "the hosted model", person: "a person" };
export const tierWords = (tier: string): string => TIERS[tier] ?? words(tier).toLowerCase();

const AUTHORS: Record<string, string> = { customer: "Written by the customer", agent: "Written by one of our agents", staff: "Written by our side", "our side": "Written by our side", "": "Author not known" };
export const authorWords = (author: string): string => AUTHORS[author] ?? `Written by ${author}`;
