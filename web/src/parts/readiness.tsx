import css from "./interval.module.css";

/** Readiness on its scale of 0 to 100: the band is what is known, the tick only its middle. */
export function ReadinessBar({ score, low, high, wide = false }: { score: number; low: number; high: number; wide?: boolean }) {
  const at = (value: number) => `${Math.min(100, Math.max(0, value))}%`;
  const text = `Readiness ${Math.round(score)} of 100, between ${Math.round(low)} and ${Math.round(high)}`;
  return (
    <span className={css.score} title={text} data-wide={wide}>
      <span className={css.figures}>
        <b className="num"><span className="sr">Readiness </span>{Math.round(score)}</b>
        <span className="num">{Math.round(low)}–{Math.round(high)}</span>
      </span>
      <span className={css.track} aria-hidden>
        <span className={css.band} style={{ left: at(low), right: `calc(100% - ${at(high)})` }} />
        <span className={css.tick} style={{ left: at(score) }} />
      </span>
    </span>
  );
}
