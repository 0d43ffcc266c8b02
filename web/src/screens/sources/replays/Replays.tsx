import { useState } from "react";

import { useSources } from "../../../api/queries";
import { isOver, useReplays, type Replay } from "../../../api/replays";
import { ago, count, moment } from "../../../format";
import { Progress } from "../../../parts/bars";
import { useNow } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { Rows, Two, type Column } from "../../../parts/rows";
import { Empty } from "../../../parts/states";
import { Badge, toneOf } from "../../../parts/ui";
import { setParams, useAddress } from "../../../router";
import { useKnownSession } from "../../../session";
import css from "../letters/letters.module.css";
import { ReplaySheet } from "./ReplaySheet";
import { StartBox } from "./StartBox";
import { differs, inAll, stateName } from "./told";

/** Reading the past again: first as a trial that says what would change, then in earnest. */
export function Replays() {
  const { params } = useAddress();
  const mayWrite = useKnownSession().may.includes("sources.write");
  const query = useReplays();
  const sources = useSources().data?.rows;
  const now = useNow(5_000);
  const [asking, setAsking] = useState(params.get("new") !== null);
  const open = params.get("id");
  const nameOf = (run: Replay) => (run.source === null ? "Every source" : (sources?.find((one) => one.id === run.source)?.name ?? `Source ${run.source}`));
  const start = <button className="btn" onClick={() => setAsking(true)}><Icon name="repeat" size={14} />Try a replay</button>;
  const columns: Column<Replay>[] = [
    { key: "what", head: "What is read again", width: "minmax(0, 1.3fr)", phone: "main", opens: true, cell: (run) => <Two top={<span className="strong">{nameOf(run)}</span>} below={run.dry_run ? "Trial: nothing is changed" : "In earnest"} /> },
    { key: "state", head: "State", width: "130px", phone: "side", cell: (run) => <Badge tone={toneOf(run.state)}>{stateName(run)}</Badge> },
    { key: "outcome", head: "What came of it", width: "minmax(0, 1.5fr)", phone: "sub", cell: (run) => <Outcome run={run} /> },
    { key: "actor", head: "By", width: "minmax(0, 1fr)", cell: (run) => <span className="clip muted">{run.actor}</span> },
    { key: "at", head: "Begun", width: "92px", align: "right", cell: (run) => <span className="small muted num" title={moment(run.started_at)}>{ago(run.started_at, now)}</span> },
  ];
  return (
    <>
      <div className={css.bar}>
        <p className="small muted">Every event is kept as it came, so a better mapping can read the past again. A trial says what would change and changes nothing.</p>
        {mayWrite && <span className={css.barEnd}>{start}</span>}
      </div>
      <Rows
        label="Replays" columns={columns} query={query} rowKey={(run) => run.id} onOpen={(run) => setParams({ id: run.id })} openKey={open ?? undefined}
        empty={<Empty icon="repeat" title="The past was never read again" actions={mayWrite ? start : undefined}>After a mapping was mended, try a replay: it reads what is stored by today’s mapping and shows which people, moments and connections would differ.</Empty>}
      />
      {open && <ReplaySheet key={open} id={open} nameOf={nameOf} mayWrite={mayWrite} onClose={() => setParams({ id: null })} />}
      {asking && <StartBox source={params.get("source") ?? ""} onClose={() => { setAsking(false); setParams({ new: null, source: null }, { replace: true }); }} />}
    </>
  );
}

function Outcome({ run }: { run: Replay }) {
  if (run.state === "failed") return <span className="small bad clip" title={run.failure}>{run.failure || "It stopped"}</span>;
  if (!isOver(run)) {
    const known = run.source === null && run.rows > 0;
    return <span className="stack grow" style={{ gap: 4 }}><Progress label={`Replay ${run.id}`} done={run.rows} total={known ? run.total : null} /><span className="small muted num clip">{run.rows > 0 ? `${count(run.rows)} read` : "Reading"}</span></span>;
  }
  if (!run.dry_run) return <span className="small num">{count(run.rows)} events were read again</span>;
  const n = inAll(differs(run));
  return <span className="small num clip">{n === 0 ? "Nothing would change" : `${count(n)} ${n === 1 ? "row" : "rows"} would change`}<span className="muted">, {count(run.rows)} events read</span></span>;
}
