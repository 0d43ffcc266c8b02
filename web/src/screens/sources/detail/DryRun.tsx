import { useMutation, useQueryClient } from "@tanstack/react-query";

import { write } from "../../../api/client";
import { isOver, useReplay, useReplays, type ReplayDetail } from "../../../api/replays";
import { ago, count, words } from "../../../format";
import { Progress } from "../../../parts/bars";
import { Code } from "../../../parts/code";
import { useNow } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { Bones, Failure } from "../../../parts/states";
import { toastProblem } from "../../../parts/toast";
import { useKnownSession } from "../../../session";
import { Note, Pair } from "../events";
import css from "./detail.module.css";

/** What today's mapping would make of all that ever came from a source, beside what is known now. */
export function DryRun({ id, name }: { id: string; name: string }) {
  const { may } = useKnownSession();
  const client = useQueryClient();
  const list = useReplays();
  const newest = list.data?.rows.find((run) => run.dry_run && run.source === id);
  const detail = useReplay(may.includes("people.read") ? (newest?.id ?? "") : "");
  const start = useMutation({
    mutationFn: () => write<ReplayDetail>("/api/replays", { dry_run: true, source: id }),
    onError: (failure) => toastProblem("The dry run was not started", failure),
    onSettled: () => client.invalidateQueries({ queryKey: ["replays"] }),
  });
  const run = detail.data ?? newest;
  const busy = start.isPending || (run !== undefined && !isOver(run));
  return (
    <section aria-label="Dry run">
      <div className={css.titleRow}>
        <h2 className={css.title}>What would change?</h2>
        {may.includes("sources.write") && <button className="btn small" disabled={busy} onClick={() => start.mutate()}><Icon name="play" size={13} />{run ? "Try it again" : "Start a dry run"}</button>}
      </div>
      {list.data === undefined ? (list.isError ? <Failure failure={list.error} retry={() => void list.refetch()} /> : <Bones rows={1} />) : run ? <Outcome run={run} /> : (
        <p className="small muted">A dry run reads everything {name} ever sent with the mapping in use today, and tells what would differ from what is known. Nothing is changed by it.</p>
      )}
    </section>
  );
}

function Outcome({ run }: { run: ReplayDetail | (Omit<ReplayDetail, "sample"> & { sample?: undefined }) }) {
  const now = useNow(2000);
  if (run.state === "failed") return <Note tone="bad" title="The dry run stopped.">{run.failure} Nothing was changed by it.</Note>;
  if (run.state !== "done") {
    return (
      <div className="stack" style={{ gap: 8 }} role="status">
        <Progress label="Dry run" done={run.rows} total={run.total || null} />
        <p className="small muted num">{run.rows === 0 ? "Getting ready: what is known is set beside what will be read" : `${count(run.rows)} of about ${count(run.total)} rows read`}</p>
      </div>
    );
  }
  const tables = Object.entries(run.changes).filter(([, n]) => n.changed + n.added + n.removed > 0);
  const when = <span className="num">Tried {ago(run.updated_at, now)}, {count(run.rows)} rows read.</span>;
  if (tables.length === 0) return <Note tone="good" title="Nothing would change.">{when}</Note>;
  return (
    <div className="stack" style={{ gap: 14 }}>
      <Note tone="warn" title={`${count(run.differently)} row${run.differently === 1 ? "" : "s"} would be read differently.`}>{when} Nothing was changed: a replay with <code className="mono">honeyguide replay</code> brings it about.</Note>
      <div className={css.over} tabIndex={0} role="region" aria-label="What would change">
        <table className={css.runs}>
          <thead><tr><th scope="col">What is known</th><th scope="col" data-right>Changed</th><th scope="col" data-right>New</th><th scope="col" data-right>Gone</th><th scope="col" data-right>Same</th></tr></thead>
          <tbody>
            {tables.map(([table, n]) => (
              <tr key={table}><td>{words(table)}</td><td className="num" data-right>{count(n.changed)}</td><td className="num" data-right>{count(n.added)}</td><td className="num" data-right>{count(n.removed)}</td><td className="num muted" data-right>{count(n.same)}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
      {run.sample && run.sample.length > 0 && (
        <details>
          <summary className="small muted" style={{ cursor: "pointer" }}>{run.sample.length === 1 ? "One example" : `${run.sample.length} examples`}</summary>
          <div className="stack" style={{ gap: 18, marginTop: 12 }}>
            {run.sample.map((one, i) => (
              <div key={i} className="stack" style={{ gap: 6 }}>
                <h3 className="small strong">{words(one.table)}, {one.change}</h3>
                <Pair left={<Shown label="As it is" value={one.before} />} right={<Shown label="As it would be" value={one.after} />} />
              </div>
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

const Shown = ({ label, value }: { label: string; value: unknown }) => (value === null ? <Note tone="plain" title={`${label}: not there.`} /> : <Code label={label} value={value} height={260} />);
