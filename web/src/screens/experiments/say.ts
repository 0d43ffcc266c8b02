import type { Experiment, Verdict } from "../../api/experiments";
import { count, percent, points, roundMoney } from "../../format";
import type { Tone } from "../../parts/ui";

export const VERDICTS: Record<Verdict, { text: string; tone: Tone }> = {
  not_enough_yet: { text: "Not enough data yet", tone: "plain" }, positive: { text: "It brings more", tone: "good" },
  negative: { text: "It brings less", tone: "bad" }, no_difference: { text: "No difference shown", tone: "plain" },
  refused: { text: "Cannot be compared", tone: "warn" },
};
export const verdictOf = (one: { verdict: string }) => VERDICTS[one.verdict as Verdict] ?? VERDICTS.not_enough_yet;

const plain = (value: number): string => (value >= 100 ? count(Math.round(value)) : value.toFixed(value >= 10 ? 1 : 2));

/** A difference in its own unit, always with its sign. */
export const sayDifference = (one: Pick<Experiment, "unit" | "currency">) => (value: number): string => {
  if (one.unit === "share") return points(value);
  const sign = value > 0 ? "+" : value < 0 ? "−" : "";
  if (one.unit === "minor") return `${sign}${roundMoney(Math.abs(value), one.currency ?? "EUR")}`;
  return `${sign}${(Math.abs(value) * 100).toFixed(2)} per 100`;
};

/** A level in its own unit, without a sign. */
export const sayLevel = (unit: string, currency: string) => (value: number): string =>
  unit === "share" ? percent(value) : unit === "minor" ? roundMoney(value, currency) : unit === "count" ? count(Math.round(value)) : plain(value);

type Known = { estimate: number; lower: number; upper: number };
/** Whether there is an interval to show; without one there is no number to show either. */
export const measured = <T extends { estimate: number | null; lower: number | null; upper: number | null }>(one: T): one is T & Known => one.estimate !== null && one.lower !== null && one.upper !== null;

/** What `needed` counts, by the kind of comparison. */
export const unitsOf = (one: Pick<Experiment, "kind">): string => (one.kind === "policy" ? "decisions" : "companies");
