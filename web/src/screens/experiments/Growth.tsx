import type { Cohort, Growth as GrowthPage, GrowthFigure } from "../../api/experiments";
import { useGrowth } from "../../api/brainQueries";
import { count, moment, money } from "../../format";
import { saveCsv } from "../../parts/export";
import { Icon } from "../../parts/icons";
import { Bones, Empty, Loaded } from "../../parts/states";
import { Badge } from "../../parts/ui";
import { Link } from "../../router";
import css from "./experiments.module.css";
import { measured, sayLevel } from "./say";

/** Whether growth feeds itself, what a referred customer is worth, and what the rewards bought. */
export function Growth() {
  const query = useGrowth();
  return <Loaded query={query} bones={<Bones rows={5} tall />}>{(page) => <Page page={page} />}</Loaded>;
}

const FIGURES: { key: "k_factor" | "cost_per_incremental"; name: string; what: string }[] = [
  { key: "k_factor", name: "K-factor", what: "New customers each customer brings. At 1, growth would feed itself." },
  { key: "cost_per_incremental", name: "Cost per extra referral", what: "Rewards and messages, divided by the referrals that would not have come without asking." },
];

function Page({ page }: { page: GrowthPage }) {
  return (
    <div className={css.page} data-wide>
      <section>
        <h2 className={css.h2}>Money: caused, and given away</h2>
        <Money page={page} />
      </section>
      <section>
        <h2 className={css.h2}>Growth</h2>
        <dl className={css.figures}>{FIGURES.map((one) => <FigureCard key={one.key} name={one.name} what={one.what} figure={page[one.key]} currency={page.currency} />)}</dl>
      </section>
      <section>
        <div className={css.headRow}>
          <h2 className={css.h2}>What customers are worth, by the month they came</h2>
          {page.cohorts.length > 0 && <button className="btn small" onClick={() => saveCsv("cohorts", page.cohorts.map(({ value, ...rest }) => ({ ...rest, ...value })))}><Icon name="download" size={14} />Export CSV</button>}
        </div>
        <Cohorts cohorts={page.cohorts} currency={page.currency} />
      </section>
      {page.at && <p className="small muted">Measured {moment(page.at)}.</p>}
    </div>
  );
}

function FigureCard({ name, what, figure, currency }: { name: string; what: string; figure: GrowthFigure; currency: string }) {
  const say = sayLevel(figure.unit, currency);
  return (
    <div className={css.figure}>
      <dt>{name}</dt>
      <dd>
        {measured(figure) ? <p className="num"><b className={css.big}>{say(figure.estimate)}</b> <span className="muted">between {say(figure.lower)} and {say(figure.upper)}</span></p> : <p className={css.unknown}>Not known yet</p>}
        {figure.sentence && <p className="small">{figure.sentence}</p>}
        <p className="small muted">{what}{figure.n > 0 && <span className="num"> From {count(figure.n)} observed.</span>}</p>
      </dd>
    </div>
  );
}

/** Two bars on one scale: money that came because of asking, and money handed out that bought nothing. */
function Money({ page }: { page: GrowthPage }) {
  const bars = [
    { name: "Caused by asking", figure: page.caused, tone: "good", what: "Sales that would not have come without asking." },
    { name: "Given away", figure: page.given_away, tone: "warn", what: "Rewards for referrals that would have come anyway." },
  ] as const;
  const top = Math.max(1, ...bars.flatMap(({ figure }) => (measured(figure) ? [figure.upper, figure.estimate] : [])));
  const at = (value: number) => `${Math.max(0, Math.min(100, (value / top) * 100))}%`;
  const say = sayLevel("money", page.currency);
  return (
    <ul className={css.money}>
      {bars.map(({ name, figure, tone, what }) => (
        <li key={name}>
          <div className={css.moneyHead}>
            <b>{name}</b>
            {measured(figure) ? <span className="num"><b className={css.sum}>{say(figure.estimate)}</b> <span className="muted small">between {say(figure.lower)} and {say(figure.upper)}</span></span> : <span className="muted">Not known yet</span>}
          </div>
          <div className={css.moneyBar} data-tone={tone} aria-hidden>
            {measured(figure) && <><span style={{ width: at(figure.estimate) }} /><i style={{ left: at(figure.lower), right: `calc(100% - ${at(figure.upper)})` }} /></>}
          </div>
          <p className="small muted">{figure.sentence || what}</p>
        </li>
      ))}
    </ul>
  );
}

function Cohorts({ cohorts, currency }: { cohorts: Cohort[]; currency: string }) {
  if (cohorts.length === 0) {
    return <Empty icon="users" title="No cohort yet" actions={<Link className="btn" to="/sources">See the sources</Link>}>A cohort is everybody who became a customer in the same month. It appears once sales arrive from a source such as a CRM or a billing system.</Empty>;
  }
  const months = [...new Set(cohorts.map((one) => one.cohort))].sort().reverse();
  const top = Math.max(1, ...cohorts.map((one) => (measured(one.value) ? one.value.upper : 0)));
  const of = (cohort: string, who: Cohort["who"]) => cohorts.find((one) => one.cohort === cohort && one.who === who);
  return (
    <>
      <div className={css.tableBox} role="region" aria-label="Value by cohort" tabIndex={0}>
        <table className={css.table}>
          <thead><tr><th scope="col">Came in</th><th scope="col">Referred</th><th scope="col" className={css.chart}>Value of a referred customer</th><th scope="col">Others</th><th scope="col" className={css.chart}>Value of another customer</th></tr></thead>
          <tbody>
            {months.map((month) => {
              const pair = [of(month, "referred"), of(month, "other")] as const;
              return (
                <tr key={month}>
                  <th scope="row">{month} {pair.some((one) => one?.young) && <Badge tone="warn" title="These customers have not been with us long enough; the value will still change">young</Badge>}</th>
                  {pair.map((one, i) => [<td key={`${i}n`} className="num">{one ? count(one.customers) : "0"}</td>, <td key={`${i}v`} className={css.chart}><Value one={one} top={top} currency={currency} /></td>])}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="small muted" style={{ marginTop: 8 }}>Referred customers are not a random sample: that they are worth more does not prove that referring made them so. Only the comparisons do.</p>
    </>
  );
}

function Value({ one, top, currency }: { one: Cohort | undefined; top: number; currency: string }) {
  if (!one || !measured(one.value)) return <span className="muted small">{one && one.customers > 0 ? "Too few to say" : "None"}</span>;
  const { estimate, lower, upper } = one.value;
  const say = (value: number) => money(Math.round(value / 100) * 100, currency);
  const at = (value: number) => `${Math.max(0, Math.min(100, (value / top) * 100))}%`;
  return (
    <span className={css.value}>
      <span className="num"><b>{say(estimate)}</b> <span className="muted small">{say(lower)} to {say(upper)}</span></span>
      <span className={css.valueTrack} aria-hidden><i style={{ left: at(lower), right: `calc(100% - ${at(upper)})` }} /><span style={{ left: at(estimate) }} /></span>
    </span>
  );
}
