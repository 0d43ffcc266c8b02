import type { Id } from "../../api/contract";
import type { OwnRecord, RecordsPage } from "../../api/identity";
import { ago, words } from "../../format";

type Said = { value: unknown; at: string | null };
export type TraitRow = { name: string; cells: (Said | null)[]; winner: number; contested: boolean; why: string };

/** A trait as its record says it: the bare value, or the value with the time it was said. */
function said(record: OwnRecord, name: string): Said | null {
  const given = record.traits[name];
  if (given === undefined || given === null || given === "") return null;
  if (typeof given === "object" && !Array.isArray(given) && "v" in given) {
    const stamped = given as { v: unknown; at?: string; t?: string };
    return { value: stamped.v, at: stamped.at ?? stamped.t ?? null };
  }
  return { value: given, at: record.trait_times?.[name] ?? null };
}

export const traitText = (value: unknown): string => (typeof value === "string" ? value : typeof value === "boolean" ? (value ? "yes" : "no") : (JSON.stringify(value) ?? ""));
const ORDER = ["name", "email", "title", "phone", "domain", "company", "seniority", "department"];

/** Each trait across the records, which value holds, and by what rule. The newest value said always holds. */
export function traitRows(records: OwnRecord[], now: number): TraitRow[] {
  const names = [...new Set(records.flatMap((record) => Object.keys(record.traits)))];
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return names
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .map((name) => {
      const cells = records.map((record) => said(record, name));
      const those = cells.flatMap((cell, at) => (cell ? [{ ...cell, index: at }] : []));
      const time = (one: { at: string | null; index: number }) => one.at ?? records[one.index]?.last_seen_at ?? "";
      const best = those.reduce<(typeof those)[number] | null>((newest, one) => (!newest || time(one) > time(newest) ? one : newest), null);
      const source = best ? words(records[best.index]?.source ?? "") : "";
      const values = new Set(those.map((one) => traitText(one.value)));
      const why = !best ? "" : those.length === 1 ? `Only ${source} says it` : values.size === 1 ? `${those.length === records.length ? "All" : those.length} say the same` : `Newest, said by ${source}${best.at ? ` ${ago(best.at, now)}` : ""}`;
      return { name, cells, winner: best?.index ?? -1, contested: values.size > 1, why };
    })
    .filter((row) => row.winner >= 0);
}

export type Bond = { ns: string; value: string; class: string; records: Id[] };

/** The identifiers that records have in common, each once. */
export function bonds(page: RecordsPage): Bond[] {
  const found = new Map<string, Bond>();
  for (const record of page.rows) {
    for (const one of record.because) {
      const key = `${one.ns}\u0000${one.value}`;
      const bond = found.get(key) ?? { ns: one.ns, value: one.value, class: one.class, records: [] };
      bond.records = [...new Set([...bond.records, record.id, ...one.with])];
      found.set(key, bond);
    }
  }
  return [...found.values()].filter((bond) => bond.records.length > 1).sort((a, b) => b.records.length - a.records.length || a.ns.localeCompare(b.ns));
}

const NAMES: Record<string, string> = { email: "E-mail", anonymous_id: "Same device", user_id: "User id", phone: "Phone", domain: "Domain", link: "Joined by a person", linked: "Joined by a person" };
/** An identifier's kind in words: external:stripe is the id at Stripe. */
export function nsName(ns: string): string {
  if (NAMES[ns]) return NAMES[ns];
  const [head, ...rest] = ns.split(":");
  return head === "external" && rest.length > 0 ? `${words(rest.join(" "))} id` : words(ns);
}
