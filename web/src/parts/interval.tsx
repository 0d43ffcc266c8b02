import { points, scoreText, scoreWords } from "../format";
import css from "./interval.module.css";

/** An expected number with the interval it lies in: the band is the claim, the tick only its middle. */
export function ScoreBar({ score, interval, max, stacked = false }: {
  score: number; interval: [number, number]; max: number; stacked?: boolean;
}) {
  const at = (value: number) => `${Math.min(100, Math.max(0, (value / (max || 1)) * 100))}%`;
  const [low, high] = interval;
  const range = `${scoreText(low, high)}–${scoreText(high)}`;
  return (
    <span className={css.score} data-stacked={stacked} title={scoreWords(score, interval)}>
      <span className={css.figures}>
        <b className="num">{scoreText(score, high)}</b>
        <span className="num">{range}</span>
      </span>
      <span className={css.track} aria-hidden>
        <span className={css.band} style={{ left: at(low), right: `calc(100% - ${at(high)})` }} />
        <span className={css.tick} style={{ left: at(score) }} />
      </span>
    </span>
  );
}

/** One effect on a line through zero, in the unit `say` speaks. */
export function EffectLine({ estimate, lower, upper, bound, label, say = points }: {
  estimate: number; lower: number; upper: number; bound: number; label: string; say?: (value: number) => string;
}) {
  const at = (value: number) => `${50 + Math.max(-50, Math.min(50, (value / (bound || 1)) * 50))}%`;
  const tone = lower > 0 ? "good" : upper < 0 ? "bad" : "plain";
  return (
    <span className={css.effect} role="img" aria-label={`${label}: ${say(estimate)}, between ${say(lower)} and ${say(upper)}`}>
      <span className={css.zero} />
      <span className={css.whisker} data-tone={tone} style={{ left: at(lower), right: `calc(100% - ${at(upper)})` }} />
      <span className={css.dot} data-tone={tone} style={{ left: at(estimate) }} />
    </span>
  );
}
