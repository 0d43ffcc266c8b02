import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { write } from "../../api/client";
import type { Phrases, Rewritten } from "../../api/answers";
import type { Ask } from "../../api/contract";
import { usePhrases } from "../../api/queries";
import { Icon } from "../../parts/icons";
import { toast, toastProblem } from "../../parts/toast";
import { Badge } from "../../parts/ui";
import css from "./detail.module.css";
import { Marked, PhraseCard } from "./Preview";
import { Reminders } from "./Reminders";
import type { Draft } from "./writes";

type Put = <Key extends keyof Draft>(key: Key, value: Draft[Key], original: Draft[Key]) => void;

/** The words that would be sent. Only what was really changed goes with the approval. */
export function MessageTab({ ask, draft, onDraft, editing, onEdit }: { ask: Ask; draft: Draft; onDraft: (draft: Draft) => void; editing: number; onEdit: (on: boolean) => void }) {
  const editable = ask.state === "suggested";
  const phrases = usePhrases(ask.id);
  const change: Put = (key, value, original) => {
    const next = { ...draft, [key]: value };
    if (value === original) delete next[key];
    onDraft(next);
  };
  const edited = Object.keys(draft).length > 0;
  return (
    <div className={css.stack}>
      <dl className={css.envelope}>
        <dt>To</dt>
        <dd>{ask.persona.name} {ask.channel === "email" ? <span className="muted">&lt;{ask.persona.email}&gt;</span> : <span className="muted">in the app</span>}</dd>
      </dl>
      <label>
        <span className="label">Offer</span>
        <select
          className="field" disabled={!editable} value={draft.offer_id ?? ask.offer.id}
          onChange={(event) => change("offer_id", Number(event.target.value), ask.offer.id)}
        >
          {(ask.offers.some((one) => one.id === ask.offer.id) ? ask.offers : [ask.offer, ...ask.offers]).map((one) => (
            <option key={one.id} value={one.id}>{one.label}{one.id === ask.offer.id ? " (chosen by the policy)" : ""}</option>
          ))}
        </select>
      </label>
      {editable && editing > 0 ? <Fields ask={ask} draft={draft} change={change} put={({ subject, body }) => onDraft({ ...draft, subject, body })} editing={editing} onDone={() => onEdit(false)} /> : (
        <Letter who={ask.persona.name} subject={draft.subject ?? ask.subject} body={draft.body ?? ask.body} told={phrases.data} />
      )}
      {edited && (
        <p className="row small">
          <Badge tone="honey">Edited</Badge>
          <button className="link" onClick={() => onDraft({})}>Restore the draft</button>
        </p>
      )}
      <Reminders ask={ask} />
      <p className="tiny muted">The unsubscribe link and the sender's address are added when it is sent. Consent, quiet hours and the contact budget are checked again at that moment.</p>
    </div>
  );
}

/** As it would be read, with what each personal phrase rests on. */
function Letter({ who, subject, body, told }: { who: string; subject: string; body: string; told: Phrases | undefined }) {
  const personal = (told?.rows ?? []).filter((one) => one.text && (body.includes(one.text) || subject.includes(one.text)));
  return (
    <>
      <article className={css.letter} aria-label="The message as it would be read">
        <h3><Marked text={subject} phrases={personal} who={who} /></h3>
        <div className={css.letterBody}><Marked text={body} phrases={personal} who={who} /></div>
      </article>
      {told?.disclosure && <p className={css.disclosed}><Icon name="shield-check" size={13} /><span>The law asks for this sentence{told.law && ` (${told.law})`}; no edit takes it out: “{told.disclosure}”</span></p>}
      {told && (personal.length === 0 ? <p className="small muted">No phrase in it is personal: it says nothing about them beyond their name.</p> : (
        <details className={css.numbers}>
          <summary><Icon name="quote" size={13} /> {personal.length === 1 ? "1 personal phrase" : `${personal.length} personal phrases`}, and what each rests on</summary>
          <ul className={css.phraseList}>{personal.map((one) => <li key={one.text}><p className={css.quoted}>“{one.text}”</p><PhraseCard phrase={one} who={who} /></li>)}</ul>
        </details>
      ))}
    </>
  );
}

function Fields({ ask, draft, change, put, editing, onDone }: { ask: Ask; draft: Draft; change: Put; put: (words: { subject: string; body: string }) => void; editing: number; onDone: () => void }) {
  const subject = useRef<HTMLInputElement>(null);
  const reword = useMutation({
    mutationFn: () => write<Rewritten>(`/api/asks/${ask.id}/rewrite`),
    onSuccess: (made) => {
      if (!made.rewritten) return toast("plain", "The draft stays as it is", { detail: made.reason });
      put(made);
      return toast("good", "Written anew", { detail: "Nothing is kept until you approve it." });
    },
    onError: (failure) => toastProblem("It was not written anew", failure),
  });
  useEffect(() => { subject.current?.focus({ preventScroll: true }); }, [editing]);
  return (
    <>
      <label>
        <span className="label">Subject</span>
        <input ref={subject} className="field" value={draft.subject ?? ask.subject} onChange={(event) => change("subject", event.target.value, ask.subject)} />
      </label>
      <label>
        <span className="label">Message</span>
        <textarea className="field" rows={13} value={draft.body ?? ask.body} onChange={(event) => change("body", event.target.value, ask.body)} />
      </label>
      <p className="row wrap">
        <button className="btn small" onClick={onDone}><Icon name="eye" size={14} />Show it as it will be read</button>
        <button className="btn small" disabled={reword.isPending} onClick={() => reword.mutate()}><Icon name="bot" size={14} />{reword.isPending ? "Writing" : "Say it in other words"}</button>
      </p>
    </>
  );
}
