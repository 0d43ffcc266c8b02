import type { AutonomyChange } from "../../api/brain";
import { useAutonomyHistory } from "../../api/brainQueries";
import { ago, moment, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { ExportCsv } from "../../parts/filters";
import { Rows, Two, type Column } from "../../parts/rows";
import { Empty } from "../../parts/states";
import { Badge } from "../../parts/ui";
import css from "./autonomy.module.css";

/** One change as a sentence. */
export function changeWords(row: AutonomyChange): string {
  const what = row.step ?? "Everything";
  if (row.from_level !== null && row.to_level !== null && row.from_level !== row.to_level) return `${what}: level ${row.from_level} to ${row.to_level}`;
  return `${what}: ${words(row.action).toLowerCase()}`;
}

/** Who changed what, when and why; each entry is signed and bound to the one before. */
export function HistoryTab() {
  const query = useAutonomyHistory();
  const now = useNow(60_000);
  const any = (query.data?.pages[0]?.total ?? 0) > 0;
  const columns: Column<AutonomyChange>[] = [
    { key: "what", head: "What was changed", width: "minmax(0, 1.8fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{changeWords(row)}</span>} below={row.note || undefined} /> },
    { key: "actor", head: "By", width: "minmax(0, 0.9fr)", phone: "sub", cell: (row) => <span className="clip">{row.actor}</span> },
    { key: "at", head: "When", width: "104px", align: "right", phone: "side", cell: (row) => <span className="small muted num" title={moment(row.at)}>{ago(row.at, now)}</span> },
    { key: "sign", head: "Signature", width: "150px", phone: "hide", cell: (row) => <span className="row"><Badge tone={row.valid === false ? "bad" : "good"} title={row.hash}>{row.valid === false ? "does not hold" : "signed"}</Badge><code className="mono tiny muted">{row.hash.slice(0, 8)}</code></span> },
  ];
  return (
    <>
      <div className={css.tools}>
        <p className="small muted grow">Each entry is signed with this installation's key and bound to the one before: a change that was removed or altered shows.</p>
        {any && <ExportCsv path="/api/autonomy/history" />}
      </div>
      <Rows label="History of autonomy" columns={columns} query={query} rowKey={(row) => row.id} empty={<Empty icon="history" title="Nothing has been changed yet">Every step still stands where it began: at level 0, where you approve each ask.</Empty>} />
    </>
  );
}
