import { useState } from "react";

import type { Step, StepShown } from "../../api/playbooks";
import { percent } from "../../format";
import { Icon } from "../../parts/icons";
import { Badge } from "../../parts/ui";
import { Controls } from "./Controls";
import css from "./playbooks.module.css";
import { changes, FIELDS, sentence, told, type Field } from "./sentences";

const NAMES: Record<Field, string> = { when: "when and whom to ask", offers: "the offer", wording: "the words", cadence: "how often", follow_up: "the reminder", stop: "when it stops" };
const LAYERS: Record<string, string> = { general: "for everybody", stage: "for this stage", segment: "for this segment", vertical: "for this industry", workspace: "your own" };

/** segments/small_business.yaml -> "segments, small business": where the library says so. */
const whereWords = (where: string): string => where.replace(/\.ya?ml$/, "").replaceAll("_", " ").replaceAll("/", ", ");

/** One step to be read; a sentence opens into its controls. */
export function StepCard({ number, step, shown, mayWrite, onChange }: { number: number; step: Step; shown: StepShown; mayWrite: boolean; onChange: (step: Step) => void }) {
  const before = shown.form;
  const [open, setOpen] = useState<Field | null>(null);
  const changed = new Map(changes(before, step).map((one) => [one.field, one.was]));
  const say = (field: Field): string => (changed.has(field) ? sentence(step, field) : told(shown, field));
  const because = shown.provenance.filter((one) => one.because);
  return (
    <article className={css.step} aria-label={step.title}>
      <header className={css.stepHead}>
        <span className={css.number} aria-hidden>{number}</span>
        <h3 className="grow">{step.title}</h3>
        <Badge tone={shown.layer === "workspace" ? "honey" : "plain"}>{LAYERS[shown.layer] ?? shown.layer}</Badge>
      </header>
      <div className={css.stepBody}>
        <ul className={css.sentences}>
          {FIELDS.map((field) => (
            <li key={field} data-open={open === field} data-changed={changed.has(field)}>
              {open === field ? (
                <div className={css.editor} role="group" aria-label={`Change ${NAMES[field]}`}>
                  <p className="small muted">{say(field)}</p>
                  <Controls field={field} step={step} onChange={onChange} />
                  <div className="row">
                    <button className="btn small primary" onClick={() => setOpen(null)}>Done</button>
                    {changed.has(field) && <button className="btn small" onClick={() => onChange(restored(step, before, field))}>As it was</button>}
                  </div>
                </div>
              ) : (
                <p>
                  <span>{say(field)}</span>
                  {changed.has(field) && <Badge tone="honey" title={`Was: ${changed.get(field)}`}>changed</Badge>}
                  {mayWrite && <button className={css.pencil} onClick={() => setOpen(field)} aria-label={`Change ${NAMES[field]}`}><Icon name="pencil" size={13} /></button>}
                </p>
              )}
            </li>
          ))}
        </ul>
        <Expected title={step.title} lift={shown.lift} />
      </div>
      {(step.why || because.length > 0) && (
        <footer className={css.because}>
          {step.why && <p>{step.why}</p>}
          {because.length > 0 && <ul>{because.map((one) => <li key={`${one.where}${one.because}`}><span className="muted">{whereWords(one.where)}:</span> {one.because}</li>)}</ul>}
        </footer>
      )}
    </article>
  );
}

/** One field as it was, the others as they are now. */
function restored(step: Step, before: Step, field: Field): Step {
  if (field === "wording") return { ...step, tones: before.tones, lengths: before.lengths, channels: before.channels };
  if (field === "when") return { ...step, moments: before.moments, audience: before.audience };
  return { ...step, [field]: before[field] };
}

function Expected({ title, lift }: { title: string; lift: StepShown["lift"] }) {
  const { mean, low, high, text } = lift;
  const top = Math.max(0.2, high * 1.15);
  const at = (share: number) => `${Math.min(100, (share / top) * 100)}%`;
  return (
    <aside className={css.expected} aria-label={`What is expected of ${title}`}>
      <p className="small muted">Of 100 people asked, so many should share because of it</p>
      <p className="num"><b className={css.big}>{plainShare(low)} to {plainShare(high)}</b> <span className="muted small">middle {plainShare(mean)}</span></p>
      <span className={css.expectedTrack} aria-hidden><i style={{ left: at(low), right: `calc(100% - ${at(high)})` }} /><span style={{ left: at(mean) }} /></span>
      <p className="tiny muted">{text}</p>
    </aside>
  );
}
const plainShare = (share: number): string => percent(share, share >= 0.01 ? 0 : 1).replace("%", "");
