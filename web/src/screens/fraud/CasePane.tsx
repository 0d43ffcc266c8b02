import { useFraudCase } from "../../api/fraudQueries";
import type { FraudRow } from "../../api/fraud";
import { ago, money, moment, percent, words } from "../../format";
import { useIsNarrow, useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Bones, Loaded } from "../../parts/states";
import { Badge } from "../../parts/ui";
import { Link } from "../../router";
import css from "./fraud.module.css";
import { FraudPicture } from "./FraudPicture";
import { evidenceName, evidenceText, friendOf, SHAPES, STATES } from "./words";

/** One case: what is at stake, why it is suspicious, and the picture it rests on. */
export function CasePane({ row }: { row: FraudRow }) {
  const query = useFraudCase(row.referral_id);
  const narrow = useIsNarrow();
  const now = useNow(60_000);
  const shape = SHAPES[row.shape];
  // The sum of the others stands in the figures above.
  const reasons = row.reasons.length > 1 ? row.reasons.filter((one) => !one.startsWith("Likely fraud")) : row.reasons;
  return (
    <>
      <header>
        <h2 className={css.question}>{row.advocate.name} referred {friendOf(row)}</h2>
        <p className="row wrap small muted" style={{ marginTop: 4 }}>
          {shape && <Badge tone="violet">{shape.name}</Badge>}<Badge tone={row.held ? "warn" : "plain"} icon={row.held ? "lock" : undefined}>{row.held ? "Reward is held" : "Nothing is held"}</Badge>
          {row.state !== "open" && <Badge tone={row.state === "fraud" ? "bad" : row.state === "honest" ? "good" : "plain"}>{STATES[row.state] ?? words(row.state)}</Badge>}
          <span>{words(row.stage)}, noticed {ago(row.opened_at, now)}</span>
        </p>
      </header>
      <dl className={css.stakes}>
        <div><dt>Expected loss</dt><dd><b>{money(row.expected_loss_minor, row.currency)}</b></dd></div>
        <div><dt>At stake</dt><dd>{row.stake_minor > 0 ? <b>{money(row.stake_minor, row.currency)}</b> : <span className="muted">not known yet</span>}</dd></div>
        <div><dt>Chance that it is fraud</dt><dd><b>{percent(row.probability, 0)}</b><span className={css.meter} aria-hidden><i style={{ width: `${row.probability * 100}%` }} /><s style={{ left: `${row.threshold * 100}%` }} /></span><small>held from {percent(row.threshold, 0)} on</small></dd></div>
      </dl>
      {reasons.length > 0 && <ul className={css.reasons} aria-label="Reasons">{reasons.map((one) => <li key={one}><Icon name="triangle-alert" size={14} />{one}</li>)}</ul>}
      <Loaded query={query} bones={<Bones rows={3} />}>
        {(found) => (
          <>
            <section className={css.section}><h3>{shape?.text ?? "What ties them"}</h3><FraudPicture found={found} width={narrow ? 360 : 700} /></section>
            {found.findings.length > 0 && (
              <section className={css.section}>
                <h3>What the rules found</h3>
                <ul className={css.findings}>
                  {found.findings.map((one) => (
                    <li key={one.rule}>
                      <p className="row"><b className="grow">{words(one.rule)}</b><Badge tone={one.verdict === "block" ? "bad" : one.verdict === "hold" ? "warn" : "plain"}>{one.verdict === "block" ? "Blocks" : one.verdict === "hold" ? "Holds" : "Note"}</Badge></p>
                      <p className="small">{one.reason}</p>
                      {Object.keys(one.evidence).length > 0 && <p className="tiny muted">{Object.entries(one.evidence).map(([key, value]) => `${words(key)}: ${evidenceText(value)}`).join(" · ")}</p>}
                    </li>
                  ))}
                </ul>
              </section>
            )}
            {found.weights.some((one) => one.moved !== 0) && (
              <section className={css.section}>
                <h3>What moved the chance</h3>
                <ul className={css.weights}>{found.weights.filter((one) => one.moved !== 0).slice(0, 8).map((one) => <Weight key={one.name} name={evidenceName(one.name)} moved={one.moved} most={Math.max(...found.weights.map((x) => Math.abs(x.moved)))} />)}</ul>
              </section>
            )}
          </>
        )}
      </Loaded>
      {row.decided_at && <p className="small muted">{STATES[row.state] ?? row.state}, said {row.decided_by} on {moment(row.decided_at)}: {row.reason}</p>}
      <p className="small"><Link className="link" to={`/referrals?id=${row.referral_id}`}>Open the referral</Link></p>
    </>
  );
}

function Weight({ name, moved, most }: { name: string; moved: number; most: number }) {
  return <li><span className="clip">{name}</span><span className={css.bar} aria-hidden><i data-against={moved < 0} style={{ width: `${(Math.abs(moved) / most) * 50}%` }} /></span><span className="small muted">{moved > 0 ? "more suspicious" : "less suspicious"}</span></li>;
}
