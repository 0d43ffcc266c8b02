import type { Experiment, GrowthFigure, Verdict } from "../../api/experiments";
import { count, money, percent, points } from "../../format";
import type { Tone } from "../../parts/ui";

export const VERDICTS: Record<Verdict, { text: string; tone: Tone }> = {
  not_enough_yet: { text: "Not enough data yet", tone: "plain" }, positive: { text: "It brings more", tone: "good" },
  negative: { text: "It brings less", tone: "bad" }, no_difference: { text: "No difference shown", tone: "plain" },
};
export const verdictOf = (one: { verdict: string }) => VERDICTS[one.verdict as Verdict] ?? VERDICTS.not_enough_yet;

/** A difference in its own unit, always with its sign. */
export const sayDifference = (one: Pick<Experiment, "unit" | "currency">) => (value: number): string => {
  if (one.unit === "share") return points(value);
  const sign = value > 0 ? "+" : value < 0 ? "−" : "";
  if (one.unit === "money") return `${sign}${money(Math.abs(Math.round(value / 100) * 100 || Math.round(value)), one.currency ?? "EUR")}`;
  return `${sign}${plain(Math.abs(value))}`;
};
const plain = (value: number): string => (value >= 100 ? count(Math.round(value)) : value.toFixed(value >= 10 ? 1 : 2));

/** A level in its own unit, without a sign. */
export const sayLevel = (unit: GrowthFigure["unit"], currency: string) => (value: number): string =>
  unit === "share" ? percent(value) : unit === "money" ? money(Math.round(value / 100) * 100 || Math.round(value), currency) : plain(value);

/** Whether there is an interval to show; without one there is no number to show either. */
export const measured = <T extends { estimate: number | null; lower: number | null; upper: number | null }>(one: T): one is T & { estimate: number; lower: number; upper: number } =>
  one.estimate !== null && one.lower !== null && one.upper !== null && "verdict" in one ? one.verdict !== "not_enough_yet" : one.estimate !== null && one.lower !== null && one.upper !== null;
