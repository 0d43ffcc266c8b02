import type { Cohort, Figure, Growth as GrowthPage } from "../../api/experiments";
import { useGrowth } from "../../api/brainQueries";
import { count, moment, money, roundMoney } from "../../format";
import { ExportCsv } from "../../parts/filters";
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

type Key = "k_factor" | "cost_per_incremental" | "caused_referrals" | "ltv_difference";
const FIGURES: { key: Key; name: string; what: string }[] = [
  { key: "k_factor", name: "K-factor", what: "New customers each customer brings in a year. At 1, growth would feed itself." },
  { key: "caused_referrals", name: "Referrals caused", what: "Those that would not have come without asking." },
  { key: "cost_per_incremental", name: "Cost per extra referral", what: "Rewards and messages, divided by the referrals caused." },
  { key: "ltv_difference", name: "A referred customer is worth more by", what: "In their first 180 days, among those who have had them." },
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
      <Rewards page={page} />
      <section>
        <div className={css.headRow}>
          <h2 className={css.h2}>What customers are worth, by the quarter they came</h2>
          {page.cohorts.length > 0 && <ExportCsv path="/api/growth/cohorts" />}
        </div>
        <Cohorts cohorts={page.cohorts} currency={page.currency} />
      </section>
      <p className="small muted">Measured {moment(page.at)}.</p>
    </div>
  );
}

function FigureCard({ name, what, figure, currency }: { name: string; what: string; figure: Figure; currency: string }) {
  const say = sayLevel(figure.unit, currency);
  return (
    <div className={css.figure}>
      <dt>{name}</dt>
      <dd>
        {measured(figure) ? <p className="num"><b className={css.big}>{say(figure.lower)} to {say(figure.upper)}</b> <span className="muted">middle {say(figure.estimate)}</span></p>
          : figure.lower !== null && figure.estimate !== null ? <p className="num"><b className={css.big}>at least {say(figure.lower)}</b> <span className="muted">no upper bound yet</span></p>
            : <p className={css.unknown}>Not known yet</p>}
        <p className="small">{figure.sentence}</p>
        <p className="small muted">{what}</p>
      </dd>
    </div>
  );
}

/** The rewards that stand, by what is known of them; they add up to the books. */
function Rewards({ page }: { page: GrowthPage }) {
  if (page.lines.length === 0) return null;
  return (
    <section>
      <h2 className={css.h2}>Where the rewards went</h2>
      <div className={css.tableBox} role="region" aria-label="Where the rewards went" tabIndex={0}>
        <table className={css.table}>
          <thead><tr><th scope="col">Rewards</th><th scope="col">Amount</th></tr></thead>
          <tbody>{page.lines.map((one) => <tr key={`${one.currency}/${one.kind}`}><th scope="row">{one.text}</th><td className="num">{money(one.amount_minor, one.currency)}</td></tr>)}</tbody>
        </table>
      </div>
      <p className={page.adds_up ? "small muted" : "small bad"} style={{ marginTop: 8 }}>{page.adds_up ? "The lines add up to what the ledger holds." : "The lines do not add up to what the ledger holds: something is missing here."}</p>
    </section>
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
  const say = sayLevel("minor", page.currency);
  return (
    <ul className={css.money}>
      {bars.map(({ name, figure, tone, what }) => (
        <li key={name}>
          <div className={css.moneyHead}>
            <b>{name}</b>
            {measured(figure) ? <span className="num"><b className={css.sum}>{say(figure.lower)} to {say(figure.upper)}</b> <span className="muted small">middle {say(figure.estimate)}</span></span> : <span className="muted">Not known yet</span>}
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
    return <Empty icon="users" title="No cohort yet" actions={<Link className="btn" to="/sources">See the sources</Link>}>A cohort is everybody who became a customer in the same quarter. It appears once sales arrive from a source such as a CRM or a billing system.</Empty>;
  }
  const quarters = [...new Set(cohorts.map((one) => one.cohort))].sort().reverse();
  const top = Math.max(1, ...cohorts.map((one) => (measured(one.value) ? one.value.upper : 0)));
  const of = (cohort: string, origin: string) => cohorts.find((one) => one.cohort === cohort && one.origin === origin);
  return (
    <>
      <div className={css.tableBox} role="region" aria-label="Value by cohort" tabIndex={0}>
        <table className={css.table}>
          <thead><tr><th scope="col">Came in</th><th scope="col">Referred</th><th scope="col" className={css.chart}>Value of a referred customer</th><th scope="col">Others</th><th scope="col" className={css.chart}>Value of another customer</th></tr></thead>
          <tbody>
            {quarters.map((quarter) => {
              const pair = [of(quarter, "referred"), of(quarter, "other")] as const;
              return (
                <tr key={quarter}>
                  <th scope="row">{quarter.replace("-Q", ", quarter ")} {pair.some((one) => one?.young) && <Badge tone="warn" title="These customers have not been with us long enough; the value will still change">young</Badge>}</th>
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
  if (!one || !measured(one.value)) return <span className="muted small" title={one?.value.sentence}>{one && one.customers > 0 ? "Too few to say" : "None"}</span>;
  const { estimate, lower, upper } = one.value;
  const say = (value: number) => roundMoney(value, currency);
  const at = (value: number) => `${Math.max(0, Math.min(100, (value / top) * 100))}%`;
  return (
    <span className={css.value}>
      <span className="num"><b>{say(lower)} to {say(upper)}</b> <span className="muted small">middle {say(estimate)}</span></span>
      <span className={css.valueTrack} aria-hidden><i style={{ left: at(lower), right: `calc(100% - ${at(upper)})` }} /><span style={{ left: at(estimate) }} /></span>
    </span>
  );
}
