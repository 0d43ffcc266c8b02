/** Playbooks as the server tells them: one per stage, segment and vertical, of steps whose fields read as sentences. */
export type Scalar = string | number | boolean;
export type Test = { fact: string; op: string; value: Scalar | string[] };
export type OfferChoice = { incentive: string; sizes: string[] };
export type FollowUp = { after_days: number; tone: string; channel: string; most: number };
export type Stop = { when: string; n: number };

/** Of those asked, the share expected to pass their link on because they were asked; low to high is a 90 % interval. */
export type Expected = { mean: number; low: number; high: number; source: string };

/** One step: when, whom, with what, in which words, how often, when to stop, and what it is expected to bring. */
export type Step = {
  slug: string;
  title: string;
  moments: string[];
  audience: { all: Test[]; any: Test[] };
  offers: OfferChoice[];
  tones: string[];
  lengths: string[];
  channels: string[];
  cadence: { gap_days: number; per_year: number };
  follow_up: FollowUp | null;
  stop: Stop[];
  lift: Expected;
  why: string;
  layer: string;
};
export type Origin = { where: string; fields: string[]; because: string };

export type PlaybookRow = {
  slug: string;
  stage: string;
  segment: string;
  vertical: string;
  goal: string;
  version: number;
  steps: number;
  lift: Expected | null;
};
export type PlaybookVersion = { version: number; at: string | null; actor: string; note: string; in_force: boolean };
export type Playbook = {
  slug: string;
  stage: string;
  segment: string;
  vertical: string;
  goal: string;
  version: number;
  steps: Step[];
  provenance: Record<string, Origin[]>;
  versions: PlaybookVersion[];
};

/** What each control may be set to. */
export const CHOICES = {
  moments: ["purchase_euphoria", "support_success", "product_milestone", "renewal", "praise", "survey_promoter", "usage_spike", "anniversary", "job_change"],
  incentives: ["commission", "renewal_credit", "beta_access", "gift_card"],
  sizes: ["small", "medium", "large"],
  tones: ["brief", "warm", "partner", "enthusiastic", "formal"],
  lengths: ["short", "full"],
  channels: ["email", "inapp"],
} as const;

export type Diff = { from: number; to: number; sentences: string[] };
export type DryRun = {
  days: number;
  candidates: number;
  asks: number;
  steps: { step: string; title: string; asks: number; shares: number; low: number; high: number }[];
  people: { id: string; name: string; company: string | null; step: string; offer: string; at: string }[];
  vetoes: { reason: string; n: number }[];
  shares: { mean: number; low: number; high: number };
  cost_minor: number;
  currency: string;
};
