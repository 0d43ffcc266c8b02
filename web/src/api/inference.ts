/** What the server promises about reading: what waits for a person, how good the answers are, what they cost. */
import type { Id } from "./contract";

export type Chance = { label: string; probability: number };
export type Span = { start: number; end: number; words?: string };
export type Reading = {
  id: string;
  task: string;
  question: string;
  instructions?: string;
  text: string;
  author: string;
  source_ref: string;
  persona: { id: Id; name: string } | null;
  answers: Chance[];
  tier: string;
  flags: string[];
  evidence: Span[];
  disagreement: boolean;
  value: number;
  alike?: number;
  at?: string;
  state?: string;
  label?: string | null;
  actor?: string | null;
  decided_at?: string | null;
};

export type Bin = { from: number; to: number; n: number; predicted: number; observed: number; low?: number; high?: number };
export type Quality = {
  task: string;
  question: string;
  labels: number;
  /** All labels it has learnt from, those of outcomes included. */
  learnt_from?: number;
  accuracy: number | null;
  ece: number | null;
  bins: Bin[];
  head: { version: number; state?: string; trained_at: string | null; seeds: number; reviewed: number; accepted: boolean; reason: string } | null;
  history?: NonNullable<Quality["head"]>[];
};

export type SpendRow = { day: string; provider: string; tier?: string; tokens_in?: number; tokens_out?: number; tokens?: number; cost_micros: number; cpu_ms: number; calls: number; items?: number; refused?: number };
export type Spend = { rows: SpendRow[]; currency?: string };
export type Limits = { tokens: number | null; cost_micros: number | null; cpu_ms: number | null };
export type Budget = Limits & { used?: Partial<Limits>; defaults?: Partial<Limits>; actor?: string | null; at?: string | null };

export type Model = { name: string | null; state: string; progress?: number | null; problem?: string | null; works_without?: string | null };
export type Models = { embedding: Model; local: Model; hosted: Model & { allowed?: string[] } };
