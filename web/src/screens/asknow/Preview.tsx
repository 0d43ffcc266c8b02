import { useRef, useState } from "react";

import type { Phrase } from "../../api/answers";
import { percent } from "../../format";
import { EvidenceCard } from "../../parts/evidence";
import { pieces } from "./inWords";
import css from "./preview.module.css";

type Shown = { phrase: Phrase; left: number; top?: number; bottom?: number };
const WIDE = 340;
const LINK = /\{\{\s*link\s*\}\}/; // delivery fills it

/** A text in which every personal phrase shows what it rests on, by pointer and by keyboard. */
export function Marked({ text, phrases, who }: { text: string; phrases: Phrase[]; who: string }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const timer = useRef(0);
  const show = (phrase: Phrase) => (event: { currentTarget: HTMLElement }) => {
    window.clearTimeout(timer.current);
    const box = event.currentTarget.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, window.innerWidth - WIDE - 12));
    // Above where there is more room: the card must never leave the window.
    setShown(box.bottom > window.innerHeight * 0.55 ? { phrase, left, bottom: window.innerHeight - box.top + 6 } : { phrase, left, top: box.bottom + 6 });
  };
  const hide = () => { timer.current = window.setTimeout(() => setShown(null), 120); };
  return (
    <>
      {pieces(text, phrases).map((piece, i) =>
        piece.phrase ? (
          <button
            key={i} type="button" className={css.phrase} data-open={shown?.phrase === piece.phrase} aria-describedby={shown?.phrase === piece.phrase ? "phrase-card" : undefined}
            onPointerEnter={show(piece.phrase)} onPointerLeave={hide} onFocus={show(piece.phrase)} onBlur={hide} onClick={show(piece.phrase)}
            onKeyDown={(event) => { if (event.key === "Escape" && shown) { event.stopPropagation(); setShown(null); } }}
          >{piece.text}</button>
        ) : <span key={i}>{piece.text.split(LINK).map((part, at) => <span key={at}>{at > 0 && <span className={css.link} title="Made when the message is sent: it exists only once somebody approved">their own link</span>}{part}</span>)}</span>,
      )}
      {shown && (
        <div id="phrase-card" role="tooltip" className={css.card} style={{ left: shown.left, top: shown.top, bottom: shown.bottom, width: WIDE }} onPointerEnter={() => window.clearTimeout(timer.current)} onPointerLeave={hide}>
          <PhraseCard phrase={shown.phrase} who={who} />
        </div>
      )}
    </>
  );
}

/** The fact behind a phrase, as a sentence about the person, and what shows it. */
export function PhraseCard({ phrase, who }: { phrase: Phrase; who: string }) {
  return (
    <div className={css.facts}>
      <p><b>{who} {phrase.fact}</b> <span className="small muted num">believed with {percent(phrase.confidence, 0)}</span></p>
      <EvidenceCard evidence={phrase.evidence} />
    </div>
  );
}
