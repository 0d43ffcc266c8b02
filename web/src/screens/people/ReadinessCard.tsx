import { useState } from "react";

import { SEGMENTS, STAGES, VERTICALS, type Contribution, type Readiness } from "../../api/brain";
import { useReadiness } from "../../api/brainQueries";
import { ago, signed, words } from "../../format";
import { EvidenceCard } from "../../parts/evidence";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { ReadinessBar } from "../../parts/readiness";
import { Bones, Failure, Freshness } from "../../parts/states";
import { Badge } from "../../parts/ui";
import css from "./readiness.module.css";

/** How ready somebody is to recommend us, and every part of that with its evidence. */
export function ReadinessCard({ id, title = "Readiness to recommend us" }: { id: string; title?: string }) {
  const query = useReadiness(id);
  const now = useNow(60_000);
  return (
    <section className={css.card} aria-label="Readiness">
      <div className={css.head}>
        <h3>{title}</h3>
        {query.data?.at && <span className="tiny muted">worked out {ago(query.data.at, now)}</span>}
      </div>
      {query.data === undefined ? (query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={2} />) : <><Freshness query={query} /><Body readiness={query.data} /></>}
    </section>
  );
}

const BARRED: Record<string, string> = { stopped: "They asked us to stop.", departed: "They no longer work where we knew them.", quiet: "They, or their company, are not to be contacted." };
export const barredWords = (barred: string): string => BARRED[barred] ?? barred;

function Body({ readiness }: { readiness: Readiness }) {
  const { score, low, high, stage, segment, vertical } = readiness;
  const named = (names: Readonly<Record<string, string>>, key: string) => names[key] ?? words(key);
  const tags = <p className="row wrap">{stage && <Badge tone="honey">{named(STAGES, stage)}</Badge>}{segment && <Badge>{named(SEGMENTS, segment)}</Badge>}{vertical && <Badge>{named(VERTICALS, vertical)}</Badge>}</p>;
  return (
    <>
      {readiness.barred && <p className={css.barred}><Icon name="ban" size={14} />Nobody may ask them: {barredWords(readiness.barred)}</p>}
      {score === null || low === null || high === null ? <p className="small muted">No customer's person, so no readiness is worked out.</p> : <div className={css.top}><ReadinessBar score={score} low={low} high={high} wide />{tags}</div>}
      {readiness.stage_why && <p className="small muted">{readiness.stage_why}</p>}
      {score !== null && <Contributions rows={readiness.contributions} />}
    </>
  );
}

function Contributions({ rows }: { rows: Contribution[] }) {
  const [open, setOpen] = useState<string | null>(null);
  if (rows.length === 0) return <p className="small muted">Nothing special is known for or against it: 50 is where everybody begins.</p>;
  const top = Math.max(...rows.map((one) => Math.abs(one.weight)), 0.001);
  return (
    <ul className={css.list}>
      {[...rows].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).map((one) => {
        const isOpen = open === one.feature;
        const share = (Math.abs(one.weight) / top) * 50;
        return (
          <li key={one.feature}>
            <button className={css.line} aria-expanded={isOpen} disabled={one.evidence.length === 0} onClick={() => setOpen(isOpen ? null : one.feature)}>
              <span className={css.text}>{one.text}</span>
              <span className={css.bar} aria-hidden><span data-sign={Math.sign(one.weight)} style={one.weight < 0 ? { right: "50%", width: `${share}%` } : { left: "50%", width: `${share}%` }} /></span>
              <b className="num" data-sign={Math.sign(one.weight)} title="Points of readiness; 50 is a customer of whom nothing special is known">{signed(one.weight, Math.abs(one.weight) < 1 ? 1 : 0)}</b>
              <span className={css.turn} data-open={isOpen} data-none={one.evidence.length === 0}><Icon name="chevron-right" size={14} /></span>
            </button>
            {isOpen && <div className={css.open}>{one.evidence.map((evidence, i) => <EvidenceCard key={`${evidence.event_id}-${i}`} evidence={evidence} />)}</div>}
          </li>
        );
      })}
    </ul>
  );
}
