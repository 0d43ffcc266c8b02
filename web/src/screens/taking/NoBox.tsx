import { useState } from "react";

import { Problem } from "../../api/client";
import { Box } from "../../parts/sheet";
import css from "./taking.module.css";

/** A refusal, where it was asked for: what happened and what to do. */
export function Wrong({ failure }: { failure: unknown }) {
  if (!failure) return null;
  const said = failure instanceof Problem ? [failure.title, failure.detail, failure.advice].filter(Boolean).map((one) => one.replace(/\.$/, "")).join(". ") : String(failure);
  return <p className={css.wrong} role="alert">{said}.</p>;
}

/** A no, with the reason somebody will read; the program's own reasons are one click away. */
export function NoBox({ title, note, reasons = [], button, busy, failure, onClose, onSay }: {
  title: string; note: string; reasons?: string[]; button: string; busy: boolean; failure: unknown; onClose: () => void; onSay: (reason: string) => void;
}) {
  const [reason, setReason] = useState("");
  return (
    <Box title={title} onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn danger" disabled={busy || !reason.trim()} onClick={() => onSay(reason.trim())}>{button}</button></>}>
      <p className="small muted">{note}</p>
      {reasons.length > 0 && <fieldset className={css.choices}><legend className="label">Reasons of this program</legend>{reasons.map((one) => <label key={one}><input type="radio" name="no-reason" checked={reason === one} onChange={() => setReason(one)} />{one}</label>)}</fieldset>}
      <label><span className="label">{reasons.length > 0 ? "Or in your own words" : "Reason"}</span><textarea className="field" rows={3} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} autoFocus={reasons.length === 0} /></label>
      <Wrong failure={failure} />
    </Box>
  );
}
