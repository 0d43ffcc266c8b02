/** Referrals a person should look at before money moves, the dearest first. Amounts in minor units, probabilities from 0 to 1. */
export type FraudRow = {
  referral_id: string;
  state: string;
  held: boolean;
  friend_email: string;
  friend_name: string;
  advocate: { id: string; name: string };
  stage: string;
  probability: number;
  /** Where holding starts to cost less than paying. */
  threshold: number;
  stake_minor: number;
  expected_loss_minor: number;
  currency: string;
  shape: string;
  reasons: string[];
  opened_at: string;
  updated_at: string;
  decided_by: string | null;
  decided_at: string | null;
  reason: string;
};
export type FraudNode = { id: string; kind: string; name: string; centre: boolean };
export type FraudEdge = { kind: string; a: string; b: string };
export type FraudCase = FraudRow & {
  findings: { rule: string; verdict: string; reason: string; evidence: Record<string, unknown> }[];
  /** How much each piece of evidence moved the log-odds. */
  weights: { name: string; amount: number; moved: number }[];
  subgraph: { shape: string; nodes: FraudNode[]; edges: FraudEdge[] };
};
export const VERDICTS = { honest: "Honest", fraud: "Fraud", unsure: "Not sure" } as const;
export type Verdict = keyof typeof VERDICTS;

export type FraudPolicy = {
  rules: Record<string, string>;
  /** What a rule does when nobody decides, where that is not what it would do by itself. */
  stated: Record<string, string>;
  costs: { goodwill_minor: number; review_minor: number; unknown_minor: number; lost_share_bp: number };
  version: number;
  known_rules: string[];
  threshold: number;
};
