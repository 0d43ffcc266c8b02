import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { write } from "../../api/client";
import type { DryRun, Playbook, Range } from "../../api/playbooks";
import { count, day, roundMoney, words } from "../../format";
import { saveCsv } from "../../parts/export";
import { Icon } from "../../parts/icons";
import { Bones, Empty, Failure } from "../../parts/states";
import { Link } from "../../router";
import { useKnownSession } from "../../session";
import type { Draft } from "./PlaybookScreen";
import css from "./playbooks.module.css";

const DAYS = 90;

/** What this playbook, with the changes not kept yet, would have done in the last 90 days. Nothing is sent. */
export function DryRunPanel({ playbook, draft, changed }: { playbook: Playbook; draft: Draft; changed: boolean }) {
  const run = useMutation({ mutationFn: () => write<DryRun>(`/api/playbooks/${playbook.slug}/dry-run`, changed ? { days: DAYS, edit: { version: playbook.version, goal: draft.goal, steps: draft.steps } } : { days: DAYS }) });
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

const range = ({ low, high }: Range): string => `${low.toFixed(1)} to ${high.toFixed(1)}`;

function Result({ run }: { run: DryRun }) {
  const { workspace } = useKnownSession();
  if (run.candidates === 0) return <Empty icon="history" title="Nobody came into question">In the last {run.days} days no customer of this kind had a moment, so there is nothing to try it on.</Empty>;
  return (
    <>
      <p className={css.drySentence}>
        In the last {run.days} days it would have asked <b>{count(run.asks)}</b> {run.asks === 1 ? "time" : "times"}, of <b>{count(run.candidates)}</b> {run.candidates === 1 ? "moment" : "moments"} that came into question.{" "}
        {run.asks > 0 && <>Between <b>{run.shares.low.toFixed(1)}</b> and <b>{run.shares.high.toFixed(1)}</b> would have shared their link, for {roundMoney(run.cost_minor, run.currency || workspace.currency)} in rewards, at most {roundMoney(run.cost_high_minor, run.currency || workspace.currency)}.</>}
      </p>
      <div className={css.dryGrid}>
        <section>
          <h2>By step</h2>
          <div className={css.tableBox} role="region" aria-label="By step" tabIndex={0}>
            <table className={css.table}>
              <thead><tr><th scope="col">Step</th><th scope="col" data-right>Asks</th><th scope="col" data-right>Expected to share</th><th scope="col" data-right>By the step's promise</th></tr></thead>
              <tbody>{run.by_step.map((one) => <tr key={one.slug}><th scope="row">{one.title}</th><td className="num">{count(one.asks)}</td><td className="num">{one.asks === 0 ? "–" : <>{range(one.shares)} <span className="muted small">middle {one.shares.mean.toFixed(1)}</span></>}</td><td className="num">{one.asks === 0 ? "–" : range(one.believed)}</td></tr>)}</tbody>
            </table>
          </div>
        </section>
        <section>
          <h2>What stood in the way</h2>
          {run.vetoes.length + run.held_out + run.not_worth_it === 0 ? <p className="small muted">Nothing stood against anybody.</p> : (
            <ul className={css.vetoes}>
              {run.vetoes.map((one) => <li key={one.what}><b className="num">{count(one.times)}</b><span>{one.what}{one.example && <span className={css.under}>{one.example}</span>}</span></li>)}
              {run.held_out > 0 && <li><b className="num">{count(run.held_out)}</b><span>Left alone on purpose, to compare with</span></li>}
              {run.not_worth_it > 0 && <li><b className="num">{count(run.not_worth_it)}</b><span>Not worth an ask</span></li>}
            </ul>
          )}
        </section>
      </div>
      <section>
        <div className={`row ${css.dryHead}`}><h2 className="grow">Whom it would have asked</h2>{run.asked.length > 0 && <button className="btn small" onClick={() => saveCsv("dry-run", run.asked)}><Icon name="download" size={14} />Export CSV</button>}</div>
        {run.asked.length === 0 ? <p className="small muted">Nobody.</p> : (
          <div className={css.tableBox} role="region" aria-label="Whom it would have asked" tabIndex={0}>
            <table className={css.table}>
              <thead><tr><th scope="col">Person</th><th scope="col">Moment</th><th scope="col">Step</th><th scope="col">Offer</th><th scope="col" data-right>When</th></tr></thead>
              <tbody>{run.asked.slice(0, 100).map((one, i) => <tr key={`${one.persona}-${i}`}><th scope="row"><Link className="link" to={`/people/${one.persona}`}>{one.name}</Link>{one.company && <span className={css.under}>{one.company}</span>}</th><td>{one.title}</td><td>{run.by_step.find((step) => step.slug === one.step)?.title ?? words(one.step)}</td><td>{one.offer}</td><td className="num">{day(one.at)}</td></tr>)}</tbody>
            </table>
          </div>
        )}
        {run.asked.length > 100 && <p className="small muted">The first 100; the export holds up to 200.</p>}
      </section>
      {run.notes.length > 0 && <ul className={css.notes}>{run.notes.map((one) => <li key={one}>{one}</li>)}</ul>}
    </>
  );
}
