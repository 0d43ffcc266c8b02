import type { Lift, LiftPage } from "../../api/contract";
import { useLift } from "../../api/queries";
import { count, day, moment, money, percent, points, words } from "../../format";
import { EffectLine } from "../../parts/interval";
import { Empty, Loaded } from "../../parts/states";
import { Badge, PageHead, Scroll, type Tone } from "../../parts/ui";
import { useKnownSession } from "../../session";
import css from "./lift.module.css";

const VERDICTS: Record<Lift["verdict"], { text: string; tone: Tone }> = {
  not_enough_yet: { text: "Not enough data yet", tone: "plain" }, positive: { text: "Asking causes more", tone: "good" },
  negative: { text: "Asking causes less", tone: "bad" }, no_difference: { text: "No difference shown", tone: "plain" },
};
const ARMS: Record<string, string> = { treated: "Asked when a moment came", holdout: "Never asked, to compare" };

/** What the asking caused, against a permanent holdout; never an effect without its interval. */
export default function LiftScreen() {
  const query = useLift();
  return (
    <>
      <PageHead title="Lift" note="Against companies kept unasked on purpose" />
      <Scroll label="Lift"><Loaded query={query}>{(page) => <Page page={page} />}</Loaded></Scroll>
    </>
  );
}

function Page({ page }: { page: LiftPage }) {
  const { latest } = page;
  const seen = VERDICTS[latest.verdict] ?? VERDICTS.not_enough_yet;
  const known = latest.estimate !== null && latest.lower !== null && latest.upper !== null;
  const measured = page.rows.filter((row) => row.estimate !== null && row.lower !== null && row.upper !== null);
  const bound = Math.max(0.001, ...measured.flatMap((row) => [Math.abs(row.lower ?? 0), Math.abs(row.upper ?? 0)]), Math.abs(latest.lower ?? 0), Math.abs(latest.upper ?? 0)) * 1.1;
  const have = latest.n_treated + latest.n_holdout;
  return (
    <div className={css.page}>
      <section className={css.verdict}>
        <p><Badge tone={seen.tone}>{seen.text}</Badge></p>
        <p className={css.sentence}>{latest.sentence}</p>
        {known ? (
          <div className={css.effect}>
            <p className="num"><b className={css.big}>{points(latest.estimate ?? 0)}</b> <span className="muted">between {points(latest.lower ?? 0)} and {points(latest.upper ?? 0)}</span></p>
            <EffectLine estimate={latest.estimate ?? 0} lower={latest.lower ?? 0} upper={latest.upper ?? 0} bound={bound} label="Latest effect" />
            <p className={css.axis}><span>{points(-bound)}</span><span>0, no effect</span><span>{points(bound)}</span></p>
          </div>
        ) : latest.needed ? (
          <div className={css.progress}>
            <div role="progressbar" aria-label="Companies observed for a first verdict" aria-valuemin={0} aria-valuemax={have + latest.needed} aria-valuenow={have}><span style={{ width: `${(have / (have + latest.needed)) * 100}%` }} /></div>
            <p className="small muted num">{count(have)} of about {count(have + latest.needed)} companies needed</p>
          </div>
        ) : null}
        <p className="small muted num">
          {words(latest.metric)}: {latest.rate_treated !== null && `${percent(latest.rate_treated)} of `}{count(latest.n_treated)} treated companies, {latest.rate_holdout !== null && `${percent(latest.rate_holdout)} of `}{count(latest.n_holdout)} held-out companies{latest.at ? `, measured ${moment(latest.at)}` : ""}
        </p>
      </section>
      <Arms arms={page.arms} />
      <section>
        <h2 className={css.h2}>Every measurement so far</h2>
        {measured.length === 0 ? <Empty icon="flask-conical" title="No interval can be drawn yet">Each measurement appears here with its interval once both arms hold enough companies. The interval stays valid however often you look.</Empty> : (
          <div className={css.tableBox} role="region" aria-label="Every measurement" tabIndex={0}>
            <table className={css.table}>
              <thead><tr><th scope="col">Measured</th><th scope="col">Treated companies</th><th scope="col">Held out</th><th scope="col">Effect</th><th scope="col" className={css.chart}>Interval around zero</th></tr></thead>
              <tbody>
                {measured.map((row, i) => (
                  <tr key={`${row.at}-${i}`}>
                    <td>{row.at ? day(row.at) : "not dated"}</td>
                    <td className="num">{count(row.n_treated)}</td>
                    <td className="num">{count(row.n_holdout)}</td>
                    <td className="num">{points(row.estimate ?? 0)} <span className="muted small">{points(row.lower ?? 0)} to {points(row.upper ?? 0)}</span></td>
                    <td className={css.chart}><EffectLine estimate={row.estimate ?? 0} lower={row.lower ?? 0} upper={row.upper ?? 0} bound={bound} label="Effect" /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </div>
  );
}

function Arms({ arms }: { arms: LiftPage["arms"] }) {
  const { workspace } = useKnownSession();
  return (
    <section>
      <h2 className={css.h2}>The two arms</h2>
      {arms.length === 0 ? <p className="small muted">Nobody has been assigned to an arm yet.</p> : (
        <div className={css.tableBox} role="region" aria-label="The two arms" tabIndex={0}>
          <table className={css.table}>
            <thead><tr><th scope="col">Arm</th><th scope="col">People</th><th scope="col">Companies</th><th scope="col">Asks</th><th scope="col">Referrals</th><th scope="col">Wins</th><th scope="col">Value won</th></tr></thead>
            <tbody>
              {arms.map((arm) => (
                <tr key={arm.arm}>
                  <th scope="row"><span className="strong">{words(arm.arm)}</span><span className={css.armText}>{ARMS[arm.arm] ?? ""}</span></th>
                  {[arm.personas, arm.companies, arm.asks, arm.referrals, arm.wins].map((n, i) => <td key={i} className="num">{count(n)}</td>)}
                  <td className="num">{money(arm.value_minor, workspace.currency)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="small muted" style={{ marginTop: 8 }}>Counts are exact. They do not show an effect by themselves: the arms differ in size, only the interval compares them.</p>
    </section>
  );
}
