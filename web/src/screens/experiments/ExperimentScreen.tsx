import type { ExperimentDetail } from "../../api/experiments";
import { useExperiment } from "../../api/brainQueries";
import { count, day, moment, money, percent } from "../../format";
import { Progress } from "../../parts/bars";
import { Icon } from "../../parts/icons";
import { LooksChart } from "../../parts/looks";
import { Bones, Failure, Loaded } from "../../parts/states";
import { Badge, PageHead, Scroll } from "../../parts/ui";
import { Link } from "../../router";
import { Arms } from "./Arms";
import css from "./experiments.module.css";
import { measured, sayDifference, verdictOf } from "./say";

/** One comparison: what may be said, how that came about look by look, and who was compared. */
export default function ExperimentScreen({ id }: { id: string }) {
  const query = useExperiment(id);
  if (query.data === undefined) return <><PageHead title="Experiment" />{query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={5} />}</>;
  return (
    <Scroll label="Experiment">
      <div className={css.back}><Link className="btn quiet small" to="/experiments"><Icon name="chevron-left" size={14} />Experiments</Link></div>
      <Loaded query={query}>{(one) => <Page one={one} />}</Loaded>
    </Scroll>
  );
}

function Page({ one }: { one: ExperimentDetail }) {
  const seen = verdictOf(one);
  const say = sayDifference(one);
  const have = one.n_treated + one.n_control;
  const looks = one.series.filter((look) => look.estimate !== null);
  return (
    <div className={css.page}>
      <section className={css.verdict}>
        <h1 className={css.title}>{one.title}</h1>
        <p><Badge tone={seen.tone}>{seen.text}</Badge></p>
        <p className={css.sentence}>{one.sentence}</p>
        {!measured(one) && (
          <div className={css.progress}>
            {one.needed ? <Progress done={have} total={have + one.needed} label="Observed for a first verdict" /> : null}
            <p className="small muted num">{one.needed ? `${count(have)} of about ${count(have + one.needed)} observed. Nothing can be said before; looking earlier costs nothing.` : `${count(have)} observed so far; how many are needed is not known yet.`}</p>
          </div>
        )}
      </section>
      {looks.length > 0 && (
        <section>
          <h2 className={css.h2}>What was known at each look</h2>
          <LooksChart looks={looks} say={say} label={one.title} />
          <p className="small muted" style={{ marginTop: 10 }}>
            {measured(one) ? "" : "The band still holds zero and is wide: this is not a result yet. "}The band is where the true difference lies, at {percent(one.level, 0)} certainty for all looks together. While it holds zero, no difference has been shown; the line in its middle alone means nothing.
          </p>
        </section>
      )}
      <Compared one={one} />
      {one.control_name.toLowerCase().includes("holdout") && <Arms />}
      <HowToRead />
    </div>
  );
}

function Compared({ one }: { one: ExperimentDetail }) {
  const rate = (value: number | null) => (value === null ? "Not known yet" : one.unit === "share" ? percent(value) : one.unit === "money" ? money(Math.round(value), one.currency ?? "EUR") : value.toFixed(2));
  return (
    <section>
      <h2 className={css.h2}>Who was compared</h2>
      <div className={css.tableBox} role="region" aria-label="Who was compared" tabIndex={0}>
        <table className={css.table}>
          <thead><tr><th scope="col">Group</th><th scope="col">Observed</th><th scope="col">{one.metric}</th></tr></thead>
          <tbody>
            <tr><th scope="row">{one.treated_name}</th><td className="num">{count(one.n_treated)}</td><td className="num">{rate(one.rate_treated)}</td></tr>
            <tr><th scope="row">{one.control_name}</th><td className="num">{count(one.n_control)}</td><td className="num">{rate(one.rate_control)}</td></tr>
          </tbody>
        </table>
      </div>
      <p className="small muted" style={{ marginTop: 8 }}>
        {one.started_at && `Running since ${day(one.started_at)}. `}{one.at ? `Last measured ${moment(one.at)}.` : "Not measured yet."}
      </p>
    </section>
  );
}

function HowToRead() {
  return (
    <details className={css.how}>
      <summary>How to read this page</summary>
      <ul>
        <li><b>The difference</b> is what asking added: the asked group's result minus that of the group left alone. Referrals that would have come anyway are in both and cancel out.</li>
        <li><b>The range</b> matters more than its middle. If it lies wholly above zero, asking helped. If it holds zero, we do not know yet.</li>
        <li><b>Looking often is safe.</b> The range is built for daily looks: all of them together are wrong in at most one experiment of twenty.</li>
        <li><b>Groups are whole companies</b>, because colleagues talk to each other.</li>
      </ul>
    </details>
  );
}
