import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { write } from "../../api/client";
import type { DryRun, Playbook } from "../../api/playbooks";
import { count, day, money, words } from "../../format";
import { saveCsv } from "../../parts/export";
import { Icon } from "../../parts/icons";
import { Bones, Empty, Failure } from "../../parts/states";
import { Link } from "../../router";
import type { Draft } from "./PlaybookScreen";
import css from "./playbooks.module.css";

const DAYS = 90;

/** What this playbook, with the changes not kept yet, would have done in the last 90 days. Nothing is sent. */
export function DryRunPanel({ playbook, draft, changed }: { playbook: Playbook; draft: Draft; changed: boolean }) {
  const run = useMutation({ mutationFn: () => write<DryRun>(`/api/playbooks/${playbook.slug}/dry-run`, { days: DAYS, goal: draft.goal, steps: draft.steps }) });
  const started = useRef(false);
  const { mutate } = run;
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    mutate();
  }, [mutate]);
  return (
    <div className={css.dry}>
      <div className="row wrap">
        <p className="grow small muted">{changed ? "With your changes, which are not in force yet." : "As it is in force now."} Nothing is sent and nothing is kept.</p>
        <button className="btn" disabled={run.isPending} onClick={() => mutate()}><Icon name="refresh-cw" size={14} />Try again</button>
      </div>
      {run.isError ? <Failure failure={run.error} retry={() => mutate()} /> : run.data ? <Result run={run.data} /> : <Bones rows={4} />}
    </div>
  );
}

const range = (low: number, high: number): string => `${low.toFixed(1)} to ${high.toFixed(1)}`;

function Result({ run }: { run: DryRun }) {
  if (run.candidates === 0) return <Empty icon="history" title="Nobody came into question">In the last {run.days} days no customer of this kind had a moment, so there is nothing to try it on.</Empty>;
  const vetoed = run.vetoes.reduce((sum, one) => sum + one.n, 0);
  return (
    <>
      <p className={css.drySentence}>
        In the last {run.days} days it would have asked <b>{count(run.asks)}</b> of <b>{count(run.candidates)}</b> who came into question. About <b>{run.shares.mean.toFixed(1)}</b> would have shared their link, between {run.shares.low.toFixed(1)} and {run.shares.high.toFixed(1)}, for at most <b>{money(run.cost_minor, run.currency)}</b>.
      </p>
      <div className={css.dryGrid}>
        <section>
          <h2>By step</h2>
          <div className={css.tableBox} role="region" aria-label="By step" tabIndex={0}>
            <table className={css.table}>
              <thead><tr><th scope="col">Step</th><th scope="col" data-right>Asks</th><th scope="col" data-right>Expected to share</th></tr></thead>
              <tbody>{run.steps.map((one) => <tr key={one.step}><th scope="row">{one.title}</th><td className="num">{count(one.asks)}</td><td className="num">{one.asks === 0 ? "–" : <>{one.shares.toFixed(1)} <span className="muted small">{range(one.low, one.high)}</span></>}</td></tr>)}</tbody>
            </table>
          </div>
        </section>
        <section>
          <h2>Why {count(vetoed)} would not have been asked</h2>
          {run.vetoes.length === 0 ? <p className="small muted">Nothing stood against anybody.</p> : <ul className={css.vetoes}>{run.vetoes.map((one) => <li key={one.reason}><b className="num">{count(one.n)}</b><span>{one.reason}</span></li>)}</ul>}
        </section>
      </div>
      <section>
        <div className={`row ${css.dryHead}`}><h2 className="grow">Whom it would have asked</h2>{run.people.length > 0 && <button className="btn small" onClick={() => saveCsv("dry-run", run.people)}><Icon name="download" size={14} />Export CSV</button>}</div>
        {run.people.length === 0 ? <p className="small muted">Nobody.</p> : (
          <div className={css.tableBox} role="region" aria-label="Whom it would have asked" tabIndex={0}>
            <table className={css.table}>
              <thead><tr><th scope="col">Person</th><th scope="col">Step</th><th scope="col">Offer</th><th scope="col" data-right>When</th></tr></thead>
              <tbody>{run.people.slice(0, 100).map((one, i) => <tr key={`${one.id}-${i}`}><th scope="row"><Link className="link" to={`/people/${one.id}`}>{one.name}</Link>{one.company && <span className={css.under}>{one.company}</span>}</th><td>{run.steps.find((step) => step.step === one.step)?.title ?? words(one.step)}</td><td>{one.offer}</td><td className="num">{day(one.at)}</td></tr>)}</tbody>
            </table>
          </div>
        )}
        {run.people.length > 100 && <p className="small muted">The first 100 of {count(run.people.length)}; the export holds all.</p>}
      </section>
    </>
  );
}
