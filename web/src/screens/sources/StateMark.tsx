import type { SourceRow } from "../../api/sources";
import { iconOf, stateOf } from "./systems";
import { Icon } from "../../parts/icons";
import css from "./sources.module.css";

/** The state of a source in words, with the reason below where there is one. */
export function StateMark({ row, now, long = false }: { row: SourceRow; now: number; long?: boolean }) {
  const said = stateOf(row, now);
  return (
    <span className={css.state}>
      <span>
        <i className={css.pip} data-tone={said.tone} />
        <span className={long ? undefined : "clip"}><b className="strong">{said.word}</b> <span className="muted num">{said.rest}</span></span>
      </span>
      {said.why && <span className={css.why} data-short={!long} data-tone={said.tone} title={said.why}>{said.why}</span>}
    </span>
  );
}

/** The sign of a kind of system. */
export function SystemTile({ kind, size = 32 }: { kind: string; size?: number }) {
  return <span className={css.tile} style={{ width: size, height: size }}><Icon name={iconOf(kind)} size={Math.round(size * 0.5)} /></span>;
}
