import type { Experiment, ExperimentPage } from "../../api/experiments";
import { useExperiment } from "../../api/brainQueries";
import { count, day, moment, words } from "../../format";
import { Icon } from "../../parts/icons";
import { LooksChart } from "../../parts/looks";
import { Bones, Failure, Loaded } from "../../parts/states";
import { Badge, Fact, PageHead, Scroll } from "../../parts/ui";
import { Link } from "../../router";
import { Arms } from "./Arms";
import css from "./experiments.module.css";
import { Waiting } from "./ExperimentsScreen";
import { measured, sayDifference, unitsOf, verdictOf } from "./say";

/** One comparison: what may be said, how that came about look by look, and who was compared. */
export default function ExperimentScreen({ id }: { id: string }) {
  const query = useExperiment(id);
  if (query.data === undefined) return <><PageHead title="Experiment" />{query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={5} />}</>;
  return (
    <Scroll label="Experiment">
      <div className={css.back}><Link className="btn quiet small" to="/experiments"><Icon name="chevron-left" size={14} />Experiments</Link></div>
      <Loaded query={query}>{(page) => <Page page={page} />}</Loaded>
    </Scroll>
  );
}

function Page({ page }: { page: ExperimentPage }) {
  const one = page.experiment;
  const seen = verdictOf(one);
  const say = sayDifference(one);
  const looks = page.series.filter(measured);
  return (
    <div className={css.page}>
      <section className={css.verdict}>
        <h1 className={css.title}>{one.title}</h1>
        <p><Badge tone={seen.tone}>{seen.text}</Badge></p>
        <p className={css.sentence}>{one.sentence || "Nothing has been measured yet."}</p>
        <Waiting one={one} />
        {one.question && <p className="muted">The question: {one.question}</p>}
      </section>
      {looks.length > 0 && (
        <section>
          <h2 className={css.h2}>What was known at each look</h2>
          <LooksChart looks={looks} say={say} label={one.title} />
          <p className="small muted" style={{ marginTop: 10 }}>
            {one.verdict === "not_enough_yet" && <b>This is not a result yet. </b>}The band is where the true difference lies, at 95% certainty for all looks together. While it holds zero, no difference has been shown; the line in its middle alone means nothing.
          </p>
        </section>
      )}
      {page.doubted.length > 0 && <p className={css.doubt} role="alert">{page.doubted.length === 1 ? "One look does" : `${page.doubted.length} looks do`} not come out again from what was stored with {page.doubted.length === 1 ? "it" : "them"} (look {page.doubted.join(", ")}). Somebody changed a row, or the way it is worked out: do not rely on this page.</p>}
      <Compared one={one} />
      {one.kind === "referrals" && <Arms />}
      <HowToRead />
    </div>
  );
}

const METRICS: Record<string, string> = { referral: "Companies that bring a referral within 28 days", won_minor: "Money won through referrals, per company and 28 days" };

function Compared({ one }: { one: Experiment }) {
  return (
    <section>
      <h2 className={css.h2}>What is compared with what</h2>
      <div className={css.tableBox} role="region" aria-label="What is compared with what" tabIndex={0}>
        <table className={css.table}>
          <thead><tr><th scope="col"><span className="sr">Which</span></th><th scope="col" data-left>Way of asking</th><th scope="col">Observed</th></tr></thead>
          <tbody>
            <tr><th scope="row">This one</th><td data-left>{one.candidate}</td><td className="num">{count(one.n_candidate)} {unitsOf(one)}</td></tr>
            <tr><th scope="row">Against</th><td data-left>{one.incumbent}</td><td className="num">{count(one.n_incumbent)} {unitsOf(one)}</td></tr>
          </tbody>
        </table>
      </div>
      <dl style={{ marginTop: 10 }}>
        <Fact name="What is counted">{METRICS[one.metric] ?? words(one.metric)}</Fact>
        <Fact name="Running since">{day(one.started_at)}{one.proven_at && `; shown for the first time on ${day(one.proven_at)}`}</Fact>
        <Fact name="Last look">{one.at ? `${moment(one.at)}, look ${count(one.looks)}` : "None yet"}</Fact>
        <Fact name="Method">{one.method}</Fact>
      </dl>
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
