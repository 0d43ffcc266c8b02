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
  of: string; // persona | company
  entities: Id[];
  sentence: string;
  money: boolean;
  at: string;
  state: string; // open | closed
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
  /** Kinds only: who is suppressed can be asked, never read. */
  namespaces: string[];
  reason: string;
  actor: string;
  at: string;
  hits: number;
  last_hit_at: string | null;
  lifted_at: string | null;
  lifted_by: string | null;
};
