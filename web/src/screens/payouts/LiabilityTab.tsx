import { useState } from "react";

import type { LiabilityOf } from "../../api/money";
import { useLiability } from "../../api/moneyQueries";
import { clock, money } from "../../format";
import { saveCsv } from "../../parts/export";
import { Icon } from "../../parts/icons";
import { Line, Word } from "../../parts/inline";
import { MonthBars } from "../../parts/months";
import { Empty, Loaded } from "../../parts/states";
import { Figure, Scroll } from "../../parts/ui";
import css from "./payouts.module.css";

/** What will have to be paid, and when: what is owed now, due, expected, and what may still be lost. */
export function LiabilityTab() {
  const [days, setDays] = useState("365");
  const query = useLiability(Number(days));
  return (
    <Scroll label="Liability">
      <Loaded query={query}>
        {(found) => (
          <div className={css.book}>
            <div className="row wrap">
              <Line><span>What we will have to pay in the next</span><Word label="How far ahead" value={days} options={{ 90: "3 months", 180: "6 months", 365: "12 months", 1095: "3 years" }} onChange={setDays} /></Line>
              <span className="grow" />
              {found.rows.length > 0 && <button className="btn small" onClick={() => saveCsv("liability", found.rows.flatMap((row) => row.months.map((month) => ({ currency: row.currency, ...month }))))}><Icon name="download" size={14} />Export CSV</button>}
            </div>
            {found.rows.length === 0 ? <Empty icon="wallet" title="Nothing is owed">No reward is open, so nothing will become due.</Empty> : found.rows.map((row) => <OneCurrency key={row.currency} row={row} />)}
            <p className="small muted">{found.sentence} As of {clock(found.as_of)}.</p>
          </div>
        )}
      </Loaded>
    </Scroll>
  );
}

function OneCurrency({ row }: { row: LiabilityOf }) {
  return (
    <section className={css.section} aria-label={row.currency}>
      <dl className={`${css.figures} ${css.boxed}`} data-n="4">
        <Figure name="Owed now" value={money(row.owed_minor, row.currency)} note="approved and payable" />
        <Figure name="Due later" value={money(row.due_minor, row.currency)} note="held, or due on a date" />
        <Figure name="Expected" value={money(row.expected_minor, row.currency)} note="from deals still open" />
        <Figure name="At risk" value={money(row.at_risk_minor, row.currency)} note="disputed or looked at" />
      </dl>
      <MonthBars label={`Due by month in ${row.currency}`} currency={row.currency} months={row.months.map((one) => ({ month: one.month, parts: [{ name: "Due", minor: one.due_minor, tone: "honey" as const }, { name: "Expected", minor: one.expected_minor, tone: "soft" as const }, { name: "At risk", minor: one.at_risk_minor, tone: "bad" as const }] }))} />
    </section>
  );
}
