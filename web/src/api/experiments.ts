import type { Between } from "./brain";

/** What the data permit to say of one comparison. */
export type Verdict = "not_enough_yet" | "positive" | "negative" | "no_difference" | "refused";

/** A comparison with its newest look; estimate, lower and upper are there together or not at all. */
export type Experiment = Between & {
  id: string;
  kind: string;
  title: string;
  question: string;
  candidate: string;
  incumbent: string;
  metric: string;
  /** share: of companies; minor: minor units per company and 28 days; per_decision: referrals per decision. */
  unit: string;
  currency: string | null;
  method: string;
  started_at: string;
  proven_at: string | null;
  looks: number;
  at: string | null;
  n_candidate: number;
  n_incumbent: number;
  verdict: string;
  sentence: string;
  needed: number | null;
};

/** One look; the interval holds at every look at once. */
export type Look = Between & { look: number; at: string; n_candidate: number; n_incumbent: number; verdict: string; sentence: string; needed: number | null };
export type ExperimentPage = { experiment: Experiment; series: Look[]; doubted: number[] };

/** A number with its interval and what it means; without them, why not. `upper` alone may be missing. */
export type Figure = Between & { unit: string; verdict: string; sentence: string };
export type Cohort = { cohort: string; origin: string; customers: number; total_minor: number; value: Figure; young: boolean; newest: string };
export type Growth = {
  at: string;
  currency: string;
  k_factor: Figure;
  caused_referrals: Figure;
  caused: Figure;
  given_away: Figure;
  cost_per_incremental: Figure;
  ltv_difference: Figure;
  cohorts: Cohort[];
  /** Every reward that stands, by what is known of it. */
  lines: { currency: string; kind: string; text: string; amount_minor: number }[];
  adds_up: boolean;
};
