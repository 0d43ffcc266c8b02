import { useState } from "react";

import type { Persona } from "../../api/contract";
import { ago, day, left, percent, words } from "../../format";
import { EvidenceCard } from "../../parts/evidence";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Badge, MOMENTS, MomentMark, toneOf } from "../../parts/ui";
import css from "./persona.module.css";

/** Delight as it was seen, with the records that show it. */
export function Moments({ moments }: { moments: Persona["moments"] }) {
  const [open, setOpen] = useState<string | null>(null);
  const now = useNow(60_000);
  if (moments.length === 0) return <p className="small muted">No moment of delight has been seen.</p>;
  return (
    <ul className={css.list}>
      {moments.map((moment) => {
        const rest = left(moment.window_ends_at, now);
        return (
          <li key={moment.id}>
            <button className={css.line} aria-expanded={open === moment.id} onClick={() => setOpen(open === moment.id ? null : moment.id)}>
              <MomentMark kind={moment.kind} />
              <span className="grow">
                <span className="strong">{moment.title}</span>
                <span className={css.sub}>{MOMENTS[moment.kind]?.name ?? words(moment.kind)}, {ago(moment.occurred_at, now)}, strength {moment.strength.toFixed(2)}</span>
              </span>
              <Badge tone={rest.text === "closed" ? "plain" : "honey"}>{rest.text === "closed" ? "window closed" : `${rest.text} left`}</Badge>
              <span className={css.turn} data-open={open === moment.id}><Icon name="chevron-right" size={14} /></span>
            </button>
            {open === moment.id && (
              <div className={css.inside}>
                {moment.evidence.map((one, i) => <EvidenceCard key={`${one.event_id}-${i}`} evidence={one} />)}
                {moment.evidence.length === 0 && <p className="small muted">No evidence is attached.</p>}
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** What was decided, how likely it was, and why; holdout said plainly. */
export function Decisions({ decisions }: { decisions: Persona["decisions"] }) {
  if (decisions.length === 0) return <p className="small muted">Nothing has been decided about this person.</p>;
  return (
    <ul className={css.list}>
      {decisions.map((one) => (
        <li key={one.id} className={css.decision}>
          <div className="row">
            <span className="strong grow">{one.action_label || words(one.action)}</span>
            {one.arm === "holdout" && <Badge tone="info" title="Kept unasked on purpose, so that lift can be measured">Holdout</Badge>}
            {one.ask_state && <Badge tone={toneOf(one.ask_state)}>{words(one.ask_state)}</Badge>}
          </div>
          <p className="small">{one.reason}</p>
          <p className={css.sub}>{day(one.at)}, chosen with probability {percent(one.propensity)}</p>
        </li>
      ))}
    </ul>
  );
}
