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
  lag: number;
  state: SourceState;
  /** Why it is failing or late, in the words of what failed. */
  problem?: string | null;
  connector: string | null;
  /** The last 30 days. */
  cost: { bytes: number; events: number };
};

export type PlanMode = "off" | "warn" | "quarantine";
export type PlanEvent = { kind: string; required: string[]; types: Record<string, string> };
export type Plan = { mode: PlanMode; events: PlanEvent[]; violations: number };

export type MappingVersion = { version: number; digest: string; at: string; rows: number };

export type SourceDetail = SourceRow & {
  days: Day[];
  plan: Plan | null;
  mapping_versions: MappingVersion[];
  connection: Connection | null;
  hook_url?: string | null;
};

export type NewSource = { id: string; key: string; hook_url: string; snippet: string };

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
  problem: string | null;
  mapping_version?: number | null;
};
export type LivePage = { rows: LiveRow[]; next: number | string | null };

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
  auth: string | { kind: string; [more: string]: unknown };
  streams: { name: string; optional: boolean }[];
  webhook: boolean;
  transport?: string;
};

export type StreamState = {
  name: string;
  state: string;
  cursor: string | null;
  rows: number;
  last_sync_at: string | null;
  problem: string | null;
  lane: string;
  progress: { done: number; total?: number | null } | null;
};
export type Run = {
  id?: string;
  stream: string;
  started_at: string;
  ended_at: string | null;
  state: string;
  rows: number;
  new?: number;
  requests?: number;
  problem: string | null;
};
export type ConnectionState = "new" | "ok" | "failing" | "paused" | "needs_auth";
export type Connection = {
  source_id: Id;
  id?: Id;
  connector: string;
  name: string;
  config: Record<string, string>;
  state: ConnectionState;
  problem: string | null;
  created_at: string;
  last_sync_at: string | null;
  streams: StreamState[];
  runs: Run[];
  hook_url: string | null;
  authorize_url?: string | null;
};

export type TestResult = {
  ok: boolean;
  problem?: string | null;
  advice?: string | null;
  account?: string | null;
  streams: { name: string; ok: boolean; problem: string | null }[];
};

export type MappingPreview = { rows: { record: unknown; events: Canonical[] }[]; problem: string | null };
export type BodyPreview = { events: Canonical[]; problem: string | null };

export type DeadLetter = {
  id: string;
  source_id: string;
  source?: string;
  stage: string;
  reason: string;
  detail: string;
  body: string;
  at: string;
  state: string;
  attempts: number;
};
export type DeadLetterPage = {
  rows: DeadLetter[];
  next: string | null;
  total: number;
  reasons?: { stage: string; reason: string; n: number }[];
};
export type LetterOutcome = { outcome: string; problem?: string | null };
