import type { LiftPage } from "../../api/contract";
import { useLift } from "../../api/queries";
import { count, money, words } from "../../format";
import { useKnownSession } from "../../session";
import css from "./experiments.module.css";

const ARMS: Record<string, string> = { treated: "Asked when a moment came", holdout: "Never asked, to compare" };

/** What happened in each of the two groups, counted; the interval above compares them. */
export function Arms() {
  const query = useLift();
  if (!query.data) return null;
  return <ArmsTable arms={query.data.arms} />;
}

function ArmsTable({ arms }: { arms: LiftPage["arms"] }) {
  const { workspace } = useKnownSession();
  return (
    <section>
      <h2 className={css.h2}>What was counted in each group</h2>
      {arms.length === 0 ? <p className="small muted">Nobody has been assigned to a group yet.</p> : (
        <div className={css.tableBox} role="region" aria-label="What was counted in each group" tabIndex={0}>
          <table className={css.table}>
            <thead><tr><th scope="col">Group</th><th scope="col">People</th><th scope="col">Companies</th><th scope="col">Asks</th><th scope="col">Referrals</th><th scope="col">Wins</th><th scope="col">Value won</th></tr></thead>
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
      <p className="small muted" style={{ marginTop: 8 }}>Counts are exact. They show no effect by themselves: the groups differ in size, only the interval compares them.</p>
    </section>
  );
}
