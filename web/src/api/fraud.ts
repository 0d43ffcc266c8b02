/** Referrals that a person should look at before money moves, the dearest first. */
import type { GraphEdge, GraphNode } from "./contract";

export type FraudReason = { rule: string; verdict: string; text: string; weight: number; evidence: { label: string; value: string }[] };
export type FraudRow = {
  id: string;
  referral: { id: string; stage: string; created_at: string };
  advocate: { id: string; name: string };
  friend: { email: string; company: string | null };
  probability: number;
  expected_loss_minor: number;
  amount_minor: number;
  currency: string;
  held: boolean;
  state: string;
  reasons: FraudReason[];
  created_at: string;
  decided_by: string | null;
  decided_at: string | null;
  verdict: string | null;
};
export type FraudCase = FraudRow & { subgraph: { centre: string; nodes: GraphNode[]; edges: GraphEdge[]; truncated: boolean }; sentence: string };
export const VERDICTS = { honest: "Honest", fraud: "Fraud", unsure: "Not sure" } as const;
export type Verdict = keyof typeof VERDICTS;
