import type { Because, Proposal, RecordSummary, Verdict } from "../../api/identity";
import { words } from "../../format";

/** What a record is called: its name, else its address, else its id at the source. */
export function recordName(record: RecordSummary): string {
  return record.name || record.ext_id;
}

export function pairName(row: Proposal): string {
  const a = recordName(row.a);
  const b = recordName(row.b);
  return a === b ? a : `${a} and ${b}`;
}

/** How sure the model is, in words that promise no more than the number does. */
export function sureness(row: Proposal): string {
  const what = row.kind === "company" ? "company" : "person";
  if (row.probability >= 0.95) return `Almost certainly one ${what}`;
  if (row.probability >= 0.8) return `Very likely one ${what}`;
  if (row.probability >= 0.5) return `More likely one ${what} than two`;
  return what === "company" ? "Rather two companies" : "Rather two people";
}

const sized = (one: Because): number => Math.abs(one.weight);
const SILENT = 0.1; // bits: what weighs less and says nothing is not worth a line
const FIELDS: Record<string, string> = { given: "First name", surname: "Last name", employer: "Company", place: "Place", email: "E-mail" };

/** A compared field in words. */
export const fieldName = (field: string): string => FIELDS[field] ?? words(field);
const sentenceOf = (text: string): string => (text === "" ? "" : text.charAt(0).toUpperCase() + text.slice(1));
const ORDER: Verdict[] = ["missing", "agree", "close", "differ"];

/** First and last name are one line where both were taken from the same full name. */
function withName(rows: Because[]): Because[] {
  const given = rows.find((one) => one.field === "given");
  const surname = rows.find((one) => one.field === "surname");
  if (!given || !surname || given.a !== surname.a || given.b !== surname.b) return rows;
  const verdict = ORDER.indexOf(given.verdict) > ORDER.indexOf(surname.verdict) ? given.verdict : surname.verdict;
  const name: Because = { ...given, field: "name", verdict, weight: given.weight + surname.weight, sentence: [surname.sentence, given.sentence].filter(Boolean).join(", ") };
  return [name, ...rows.filter((one) => one !== given && one !== surname)];
}

/** What is worth showing: something is said on a side, and it weighs or has words. The sources stand above. */
const lines = (row: Proposal): Because[] =>
  withName(row.because)
    .filter((one) => one.field !== "source" && (one.a !== "" || one.b !== "") && (one.verdict === "missing" || one.sentence !== "" || sized(one) >= SILENT))
    .map((one) => (one.field === "employer" ? { ...one, a: one.a.replace(/^.*@/, ""), b: one.b.replace(/^.*@/, "") } : one))
    .map((one) => ({ ...one, sentence: sentenceOf(one.sentence) }));

/** What speaks for it and what against, the weightiest first; what is missing speaks for nothing. */
export function reasons(row: Proposal): { for: Because[]; against: Because[] } {
  const known = lines(row).filter((one) => one.verdict !== "missing" && one.sentence !== "").sort((a, b) => sized(b) - sized(a));
  const speaksFor = (one: Because) => (one.weight === 0 ? one.verdict !== "differ" : one.weight > 0);
  return { for: known.filter(speaksFor), against: known.filter((one) => !speaksFor(one)) };
}

/** The rows of the comparison: what was compared, by weight, and what one side does not say last. */
export const compared = (row: Proposal): Because[] =>
  lines(row).sort((a, b) => Number(a.verdict === "missing") - Number(b.verdict === "missing") || sized(b) - sized(a));
