import { useState } from "react";

import { Problem } from "../../../api/client";
import { useDeadLetters, useLiveTail, usePlan } from "../../../api/sourceQueries";
import type { LiveRow, Plan, PlanEvent, PlanMode } from "../../../api/sources";
import { ago, count } from "../../../format";
import { useNow } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { Bones, Empty, Loaded } from "../../../parts/states";
import { Link } from "../../../router";
import { useKnownSession } from "../../../session";
import { Note } from "../events";
import { useSourceWrite } from "../writes";
import css from "./detail.module.css";
import { planFrom } from "./shapes";

const MODES: { mode: PlanMode; name: string; about: string }[] = [
  { mode: "off", name: "Off", about: "Whatever comes is taken. Nothing is compared with the plan." },
  { mode: "warn", name: "Warn", about: "Everything is taken; what breaks the plan is counted and marked." },
  { mode: "quarantine", name: "Quarantine", about: "What breaks the plan waits as a dead letter until somebody mends or retries it." },
];

type Draft = { mode: PlanMode; rules: { kind: string; required: string; types: string }[] };

const draftOf = (plan: Plan): Draft => ({ mode: plan.mode, rules: plan.events.map(ruleOf) });
const OURS = /^([a-z]+\.[a-z_]+|custom)$/;
const ruleOf = (event: PlanEvent) => ({
  kind: event.name || event.kind, required: event.required.join(", "), types: Object.entries(event.types).map(([path, type]) => `${path}: ${type}`).join(", "),
});
const listOf = (text: string): string[] => text.split(/[,\n]/).map((one) => one.trim()).filter(Boolean);
const eventOf = (rule: Draft["rules"][number]): PlanEvent => ({
  ...(OURS.test(rule.kind.trim()) ? { kind: rule.kind.trim(), name: "" } : { kind: "", name: rule.kind.trim() }), required: listOf(rule.required),
  types: Object.fromEntries(listOf(rule.types).map((pair) => pair.split(":").map((one) => one.trim())).filter((pair) => pair.length === 2 && pair[0] && pair[1]) as [string, string][]),
});

/** What a source is expected to send, and what happens to what it sends otherwise. */
export function PlanEditor({ id }: { id: string }) {
  const query = usePlan(id);
  const newest = useLiveTail(id, false);
  return <Loaded query={query} bones={<Bones rows={4} />}>{(plan) => <Editor key={JSON.stringify([plan.mode, plan.events])} id={id} plan={plan} seen={newest.data?.rows ?? []} />}</Loaded>;
}

function Editor({ id, plan, seen }: { id: string; plan: Plan; seen: LiveRow[] }) {
  const mayWrite = useKnownSession().may.includes("sources.write");
  const now = useNow(60_000);
  const waiting = useDeadLetters({ source: id, stage: "plan", state: "open" }).data?.pages[0]?.total ?? 0;
  const [draft, setDraft] = useState<Draft>(() => draftOf(plan));
  const save = useSourceWrite<Draft, Plan>((given) => ({ path: `/api/sources/${id}/plan`, method: "PUT", body: { mode: given.mode, events: given.rules.map(eventOf).filter((event) => event.kind || event.name) } }), { done: "The plan holds from the next event on", refused: "The plan was not changed" });
  const changed = JSON.stringify(draft) !== JSON.stringify(draftOf(plan));
  const problem = save.error instanceof Problem ? save.error : null;
  const change = (at: number, part: Partial<Draft["rules"][number]>) => setDraft({ ...draft, rules: draft.rules.map((rule, i) => (i === at ? { ...rule, ...part } : rule)) });
  const suggest = () => setDraft({ ...draft, rules: planFrom(seen).map(ruleOf) });
  return (
    <div style={{ maxWidth: 1040 }} className="stack">
      <fieldset disabled={!mayWrite} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
        <legend className="sr">What the plan does</legend>
        <div className={css.modes}>
          {MODES.map((one) => (
            <label key={one.mode} className={css.mode}>
              <input type="radio" name="mode" value={one.mode} checked={draft.mode === one.mode} onChange={() => setDraft({ ...draft, mode: one.mode })} />
              <span><b className="strong">{one.name}</b><p>{one.about}</p></span>
            </label>
          ))}
        </div>
      </fieldset>
      {waiting > 0 && (
        <Note tone="bad" title={`${count(waiting)} ${waiting === 1 ? "event waits" : "events wait"} because of the plan.`}>
          <Link className="link" to={`/sources?tab=dead-letters&source=${id}&stage=plan`}>Mend or retry {waiting === 1 ? "it" : "them"}</Link>
        </Note>
      )}
      {plan.violations > 0 && <Note tone="warn" title={`${count(plan.violations)} ${plan.violations === 1 ? "event" : "events"} broke the plan.`}>{plan.violations === 1 ? "It was" : "They were"} taken all the same. The Live tab shows the newest.</Note>}
      {plan.broken.length > 0 && (
        <ul className="stack" style={{ gap: 4 }} aria-label="How the plan was broken">
          {plan.broken.slice(0, 8).map((one) => <li key={one.rule + one.property + one.problem} className="row wrap small"><code className="mono">{one.rule}</code><span>{one.problem === "missing" ? <>lacks <code className="mono">{one.property}</code></> : <><code className="mono">{one.property}</code> is {one.problem}</>}</span><span className="muted num">{count(one.n)} {one.n === 1 ? "time" : "times"}, last {ago(one.last_seen_at, now)}</span></li>)}
        </ul>
      )}
      <section style={{ marginTop: 14 }}>
        <div className={css.titleRow}>
          <h2 className={css.title}>What is expected</h2>
          {mayWrite && (
            <span className="row">
              {seen.length > 0 && draft.rules.length > 0 && <button className="btn small" onClick={suggest}><Icon name="sparkles" size={14} />Fill in from what was seen</button>}
              <button className="btn small" onClick={() => setDraft({ ...draft, rules: [...draft.rules, { kind: "", required: "", types: "" }] })}><Icon name="plus" size={14} />Add a kind</button>
            </span>
          )}
        </div>
        {draft.rules.length === 0 ? (
          <Empty icon="list-checks" title="Nothing is expected yet" actions={mayWrite && seen.length > 0 ? <button className="btn" onClick={suggest}>Fill in from what was seen</button> : undefined}>
            A plan names the kinds of events and the fields each must have. It can be filled in from what has come so far, so that only changes are caught.
          </Empty>
        ) : draft.rules.map((rule, i) => (
          <div key={i} className={css.rule} role="group" aria-label={rule.kind || "New kind"}>
            <label><span className="label">Kind or name</span><input className="field mono" readOnly={!mayWrite} value={rule.kind} placeholder="ticket.solved, or Ticket Solved" onChange={(event) => change(i, { kind: event.target.value })} /></label>
            <label><span className="label">Fields it must have</span><input className="field mono" readOnly={!mayWrite} value={rule.required} placeholder="ticket_id, subject" onChange={(event) => change(i, { required: event.target.value })} /></label>
            <label><span className="label">Types</span><input className="field mono" readOnly={!mayWrite} value={rule.types} placeholder="score: number" onChange={(event) => change(i, { types: event.target.value })} /></label>
            {mayWrite ? <button className="btn quiet square" aria-label={`Remove ${rule.kind || "this kind"}`} onClick={() => setDraft({ ...draft, rules: draft.rules.filter((_, at) => at !== i) })}><Icon name="trash-2" size={15} /></button> : <span />}
          </div>
        ))}
      </section>
      {problem && <Note tone="bad" title={problem.title}>{[problem.detail, problem.advice].filter(Boolean).join(" ")}</Note>}
      {mayWrite && changed && (
        <div className={css.save}>
          <button className="btn primary" disabled={save.isPending} onClick={() => save.mutate(draft)}>{save.isPending ? "Saving" : "Save the plan"}</button>
          <button className="btn quiet" onClick={() => setDraft(draftOf(plan))}>Discard the changes</button>
          <span className="small muted">Not saved yet</span>
        </div>
      )}
    </div>
  );
}
