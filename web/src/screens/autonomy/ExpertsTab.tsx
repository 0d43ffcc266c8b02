import { SEGMENTS, STAGES, type Expert, type Track } from "../../api/brain";
import { useExperts, useTrack } from "../../api/brainQueries";
import { count, day, percent, points, words } from "../../format";
import { ExportCsv } from "../../parts/filters";
import { EffectLine } from "../../parts/interval";
import { Rows, Two, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Bones, Empty, Failure, Freshness } from "../../parts/states";
import { Badge } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { expertName } from "../asknow/experts";
import css from "./autonomy.module.css";

const segmentName = (key: string): string => (key === "" ? "Everybody" : (SEGMENTS[key as keyof typeof SEGMENTS] ?? words(key)));
const stageName = (key: string): string => (key === "" ? "" : (STAGES[key as keyof typeof STAGES] ?? words(key)));

/** Where an expert decides, in a few words. */
function sayWords(row: Expert): string {
  if (row.problem) return "left out";
  if (!row.present) return "not asked";
  if (row.carries) return "decides the rest";
  if (row.says.length === 0) return "advises only";
  const top = Math.max(...row.says.map((one) => one.weight));
  return `up to ${percent(top, 0)} in ${row.says.length} ${row.says.length === 1 ? "case" : "cases"}`;
}

function Gain({ track, label }: { track: Track | null; label: string }) {
  if (!track || track.lift === null || track.lower === null || track.upper === null) return <span className="small muted">{track?.refused || "Not enough outcomes yet"}</span>;
  const bound = Math.max(Math.abs(track.lower), Math.abs(track.upper)) * 1.15;
  return (
    <span className={css.gain}>
      <span className="num">{points(track.lower)} to {points(track.upper)} <span className="small muted">middle {points(track.lift)}</span></span>
      <EffectLine estimate={track.lift} lower={track.lower} upper={track.upper} bound={bound} label={label} />
    </span>
  );
}

/** Who gives advice, how much it counts, and how it fared. */
export function ExpertsTab() {
  const { params } = useAddress();
  const query = useExperts();
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const open = rows.find((row) => row.name === params.get("expert"));
  const columns: Column<Expert>[] = [
    { key: "name", head: "Expert", width: "minmax(0, 1.6fr)", phone: "main", cell: (row) => <Two top={<><span className="strong">{expertName(row.name)}</span>{row.problem && <> <Badge tone="bad">left out</Badge></>}</>} below={row.problem || row.what} /> },
    { key: "say", head: "Its say", width: "140px", phone: "sub", cell: (row) => <span className={row.carries || row.says.length > 0 ? "clip" : "clip muted"}>{sayWords(row)}</span> },
    { key: "n", head: "Asked", width: "72px", align: "right", cell: (row) => <span className="num">{count(row.track?.opinions ?? 0)}</span> },
    { key: "dissents", head: "Disagreed", width: "80px", align: "right", cell: (row) => <span className="num">{count(row.track?.dissents ?? 0)}</span> },
    { key: "brier", head: "Odds off by", width: "92px", align: "right", cell: (row) => <span className="num" title="The Brier score: 0 is perfect, 0.25 is what a coin scores">{row.track?.brier == null ? <span className="muted">–</span> : row.track.brier.toFixed(3)}</span> },
    { key: "regret", head: "Regret", width: "84px", align: "right", cell: (row) => <span className="num" title="What was lost, per decision, by following it and not the best advice known later">{row.track?.regret == null ? <span className="muted">–</span> : points(row.track.regret).replace("+", "")}</span> },
    { key: "lift", head: "Gain when followed", width: "minmax(0, 1fr)", phone: "sub", cell: (row) => <Gain track={row.track} label={`Gain when ${expertName(row.name)} is followed`} /> },
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
  const rows = query.data?.pages.flatMap((page) => page.rows);
  return (
    <Sheet title={expertName(expert.name)} note={[`Version ${expert.version}`, expert.package].filter(Boolean).join(", ")} onClose={onClose} foot={rows && rows.length > 0 && <ExportCsv path={`/api/experts/${expert.name}/track`} />}>
      <div className={css.sheet}>
        <p>{expert.what}</p>
        {expert.problem && <p className="bad small">{expert.problem}</p>}
        {expert.says.length > 0 && <section><h3>Where it decides a share</h3><ul className={css.says}>{expert.says.map((one) => <li key={`${one.segment}/${one.stage}`}><span className="grow">{segmentName(one.segment)}, {stageName(one.stage)}</span><b className="num">{percent(one.weight, 0)}</b></li>)}</ul></section>}
        <section>
          <h3>Where it was right, and where not</h3>
          {rows === undefined ? (query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={3} />) : <><Freshness query={query} /><TrackTable rows={rows} /></>}
        </section>
        <p className="small muted">“Odds off by” is the Brier score: 0 is perfect, 0.25 is what a coin scores. “Regret” is what was lost per decision by following it instead of the best advice known later. The gain compares what came of following it, and its range holds however often one looks.</p>
      </div>
    </Sheet>
  );
}

function TrackTable({ rows }: { rows: Track[] }) {
  // The newest day of each segment and stage; the list comes newest first.
  const newest = [...new Map([...rows].reverse().map((row) => [`${row.segment}/${row.stage}`, row])).values()].sort((a, b) => b.opinions - a.opinions);
  if (newest.length === 0) return <p className="small muted">No outcome has come in yet for what it advised: a decision is judged when its 28 days are over.</p>;
  return (
    <>
      <div className={css.tableBox} role="region" aria-label="Track record" tabIndex={0}>
        <table className={css.table}>
          <thead><tr><th scope="col">Customers</th><th scope="col">Asked</th><th scope="col">Odds off by</th><th scope="col">Regret</th><th scope="col">Gain when followed</th></tr></thead>
          <tbody>
            {newest.map((row) => (
              <tr key={`${row.segment}/${row.stage}`}>
                <th scope="row">{segmentName(row.segment)}<span className={css.under}>{stageName(row.stage)}</span></th>
                <td className="num">{count(row.opinions)}</td>
                <td className="num">{row.brier === null ? "–" : row.brier.toFixed(3)}</td>
                <td className="num">{row.regret === null ? "–" : points(row.regret).replace("+", "")}</td>
                <td className="num">{row.lower !== null && row.upper !== null ? `${points(row.lower)} to ${points(row.upper)}` : <span className="muted" title={row.refused}>too few</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {newest[0] && <p className="small muted">As of {day(newest[0].day)}.</p>}
    </>
  );
}
