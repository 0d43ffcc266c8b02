import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { startSimulation, useSimulation } from "../../api/programQueries";
import type { ProgramDetail, SimulatedAdvocate, Simulation } from "../../api/programs";
import { count, day, money } from "../../format";
import { Progress } from "../../parts/bars";
import { saveCsv } from "../../parts/export";
import { Icon } from "../../parts/icons";
import { Word } from "../../parts/inline";
import { MonthBars } from "../../parts/months";
import { Empty, Failure } from "../../parts/states";
import { TableBox } from "../../parts/table";
import { Figure } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import css from "./builder.module.css";

/** What these rules would have cost over the last months, for whom, and what would have been held. Nothing is posted. */
export function Simulate({ program, open, flush }: { program: ProgramDetail; open: string[]; flush: () => Promise<number | null> }) {
  const { params } = useAddress();
  const [months, setMonths] = useState("12");
  const run = params.get("run") ?? "";
  const start = useMutation({
    mutationFn: async () => startSimulation(program.slug, (await flush()) ?? program.version, Number(months)),
    onSuccess: (made) => setParams({ run: made.id }, { replace: true }),
  });
  const query = useSimulation(program.slug, run);
  const found = query.data;
  const running = start.isPending || found?.state === "running";
  return (
    <div className={css.sim}>
      <div className={css.simBar}>
        <span>Replay the last</span><Word label="How many months" value={months} options={{ 3: "3 months", 6: "6 months", 12: "12 months", 24: "24 months" }} onChange={setMonths} /><span>of referrals through these rules.</span>
        <button className="btn primary" disabled={running || open.length > 0} onClick={() => start.mutate()}><Icon name="play" size={14} />{found ? "Try again" : "Try it"}</button>
      </div>
      {open.length > 0 && <ul className={css.todo} aria-label="Still missing">{open.map((one) => <li key={one}>{one}</li>)}</ul>}
      {start.isError ? <Failure failure={start.error} retry={() => start.mutate()} /> : query.isError ? <Failure failure={query.error} retry={() => start.mutate()} /> : null}
      {running && (
        <div className="stack" role="status">
          <p className="small muted">{found ? `${count(found.done)} of ${count(found.total)} records replayed. You may leave this page; it goes on.` : "Starting"}</p>
          <Progress label="Replaying" done={found?.done ?? 0} total={found?.total ?? null} />
        </div>
      )}
      {found?.state === "failed" && <p className={css.refused} role="alert">{found.failure || "The replay failed."}</p>}
      {found?.state === "done" && <Result found={found} />}
      {!found && !running && !start.isError && !query.isError && <p className="small muted">Nothing is posted and nobody is told. You see what it would have cost, who would have earned more or less, and what would have been held.</p>}
    </div>
  );
}

function Result({ found }: { found: Simulation }) {
  const { currency } = found;
  if (found.facts === 0) return <Empty icon="history" title="Nothing to replay">No friend came through a link between {day(found.since)} and {day(found.until)}, so there is nothing to try these rules on. They can be published all the same.</Empty>;
  const difference = found.cost_minor - found.before_minor;
  return (
    <>
      <p className={css.said}>{found.sentence}</p>
      <dl className={css.figures}>
        <Figure name="It would have cost" value={money(found.cost_minor, currency)} note={`${count(found.facts)} records`} />
        <Figure name="What was paid" value={money(found.before_minor, currency)} note="under the rules then" />
        <Figure name="Difference" value={difference === 0 ? money(0, currency) : `${difference > 0 ? "+" : ""}${money(difference, currency)}`} tone={difference > 0 ? "bad" : difference < 0 ? "good" : undefined} />
        <Figure name="Held for a look" value={count(found.holds.reduce((sum, one) => sum + one.times, 0))} note={found.holds.length ? money(found.holds.reduce((sum, one) => sum + one.minor, 0), currency) : "nothing suspicious"} />
      </dl>
      <section className={css.section}>
        <h2>When it would have become due</h2>
        <MonthBars months={found.liability.map((one) => ({ month: one.month, parts: [{ name: "Due", minor: one.due_minor, tone: "honey" }] }))} currency={currency} label="Due by month" />
      </section>
      <div className={css.two}>
        <Who title="Who would have earned more" rows={found.winners} currency={currency} name="winners" none="Nobody." />
        <Who title="Who would have earned less" rows={found.losers} currency={currency} name="losers" none="Nobody." />
      </div>
      <div className={css.two}>
        <section className={css.section}><h2>What would have been held</h2>{found.holds.length === 0 ? <p className="small muted">Nothing.</p> : <ul className={css.list}>{found.holds.map((one) => <li key={one.what}><b>{count(one.times)}</b><span>{one.what}{one.example && <span className={css.under}>{one.example}</span>}</span></li>)}</ul>}</section>
        <section className={css.section}><h2>What could not have been given</h2>{found.refused.length === 0 ? <p className="small muted">Every reward was allowed.</p> : <ul className={css.list}>{found.refused.map((one) => <li key={one.what}><b>{count(one.times)}</b><span>{one.what}{one.example && <span className={css.under}>{one.example}</span>}</span></li>)}</ul>}</section>
      </div>
    </>
  );
}

function Who({ title, rows, currency, name, none }: { title: string; rows: SimulatedAdvocate[]; currency: string; name: string; none: string }) {
  return (
    <section className={css.section}>
      <div className="row"><h2 className="grow">{title}</h2>{rows.length > 0 && <button className="btn small" onClick={() => saveCsv(name, rows)}><Icon name="download" size={14} />Export CSV</button>}</div>
      {rows.length === 0 ? <p className="small muted">{none}</p> : (
        <TableBox label={title} head={["Advocate", "Before", "After"]} right={[1, 2]} rows={rows.map((one) => ({ key: one.id, cells: [<>{one.name}<span className={css.under}>{one.why || one.group}</span></>, money(one.before_minor, currency), money(one.after_minor, currency)] }))} />
      )}
    </section>
  );
}
