import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { write } from "../../api/client";
import type { Budget, Limits, SpendRow } from "../../api/inference";
import { useBudget, useSpend } from "../../api/inferenceQueries";
import { count, day as dayText, shortCount } from "../../format";
import { Bones, Empty, Loaded } from "../../parts/states";
import { toast, toastProblem } from "../../parts/toast";
import { Figure } from "../../parts/ui";
import { useKnownSession } from "../../session";
import css from "./quality.module.css";
import { tierWords } from "./words";

const tokensOf = (row: SpendRow): number => row.tokens ?? (row.tokens_in ?? 0) + (row.tokens_out ?? 0);
/** Millionths of the currency: 12,300 -> "0.0123". */
const micros = (value: number): string => (value / 1_000_000).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: value !== 0 && Math.abs(value) < 1_000_000 ? 4 : 2 });
const seconds = (ms: number): string => `${(ms / 1000).toLocaleString("en", { maximumFractionDigits: ms < 10_000 ? 1 : 0 })} s`;
const sum = (rows: SpendRow[], of: (row: SpendRow) => number): number => rows.reduce((total, row) => total + of(row), 0);

/** What reading costs, by day and by reader; and where it stops. */
export function SpendTab() {
  const spend = useSpend();
  const budget = useBudget();
  return (
    <>
      <Loaded query={budget} bones={<Bones rows={2} />}>{(limits) => <BudgetForm key={limits.at ?? "default"} budget={limits} used={today(spend.data?.rows ?? [])} />}</Loaded>
      <Loaded query={spend} bones={<Bones rows={4} />}>
        {({ rows }) => rows.length === 0 ? <Empty icon="wallet" title="Nothing has been spent">Rules cost nothing; a day appears here once a model has read something.</Empty> : <Ledger rows={rows} />}
      </Loaded>
    </>
  );
}

const newest = (rows: SpendRow[]): string => rows.reduce((latest, row) => (row.day > latest ? row.day : latest), "");
const today = (rows: SpendRow[]): SpendRow[] => { const utc = new Date().toISOString().slice(0, 10); return rows.filter((row) => row.day.slice(0, 10) === utc); };

function Ledger({ rows }: { rows: SpendRow[] }) {
  const days = [...new Set(rows.map((row) => row.day))].sort().reverse();
  const top = Math.max(1, ...days.map((one) => sum(rows.filter((row) => row.day === one), (row) => row.calls)));
  return (
    <section>
      <h2 className={css.h2}>What was spent, by day and reader</h2>
      <dl className={css.sums}>
        <Figure name="Calls" value={shortCount(sum(rows, (row) => row.calls))} note={`${days.length} days until ${dayText(newest(rows))}`} />
        <Figure name="Tokens" value={shortCount(sum(rows, tokensOf))} />
        <Figure name="Money" value={micros(sum(rows, (row) => row.cost_micros))} note="as the providers bill it" />
        <Figure name="Processor time" value={seconds(sum(rows, (row) => row.cpu_ms))} />
      </dl>
      <div className={css.box} tabIndex={0} role="region" aria-label="Spend by day">
        <table className={css.spend}>
          <thead><tr><th scope="col">Day</th><th scope="col">Reader</th><th scope="col">Calls</th><th scope="col">Tokens</th><th scope="col">Money</th><th scope="col">Processor</th><th scope="col">Refused by the budget</th></tr></thead>
          <tbody>
            {days.flatMap((one) => rows.filter((row) => row.day === one).map((row, i) => (
              <tr key={`${one}-${row.provider}`}>
                <th scope="row">{i === 0 ? dayText(one) : <span className="sr">{dayText(one)}</span>}</th>
                <td>{row.provider}{row.tier && <span className="muted">, {tierWords(row.tier)}</span>}</td>
                <td className="num"><span className={css.bar} aria-hidden><span style={{ width: `${(row.calls / top) * 100}%` }} /></span>{count(row.calls)}</td>
                <td className="num">{count(tokensOf(row))}</td>
                <td className="num">{micros(row.cost_micros)}</td>
                <td className="num">{seconds(row.cpu_ms)}</td>
                <td className="num">{row.refused ? count(row.refused) : ""}</td>
              </tr>
            )))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const FIELDS: { key: keyof Limits; name: string; scale: number; unit: string; of: (row: SpendRow) => number }[] = [
  { key: "tokens", name: "Tokens a day", scale: 1, unit: "tokens", of: tokensOf },
  { key: "cost_micros", name: "Money a day", scale: 1_000_000, unit: "in the providers' currency", of: (row) => row.cost_micros },
  { key: "cpu_ms", name: "Processor seconds a day", scale: 1000, unit: "seconds", of: (row) => row.cpu_ms },
];

function BudgetForm({ budget, used }: { budget: Budget; used: SpendRow[] }) {
  const client = useQueryClient();
  const mayWrite = useKnownSession().may.includes("people.write");
  const start = Object.fromEntries(FIELDS.map(({ key, scale }) => [key, budget[key] === null || budget[key] === undefined ? "" : String((budget[key] as number) / scale)]));
  const [values, setValues] = useState<Record<string, string>>(start);
  const [busy, setBusy] = useState(false);
  const wrong = FIELDS.some(({ key }) => values[key] !== "" && !(Number(values[key]) >= 0));
  const changed = FIELDS.some(({ key }) => values[key] !== start[key]);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await write("/api/inference/budget", Object.fromEntries(FIELDS.map(({ key, scale }) => [key, values[key] === "" ? null : Math.round(Number(values[key]) * scale)])), "PUT");
      toast("good", "Limits kept", { detail: "They hold from the next call on." });
    } catch (failure) {
      toastProblem("The limits were not kept", failure);
    } finally {
      await client.invalidateQueries({ queryKey: ["budget"] });
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void save(event)} className={css.budget}>
      <h2 className={css.h2}>Limits of a day</h2>
      <p className="small muted">When one is reached no model is asked until midnight (UTC); texts wait in order, rules go on. Empty means the limit that ships.</p>
      <div className={css.limits}>
        {FIELDS.map(({ key, name, scale, unit, of }) => {
          const limit = budget[key] ?? budget.defaults?.[key] ?? null;
          const spent = budget.used?.[key] ?? sum(used, of);
          const shipped = budget.defaults?.[key];
          return (
            <div key={key}>
              <label className="label" htmlFor={`limit-${key}`}>{name}</label>
              <input
                id={`limit-${key}`} className="field num" inputMode="decimal" disabled={!mayWrite} value={values[key]} aria-describedby={`used-${key}`}
                placeholder={shipped !== null && shipped !== undefined ? `${count(shipped / scale)} (ships)` : "the one that ships"} onChange={(event) => setValues({ ...values, [key]: event.target.value.trim() })}
              />
              <p id={`used-${key}`} className="tiny muted num">{key === "cost_micros" ? micros(spent) : count(Math.round(spent / scale))} {limit !== null ? `of ${key === "cost_micros" ? micros(limit) : count(limit / scale)} ` : ""}{unit} used today</p>
              {limit !== null && <span className={css.meter} aria-hidden><span data-full={spent >= limit} style={{ width: `${limit > 0 ? Math.min(100, (spent / limit) * 100) : 100}%` }} /></span>}
            </div>
          );
        })}
      </div>
      {wrong && <p className="small bad" role="alert">A limit is a number from 0 on, or empty.</p>}
      {mayWrite ? <div><button className="btn primary" disabled={busy || wrong || !changed}>Keep these limits</button></div> : <p className="small muted">Your role reads the limits; another role sets them.</p>}
    </form>
  );
}
