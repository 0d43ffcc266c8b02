/** What the server promises about sources, connections, dead letters, the catalogue and tracking plans. */
import type { Id } from "./contract";

export type SourceState = "waiting" | "ok" | "late" | "failing" | "paused";

export type Day = {
  day: string;
  accepted: number;
  duplicate: number;
  mismatch: number;
  dead_letter: number;
  refused: number;
};

export type SourceRow = {
  id: string;
  kind: string;
  name: string;
  key_prefix: string;
  created_at: string;
  last_event_at: string | null;
  accepted: number;
  duplicate: number;
  mismatch: number;
  dead_letter: number;
  refused: number;
  /** Dead letters that wait now, wherever they stopped. */
  open_letters: number;
  lag: number;
  state: SourceState;
  /** Why the state is what it is. */
  reason: string;
  connector: string | null;
  /** Present where the source is read by a connection of ours. */
  connection: { state: ConnectionState; problem: string; advice: string; last_sync_at: string | null } | null;
  /** The last 30 days. */
  cost: { bytes: number; events: number };
  /** Its key stands in no page: what it tells of money is believed. */
  server_only: boolean;
  /** What its word about deals, payments, refunds and disputes is worth. */
  money: string;
};

export type PlanMode = "off" | "warn" | "quarantine";
/** A rule by kind (ours, `deal.won`) or by name (the sender's, `Order Completed`). */
export type PlanEvent = { kind: string; name: string; required: string[]; types: Record<string, string> };
export type Broken = { rule: string; property: string; problem: string; n: number; last_seen_at: string };
export type Plan = { mode: PlanMode; events: PlanEvent[]; violations: number; broken: Broken[]; updated_at: string | null; updated_by: string };

export type MappingVersion = { version: number; digest: string; at: string; rows: number };

export type SourceDetail = SourceRow & {
  days: Day[];
  plan: Plan;
  mapping_versions: MappingVersion[];
};

/** A key and what contains it are in one answer and nowhere else. */
export type NewKey = { key: string; hook_url: string; snippet: string };
export type NewSource = NewKey & { id: string };

/** A person or company as an event speaks of them. */
export type Spoken = { ext_id?: string; source?: string; identifiers?: { ns: string; value: string }[]; traits?: Record<string, unknown> } | string | null;

export type Canonical = {
  kind: string;
  name: string;
  ref: string;
  person?: Spoken;
  company?: Spoken;
  props?: Record<string, unknown>;
  at?: string;
};

export type LiveRow = {
  seq: number;
  event_id: string;
  at: string;
  received_at: string;
  format: string;
  kind: string;
  message_id: string;
  body: string;
  events: Canonical[];
  problem: string;
  lane: string;
  version: number | null;
};
export type LivePage = { rows: LiveRow[]; next: number };

export type Shape = {
  kind: string;
  fingerprint: string;
  paths: { path: string; types: string[] }[];
  first_seen_at: string;
  last_seen_at: string;
  n: number;
  new: boolean;
};

export type ConfigField = { name: string; label: string; required: boolean; secret: boolean; help: string; default: string };
export type Connector = {
  connector: string;
  label: string;
  about: string;
  config: ConfigField[];
  auth: string;
  group: string;
  streams: { name: string; optional: boolean }[];
  webhook: boolean;
};

export type StreamState = {
  name: string;
  state: "off" | "waiting" | "syncing" | "ok" | "failing";
  cursor: unknown;
  rows: number;
  last_sync_at: string | null;
  next_due_at: string;
  problem: string;
  advice: string;
  lane: string; // historical | live
  progress: { done: number; total: number | null };
};
export type Run = {
  id: string;
  stream: string;
  lane: string;
  started_at: string;
  ended_at: string | null;
  pages: number;
  rows: number;
  new: number;
  duplicates: number;
  dead: number;
  requests: number;
  bytes: number;
  problem: string;
};
export type ConnectionState = "new" | "ok" | "failing" | "paused" | "needs_auth";
export type Connection = {
  id: Id;
  connector: string;
  label: string;
  name: string;
  config: Record<string, string>;
  secrets: string[];
  questions: ConfigField[];
  auth: string;
  state: ConnectionState;
  problem: string;
  advice: string;
  created_at: string;
  last_sync_at: string | null;
  streams: StreamState[];
  runs: Run[];
  hook_url: string | null;
  authorize_url: string | null;
};

export type TestResult = {
  ok: boolean;
  problem: string;
  advice: string;
  account: string;
  streams: { name: string; ok: boolean; problem: string; advice: string; records: number }[];
};

export type MappingPreview = { rows: { record: unknown; message_id: string; events: Canonical[]; problem: string }[]; problem: string; advice: string };
export type BodyPreview = { events: Canonical[]; problem: string };

export type DeadLetter = {
  id: string;
  source_id: string;
  source: string;
  stage: string;
  reason: string;
  detail: string;
  body: string;
  at: string;
  state: string;
  attempts: number;
  closed_at: string | null;
  closed_by: string | null;
};
export type DeadLetterPage = {
  rows: DeadLetter[];
  next: string | null;
  total: number;
  reasons: { stage: string; reason: string; n: number }[];
};
export type LetterOutcome = { outcome: string; problem: string; event_ids: string[] };
/** How far a retry of many is; one by a filter goes on without this page. */
export type LetterRun = { id: string; outcome: "started" | "done"; total: number; done: number; succeeded: number; failed: number };
