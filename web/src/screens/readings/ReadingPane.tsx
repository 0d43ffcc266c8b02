import { useMemo } from "react";

import type { Reading } from "../../api/inference";
import { count, percent } from "../../format";
import { Icon } from "../../parts/icons";
import { Link } from "../../router";
import css from "./readings.module.css";
import { pieces } from "./text";
import { asked, authorWords, labelWords, ranked, reasons, rejection, tierWords } from "./words";

/** One text, what the machine makes of it and how sure it is, and why a person is asked. */
export function ReadingPane({ row, onAnswer, onAccept, onReject, mayWrite }: {
  row: Reading; onAnswer: (label: string) => void; onAccept: () => void; onReject: () => void; mayWrite: boolean;
}) {
  const answers = ranked(row.answers);
  const parts = useMemo(() => pieces(row.text, row.evidence), [row]);
  const top = answers[0];
  return (
    <section className={css.pane} aria-label="The chosen text">
      <div className={css.body} tabIndex={0} role="region" aria-label="Text and answers">
        <header>
          <h2 className={css.question}>{asked(row)}</h2>
          <p className="small muted">
            {row.persona ? <Link className="link" to={`/people/${row.persona.id}`}>{row.persona.name}</Link> : "Nobody known"} · {row.source_ref} · {authorWords(row.author)}
          </p>
          {row.instructions && <p className={css.instructions}>{row.instructions}</p>}
        </header>
        <blockquote className={css.text} dir="auto">
          {parts.map((part, i) => part.kind === "evidence" ? <mark key={i}>{part.text}</mark> : part.kind === "hidden" ? <span key={i} className={css.hidden} title="A character one does not see">{part.text}</span> : <span key={i}>{part.text}</span>)}
        </blockquote>
        {row.evidence.length === 0 && <p className="small muted">No words were marked as evidence.</p>}
        <section>
          <h3 className={css.title}>Answers, as read by {tierWords(row.tier)}</h3>
          <ol className={css.answers}>
            {answers.map((one, i) => (
              <li key={one.label}>
                <button className={css.answer} disabled={!mayWrite} onClick={() => onAnswer(one.label)} aria-label={`${labelWords(one.label)}, ${percent(one.probability, 0)}`}>
                  {i < 9 ? <kbd className="kbd" aria-hidden>{i + 1}</kbd> : <span />}
                  <span className="clip">{labelWords(one.label)}</span>
                  <span className={css.chance} aria-hidden><span data-top={i === 0} style={{ width: `${one.probability * 100}%` }} /></span>
                  <b className="num small">{percent(one.probability, one.probability < 0.01 ? 1 : 0)}</b>
                </button>
              </li>
            ))}
          </ol>
        </section>
        <section>
          <h3 className={css.title}>Why you are asked</h3>
          <ul className={css.reasons}>{reasons(row).map((one) => <li key={one}><Icon name={row.flags.length > 0 ? "triangle-alert" : "info"} size={14} />{one}.</li>)}</ul>
        </section>
        {(row.alike ?? 1) > 1 && <p className="small muted">{count((row.alike ?? 1) - 1)} more {row.alike === 2 ? "text has" : "texts have"} the same words; your answer settles all of them.</p>}
      </div>
      <footer className={css.foot}>
        {mayWrite ? (
          <>
            <button className="btn primary" onClick={onAccept} disabled={!top}><span className="clip">{top ? labelWords(top.label) : "Accept"}</span><kbd className="kbd">A</kbd></button>
            <button className="btn" onClick={onReject}>{rejection(row) ? labelWords(rejection(row) as string) : "Not that"}<kbd className="kbd">R</kbd></button>
            <span className="small muted">1–9 chooses another, U takes back</span>
          </>
        ) : <p className="small muted">Your role reads this queue; another role answers.</p>}
      </footer>
    </section>
  );
}
