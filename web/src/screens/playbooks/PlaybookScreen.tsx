import { useState } from "react";

import { SEGMENTS, STAGES, VERTICALS } from "../../api/brain";
import { usePlaybook } from "../../api/brainQueries";
import type { Playbook, Step, StepShown } from "../../api/playbooks";
import { ago } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Bones, Empty, Failure, Loaded } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, PageHead, Scroll } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { DryRunPanel } from "./DryRun";
import css from "./playbooks.module.css";
import { SaveBar } from "./SaveBar";
import { changes } from "./sentences";
import { StepCard } from "./StepCard";
import { Versions } from "./Versions";

export const titleOf = (one: { stage: string; segment: string; vertical: string }): string =>
  [STAGES[one.stage as keyof typeof STAGES] ?? one.stage, SEGMENTS[one.segment as keyof typeof SEGMENTS] ?? one.segment, one.vertical === "other" ? "every other industry" : (VERTICALS[one.vertical as keyof typeof VERTICALS] ?? one.vertical)].join(" · ");

/** One playbook, as sentences that can be changed, tried on the past, and taken back. */
export default function PlaybookScreen({ slug }: { slug: string }) {
  const query = usePlaybook(slug);
  if (query.data === undefined) return <><PageHead title="Playbook" />{query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={6} tall />}</>;
  return <Loaded query={query}>{(playbook) => <Page key={`${playbook.slug}/${playbook.version}`} playbook={playbook} />}</Loaded>;
}

type TabKey = "" | "dry-run" | "versions";

export type Draft = { goal: string; steps: Step[] };
const whole = (playbook: Playbook): Draft => ({ goal: playbook.goal, steps: playbook.all_steps.map((one) => one.form) });
/** Whether anything of a draft differs from what is in force. */
export const isChanged = (playbook: Playbook, draft: Draft): boolean => draft.goal !== playbook.goal || draft.steps.some((step, i) => changes((playbook.all_steps[i] as StepShown).form, step).length > 0);

function Page({ playbook }: { playbook: Playbook }) {
  const { params } = useAddress();
  const now = useNow(60_000);
  const mayWrite = useKnownSession().may.includes("playbooks.write");
  const [draft, setDraft] = useState<Draft>(whole(playbook));
  const wanted = params.get("tab") ?? "";
  const tab = (["dry-run", "versions"].includes(wanted) ? wanted : "") as TabKey;
  const changed = isChanged(playbook, draft);
  const newest = playbook.versions.find((one) => one.version === playbook.version);
  const change = (i: number, step: Step) => setDraft((before) => ({ ...before, steps: before.steps.map((one, at) => (at === i ? step : one)) }));
  return (
    <>
      <Scroll label="Playbook">
        <div className={css.page}>
          <header className={css.head}>
            <Link className="btn quiet small" to={`/playbooks?vertical=${playbook.vertical}`}><Icon name="chevron-left" size={14} />Playbooks</Link>
            <h1>{titleOf(playbook)}</h1>
            <GoalLine goal={draft.goal} mayWrite={mayWrite} onChange={(goal) => setDraft((before) => ({ ...before, goal }))} />
            <p className="row wrap small muted">
              {playbook.version === 0 ? <Badge>as shipped</Badge> : <Badge tone="honey">version {playbook.version}</Badge>}
              {playbook.version > 0 && newest && <span>by {newest.by}, {ago(newest.at, now)}</span>}
              {!mayWrite && <span>Your role reads playbooks; another role changes them.</span>}
            </p>
          </header>
          <Tabs<TabKey>
            label="About this playbook" value={tab} panel="playbook-panel" onChange={(key) => setParams({ tab: key || null })}
            tabs={[{ key: "", label: "Steps", count: playbook.steps }, { key: "dry-run", label: "Try it on the past" }, { key: "versions", label: "Versions", count: playbook.versions.length }]}
          />
          <div id="playbook-panel" role="tabpanel" aria-label={tab === "versions" ? "Versions" : tab === "dry-run" ? "Try it on the past" : "Steps"}>
            {tab === "versions" ? <Versions playbook={playbook} mayWrite={mayWrite} /> : tab === "dry-run" ? <DryRunPanel playbook={playbook} draft={draft} changed={changed} /> : draft.steps.length === 0 ? (
              <Empty icon="book-text" title="This playbook asks nobody">It has no step. Customers here are left alone.</Empty>
            ) : (
              <Steps playbook={playbook} draft={draft} mayWrite={mayWrite} onChange={change} />
            )}
          </div>
        </div>
      </Scroll>
      {changed && <SaveBar playbook={playbook} draft={draft} onDiscard={() => setDraft(whole(playbook))} />}
    </>
  );
}

/** Those written for this case first; those for everybody stand in where none of them fits. */
function Steps({ playbook, draft, mayWrite, onChange }: { playbook: Playbook; draft: Draft; mayWrite: boolean; onChange: (i: number, step: Step) => void }) {
  const all = draft.steps.map((step, i) => ({ step, i, shown: playbook.all_steps[i] as StepShown }));
  const groups = [
    { title: "Written for this case", note: "", rows: all.filter((one) => one.shown.layer !== "general") },
    { title: "For everybody", note: "These stand in where none of those above fits.", rows: all.filter((one) => one.shown.layer === "general") },
  ].filter((group) => group.rows.length > 0);
  let number = 0;
  return groups.map((group) => (
    <section key={group.title} className={css.group}>
      <h2>{group.title}</h2>
      {group.note && <p className="small muted">{group.note}</p>}
      <ol className={css.steps}>
        {group.rows.map(({ step, i, shown }) => <li key={step.slug}><StepCard number={++number} step={step} shown={shown} mayWrite={mayWrite} onChange={(next) => onChange(i, next)} /></li>)}
      </ol>
    </section>
  ));
}

function GoalLine({ goal, mayWrite, onChange }: { goal: string; mayWrite: boolean; onChange: (goal: string) => void }) {
  const [editing, setEditing] = useState(false);
  if (editing) {
    return (
      <form className={css.goalEdit} onSubmit={(event) => { event.preventDefault(); setEditing(false); }}>
        <input className="field" aria-label="Goal of this playbook" value={goal} maxLength={300} autoFocus onChange={(event) => onChange(event.target.value)} />
        <button className="btn">Done</button>
      </form>
    );
  }
  return <p className={css.goalLine}>{goal || "No goal is written down."}{mayWrite && <button className="btn quiet square small" aria-label="Change the goal" onClick={() => setEditing(true)}><Icon name="pencil" size={13} /></button>}</p>;
}
