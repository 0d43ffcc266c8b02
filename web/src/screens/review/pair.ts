import type { Because, Proposal, RecordSummary } from "../../api/identity";

/** What a record is called: its name, else its address, else its id at the source. */
export function recordName(record: RecordSummary): string {
  const trait = (name: string) => (typeof record.traits?.[name] === "string" ? (record.traits[name] as string) : "");
  return record.name || trait("name") || trait("email") || trait("domain") || record.ext_id;
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

/** What speaks for it and what against, the weightiest first; what is missing speaks for nothing. */
export function reasons(row: Proposal): { for: Because[]; against: Because[] } {
  const known = row.because.filter((one) => one.verdict !== "missing").sort((a, b) => sized(b) - sized(a));
  const speaksFor = (one: Because) => (one.weight === 0 ? one.verdict !== "differ" : one.weight > 0);
  return { for: known.filter(speaksFor), against: known.filter((one) => !speaksFor(one)) };
}

/** The rows of the comparison: what was compared, by weight, and what one side does not say last. */
export const compared = (row: Proposal): Because[] =>
  [...row.because].sort((a, b) => Number(a.verdict === "missing") - Number(b.verdict === "missing") || sized(b) - sized(a));
