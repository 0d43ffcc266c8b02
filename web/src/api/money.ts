/** Money beyond a single reward: what will be owed, what budgets hold, who pays and whether it ties out. */
/** One move of a reward, or something that was done to it where `was` and `became` are the same. */
export type Move = { number: number; was: string; became: string; actor: string; reason: string; at: string };

/** A month in one currency, or what lies beyond the horizon ("later"). `owed`: what advocates have to give back. */
export type LiabilityMonth = { currency: string; month: string; due_minor: number; expected_minor: number; at_risk_minor: number; owed_minor: number };
/** Something about money that one person asked for and another must confirm. */
export type Ask =
  | { type: "budget"; program_id: number; minor: number; currency: string; group_id?: number | null; period?: string }
  | { type: "reward"; advocate_id: string; program_id: number; label: string; minor: number; currency: string }
  | { type: "adjustment"; lines: { kind: string; owner: string; currency: string; minor: number }[] }
  | { type: "write_off"; advocate_id: string; program_id: number; minor: number; currency: string };
export type Proposal = { id: string; key: string; kind: string; ask: Ask; reason: string; state: string; proposed_by: string; proposed_at: string; decided_by: string | null; decided_at: string | null; decision: string; can_confirm: boolean };

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
