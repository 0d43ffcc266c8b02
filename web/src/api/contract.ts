/** The shapes the server promises under /api. Entity ids are strings: they do not fit a double. */
export type Id = string;

export type Evidence = {
  source: string;
  record: string;
  quote: string;
  inferrer: string;
  confidence: number;
  event_id: string;
  at: string;
};

export type Listing<Row> = { rows: Row[]; next: string | null; total: number };

export type Session = {
  operator: { id: string; name: string; email: string; role: string };
  workspace: { id: number; slug: string; name: string; currency: string; timezone: string };
  csrf: string;
  demo: boolean;
  base_url: string;
  may: string[];
};

export type Lift = {
  verdict: "not_enough_yet" | "positive" | "negative" | "no_difference";
  sentence: string;
  metric: string;
  n_treated: number;
  n_holdout: number;
  rate_treated: number | null;
  rate_holdout: number | null;
  estimate: number | null;
  lower: number | null;
  upper: number | null;
  /** How many more companies; rates are shares of companies. */
  needed: number | null;
  at: string | null;
};

export type Overview = {
  as_of: string;
  personas: number;
  companies: number;
  edges: number;
  events: number;
  events_per_minute: number[];
  queue: number;
  asks_sent: number;
  referrals: number;
  won: number;
  won_minor: number;
  currency: string;
  held_minor: number;
  payable_minor: number;
  paid_minor: number;
  lift: Lift;
  last_event_at: string | null;
};

export type Why = { label: string; detail: string; contribution: number; evidence: Evidence };

export type MomentBrief = {
  id: string;
  kind: string;
  title: string;
  strength: number;
  occurred_at: string;
  window_ends_at: string;
};

export type Offer = {
  id: number;
  label: string;
  incentive: string;
  amount_minor: number;
  rate_bp: number;
  currency: string;
  group: string;
  group_name: string;
};

export type QueueRow = {
  id: Id;
  decision_id: string;
  persona: { id: Id; name: string; title: string; seniority: string | null; email: string };
  company: { id: Id; name: string; segment: string | null } | null;
  moment: MomentBrief;
  offer: Offer;
  channel: "email" | "inapp";
  score: number;
  interval: [number, number];
  why: Why[];
  reason: string;
  state: string;
  stage: string | null;
  readiness: { score: number; low: number; high: number } | null;
  /** Of the message; empty where the log does not name them. */
  tone: string;
  length: string;
};

export type AskNow = Listing<QueueRow> & {
  groups: { slug: string; name: string; count: number }[];
  moments: { kind: string; count: number }[];
};

export type GraphNode = { id: Id; kind: string; name: string; detail: string };
export type GraphEdge = {
  kind: string;
  src: Id;
  dst: Id;
  confidence: number;
  valid_from: string;
  valid_to: string | null;
  inferrer: string;
};
export type Neighbourhood = {
  centre: Id;
  nodes: GraphNode[];
  edges: GraphEdge[];
  truncated: boolean;
  as_of: { valid_at: string | null; recorded_at: string | null };
};
export type EdgeEvidence = Evidence & {
  supports: boolean;
  /** False where a later verdict, or a withdrawal, took the place of what a person said. */
  counts?: boolean;
  valid_from: string;
  retracted_at: string | null;
};

/** The reminders an approval of an ask covers, and what became of each. */
export type Reminders = {
  on: boolean;
  may_switch: boolean;
  sentence: string;
  reminders: { number: number; after_days: number; tone: string; channel: string; state: "planned" | "off" | "queued" | "sent" | "cancelled"; reason: string; due_at: string | null; changed_at: string }[];
};

export type Ask = QueueRow & {
  subject: string;
  body: string;
  note: string | null;
  offers: { id: number; label: string; incentive: string }[];
  legal_actions: { action: string; label: string; probability: number }[];
  blocked: { action: string; reason: string }[];
  propensity: number;
  policy_version: number;
  seed: string;
  neighbourhood: Neighbourhood;
  history: { at: string; action: string; actor: string; detail: unknown }[];
  follow_ups: Reminders;
};

export type Approval = {
  ask: { id: Id; state: string };
  message: { id: string; state: string; blocked_reason: string | null } | null;
  follow_ups: Reminders;
};

/** Why not now: what each reason teaches is said beside it. */
export const NOT_NOW_REASONS = {
  wrong_moment: "This was no good moment",
  bad_timing: "Good moment, bad timing",
  wrong_person: "Wrong person",
  wrong_offer: "Wrong offer",
  already_asked: "Already asked elsewhere",
  sensitive_account: "The relationship is delicate",
  other: "Another reason",
} as const;
export const NOT_NOW_TEACHES: Record<keyof typeof NOT_NOW_REASONS, string> = {
  wrong_moment: "It was none: such moments count for less",
  bad_timing: "The moment is real, the day is not",
  wrong_person: "Somebody else there, perhaps",
  wrong_offer: "The moment stays; another offer may do",
  already_asked: "By other ways than ours",
  sensitive_account: "Something is going on there",
  other: "You say which",
};
export type NotNowReason = keyof typeof NOT_NOW_REASONS;

export type PersonaRow = {
  id: Id;
  name: string;
  title: string | null;
  seniority: string | null;
  company: { id: Id; name: string } | null;
  email: string | null;
  last_seen_at: string | null;
  edges: number;
};

export type TimelineEntry = {
  at: string;
  kind: string;
  title: string;
  source: string;
  ref: string;
  event_id: string;
};

export type Persona = {
  id: Id;
  name: string;
  email: string | null;
  title: string | null;
  seniority: string | null;
  department: string | null;
  company: { id: Id; name: string; segment: string | null } | null;
  records: {
    source: string;
    ext_id: string;
    first_seen_at: string;
    last_seen_at: string;
    because: string;
  }[];
  timeline: TimelineEntry[];
  moments: (MomentBrief & { evidence: Evidence[] })[];
  decisions: {
    id: string;
    at: string;
    arm: string;
    action: string;
    action_label: string;
    propensity: number;
    reason: string;
    score: number;
    ask_state: string | null;
  }[];
  advocate: {
    link: string;
    code: string;
    portal_ready: boolean;
    referrals: number;
    rewards_minor: number;
  } | null;
};

export type Company = {
  id: Id;
  name: string;
  domain: string | null;
  segment: string | null;
  industry: string | null;
  personas: { id: Id; name: string; title: string | null }[];
  open_incidents: number;
};

export type MessageRow = {
  id: string;
  ask_id: Id;
  /** 0: the ask's own message, else the number of the reminder. */
  reminder: number;
  persona: { id: Id; name: string };
  channel: string;
  to_address: string;
  subject: string;
  state: string;
  blocked_reason: string | null;
  failure: string | null;
  created_at: string;
  sent_at: string | null;
};
export type Message = MessageRow & {
  html: string;
  text: string;
  delivered: { received_at: string; headers: Record<string, string> } | null;
};

export type ReferralRow = {
  id: string;
  friend_email: string;
  friend_company: string | null;
  advocate: { id: string; name: string };
  stage: string;
  stage_text: string;
  created_at: string;
  stage_at: string;
  reward: string | null;
  attribution_reason: string | null;
  findings: { rule: string; verdict: string; reason: string }[];
};

export type Reward = {
  id: string;
  advocate: { id: string; name: string; email: string };
  label: string;
  incentive: string;
  amount_minor: number;
  currency: string;
  state: string;
  reason: string;
  /** Earned before any limit, posted, taken back, and of that what the advocate owes: minor units. */
  wanted_minor?: number;
  issued_minor?: number;
  reversed_minor?: number;
  owed_minor?: number;
  beneficiary?: string;
  part?: number;
  pending_for?: string;
  pending_until?: string | null;
  expires_at?: string | null;
  disputed?: boolean;
  hold_until: string;
  created_at: string;
  approved_by: string | null;
  approved_at: string | null;
  payout_id: string | null;
  can_approve: boolean;
  why_not: string | null;
};

export type Payout = {
  id: string;
  rail: string;
  state: string;
  currency: string;
  total_minor: number;
  lines: number;
  requested_by: string;
  requested_at: string;
  approved_by: string | null;
  approved_at: string | null;
  paid_by: string | null;
  paid_at: string | null;
  reference: string | null;
  can_approve: boolean;
  why_not: string | null;
};
export type PayoutDetail = Payout & { rewards: Reward[] };

export type LedgerAccount = {
  id: string;
  kind: string;
  owner: string;
  owner_name: string;
  currency: string;
  balance_minor: number;
};
export type Ledger = {
  verified: {
    ok: boolean;
    checked_at: string;
    sentence: string;
    problems: string[];
    transfers: number;
    postings: number;
  };
  accounts: LedgerAccount[];
};
export type Transfer = {
  transfer_id: string;
  key: string;
  kind: string;
  memo: string;
  at: string;
  lines: { account: string; owner: string; currency: string; amount_minor: number }[];
};

export type Explanation = {
  sentence: string;
  chain: {
    stage: string;
    title: string;
    detail: string;
    at: string | null;
    evidence: Evidence[];
  }[];
};

export type LiftPage = {
  rows: Lift[];
  latest: Lift;
  arms: {
    arm: string;
    personas: number;
    companies: number;
    asks: number;
    referrals: number;
    wins: number;
    value_minor: number;
  }[];
};

export type AuditEntry = {
  id: string;
  at: string;
  actor: string;
  action: string;
  subject: string;
  detail: unknown;
};

export type Pulse = { events: number; edges: number; queue: number; at: string };
export type Demo = { running: boolean; pace: number; loaded: number; total: number };
