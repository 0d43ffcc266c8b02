/** Money beyond a single reward: what will be owed, what budgets hold, who pays and whether it ties out. */
/** One move of a reward, or something that was done to it where `was` and `became` are the same. */
export type Move = { number: number; was: string; became: string; actor: string; reason: string; at: string };

/** A month in one currency, or what lies beyond the horizon ("later"). `owed`: what advocates have to give back. */
export type LiabilityMonth = { currency: string; month: string; due_minor: number; expected_minor: number; at_risk_minor: number; owed_minor: number };
/** Something about money that one person asked for and another must confirm. */
export type Ask =
  | { type: "budget"; program_id: number; minor: number; currency: string; group_id?: number | null; period?: string }
  | { type: "reward"; advocate_id: string; program_id: number; offer_id: number; incentive: string; label: string; minor: number; currency: string }
  | { type: "adjustment"; lines: { kind: string; owner: string; currency: string; minor: number }[] }
  | { type: "write_off"; advocate_id: string; program_id: number; minor: number; currency: string }
  | { type: "give_up"; disbursement_id: string; advocate_id: string; minor: number; currency: string };
export type Proposal = { id: string; key: string; kind: string; ask: Ask; reason: string; state: string; proposed_by: string; proposed_at: string; decided_by: string | null; decided_at: string | null; decision: string; can_confirm: boolean; advocate: string };

/** A way money leaves by: `sends` calls a provider, otherwise it writes a file. `ready`: what it asks for is entered. */
export type Rail = { rail: string; sends: boolean; payee_kind: string; incentives: string[]; secrets: string[]; set_up: boolean; enabled: boolean; ready: boolean; config: Record<string, unknown>; hook: string | null; settings: Record<string, boolean>; currencies: string[]; sandbox: string };
/** A dispute of a reward, wherever it was opened; open while it has no outcome. */
export type RewardDispute = { key: string; reason: string; opened_by: string; opened_at: string; outcome: string | null; closed_by: string | null; closed_at: string | null };
/** A payment to one advocate. `unknown`: nobody knows yet whether it was paid; it is asked again under the same key. */
export type Payment = {
  id: string;
  payout_id: string;
  advocate_id: string;
  advocate: string;
  rail: string;
  incentive: string;
  currency: string;
  gross_minor: number;
  netted_minor: number;
  amount_minor: number;
  state: string;
  provider_id: string;
  reported_minor: number | null;
  problem: string;
  attempts: number;
  promised_at: string;
  asked_at: string | null;
  settled_at: string | null;
  /** Of one nobody knows the end of: from when on it may be proposed to be given up. */
  may_give_up_at: string | null;
};
export type TieOut = { day: string; rail: string; currency: string; payments: number; ours_minor: number; theirs_minor: number; difference_minor: number; unconfirmed: number; open: number; problems: number; sentence: string };
export type PayoutPolicy = { schedule: string; day: number; rail: string; minimums: Record<string, number>; cooling_days: number; payer_country: string; tax_threshold_minor: number };
/** What an advocate would get in the next run, or why it waits. */
export type Due = { advocate_id: string; advocate: string; currency: string; rewards: number; gross_minor: number; owed_minor: number; why_not: string | null };
export type PayoutRun = { made: boolean; payouts: string[]; withheld: Due[] };
export type Payee = { id: string; kind: string; masked: string; country: string; state: string; proposed_by: string; proposed_at: string; confirmed_at: string | null; usable_from: string | null };
export type TaxForm = { form: string | null; country: string; masked: string; given_by: string; given_at: string | null; valid_until: string | null };
