/** What the server promises about who is who: proposals, conflicts, records, suppressions. */
import type { Id } from "./contract";

/** A record as a proposal shows it. */
export type RecordSummary = {
  id: Id;
  source: string;
  ext_id: string;
  name?: string | null;
  entity_id?: Id | null;
  traits?: Record<string, unknown>;
  first_seen_at?: string | null;
  last_seen_at?: string | null;
};

export type Verdict = "agree" | "close" | "differ" | "missing";
export type Because = { field: string; a: string | null; b: string | null; verdict: Verdict; weight: number; sentence: string };

export type ProposalState = "open" | "accepted" | "rejected" | "withdrawn";
export type Proposal = {
  id: Id;
  kind: string; // persona | company
  state: ProposalState;
  weight: number; // log2 of the odds
  probability: number;
  a: RecordSummary;
  b: RecordSummary;
  because: Because[];
  guard: string | null;
  money: boolean;
  created_at: string;
};

export type IdentityConflict = {
  id: Id;
  kind: string;
  ns: string;
  value: string;
  entities: ({ id: Id; name: string } | Id)[];
  sentence: string;
  at: string;
  state: string;
};

export type SharedIdentifier = { ns: string; value: string; with: Id[]; class: string };
export type OwnRecord = {
  id: Id;
  source: string;
  ext_id: string;
  traits: Record<string, unknown>;
  /** When each trait was said last, where the server tells. */
  trait_times?: Record<string, string>;
  first_seen_at: string;
  last_seen_at: string;
  because: SharedIdentifier[];
};
export type RecordsPage = { rows: OwnRecord[]; links: { a: Id; b: Id; because: string }[] };

export type Suppression = {
  id: Id;
  identifiers?: { ns: string; value: string }[];
  ns?: string;
  value?: string;
  reason: string;
  actor: string;
  at: string;
  lifted_at?: string | null;
};
