/** Programs as the server tells them: one file of rules per version, read as sentences, changed as a draft, published by two. */
export type Scalar = string | number | boolean;
/** One typed comparison with a fact of the company, the person, or the event. */
export type Test = { fact: string; op: string; value: Scalar | string[]; all?: Test[]; any?: Test[] };
export type Conditions = { all?: Test[]; any?: Test[]; default?: boolean };

/** What is given: an amount, or a share (basis points) up to a cap. Amounts in minor units. */
export type OfferForm = {
  slug: string;
  label: string;
  incentive: string;
  amount_minor?: number;
  rate_bp?: number;
  cap_minor?: number | null;
  size?: string;
  [more: string]: unknown;
};
/** What makes a reward due. */
export type Trigger = { act?: string | null; stage?: string | null; event?: string | null; conditions?: Conditions; [more: string]: unknown };
export type Part = { share_bp?: number; due_days?: number; [more: string]: unknown };
export type EarnForm = {
  slug: string;
  when: Trigger;
  who: string;
  offer: string;
  recurring?: { months: number; [more: string]: unknown } | null;
  tiers?: { from: number; rate_bp?: number; amount_minor?: number }[];
  /** From so many customers of a period on, what is earned is multiplied. */
  accelerator?: { customers: number; per?: string; factor_bp?: number } | null;
  yearly_parts?: boolean;
  /** Given where the first may not be taken. */
  instead?: string | null;
  parts?: Part[];
  expires_days?: number | null;
  [more: string]: unknown;
};
export type GroupForm = { slug: string; name: string; conditions: Conditions; offers: OfferForm[]; earns?: EarnForm[]; [more: string]: unknown };
export type TermsForm = { currency: string; hold_days: number; attribution_days: number; [more: string]: unknown };
export type AttributionForm = { model: string; window_days?: number; company_match?: boolean; [more: string]: unknown };

/** A program's file. What this console does not know is kept as it is. */
export type ProgramForm = {
  slug: string;
  name: string;
  version: number;
  kind?: string;
  terms: TermsForm;
  groups: GroupForm[];
  attribution?: AttributionForm;
  eligibility?: Conditions | null;
  priority?: string[] | null;
  application?: { mode?: string; [more: string]: unknown } | null;
  gift_policy?: { public_sector?: string; limits_minor?: Record<string, number>; no_gifts_countries?: string[]; no_gifts_industries?: string[]; employers?: string[] } | null;
  [more: string]: unknown;
};

/** A file leaves out what is as usual; whoever edits it needs the words. */
export const spelledOut = (form: ProgramForm): ProgramForm => ({
  ...form,
  groups: form.groups.map((group) => ({ ...group, conditions: clear(group.conditions), earns: (group.earns ?? []).map(ruled) })),
  ...(form.eligibility ? { eligibility: clear(form.eligibility) } : {}),
});
const ruled = (earn: EarnForm): EarnForm => ({ ...earn, who: earn.who ?? "advocate", when: { ...earn.when, ...(earn.when.conditions ? { conditions: clear(earn.when.conditions) } : {}) } });
const clear = (said: Conditions): Conditions => ({ ...said, ...(said.all ? { all: said.all.map(clearTest) } : {}), ...(said.any ? { any: said.any.map(clearTest) } : {}) });
const clearTest = (one: Test): Test => ({ ...one, op: one.op ?? "is", ...(one.all ? { all: one.all.map(clearTest) } : {}), ...(one.any ? { any: one.any.map(clearTest) } : {}) });

export type ProgramRow = {
  id: string;
  slug: string;
  name: string;
  kind: string;
  state: string;
  version: number;
  sentences: string[];
  groups: { id: string; slug: string; name: string; sentence: string; offers: { id: string; label: string; incentive: string; sentence: string }[]; advocates: number }[];
  /** The draft that is newer than what is live, and the version that waits for a second person. */
  draft?: number | null;
  waiting?: number | null;
};
export type VersionRow = {
  version: number;
  state: string;
  author: string;
  at: string | null;
  note: string;
  confirmed_by?: string | null;
};
/** A version that changes money waits until somebody else confirms it. */
export type Waiting = { version: number; by: string; at: string; sentences: string[]; may_confirm: boolean; why_not: string | null };
export type ProgramDetail = ProgramRow & {
  file: ProgramForm;
  draft_version: number | null;
  versions: VersionRow[];
  pending: Waiting | null;
};
export type Template = { slug: string; name: string; kind: string; about: string; sentences: string[]; file: ProgramForm };
/** A name conditions can use in this workspace, and how often it was seen. */
export type Attribute = { name: string; words: string; kind: string; seen: number | null; examples: string[] };
export type Saved = { version: number; sentences: string[] };
export type Diff = { before: number; after: number; sentences: string[]; money?: boolean };
export type Published = { state: "live" | "waiting"; version: number; sentence?: string };

export type Month = { month: string; due_minor: number; expected_minor?: number };
export type SimulatedAdvocate = { id: string; name: string; group: string; before_minor: number; after_minor: number; why: string };
/** What a draft would have cost over the last months. Nothing is posted. */
export type Simulation = {
  id: string;
  state: "running" | "done" | "failed";
  done: number;
  total: number;
  months: number;
  since: string;
  until: string;
  currency: string;
  facts: number;
  before_minor: number;
  cost_minor: number;
  liability: Month[];
  winners: SimulatedAdvocate[];
  losers: SimulatedAdvocate[];
  unchanged: number;
  holds: { what: string; times: number; minor: number; example: string }[];
  refused: { what: string; times: number; example: string }[];
  sentence: string;
  failure?: string;
};
