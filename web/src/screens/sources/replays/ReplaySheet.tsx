import { useState } from "react";

import { Problem } from "../../../api/client";
import { isOver, useReplay, type Replay, type ReplayDetail, type ReplaySample } from "../../../api/replays";
import { count, moment, span } from "../../../format";
import { Progress } from "../../../parts/bars";
import { Code } from "../../../parts/code";
import { useNow } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { Box, Sheet } from "../../../parts/sheet";
import { Bones, Failure } from "../../../parts/states";
import { Badge, Fact, toneOf } from "../../../parts/ui";
import { setParams } from "../../../router";
import css from "../detail/detail.module.css";
import { Note } from "../events";
import { useReplayStart } from "./start";
import { differs, inAll, stateName, tableName } from "./told";

const CHANGE = { changed: "would change", added: "would be new", removed: "would go" };

/** One replay: how far it is, what differs, and a few of the rows that do. */
export function ReplaySheet({ id, nameOf, mayWrite, onClose }: { id: string; nameOf: (run: Replay) => string; mayWrite: boolean; onClose: () => void }) {
  const query = useReplay(id);
  const [asking, setAsking] = useState(false);
  const run = query.data;
  const earnest = run !== undefined && run.dry_run && run.state === "done" && inAll(differs(run)) > 0;
  return (
    <Sheet
      title={run ? (run.dry_run ? "Trial replay" : "Replay") : "Replay"} note={run && nameOf(run)} onClose={onClose}
      foot={mayWrite && earnest && <button className="btn primary" onClick={() => setAsking(true)}><Icon name="repeat" size={14} />Replay in earnest</button>}
    >
      {run === undefined ? (query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={4} />) : <Told run={run} />}
      {asking && <Earnest onClose={() => setAsking(false)} />}
    </Sheet>
  );
}

function Told({ run }: { run: ReplayDetail }) {
  const now = useNow(1000);
  const tables = differs(run);
  const same = Object.values(run.changes).reduce((sum, one) => sum + one.same, 0);
  const whole = run.source === null && run.rows > 0;
  return (
    <div className="stack" style={{ gap: 18 }}>
      {!isOver(run) && (
        <div className="stack" style={{ gap: 6 }} role="status">
          <Progress label="Replay" done={run.rows} total={whole ? run.total : null} />
          <span className="small muted num">{run.state === "waiting" ? "A worker takes it up in a moment." : run.state === "comparing" ? "Everything is read; the two are being compared." : whole ? `${count(run.rows)} of ${count(run.total)} events read` : "Reading what is stored. You can leave this page."}</span>
        </div>
      )}
      {run.state === "failed" && <Note tone="bad" title="It stopped.">{run.failure} Nothing was changed.</Note>}
      {run.state === "done" && (!run.dry_run
        ? <Note tone="good" title={`${count(run.rows)} events were read again.`}>What follows from them is up to date with today’s mapping.</Note>
        : tables.length === 0
          ? <Note tone="good" title="Nothing would change.">Today’s mapping makes of {count(run.rows)} events exactly what is there.</Note>
          : <Note tone="warn" title={`${count(inAll(tables))} rows would change.`}>{count(run.differently)} of {count(run.rows)} events are read differently now; {count(same)} rows stay as they are.</Note>)}
      <dl>
        <Fact name="State"><Badge tone={toneOf(run.state)}>{stateName(run)}</Badge></Fact>
        <Fact name="Begun">{moment(run.started_at)} by {run.actor}</Fact>
        <Fact name="Took">{span((isOver(run) ? Date.parse(run.updated_at) : now) - Date.parse(run.started_at))}</Fact>
      </dl>
      {tables.length > 0 && (
        <section>
          <h3 className={css.title}>What differs</h3>
          <div className={css.over} tabIndex={0} role="region" aria-label="What differs">
            <table className={css.runs}>
              <thead><tr><th scope="col">In</th><th scope="col" data-right>Change</th><th scope="col" data-right>New</th><th scope="col" data-right>Gone</th><th scope="col" data-right>Same</th></tr></thead>
              <tbody>{tables.map(([name, one]) => <tr key={name}><td>{tableName(name)}</td>{[one.changed, one.added, one.removed].map((n, i) => <td key={i} className="num" data-right>{n === 0 ? <span className="muted">0</span> : <b className="strong">{count(n)}</b>}</td>)}<td className="num muted" data-right>{count(one.same)}</td></tr>)}</tbody>
            </table>
          </div>
        </section>
      )}
      {run.sample.length > 0 && (
        <section className="stack" style={{ gap: 12 }}>
          <h3 className={css.title} style={{ marginBottom: 0 }}>Some of them</h3>
          {run.sample.map((one, i) => <Sample key={i} one={one} />)}
        </section>
      )}
    </div>
  );
}

function Sample({ one }: { one: ReplaySample }) {
  return (
    <details className={css.sample}>
      <summary><b className="strong">{tableName(one.table)}</b> <span className="muted">{CHANGE[one.change]}</span></summary>
      <div className="stack" style={{ gap: 10, marginTop: 10 }}>
        {one.before !== null && <Code label="As it is" value={one.before} height={260} />}
        {one.after !== null && <Code label="As it would be" value={one.after} height={260} />}
      </div>
    </details>
  );
}

function Earnest({ onClose }: { onClose: () => void }) {
  const start = useReplayStart();
  const problem = start.error instanceof Problem ? start.error : null;
  return (
    <Box
      title="Replay in earnest?" onClose={onClose}
      foot={<><button className="btn" onClick={onClose}>Not now</button><button className="btn danger" disabled={start.isPending} onClick={() => start.mutate({ dry_run: false }, { onSuccess: (run) => { onClose(); setParams({ id: run.id }); } })}>Read everything again</button></>}
    >
      <p className="small muted">What follows from events (people, the graph, moments) is made anew from everything that is stored, of every source. Messages, rewards and decisions stay as they are. While it runs, new events wait and are read after it.</p>
      {problem && <Note tone="bad" title={problem.title}>{[problem.detail, problem.advice].filter(Boolean).join(" ")}</Note>}
    </Box>
  );
}
