import { money, roundMoney, shortCount } from "../format";
import css from "./months.module.css";
import { TableBox } from "./table";

export type MonthPart = { name: string; minor: number; tone: "honey" | "soft" | "bad" };
type Month = { month: string; parts: MonthPart[] };

const named = (month: string, long = false): string => month === "later" ? "Later" : new Date(`${month.slice(0, 7)}-01T12:00:00Z`).toLocaleDateString("en-GB", long ? { month: "long", year: "numeric" } : { month: "short" });

/** Money by month, its parts on top of each other, and as a table for whoever prefers one. */
export function MonthBars({ months, currency, label }: { months: Month[]; currency: string; label: string }) {
  const sums = months.map((one) => one.parts.reduce((sum, part) => sum + part.minor, 0));
  const top = Math.max(1, ...sums);
  const names = (months[0]?.parts ?? []).filter((_, i) => months.some((one) => one.parts[i]?.minor)).map((part) => ({ name: part.name, tone: part.tone }));
  const total = sums.reduce((a, b) => a + b, 0);
  if (total === 0) return <p className="small muted">Nothing in these months.</p>;
  return (
    <figure className={css.figure}>
      <div role="img" aria-label={`${label}: ${money(total, currency)} in ${months.length} months, the most ${money(top, currency)}`}>
        <div className={css.chart}>
          {months.map((one, i) => (
            <span key={one.month} className={css.month} title={`${named(one.month, true)}: ${one.parts.map((part) => `${part.name} ${money(part.minor, currency)}`).join(", ")}`}>
              {sums[i] ? <span className={css.top}>{months.length > 8 ? shortCount((sums[i] ?? 0) / 100) : roundMoney(sums[i] ?? 0, currency)}</span> : null}
              {[...one.parts].reverse().filter((part) => part.minor > 0).map((part) => <i key={part.name} data-tone={part.tone} style={{ height: `${(part.minor / top) * 86}%` }} />)}
            </span>
          ))}
        </div>
        <div className={css.names} aria-hidden>{months.map((one) => <span key={one.month}>{named(one.month)}</span>)}</div>
      </div>
      {names.length > 1 && <div className={css.legend} aria-hidden>{names.map((one) => <span key={one.name}><i data-tone={one.tone} />{one.name}</span>)}</div>}
      <details className={css.table}>
        <summary>As a table</summary>
        <TableBox label={label} head={["Month", ...names.map((one) => one.name)]} right={names.map((_, i) => i + 1)} rows={months.map((one) => ({ key: one.month, cells: [named(one.month, true), ...names.map(({ name }) => money(one.parts.find((part) => part.name === name)?.minor ?? 0, currency))] }))} />
      </details>
    </figure>
  );
}
