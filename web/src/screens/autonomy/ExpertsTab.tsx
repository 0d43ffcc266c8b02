import { SEGMENTS, STAGES, type Expert, type Track } from "../../api/brain";
import { useExperts, useTrack } from "../../api/brainQueries";
import { count, percent, points, words } from "../../format";
import { ExportCsv } from "../../parts/filters";
import { EffectLine } from "../../parts/interval";
import { Rows, Two, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Bones, Empty, Loaded } from "../../parts/states";
import { Badge } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import css from "./autonomy.module.css";

/** How well an expert's odds came true, in words; 0.25 is what a coin would score. */
export const brierWords = (brier: number | null): string => (brier === null ? "Not scored yet" : `${brier.toFixed(3)}`);

const between = (one: { estimate: number | null; lower: number | null; upper: number | null }): one is { estimate: number; lower: number; upper: number } => one.estimate !== null && one.lower !== null && one.upper !== null;

/** Who gives advice, how much it counts, and how it fared. */
export function ExpertsTab() {
  const { params } = useAddress();
  const query = useExperts();
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const open = rows.find((row) => row.name === params.get("expert"));
  const columns: Column<Expert>[] = [
    { key: "name", head: "Expert", width: "minmax(0, 1.7fr)", phone: "main", cell: (row) => <Two top={<><span className="strong">{row.title}</span> {row.absent && <Badge>not here</Badge>}</>} below={row.absent ?? row.what} /> },
    { key: "weight", head: "Its say", width: "92px", phone: "side", align: "right", cell: (row) => <span className="num">{row.weight === null ? <span className="muted">–</span> : percent(row.weight, 0)}</span> },
    { key: "n", head: "Asked", width: "84px", align: "right", cell: (row) => <span className="num">{count(row.n)}</span> },
    { key: "dissents", head: "Disagreed", width: "84px", align: "right", cell: (row) => <span className="num">{row.dissents === null ? <span className="muted">–</span> : count(row.dissents)}</span> },
    { key: "brier", head: "Odds off by (Brier)", width: "132px", align: "right", cell: (row) => <span className="num" title="0 is perfect; 0.25 is what a coin scores">{brierWords(row.brier)}</span> },
    { key: "lift", head: "Gain when followed", width: "minmax(0, 1fr)", phone: "sub", cell: (row) => (between(row.lift) ? <span className={css.gain}><span className="num">{points(row.lift.estimate)} <span className="small muted">{points(row.lift.lower)} to {points(row.lift.upper)}</span></span><EffectLine {...row.lift} bound={Math.max(Math.abs(row.lift.lower), Math.abs(row.lift.upper)) * 1.15} label={`Gain when ${row.title} is followed`} /></span> : <span className="small muted">Not enough outcomes yet</span>) },
  ];
  return (
    <>
      <div className={css.tools}>
        <p className="small muted grow">Experts advise, they never send. Whoever was right more often gets a larger say.</p>
        {rows.length > 0 && <ExportCsv path="/api/experts" />}
      </div>
      <Rows
        label="Experts" columns={columns} query={query} rowKey={(row) => row.name} onOpen={(row) => setParams({ expert: row.name })} openKey={params.get("expert") ?? undefined}
        empty={<Empty icon="sliders" title="No expert has advised yet">The experts speak with the first decision. Their track record appears here.</Empty>}
      />
      {open && <ExpertSheet expert={open} onClose={() => setParams({ expert: null })} />}
    </>
  );
}

function ExpertSheet({ expert, onClose }: { expert: Expert; onClose: () => void }) {
  const query = useTrack(expert.name);
  return (
    <Sheet title={expert.title} note={`Version ${expert.version}`} onClose={onClose}>
      <div className={css.sheet}>
        <p>{expert.what}</p>
        {expert.absent && <p className="small muted">{expert.absent}</p>}
        <section>
          <h3>Where it was right, and where not</h3>
          <Loaded query={query} bones={<Bones rows={3} />}>{({ rows }) => <TrackTable rows={rows} />}</Loaded>
        </section>
        <p className="small muted">“Odds off by” is the Brier score: 0 is perfect, 0.25 is what a coin scores. “Regret” is what was lost by following it instead of the best advice known later. The gain is measured where chance followed it and where chance did not.</p>
      </div>
    </Sheet>
  );
}

function TrackTable({ rows }: { rows: Track[] }) {
  if (rows.length === 0) return <p className="small muted">No outcome has come in yet for what it advised.</p>;
  return (
    <div className={css.tableBox} role="region" aria-label="Track record" tabIndex={0}>
      <table className={css.table}>
        <thead><tr><th scope="col">Customers</th><th scope="col">Outcomes</th><th scope="col">Odds off by</th><th scope="col">Regret</th><th scope="col">Gain when followed</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.segment}/${row.stage}`}>
              <th scope="row">{SEGMENTS[row.segment as keyof typeof SEGMENTS] ?? words(row.segment)}<span className={css.under}>{STAGES[row.stage as keyof typeof STAGES] ?? words(row.stage)}</span></th>
              <td className="num">{count(row.n)}</td>
              <td className="num">{row.brier === null ? "–" : row.brier.toFixed(3)}</td>
              <td className="num">{row.regret === null ? "–" : points(row.regret).replace("+", "")}</td>
              <td className="num">{between(row) ? <>{points(row.estimate)}<span className={css.under}>{points(row.lower)} to {points(row.upper)}</span></> : <span className="muted">too few</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
