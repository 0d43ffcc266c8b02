/** What the server promises about who is who: proposals, conflicts, records, suppressions. */
import type { Id } from "./contract";

/** A record as a proposal shows it. */
export type RecordSummary = {
  id: Id;
  source: string;
  ext_id: string;
  name: string;
  entity_id: Id;
  traits: Record<string, unknown>;
  /** How many records the one it belongs to has by now. */
  records: number;
  first_seen_at: string;
};

export type Verdict = "agree" | "close" | "differ" | "missing";
export type Because = { field: string; a: string; b: string; verdict: Verdict; weight: number; sentence: string };

export type ProposalState = "open" | "accepted" | "rejected" | "auto" | "stale";
export type Proposal = {
  id: Id;
  kind: string; // persona | company
  state: ProposalState;
  weight: number; // log2 of the odds
  probability: number;
  a: RecordSummary;
  b: RecordSummary;
  because: Because[];
  sentence: string;
  guard: string | null;
  money: boolean;
  actor: string;
  reason: string;
  created_at: string;
  decided_at: string | null;
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
