/** Segments: conditions over the graph as the server keeps them, and who they hold for. */
import type { Id } from "./contract";

export type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "in" | "contains" | "starts_with" | "exists";
export type Scalar = string | number | boolean;
export type AllOf = { type: "all"; of: Condition[] };
export type AnyOf = { type: "any"; of: Condition[] };
export type Not = { type: "not"; of: Condition };
export type Property = { type: "property"; name: string; op?: Comparison; value?: Scalar | Scalar[] | null };
export type Edges = {
  type: "edges"; kind: string; direction?: "out" | "in"; nodes?: string[]; keys?: string[]; where?: Property[]; state?: "current" | "ended" | "any"; by?: "seen" | "began";
  within_days?: number | null; since?: string | null; until?: string | null; confidence?: number; at_least?: number; at_most?: number | null;
};
export type OfCompany = { type: "company"; of: Condition };
export type Sway = { type: "influence"; at_least?: number; at_most?: number };
export type Condition = AllOf | AnyOf | Not | Property | Edges | OfCompany | Sway;

export type Segment = { id: string; name: string; condition: Condition; version: number; members: number; created_by: string; created_at: string; updated_at: string; evaluated_at: string };
export type Member = { id: Id; name: string; title: string; entered_at: string | null };
export type Preview = { count: number; of: number; sample: Member[] };
