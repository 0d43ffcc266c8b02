import type { FraudRow, Verdict } from "../../api/fraud";
import { day, words } from "../../format";

export const SHAPES: Record<string, { name: string; text: string }> = {
  pair: { name: "Two people", text: "The friend and whoever referred them are tied to each other." },
  one_hand: { name: "One hand", text: "Several people here look like one." },
  cycle: { name: "A circle", text: "The referrals go round: each refers the next, and the last the first." },
  dense: { name: "A close group", text: "A few people refer each other far more than others do." },
};
export const STATES: Record<string, string> = { open: "To decide", unsure: "Not sure", fraud: "Fraud", honest: "Honest", closed: "Closed by itself" };
/** What is kept as the reason when nobody writes one. */
export const USUAL: Record<Verdict, string> = { honest: "Looked at: these are real people who know each other", fraud: "Looked at: the reasons hold", unsure: "Looked at: not enough to tell" };

const MARKS: Record<string, string> = { device: "one device", network: "one network", payee: "one account", card: "one card", mailbox: "one mailbox", phone: "one telephone", company: "one company" };
export const markName = (kind: string): string => MARKS[kind] ?? words(kind).toLowerCase();
export const evidenceName = (name: string): string => words(name.replace(/^(hard|soft|ring|rule)[_:]/, ""));
export const friendOf = (row: FraudRow): string => row.friend_name || row.friend_email;

const DATED = /^\d{4}-\d{2}-\d{2}T/;
/** What a rule rests on, as text: lists by commas, times as days. */
export function evidenceText(value: unknown): string {
  if (Array.isArray(value)) return value.map(evidenceText).filter(Boolean).join("; ") || "none";
  if (value !== null && typeof value === "object") return Object.values(value).map(evidenceText).filter(Boolean).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return value.toLocaleString("en", { maximumFractionDigits: 2 });
  return typeof value === "string" ? (DATED.test(value) ? day(value) : value) : "";
}
