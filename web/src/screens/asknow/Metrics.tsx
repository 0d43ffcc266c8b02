import type { Lift } from "../../api/contract";
import { useLive } from "../../api/live";
import { useOverview } from "../../api/queries";
import { clock, count, money, points } from "../../format";
import { Figure } from "../../parts/ui";
import { Link } from "../../router";
import css from "./asknow.module.css";

const VERDICTS = {
  positive: "Positive", negative: "Negative", no_difference: "No difference shown",
} as const;

/** The lift in one line: never an effect without its interval, never a verdict without its numbers. */
export function liftWords(lift: Lift): { value: string; note: string; tone?: "good" | "bad" } {
  if (lift.verdict === "not_enough_yet" || lift.estimate === null || lift.lower === null || lift.upper === null) {
    const have = lift.n_treated + lift.n_holdout;
    return { value: "Not enough data yet", note: lift.needed ? `${count(have)} of ~${count(have + lift.needed)} companies` : `${count(have)} companies observed` };
  }
  return {
    value: points(lift.estimate),
    note: `${points(lift.lower)} to ${points(lift.upper)}`,
    tone: lift.verdict === "positive" ? "good" : lift.verdict === "negative" ? "bad" : undefined,
  };
}

/** The state of the whole program in five figures. */
export function Metrics() {
  const { data } = useOverview();
  const queue = useLive().pulse?.queue;
  if (!data) {
    return (
      <div className={css.metrics} aria-hidden>
        {[0, 1, 2, 3, 4].map((i) => <div key={i} className={css.metricBone}><span className="bone" style={{ width: 84 }} /><span className="bone" style={{ width: 52, height: 17 }} /></div>)}
      </div>
    );
  }
  const lift = liftWords(data.lift);
  return (
    <dl className={css.metrics}>
      <Figure name="Waiting for you" value={count(queue ?? data.queue)} note={`at ${clock(data.as_of)}`} />
      <Figure name="Asks sent" value={count(data.asks_sent)} note="all time" />
      <Figure name="Referrals" value={count(data.referrals)} note="signed up" />
      <Figure name="Won" value={count(data.won)} note={data.won > 0 ? money(data.won_minor, data.currency) : "no deal yet"} />
      <Figure className={css.lift} name={data.lift.verdict === "not_enough_yet" ? "Lift against holdout" : `Lift against holdout: ${VERDICTS[data.lift.verdict]}`} value={<Link to="/experiments" title={data.lift.sentence}>{lift.value}</Link>} note={lift.note} tone={lift.tone} />
    </dl>
  );
}
