import { useId, useState } from "react";

import type { Look } from "../api/experiments";
import { count, day } from "../format";
import css from "./looks.module.css";

const WIDE = 600;
const HIGH = 200;

/** A round step that gives three to five lines. */
function stepOf(range: number): number {
  const rough = range / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
}

type Known = Look & { estimate: number; lower: number; upper: number };
const known = (look: Look): look is Known => look.estimate !== null && look.lower !== null && look.upper !== null;

/** The first intervals are very wide: the scale follows the later ones, and the early band runs off the edge. */
function scaleOf(looks: Known[]): { low: number; high: number; step: number } {
  const late = looks.slice(Math.floor(looks.length / 3));
  const last = looks[looks.length - 1] as Known;
  const width = Math.max(last.upper - last.lower, 1e-9);
  const low = Math.min(0, Math.max(Math.min(...late.map((one) => one.lower)), last.lower - 2 * width));
  const high = Math.max(0, Math.min(Math.max(...late.map((one) => one.upper)), last.upper + 2 * width));
  const step = stepOf(high - low);
  return { low: Math.floor(low / step - 0.05) * step, high: Math.ceil(high / step + 0.05) * step, step };
}

/** An effect as it was known at each look: the band is what can be said, the line only its middle. */
export function LooksChart({ looks, say, label, none = "no difference" }: { looks: Look[]; say: (value: number) => string; label: string; none?: string }) {
  const clip = useId();
  const [at, setAt] = useState<number | null>(null);
  const shown = looks.filter(known);
  if (shown.length === 0) return null;
  const { low, high, step } = scaleOf(shown);
  const first = Date.parse((shown[0] as Known).at);
  const length = Math.max(1, Date.parse((shown[shown.length - 1] as Known).at) - first);
  const x = (one: Known) => (shown.length === 1 ? WIDE / 2 : ((Date.parse(one.at) - first) / length) * WIDE);
  const y = (value: number) => HIGH - ((value - low) / (high - low)) * HIGH;
  const line = (get: (one: Known) => number) => shown.map((one, i) => `${i ? "L" : "M"}${x(one).toFixed(1)} ${y(get(one)).toFixed(1)}`).join("");
  const band = `${line((one) => one.upper)}${[...shown].reverse().map((one) => `L${x(one).toFixed(1)} ${y(one.lower).toFixed(1)}`).join("")}Z`;
  const last = shown[shown.length - 1] as Known;
  const tone = last.lower > 0 ? "good" : last.upper < 0 ? "bad" : "plain";
  const lines = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step);
  const focus = shown[at ?? shown.length - 1] as Known;
  const pick = (event: React.PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const want = ((event.clientX - box.left) / box.width) * WIDE;
    setAt(shown.reduce((best, one, i) => (Math.abs(x(one) - want) < Math.abs(x(shown[best] as Known) - want) ? i : best), 0));
  };
  return (
    <figure className={css.figure}>
      <p className={css.read} aria-hidden>
        <b className="num">{say(focus.estimate)}</b> <span className="num">{say(focus.lower)} to {say(focus.upper)}</span>
        <span className="num">{day(focus.at)}, {count(focus.n_candidate)} against {count(focus.n_incumbent)}</span>
      </p>
      <div className={css.frame}>
        <div className={css.scale} aria-hidden>{lines.map((value) => <span key={value} style={{ bottom: `${((value - low) / (high - low)) * 100}%` }} data-zero={Math.abs(value) < step / 1e6}>{Math.abs(value) < step / 1e6 ? "0" : say(value)}</span>)}</div>
        <svg
          className={css.chart} data-tone={tone} viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" role="img" onPointerMove={pick} onPointerLeave={() => setAt(null)}
          aria-label={`${label}: ${shown.length} looks; at the last, ${say(last.estimate)}, between ${say(last.lower)} and ${say(last.upper)}`}
        >
          <clipPath id={clip}><rect x={0} y={0} width={WIDE} height={HIGH} /></clipPath>
          {lines.map((value) => <line key={value} x1={0} x2={WIDE} y1={y(value)} y2={y(value)} data-zero={Math.abs(value) < step / 1e6} vectorEffect="non-scaling-stroke" />)}
          <g clipPath={`url(#${clip})`}>
            {shown.length > 1 ? <><path className={css.band} d={band} /><path className={css.middle} d={line((one) => one.estimate)} vectorEffect="non-scaling-stroke" /></> : <line className={css.only} x1={WIDE / 2} x2={WIDE / 2} y1={y(last.lower)} y2={y(last.upper)} vectorEffect="non-scaling-stroke" />}
            {at !== null && <line className={css.cursor} x1={x(focus)} x2={x(focus)} y1={0} y2={HIGH} vectorEffect="non-scaling-stroke" />}
          </g>
        </svg>
        <div className={css.ends} aria-hidden><span>{day((shown[0] as Known).at)}</span><span>{none} at 0</span><span>{day(last.at)}</span></div>
      </div>
      <details className={css.table}>
        <summary>As a table</summary>
        <table>
          <thead><tr><th scope="col">Look</th><th scope="col">This one</th><th scope="col">Against</th><th scope="col">Difference</th><th scope="col">From</th><th scope="col">To</th></tr></thead>
          <tbody>{[...shown].reverse().map((one) => <tr key={one.at}><td>{day(one.at)}</td><td>{count(one.n_candidate)}</td><td>{count(one.n_incumbent)}</td><td>{say(one.estimate)}</td><td>{say(one.lower)}</td><td>{say(one.upper)}</td></tr>)}</tbody>
        </table>
      </details>
    </figure>
  );
}
