import type { TouchRow } from "../../api/court";
import { clock, day, moment, words } from "../../format";
import css from "./court.module.css";
import { moreThanKind, TOUCHES } from "./words";

/** The touches before a sale on a line of time; the list below says the same, with what did not count and why. */
export function TouchLine({ touches, at }: { touches: TouchRow[]; at: string }) {
  if (touches.length === 0) return <p className="small muted">No touch is known: nobody's link, code or word led here.</p>;
  const sorted = [...touches].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const from = Date.parse(sorted[0]?.at ?? at);
  const span = Math.max(1, Date.parse(at) - from);
  const short = span < 86_400_000;
  const place = (iso: string) => Math.max(0, Math.min(1, (Date.parse(iso) - from) / span));
  return (
    <div className={css.touches}>
      <div className={css.line} aria-hidden>
        {sorted.map((one) => <i key={one.id} data-counted={one.counted} style={{ left: `${2 + place(one.at) * 90}%` }} title={`${TOUCHES[one.kind] ?? words(one.kind)}, ${moment(one.at)}`} />)}
        <b style={{ left: "96%" }} title={`The sale, ${moment(at)}`} />
      </div>
      <div className={css.ends} aria-hidden><span>{short ? clock(sorted[0]?.at ?? at) : day(sorted[0]?.at ?? at)}</span><span>sale, {short ? clock(at) : day(at)}</span></div>
      <ol className={css.list} aria-label="Touches">
        {sorted.map((one) => (
          <li key={one.id} data-counted={one.counted}>
            <time className="small muted num" dateTime={one.at}>{moment(one.at)}</time>
            <span><b>{TOUCHES[one.kind] ?? words(one.kind)}</b>{one.advocate && <>, {one.advocate.name}</>}{moreThanKind(one.what) && <span className={css.under}>{one.what}</span>}</span>
            <span className="small">{one.counted ? <span className="good">counts</span> : <span className="muted">{one.why_not ?? "does not count"}</span>}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
