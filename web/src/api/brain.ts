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

/** What one expert would do with one ask. */
export type Opinion = {
  expert: string;
  version: string;
  favourite: string;
  favourite_label: string;
  probability: number;
  weight: number;
  dissents: boolean;
  reason: string;
  evidence: Proof[];
};

/** A number we are only partly sure of. */
export type Between = { estimate: number | null; lower: number | null; upper: number | null };

export type Track = Between & {
  segment: string;
  stage: string;
  n: number;
  brier: number | null;
  regret: number | null;
};

export type Expert = {
  name: string;
  version: string;
  title: string;
  what: string;
  n: number;
  brier: number | null;
  regret: number | null;
  lift: Between;
  weight: number | null;
  dissents: number | null;
  absent: string | null;
};
export type ExpertTrack = { name: string; rows: Track[] };

export type Missing = { text: string; have: number | null; need: number | null };
export type Guard = { name: string; estimate: number | null; upper: number | null; limit: number; holds: boolean | null };
export type AutonomyRow = {
  step: string;
  title: string;
  playbook: string | null;
  level: number;
  max_level_now: number;
  missing: Missing[];
  guards: Guard[];
  stopped: boolean;
  since: string | null;
};
export type Autonomy = Listing<AutonomyRow> & { stopped: boolean; stopped_by: string | null; stopped_at: string | null; stopped_note: string };
export type AutonomyChange = {
  id: string;
  at: string;
  actor: string;
  step: string | null;
  from_level: number | null;
  to_level: number | null;
  action: string;
  note: string;
  hash: string;
  valid: boolean | null;
};

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
