import { useMemo } from "react";

import type { GraphEdge } from "../../api/contract";
import { day } from "../../format";
import { setParams } from "../../router";
import css from "./graph.module.css";

const DAY = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** When the view is of: drag back through what held then, or through what we knew then. */
export function TimeBar({ at, known, edges, since, busy }: { at: string; known: boolean; edges: GraphEdge[]; since: number; busy: boolean }) {
  const today = Math.floor(Date.now() / DAY);
  const start = Math.min(Math.floor(since / DAY), today - 90);
  const value = at ? Math.min(today, Math.floor(Date.parse(at) / DAY)) : today;
  const bars = useMemo(() => {
    const width = Math.max(1, (today - start + 1) / 60);
    const counts = new Array<number>(60).fill(0);
    for (const edge of edges) {
      const i = Math.floor((Date.parse(edge.valid_from) / DAY - start) / width);
      if (i >= 0 && i < 60) counts[i] = (counts[i] ?? 0) + 1;
    }
    const top = Math.max(1, ...counts);
    return counts.map((n) => (n === 0 ? 0 : 2 + (n / top) * 14));
  }, [edges, start, today]);
  const move = (to: number) => setParams({ at: to >= today ? null : iso(to * DAY), ...(to >= today ? { known: null } : {}) }, { replace: true });
  return (
    <div className={css.time} data-busy={busy}>
      <div className={css.when}>
        <b className="num">{at ? day(at) : "Today"}</b>
        <span className="tiny muted">{at ? (known ? "as we knew it then" : "as we know it now") : "what is believed now"}</span>
      </div>
      <div className={css.slider}>
        <svg viewBox="0 0 60 18" preserveAspectRatio="none" aria-hidden>{bars.map((h, i) => <rect key={i} x={i + 0.14} y={18 - h} width={0.72} height={h} data-past={start + (i / 60) * (today - start) <= value} />)}</svg>
        <input
          type="range" className={css.range} min={start} max={today} value={value} aria-label="The time the view is of" aria-valuetext={at ? day(at) : "Today"}
          onChange={(event) => move(Number(event.target.value))}
        />
        <div className={css.ends} aria-hidden><span>{day(iso(start * DAY))}</span><span>edges that began</span><span>Today</span></div>
      </div>
      <label className={css.known} title="Only what had been recorded by that day, not what was learned of it later">
        <input type="checkbox" checked={known} disabled={!at} onChange={(event) => setParams({ known: event.target.checked ? "1" : null }, { replace: true })} />As we knew it
      </label>
      <button className="btn small" disabled={!at} onClick={() => setParams({ at: null, known: null }, { replace: true })}>Today</button>
    </div>
  );
}
