import type { Day } from "../api/sources";
import { count, day as dayText, shortCount } from "../format";
import css from "./bars.module.css";

const aside = (day: Day): number => day.dead_letter + day.mismatch + day.refused;
const whole = (day: Day): number => day.accepted + day.duplicate + aside(day);

function Bar({ day, x, width, top, height }: { day: Day; x: number; width: number; top: number; height: number }) {
  const all = whole(day);
  if (all === 0) return <rect data-part="none" x={x} y={height - 1.5} width={width} height={1.5} rx={0.7} />;
  const parts = [["fine", day.accepted], ["twice", day.duplicate], ["aside", aside(day)]] as const;
  let y = height;
  return (
    <>
      {parts.map(([part, n]) => {
        if (n === 0) return null;
        // What was set aside is rare and matters: it is never thinner than can be seen.
        const tall = Math.max(part === "twice" ? 0.6 : 1.6, (n / top) * (height - 2));
        y -= tall;
        return <rect key={part} data-part={part} x={x} y={Math.max(0, y)} width={width} height={tall} rx={Math.min(1, width / 3)} />;
      })}
    </>
  );
}

const words = (days: Day[]): string => {
  const put = days.reduce((sum, day) => sum + aside(day), 0);
  return `${days.length} days: ${count(days.reduce((sum, day) => sum + day.accepted, 0))} events accepted${put > 0 ? `, ${count(put)} set aside or refused` : ""}`;
};

/** Thirty days in the width of a word. */
export function DayBars({ days }: { days: Day[] }) {
  const top = Math.max(1, ...days.map(whole));
  return (
    <svg className={css.mini} viewBox={`0 0 ${days.length * 4} 26`} preserveAspectRatio="none" role="img" aria-label={words(days)}>
      <title>{words(days)}</title>
      {days.map((day, i) => <Bar key={day.day} day={day} x={i * 4 + 0.5} width={3} top={top} height={26} />)}
    </svg>
  );
}

/** The same days large, with their scale, and as a table for whoever prefers one. */
export function DaysChart({ days }: { days: Day[] }) {
  const top = Math.max(1, ...days.map(whole));
  return (
    <figure className={css.figure}>
      <div className={css.frame}>
        <div className={css.scale} aria-hidden><span>{shortCount(top)}</span><span>{shortCount(Math.round(top / 2))}</span><span>0</span></div>
        <svg className={css.chart} viewBox={`0 0 ${days.length * 20} 132`} preserveAspectRatio="none" role="img" aria-label={words(days)}>
          {[1, 66].map((y) => <line key={y} x1={0} x2={days.length * 20} y1={y} y2={y} vectorEffect="non-scaling-stroke" />)}
          {days.map((day, i) => (
            <g key={day.day}>
              <title>{`${dayText(day.day)}: ${count(day.accepted)} accepted, ${count(day.duplicate)} duplicate, ${count(aside(day))} set aside or refused`}</title>
              <rect x={i * 20} y={0} width={20} height={132} fill="transparent" />
              <Bar day={day} x={i * 20 + 2} width={16} top={top} height={132} />
            </g>
          ))}
        </svg>
        <div className={css.ends} aria-hidden><span>{days[0] && dayText(days[0].day)}</span><span>today</span></div>
      </div>
      <div className={css.legend} aria-hidden>
        <span><i />Accepted</span><span><i data-part="twice" />Duplicate, counted once</span><span><i data-part="aside" />Set aside or refused</span>
      </div>
      <details className={css.table}>
        <summary>As a table</summary>
        <table>
          <thead><tr><th scope="col">Day</th><th scope="col">Accepted</th><th scope="col">Duplicate</th><th scope="col">Dead letter</th><th scope="col">Mismatch</th><th scope="col">Refused</th></tr></thead>
          <tbody>
            {[...days].reverse().map((day) => <tr key={day.day}><td>{dayText(day.day)}</td><td>{count(day.accepted)}</td><td>{count(day.duplicate)}</td><td>{count(day.dead_letter)}</td><td>{count(day.mismatch)}</td><td>{count(day.refused)}</td></tr>)}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

/** How far something has come; without a total it only shows that it moves. */
export function Progress({ done, total, label, tone }: { done: number; total?: number | null; label: string; tone?: "good" | "bad" | "still" }) {
  const known = total !== null && total !== undefined && total > 0;
  const share = known ? Math.min(1, done / total) : tone === "good" ? 1 : 0;
  const open = !known && tone === undefined;
  return (
    <span
      className={css.progress} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={known ? total : undefined}
      aria-valuenow={known ? Math.min(done, total) : undefined} aria-valuetext={known ? `${count(done)} of ${count(total)}` : `${count(done)} so far`}
      data-tone={tone} data-open={open}
    >
      <span data-some={done > 0} style={open ? undefined : { width: `${share * 100}%` }} />
    </span>
  );
}
