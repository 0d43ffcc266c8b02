/** Money beyond a single reward: what will be owed, what budgets hold, who pays and whether it ties out. */
export type Move = { at: string; before: string | null; after: string; actor: string; reason: string };
export type RewardMore = {
  history: Move[];
  reversals: { at: string; minor: number; reason: string; by: string }[];
  dispute: { at: string; by: string; reason: string } | null;
  beneficiary: string;
  part: { number: number; of: number; due: string } | null;
  expires_at: string | null;
};

/** A month in one currency, or what lies beyond the horizon ("later"). `owed`: what advocates have to give back. */
export type LiabilityMonth = { currency: string; month: string; due_minor: number; expected_minor: number; at_risk_minor: number; owed_minor: number };
export type Liability = { as_of: string; months: LiabilityMonth[]; total_minor: Record<string, number>; owed_minor: Record<string, number> };

export type Budget = {
  id: string;
  scope: string;
  name: string;
  period: string;
  currency: string;
  limit_minor: number;
  reserved_minor: number;
  spent_minor: number;
  left_minor: number;
  starts: string | null;
  ends: string | null;
};
/** Something about money that one person asked for and another must confirm. */
export type Proposal = { id: string; kind: string; sentence: string; amount_minor: number; currency: string; by: string; at: string; state: string; may_confirm: boolean; why_not: string | null; reason: string };

export type Rail = {
  name: string;
  title: string;
  kind: "file" | "api";
  ready: boolean;
  why_not: string | null;
  accepts: string[];
  minimum_minor: number;
  currency: string;
  schedule: string;
  next_run: string | null;
  open: number;
  unknown: number;
  last_heard_at: string | null;
};
/** What the provider said about one line; `unknown` is asked again until it is known. */
export type PayoutLine = { id: string; advocate: { id: string; name: string }; amount_minor: number; currency: string; state: string; said: string; asked_at: string | null; next_ask_at: string | null; provider_ref: string | null; tries: number };

export type TieOut = { day: string; rail: string; currency: string; ours_minor: number; theirs_minor: number | null; difference_minor: number | null; state: string; lines: number; unknown: number; note: string };
export type Statement = { id: string; advocate: { id: string; name: string }; period: string; currency: string; opening_minor: number; earned_minor: number; reversed_minor: number; paid_minor: number; closing_minor: number };
export type TaxRow = { id: string; advocate: { id: string; name: string }; country: string; form: string; state: string; paid_year_minor: number; threshold_minor: number | null; currency: string; note: string; valid_until: string | null };
