import { SEGMENTS, type MomentQuality } from "../../api/brain";
import { useMomentQuality } from "../../api/brainQueries";
import { count, percent, words } from "../../format";
import { ExportCsv } from "../../parts/filters";
import { Bones, Empty, Failure, Freshness } from "../../parts/states";
import { MomentMark, MOMENTS } from "../../parts/ui";
import { Link } from "../../router";
import css from "./quality.module.css";

const hours = (value: number): string => (value < 48 ? `${Math.round(value)} h` : `${(value / 24).toFixed(value < 240 ? 1 : 0)} d`);

/** Is a moment of this kind really one, and how long does it stay fresh? By what people said and what came of asks. */
export function MomentsTab() {
  const query = useMomentQuality();
  const rows = query.data?.pages.flatMap((page) => page.rows);
  if (rows === undefined) return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={4} />;
  return (
    <>
      <Freshness query={query} />
      {rows.length === 0 ? <Empty icon="sparkles" title="Nothing to measure yet" actions={<Link className="btn primary" to="/">Go to Ask now</Link>}>Each “not now” with a reason, and each ask, teaches how good a kind of moment is.</Empty> : (
        <>
          <div className={css.momentHead}>
            <p className={css.lead}>Of a hundred such moments, how many were really one, by what people said; and how long one stays fresh, by what came of the asks.</p>
            <ExportCsv path="/api/moments/quality" />
          </div>
          <div className={css.momentBox} role="region" aria-label="Quality of moments" tabIndex={0}>
            <table className={css.moments}>
              <thead><tr><th scope="col">Moment</th><th scope="col">Customers</th><th scope="col">Really one</th><th scope="col">People judged</th><th scope="col">Half is left after</th><th scope="col">Asks, shared</th></tr></thead>
              <tbody>{rows.map((row) => <Line key={`${row.kind}/${row.segment}`} row={row} />)}</tbody>
            </table>
          </div>
          {query.hasNextPage && <button className="btn small" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>More</button>}
        </>
      )}
    </>
  );
}

function Line({ row }: { row: MomentQuality }) {
  const name = MOMENTS[row.kind]?.name ?? words(row.kind);
  const learned = row.half_life_low !== null && row.half_life_high !== null;
  return (
    <tr data-all={row.segment === ""}>
      <th scope="row">{row.segment === "" ? <span className="row"><MomentMark kind={row.kind} size={22} />{name}</span> : <span className="sr">{name}</span>}</th>
      <td>{row.segment === "" ? "All" : (SEGMENTS[row.segment as keyof typeof SEGMENTS] ?? words(row.segment))}</td>
      <td className="num"><b>{percent(row.precision_low, 0)}–{percent(row.precision_high, 0)}</b></td>
      <td className="num">{row.labels === 0 ? <span className="muted">nobody yet</span> : `${count(row.labels)} of ${count(row.said)}`}</td>
      <td className="num">{learned ? <b>{hours(row.half_life_low ?? 0)}–{hours(row.half_life_high ?? 0)}</b> : <>{hours(row.half_life_hours)} <span className="muted small">as built in</span></>}</td>
      <td className="num">{count(row.asks)}, {count(row.shared)}</td>
    </tr>
  );
}
