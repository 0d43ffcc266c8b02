import { useTieOut } from "../../api/moneyQueries";
import { count, day as dayText, money, words } from "../../format";
import { saveCsv } from "../../parts/export";
import { Icon } from "../../parts/icons";
import { Empty, Loaded } from "../../parts/states";
import { TableBox } from "../../parts/table";
import { Badge, Scroll } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import css from "./payouts.module.css";

const shift = (day: string, days: number): string => new Date(Date.parse(`${day}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** Per day and rail: what our books say was paid, what they say, and the difference. */
export function TieOutTab() {
  const { params } = useAddress();
  const today = new Date().toISOString().slice(0, 10);
  const day = /^\d{4}-\d{2}-\d{2}$/.test(params.get("day") ?? "") ? (params.get("day") as string) : today;
  const query = useTieOut(day);
  const go = (next: string) => setParams({ day: next >= today ? null : next });
  return (
    <Scroll label="Tie-out">
      <div className={css.book}>
        <div className="row wrap">
          <button className="btn square small" aria-label="The day before" onClick={() => go(shift(day, -1))}><Icon name="chevron-left" size={14} /></button>
          <input className="field" style={{ width: 150 }} type="date" aria-label="Day (UTC)" value={day} max={today} onChange={(event) => { if (event.target.value) go(event.target.value); }} />
          <button className="btn square small" aria-label="The day after" disabled={day >= today} onClick={() => go(shift(day, 1))}><Icon name="chevron-right" size={14} /></button>
          <span className="small muted">What our books say was paid on this day (UTC), beside what the providers say.</span>
          <span className="grow" />
          {query.data && query.data.rows.length > 0 && <button className="btn small" onClick={() => saveCsv(`tie-out-${day}`, query.data.rows)}><Icon name="download" size={14} />Export CSV</button>}
        </div>
        <Loaded query={query}>
          {({ rows }) => rows.length === 0 ? <Empty icon="equal" title={`Nothing was paid on ${dayText(day)}`}>For each day and rail, what the ledger says left is set beside what the provider says arrived.</Empty> : (
            <TableBox
              label="Tie-out of the day" head={["Rail", "What it says", "We say", "They say", "Difference", "State"]} right={[2, 3, 4]}
              rows={rows.map((one) => ({ key: `${one.rail}/${one.currency}`, cells: [
                <><b>{words(one.rail)}</b><span className={css.under}>{count(one.payments)} {one.payments === 1 ? "payment" : "payments"} in {one.currency}</span></>, one.sentence,
                money(one.ours_minor, one.currency), money(one.theirs_minor, one.currency), <b className={one.difference_minor ? "bad" : ""}>{money(one.difference_minor, one.currency)}</b>,
                one.difference_minor !== 0 || one.problems > 0 ? <Badge tone="bad">Differs</Badge> : one.unconfirmed + one.open > 0 ? <Badge tone="warn">{count(one.unconfirmed + one.open)} not known yet</Badge> : <Badge tone="good">Ties out</Badge>,
              ] }))}
            />
          )}
        </Loaded>
      </div>
    </Scroll>
  );
}
