import { useState } from "react";

import type { Why } from "../../api/contract";
import { ago, signed, words } from "../../format";
import { EvidenceCard, InferrerBadge } from "../../parts/evidence";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import css from "./detail.module.css";

// The server sends the largest first.
const FIRST = 6;

/** The contributions to a score, each standing on a record one can open. */
export function WhyList({ why }: { why: Why[] }) {
  const [open, setOpen] = useState<number | null>(null);
  const [all, setAll] = useState(false);
  const now = useNow(60_000);
  if (why.length === 0) return <p className="small muted">No contribution is recorded for this ask.</p>;
  const top = Math.max(...why.map((one) => Math.abs(one.contribution)), 0.0001);
  return (
    <>
    <ul className={css.why}>
      {(all ? why : why.slice(0, FIRST)).map((one, i) => {
        const { evidence } = one;
        const isOpen = open === i;
        return (
          <li key={`${one.label}-${i}`}>
            <button className={css.whyRow} aria-expanded={isOpen} onClick={() => setOpen(isOpen ? null : i)}>
              <span className="grow">
                <span className={css.whyLabel}>{one.label}</span>
                {one.detail && <span className={css.whyDetail}>{one.detail}</span>}
                <span className={css.whyMeta}>
                  <span>{evidence.record || words(evidence.source)}</span>
                  {evidence.at && <span>{ago(evidence.at, now)}</span>}
                  <InferrerBadge inferrer={evidence.inferrer} confidence={evidence.confidence} />
                </span>
              </span>
              <span className={css.whySide}>
                <b className="num" data-sign={Math.sign(one.contribution)} title="Contribution to the log-odds of sharing, against the base rate">{signed(one.contribution)}</b>
                <span className={css.weight} aria-hidden><span data-sign={Math.sign(one.contribution)} style={{ width: `${(Math.abs(one.contribution) / top) * 100}%` }} /></span>
              </span>
              <span className={css.turn} data-open={isOpen}><Icon name="chevron-right" size={14} /></span>
            </button>
            {isOpen && <div className={css.whyOpen}><EvidenceCard evidence={evidence} /></div>}
          </li>
        );
      })}
    </ul>
    {why.length > FIRST && (
      <button className="link small" onClick={() => setAll(!all)}>{all ? "Show the largest only" : `Show ${why.length - FIRST} smaller contributions`}</button>
    )}
    </>
  );
}
