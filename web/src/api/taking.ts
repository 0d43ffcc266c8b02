/** Who takes part in programs: those who apply, what they did, the deals they registered. */
export type Application = { id: string; name: string; email: string; answers: string[]; state: string; reason: string; decided_by: string; applied_at: string; decided_at: string | null; advocate_id: string | null };
export type ApplicationDetail = {
  id: string;
  answers: { question: string; answer: string }[];
  known: { name: string; value: string }[];
  eligible: boolean;
  eligible_why: string;
  groups: { slug: string; name: string; because: string }[];
  /** The program's own reasons for a no. */
  reasons: string[];
};
export type Act = { id: string; bounty: string; advocate_id: string; advocate: string; email: string; number: number; proof: string; state: string; reason: string; decided_by: string; submitted_at: string; decided_at: string | null };
/** What a yes gives, worked out as it would be given; nothing is posted by reading it. */
export type ActDetail = { id: string; name: string; about: string; proof_kind: string; gives: { label: string; incentive: string; minor: number; currency: string; how: string }[]; refused: string[] };
export type Deal = {
  id: string; advocate_id: string; advocate: string; email: string; company: string; domain: string; contact: string; contact_email: string;
  amount_minor: number | null; currency: string; state: string; stage: string; registered_at: string; protected_until: string; expires_at: string;
};
export type DealMove = { number: number; state: string; stage: string; actor: string; reason: string; at: string };
export type WaitingRow = { program: string; name: string; state: string; applications: number; submissions: number; registrations: number };
export type AllWaiting = { rows: WaitingRow[]; total: number };
export type Member = { id: string; name: string; email: string; program_id: number; program: string; program_name: string; group: string; group_name: string; accepted: boolean };
/** What a program's file says about acts and registered deals; left out where it is as usual. */
export type Bounty = { slug: string; name: string; act: string; proof?: "link" | "text" | "none"; about?: string; per_advocate?: number; total?: number | null };
export type Registering = { protection_days?: number; expires_days?: number; stages?: string[]; needs_review?: boolean };
export type Verdict = { id: string; verdict: "approved" | "rejected"; reason: string; group?: string };
