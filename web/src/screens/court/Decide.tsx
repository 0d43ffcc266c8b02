import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Problem } from "../../api/client";
import { previewDecision, useDecide } from "../../api/courtQueries";
import type { ConversionDetail, Decision } from "../../api/court";
import { money } from "../../format";
import { Icon } from "../../parts/icons";
import { Num } from "../../parts/inline";
import { Sheet } from "../../parts/sheet";
import { Bones } from "../../parts/states";
import { TableBox } from "../../parts/table";
import { toast } from "../../parts/toast";
import css from "./court.module.css";

const KINDS: { key: Decision["kind"]; text: string }[] = [{ key: "keep", text: "Leave it as it is" }, { key: "give", text: "All of it to one" }, { key: "split", text: "Share it" }, { key: "none", text: "Nobody gets it" }];

/** Another decision: seen before it is made, then made by taking back and giving anew. Nothing is edited. */
export function Decide({ found, onClose }: { found: ConversionDetail; onClose: () => void }) {
  const people = [...new Map([...found.touches.flatMap((one) => (one.advocate ? [one.advocate] : [])), ...found.shares.map((one) => one.advocate)].map((one) => [one.id, one])).values()];
  const [kind, setKind] = useState<Decision["kind"]>(found.disputes.some((one) => one.state === "open") && people.length > 1 ? "give" : "keep");
  const [to, setTo] = useState(people.find((one) => !found.shares.some((share) => share.advocate.id === one.id))?.id ?? people[0]?.id ?? "");
  const [parts, setParts] = useState<Record<string, number>>(() => Object.fromEntries(people.map((one) => [one.id, Math.round((found.shares.find((share) => share.advocate.id === one.id)?.share_bp ?? 0) / 100)])));
  const [reason, setReason] = useState("");
  const [whole, setWhole] = useState(false);
  const sum = people.reduce((total, one) => total + (parts[one.id] ?? 0), 0);
  const shares = kind === "keep" ? found.shares.map((one) => ({ advocate: one.advocate.id, share_bp: one.share_bp })) : kind === "give" ? [{ advocate: to, share_bp: 10_000 }] : kind === "split" ? people.filter((one) => (parts[one.id] ?? 0) > 0).map((one) => ({ advocate: one.id, share_bp: Math.round((parts[one.id] ?? 0) * 100) })) : [];
  const decision: Decision = { kind, shares: kind === "give" || kind === "split" ? shares : [], reason: reason.trim(), whole_customer: whole };
  const complete = kind !== "split" || sum === 100;
  const preview = useMutation({ mutationFn: () => previewDecision(found.id, { ...decision, reason: decision.reason || "preview" }) });
  const decide = useDecide(found.id);
  const failure = decide.error ?? preview.error;
  const problem = failure instanceof Problem ? failure : null;
  const change = (act: () => void) => { act(); preview.reset(); decide.reset(); };
  return (
    <Sheet
      title="Decide the credit" note={`${found.company}, ${money(found.amount_minor, found.currency)}`} onClose={onClose}
      foot={
        <>
          <button className="btn" disabled={!complete || preview.isPending} onClick={() => preview.mutate()}><Icon name="eye" size={15} />See what it changes</button>
          <button className="btn primary" disabled={!preview.data || !reason.trim() || decide.isPending} title={preview.data ? undefined : "See what it changes first"} onClick={() => decide.mutate(decision, { onSuccess: () => { toast("good", "Decided", { detail: "Both sides find the reason where they look for the credit." }); onClose(); } })}>Decide</button>
        </>
      }
    >
      <fieldset className={css.choices}>
        <legend className="sr">Who gets the credit</legend>
        {KINDS.map((one) => <label key={one.key} data-on={kind === one.key}><input type="radio" name="kind" checked={kind === one.key} disabled={people.length === 0 && (one.key === "give" || one.key === "split")} onChange={() => change(() => setKind(one.key))} />{one.text}</label>)}
      </fieldset>
      {kind === "give" && <label className={css.row}><span className="label">To whom</span><select className="field" value={to} onChange={(event) => change(() => setTo(event.target.value))}>{people.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}</select></label>}
      {kind === "split" && (
        <div className={css.row}>
          {people.map((one) => <p key={one.id} className={css.part}><span className="grow">{one.name}</span><Num label={`Percent of ${one.name}`} value={parts[one.id] ?? 0} max={100} onChange={(value) => change(() => setParts({ ...parts, [one.id]: value }))} /><span>%</span></p>)}
          <p className={`small ${sum === 100 ? "muted" : "bad"}`}>{sum === 100 ? "Together 100%." : `Together ${sum}%; it has to be 100%.`}</p>
        </div>
      )}
      {kind !== "keep" && <label className={css.check}><input type="checkbox" checked={whole} onChange={(event) => change(() => setWhole(event.target.checked))} />For everything this customer has bought and will buy</label>}
      <label className={css.row}><span className="label">Reason, told to both sides</span><textarea className="field" rows={3} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></label>
      {failure !== null && <p className={css.refused} role="alert">{problem ? <><b>{problem.title}</b> {problem.detail} {problem.advice}</> : String(failure)}</p>}
      {preview.isPending && <Bones rows={2} />}
      {preview.data && (
        <section className={css.section} style={{ marginTop: 18 }}>
          <h3>What it changes</h3>
          <p>{preview.data.sentence}</p>
          {preview.data.changes.length > 0 && <TableBox label="What it changes" head={["Advocate", "Before", "After"]} right={[1, 2]} rows={preview.data.changes.map((one) => ({ key: one.advocate.id, cells: [<>{one.advocate.name}{one.what && <span className={css.under}>{one.what}</span>}</>, money(one.before_minor, one.currency), money(one.after_minor, one.currency)] }))} />}
          {preview.data.warnings.map((one) => <p key={one} className={css.dispute}><Icon name="triangle-alert" size={15} />{one}</p>)}
        </section>
      )}
    </Sheet>
  );
}
