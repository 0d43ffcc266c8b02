import type { Between } from "./brain";

/** What the data permit to say of one comparison; never an effect without its interval. */
export type Verdict = "not_enough_yet" | "positive" | "negative" | "no_difference";

export type Experiment = Between & {
  id: string;
  title: string;
  question: string;
  metric: string;
  /** share: of companies or people; money: minor units per treated company. */
  unit: "share" | "money" | "number";
  currency: string | null;
  verdict: Verdict;
  sentence: string;
  n_treated: number;
  n_control: number;
  treated_name: string;
  control_name: string;
  rate_treated: number | null;
  rate_control: number | null;
  needed: number | null;
  level: number;
  started_at: string | null;
  at: string | null;
};

/** One look at an experiment; the interval holds at every look at once. */
export type Look = Between & { at: string; n_treated: number; n_control: number };
export type ExperimentDetail = Experiment & { series: Look[] };

export type GrowthFigure = Between & { unit: "share" | "money" | "number"; n: number; sentence: string };
export type Cohort = { cohort: string; who: "referred" | "other"; customers: number; months: number; value: Between; young: boolean };
export type Growth = {
  currency: string;
  at: string | null;
  k_factor: GrowthFigure;
  cost_per_incremental: GrowthFigure;
  caused: GrowthFigure;
  given_away: GrowthFigure;
  cohorts: Cohort[];
};
