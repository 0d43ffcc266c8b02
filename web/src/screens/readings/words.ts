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
  injection: "The text tries to give orders to whoever reads it", instruction: "The text tries to give orders to whoever reads it", hidden: "The text holds characters one does not see", hidden_text: "The text holds characters one does not see",
  unicode_tags: "The text holds characters one does not see", homoglyph: "Letters of other alphabets stand in for ours", encoded: "Part of the text is encoded", about_others: "The author speaks of somebody else", other_author: "The author speaks of somebody else",
  money: "The answer moves money-relevant state: a model's word alone does not count", disagreement: "Two readers disagree", low_margin: "The two likeliest answers are close", out_of_scope: "It is unlike anything the reader learned from",
  no_evidence: "No words were found that show it", budget: "The budget of the day ended before a better reader could be asked", drift: "The reader has been wrong about such texts lately",
};

/** Why a person is asked, in sentences. */
export function reasons(row: Reading): string[] {
  const [first, second] = ranked(row.answers);
  const list = row.flags.map((flag) => FLAGS[flag] ?? FLAGS[flag.split(":")[0] ?? ""] ?? words(flag));
  if (row.disagreement && !row.flags.some((flag) => flag.startsWith("disagree"))) list.push(typeof row.disagreement === "string" ? row.disagreement : (FLAGS.disagreement as string));
  if (list.length === 0 && first && second && first.probability - second.probability < 0.35) list.push(`It is ${percent(first.probability, 0)} sure of “${labelWords(first.label)}” and ${percent(second.probability, 0)} of “${labelWords(second.label)}”`);
  if (list.length === 0) list.push("Your answer teaches the reader more here than elsewhere");
  return [...new Set(list)];
}

const TIERS: Record<string, string> = { rules: "rules", rule: "rules", embedding: "the small model", local: "the local language model", hosted: "the hosted model", person: "a person" };
export const tierWords = (tier: string): string => TIERS[tier] ?? words(tier).toLowerCase();

const AUTHORS: Record<string, string> = { customer: "Written by the customer", agent: "Written by one of our agents", staff: "Written by one of us", "": "Author not known" };
export const authorWords = (author: string): string => AUTHORS[author] ?? `Written by ${author}`;
