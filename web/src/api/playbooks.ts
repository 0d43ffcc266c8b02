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
};
export type Origin = { where: string; fields: string[]; because: string };

/** A step as it is shown: its fields (`form`, as an edit takes them back), its sentences, and where it comes from. */
export type StepShown = {
  slug: string;
  title: string;
  layer: string;
  form: Step;
  sentences: { fields: string[]; sentence: string }[];
  lift: Expected & { kind: string; text: string };
  provenance: Origin[];
};

export type PlaybookRow = {
  slug: string;
  stage: string;
  segment: string;
  vertical: string;
  name: string;
  goal: string;
  version: number;
  edited: boolean;
  steps: number;
  /** Those written for this cell, not for everybody. */
  own_steps: number;
  expected: number;
  expected_low: number;
  expected_high: number;
};
export type PlaybookVersion = { version: number; by: string; at: string | null; note: string; based_on: number };
export type Playbook = PlaybookRow & { all_steps: StepShown[]; versions: PlaybookVersion[] };

/** What each control may be set to. */
export const CHOICES = {
  moments: ["purchase_euphoria", "support_success", "product_milestone", "renewal", "praise", "survey_promoter", "usage_spike", "anniversary", "job_change"],
  incentives: ["commission", "renewal_credit", "beta_access", "gift_card"],
  sizes: ["small", "medium", "large"],
  tones: ["brief", "warm", "partner", "enthusiastic", "formal"],
  lengths: ["short", "full"],
  channels: ["email", "inapp"],
} as const;

export type Diff = { slug: string; before: number; after: number; sentences: string[] };
export type Range = { mean: number; low: number; high: number };
/** What a playbook would have done; `asked` holds the first 200. Costs in minor units. */
export type DryRun = {
  slug: string;
  since: string;
  until: string;
  days: number;
  candidates: number;
  asks: number;
  people: number;
  held_out: number;
  not_worth_it: number;
  shares: Range;
  believed: Range;
  cost_minor: number;
  cost_high_minor: number;
  currency: string;
  by_step: { slug: string; title: string; asks: number; people: number; shares: Range; believed: Range; cost_minor: number }[];
  vetoes: { what: string; times: number; example: string }[];
  asked: { persona: string; name: string; company: string; moment: string; title: string; at: string; step: string; offer: string; channel: string; tone: string; share: number }[];
  notes: string[];
};

/** A budget of asking: messages that ask, or minor units of reward, a day. */
export type Budget = {
  kind: "contacts" | "money";
  per_day: number | null;
  usual: number | null;
  set_by: string | null;
  set_at: string | null;
  spent_today: number;
  spent_30_days: number;
  price: number | null;
  priced_at: string | null;
  currency: string;
  sentence: string;
};
export type Budgets = { budgets: Budget[] };
