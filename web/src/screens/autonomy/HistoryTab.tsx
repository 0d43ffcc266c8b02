import type { AutonomyAct } from "../../api/brain";
import { useAutonomyHistory, useVerified } from "../../api/brainQueries";
import { ago, moment, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { ExportCsv } from "../../parts/filters";
import { Rows, Two, type Column } from "../../parts/rows";
import { Empty } from "../../parts/states";
import { Badge } from "../../parts/ui";
import css from "./autonomy.module.css";

/** One act as a sentence. */
export function actWords(act: AutonomyAct): string {
  const what = act.step ? words(act.step) : "Everything";
  switch (act.kind) {
    case "up": case "down": return `${what}: level ${act.from_level} to ${act.to_level}`;
    case "stop": return `${what} stopped`;
    case "resume": return `${what} may go on`;
    case "ceiling": return act.to_level === 0 ? "A person raises every step" : `Steps may rise by themselves to level ${act.to_level}`;
    default: return `${what}: a budget was set`;
  }
}

/** Who changed what, when and why; each entry is signed and bound to the one before. */
export function HistoryTab() {
  const query = useAutonomyHistory();
  const now = useNow(60_000);
  const verified = useVerified().data;
  const any = (query.data?.pages[0]?.total ?? 0) > 0;
  const columns: Column<AutonomyAct>[] = [
    { key: "what", head: "What was changed", width: "minmax(0, 1.8fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{actWords(row)}</span>} below={row.note || undefined} /> },
    { key: "actor", head: "By", width: "minmax(0, 0.9fr)", phone: "sub", cell: (row) => <span className="clip">{row.actor}</span> },
    { key: "at", head: "When", width: "104px", align: "right", phone: "side", cell: (row) => <span className="small muted num" title={moment(row.at)}>{ago(row.at, now)}</span> },
    { key: "sign", head: "Signature", width: "150px", phone: "hide", cell: (row) => <span className="row"><Badge tone={row.signed ? "good" : "bad"} title={row.hash}>{row.signed ? "signed" : "not ours"}</Badge><code className="mono tiny muted">{row.hash.slice(0, 8)}</code></span> },
  ];
  return (
    <>
      <div className={css.tools}>
        <p className={verified && !verified.ok ? "small bad grow" : "small muted grow"}>{verified && any ? verified.sentence : "Each entry is signed with this installation's key and bound to the one before: what is removed or altered shows."}</p>
        {any && <ExportCsv path="/api/autonomy/history" />}
      </div>
      <Rows label="History of autonomy" columns={columns} query={query} rowKey={(row) => String(row.seq)} empty={<Empty icon="history" title="Nothing has been changed yet">Every step still stands where it began: at level 0, where you approve each ask.</Empty>} />
    </>
  );
}
