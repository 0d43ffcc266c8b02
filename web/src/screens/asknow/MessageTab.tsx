import { useEffect, useRef } from "react";

import type { Ask } from "../../api/contract";
import { Badge } from "../../parts/ui";
import css from "./detail.module.css";
import type { Draft } from "./writes";

/** The words that would be sent. Only what was really changed goes with the approval. */
export function MessageTab({ ask, draft, onDraft, editing }: { ask: Ask; draft: Draft; onDraft: (draft: Draft) => void; editing: number }) {
  const subject = useRef<HTMLInputElement>(null);
  const editable = ask.state === "suggested";
  // Only "Edit" takes the focus: whoever just reads keeps the shortcuts.
  useEffect(() => { if (editable && editing > 0) subject.current?.focus({ preventScroll: true }); }, [editable, editing]);
  const change = <Key extends keyof Draft>(key: Key, value: Draft[Key], original: Draft[Key]) => {
    const next = { ...draft, [key]: value };
    if (value === original) delete next[key];
    onDraft(next);
  };
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
      <label>
        <span className="label">Subject</span>
        <input ref={subject} className="field" readOnly={!editable} value={draft.subject ?? ask.subject} onChange={(event) => change("subject", event.target.value, ask.subject)} />
      </label>
      <label>
        <span className="label">Message</span>
        <textarea className="field" rows={13} readOnly={!editable} value={draft.body ?? ask.body} onChange={(event) => change("body", event.target.value, ask.body)} />
      </label>
      {Object.keys(draft).length > 0 && (
        <p className="row small">
          <Badge tone="honey">Edited</Badge>
          <button className="link" onClick={() => onDraft({})}>Restore the draft</button>
        </p>
      )}
      <p className="tiny muted">The unsubscribe link and the sender's address are added when it is sent. Consent, quiet hours and the contact budget are checked again at that moment.</p>
    </div>
  );
}
