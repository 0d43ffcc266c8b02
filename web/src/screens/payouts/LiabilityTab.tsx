import { useState } from "react";

import type { LiabilityMonth } from "../../api/money";
import { useLiability } from "../../api/moneyQueries";
import { clock, money } from "../../format";
import { saveCsv } from "../../parts/export";
import { Icon } from "../../parts/icons";
import { Line, Word } from "../../parts/inline";
import { MonthBars } from "../../parts/months";
import { Bones, Empty, Failure, Freshness } from "../../parts/states";
import { Figure, Scroll } from "../../parts/ui";
import css from "./payouts.module.css";

/** What will have to be paid, and when: what is owed now, due, expected, and what may still be lost. */
export function LiabilityTab() {
  const [days, setDays] = useState("365");
  const query = useLiability(Number(days));
  const months = query.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Scroll label="Liability">
      {query.data === undefined ? (query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={5} />) : (
        <>
        <Freshness query={query} />
          <div className={css.book}>
            <div className="row wrap">
              <Line><span>What we will have to pay in the next</span><Word label="How far ahead" value={days} options={{ 90: "3 months", 180: "6 months", 365: "12 months", 1095: "3 years" }} onChange={setDays} /></Line>
              <span className="grow" />
              {months.length > 0 && <button className="btn small" onClick={() => saveCsv("liability", months)}><Icon name="download" size={14} />Export CSV</button>}
            </div>
            {months.length === 0 ? <Empty icon="wallet" title="Nothing is owed">No reward is open, so nothing will become due.</Empty> : [...new Set(months.map((one) => one.currency))].map((currency) => <OneCurrency key={currency} currency={currency} months={months.filter((one) => one.currency === currency)} />)}
            <p className="small muted">From what stands in the ledger at {clock(new Date(query.dataUpdatedAt).toISOString())}. Nothing is guessed: a deal that is still open is not counted.</p>
          </div>
        </>
      )}
    </Scroll>
  );
}

/** Every month of the span, also those in which nothing falls due; what lies beyond stands last. */
function whole(months: LiabilityMonth[], currency: string): LiabilityMonth[] {
  const known = new Map(months.map((one) => [one.month, one]));
  const dated = [...known.keys()].filter((month) => month !== "later").sort();
  const [first, last] = [dated[0], dated[dated.length - 1]];
  const span: string[] = [];
  for (let month = first; month && last && month <= last && span.length < 40; month = after(month)) span.push(month);
  if (known.has("later")) span.push("later");
  return span.map((month) => known.get(month) ?? { currency, month, due_minor: 0, expected_minor: 0, at_risk_minor: 0, owed_minor: 0 });
}
function after(month: string): string {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, "0")}`;
}

function OneCurrency({ currency, months }: { currency: string; months: LiabilityMonth[] }) {
  const sum = (get: (one: LiabilityMonth) => number) => money(months.reduce((total, one) => total + get(one), 0), currency);
  return (
    <section className={css.section} aria-label={currency}>
      <dl className={`${css.figures} ${css.boxed}`} data-n="4">
        <Figure name="Due" value={sum((one) => one.due_minor)} note="approved" />
        <Figure name="Expected" value={sum((one) => one.expected_minor)} note="held, or due on a date" />
        <Figure name="At risk" value={sum((one) => one.at_risk_minor)} note="disputed or looked at" />
        <Figure name="To come back" value={sum((one) => one.owed_minor)} note="taken back after it was paid" />
      </dl>
      <MonthBars label={`Due by month in ${currency}`} currency={currency} months={whole(months, currency).map((one) => ({ month: one.month, parts: [{ name: "Due", minor: one.due_minor, tone: "honey" as const }, { name: "Expected", minor: one.expected_minor, tone: "soft" as const }, { name: "At risk", minor: one.at_risk_minor, tone: "bad" as const }] }))} />
    </section>
  );
}
