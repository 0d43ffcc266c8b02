/** What the server promises about the graph: views, paths, edges, portraits, segments. */
import type { EdgeEvidence, GraphEdge, GraphNode, Id } from "./contract";

export type SceneNode = GraphNode & { company?: Id | null; score?: number | null };
export type GraphView = {
  centre?: Id | null;
  nodes: SceneNode[];
  edges: GraphEdge[];
  truncated: boolean;
  clusters?: { company: Id | null; name: string; n: number }[];
};

export type Hop = { kind: string; src: Id; dst: Id; confidence: number; quote: string | null; source_ref: string | null; inferrer: string };
export type GraphPath = { hops: Hop[]; nodes: GraphNode[] };

export type EdgeVersion = {
  confidence: number;
  valid_from: string;
  valid_to: string | null;
  inferrer: string;
  recorded_at: string;
  retired_at: string | null;
};
export type Verdict = "confirm" | "refute" | "correct";
/** `undo`: the body that takes the statement back, sent to the same door. */
export type Reviewed = { edge: GraphEdge | null; undo: { verdict: string; of?: string; corrected_dst?: Id | null } | null };

export type EdgeKind = { name: string; code?: number; from?: string | string[]; to?: string | string[]; about?: string; half_life_days?: number | null; rule?: unknown };
export type Vocabulary = { version?: number; nodes: { name: string; about?: string }[]; edges: EdgeKind[] };

/** A cell of an answer: plain, or something of the graph that can be opened. */
export type Cell = string | number | boolean | null | { id: Id; name: string; kind?: string; detail?: string };
export type EdgeRef = { kind: string; src: Id; dst: Id };
export type Asked = {
  understood: boolean;
  call: { name: string; arguments: Record<string, unknown> } | null;
  sentence: string;
  columns: string[];
  rows: Cell[][];
  /** For each row the edges it rests on. */
  edges?: EdgeRef[][];
  truncated?: boolean;
  suggestions: string[];
};

export type Quote = { quote: string; source_ref?: string | null; at?: string | null; record?: string | null };
export type Belief = { sentence: string; confidence: number; quote: string | null; source_ref: string | null; inferrer?: string; edge: EdgeRef | null };
export type Portrait = {
  who: { name?: string; role?: string; title?: string | null; seniority?: string | null; department?: string | null; company?: { id: Id; name: string } | null; [more: string]: unknown };
  uses: { id?: Id; name: string; kind?: string; how?: string; confidence?: number }[];
  influences: { id?: Id; name: string; kind?: string; how?: string; confidence?: number }[];
  feels: { label: string; confidence: number; quotes: (Quote | string)[] };
  beliefs: Belief[];
};
export type Reason = { kind: string; text: string; weight: number; edges?: EdgeRef[] };
export type Influence = { score: number; rank: number; of: number; reasons: Reason[] };
export type Change = { kind: string; src: Id; dst: Id; sentence?: string; src_name?: string; dst_name?: string; before?: number | null; after?: number | null; confidence?: number; quote?: string; source_ref?: string };
export type Difference = { appeared: Change[]; ended: Change[]; stronger: Change[]; weaker: Change[]; properties: { name: string; before: unknown; after: unknown; said_at?: string }[]; truncated?: boolean };
export type StoryLine = { at: string; what?: string; sentence: string; kind?: string; confidence?: number | null; quote?: string; source_ref?: string; by?: string };
export type Buyer = { persona: Id; name: string; role: string | null; buying_role: string | null; stance: string | null; influence: number | null; uses: string[]; why: { text: string; kind: string; confidence: number; quote: string; source_ref: string; edge: EdgeRef }[]; title?: string; department?: string };

export type Statement = EdgeEvidence;
