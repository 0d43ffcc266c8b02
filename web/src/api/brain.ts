import type { Id, Listing } from "./contract";

/** The words of the journey, as the server spells them. */
export const STAGES = { onboarding: "Onboarding", adoption: "Adoption", value: "Value reached", renewal: "Renewal", expansion: "Expansion", advocacy: "Advocacy", dormant: "Dormant" } as const;
export const SEGMENTS = { partner: "Channel partners", enterprise: "Enterprise", mid_market: "Mid-market", small_business: "Small business" } as const;
export const VERTICALS = { saas: "SaaS", fintech: "Fintech", health: "Health", manufacturing: "Manufacturing", agencies: "Agencies", other: "Other" } as const;
export type Stage = keyof typeof STAGES;
export type Segment = keyof typeof SEGMENTS;
export type Vertical = keyof typeof VERTICALS;

/** What shows something, as far as it is told: `quote` holds a customer's own words. */
export type Proof = { source: string; record: string; quote: string; inferrer: string; confidence: number; event_id?: string; at?: string };

/** What one part did to the score, in points of readiness, in words, with what shows it. */
export type Contribution = { feature: string; text: string; weight: number; evidence: Proof[] };

/** How ready somebody is to recommend us, 0 to 100; 50 is a customer of whom nothing special is known. Null: no customer's person. */
export type Readiness = {
  persona: Id;
  score: number | null;
  low: number | null;
  high: number | null;
  stage: string | null;
  stage_why: string;
  segment: string | null;
  vertical: string | null;
  /** Why nobody may ever ask them, else empty. */
  barred: string;
  contributions: Contribution[];
  at: string | null;
};

export type AdvocateRow = {
  id: Id;
  name: string;
  title: string;
  company: { id: Id; name: string } | null;
  stage: string;
  segment: string;
  vertical: string;
  barred: string;
  score: number;
  low: number;
  high: number;
  at: string;
};

/** What one expert would do with one ask; `dissents`: it would rather have done something else than the panel. */
export type Opinion = {
  expert: string;
  version: string;
  weight: number;
  favourite: string;
  favourite_label: string;
  probability: number;
  chance: number | null;
  dissents: boolean;
  reason: string;
  evidence: Proof[];
  dropped: string[];
};

/** A number we are only partly sure of. */
export type Between = { estimate: number | null; lower: number | null; upper: number | null };

/** How an expert did in a segment and stage (empty: everywhere), per decision, in referrals; lift never without its interval. */
export type Track = {
  segment: string;
  stage: string;
  day: string;
  opinions: number;
  forecasts: number;
  brier: number | null;
  dissents: number;
  regret: number | null;
  lift: number | null;
  lower: number | null;
  upper: number | null;
  effective: number;
  refused: string;
};

/** A seat on the panel. `problem`: why it was left out; `carries`: the models decide the rest; `says`: where it decides a share. */
export type Expert = {
  name: string;
  version: string;
  what: string;
  package: string;
  problem: string;
  present: boolean;
  carries: boolean;
  says: { segment: string; stage: string; weight: number }[];
  track: Track | null;
};
export type Experts = Listing<Expert> & { language_allowed: boolean };
export type Opinions = { leans: string; leans_label: string; opinions: Opinion[] };

export type Missing = { text: string; have: number | null; need: number | null };
export type Guard = { name: string; estimate: number | null; upper: number | null; limit: number; holds: boolean };
/** A step. `level` holds now (0 while stopped), `kept` is what it returns to, `max_level_now` how far it may go. */
export type AutonomyRow = {
  step: string;
  title: string;
  level: number;
  kept: number;
  max_level_now: number;
  share: number;
  stopped: boolean;
  since: string | null;
  missing: Missing[];
  guards: Guard[];
  proof: Between & { n: number; sentence: string };
  people: { approved: number; edited: number; declined: number };
  budgets: { name: string; value: number; low: number; high: number }[];
};
/** `ceiling`: how high steps may rise without a person moving them. */
export type Autonomy = Listing<AutonomyRow> & { stopped: boolean; ceiling: number; head: number };
export type AutonomyAct = {
  seq: number;
  at: string;
  kind: string;
  step: string;
  from_level: number;
  to_level: number;
  actor: string;
  note: string;
  evidence: Record<string, unknown>;
  hash: string;
  signed: boolean;
};
export type Verified = { ok: boolean; acts: number; head: string; erased: number; sentence: string; problems: string[] };

/** What each level means to a person who answers for it. */
export const LEVELS: { name: string; short: string; text: string }[] = [
  { name: "Suggest", short: "You approve each ask", text: "Every ask waits for a person. What you approve, change and refuse teaches it." },
  { name: "Try", short: "1 in 10 goes out alone", text: "One ask in ten goes out without a person; the other nine wait." },
  { name: "Share", short: "Half go out alone", text: "Half of the asks go out without a person; the other half wait." },
  { name: "Lead", short: "19 in 20 go out alone", text: "Nineteen asks in twenty go out without a person; one is still shown, to keep checking." },
  { name: "Run", short: "Runs alone", text: "As level 3, and it may also shift budgets between offers within the bounds you set." },
];
export const levelOf = (level: number) => LEVELS[Math.max(0, Math.min(LEVELS.length - 1, level))] as (typeof LEVELS)[number];

export type MomentRow = {
  id: string;
  kind: string;
  title: string;
  persona: { id: Id; name: string } | null;
  persona_because: string;
  company: { id: Id; name: string } | null;
  strength: number;
  strength_now: number;
  half_life_hours: number;
  occurred_at: string;
  window_ends_at: string;
  state: "open" | "over" | "disputed";
  /** The reason somebody gave for not asking, if any. */
  not_now: string;
  evidence: Proof[];
};

/** How often a kind of moment is real, and how fast it fades; an empty segment is all of them. */
export type MomentQuality = {
  kind: string;
  segment: string;
  precision: number;
  precision_low: number;
  precision_high: number;
  labels: number;
  said: number;
  half_life_hours: number;
  half_life_low: number | null;
  half_life_high: number | null;
  asks: number;
  shared: number;
};
