import type { Bin, Quality } from "../../api/inference";
import { useQuality } from "../../api/inferenceQueries";
import { count, moment, percent } from "../../format";
import { Bones, Empty, Loaded } from "../../parts/states";
import { Badge, Figure } from "../../parts/ui";
import { Link } from "../../router";
import css from "./quality.module.css";
import { asked, taskName } from "./words";

const ENOUGH = 300; // labels after which the error is held to its floor
const FLOOR = 0.05;

/** Does "80 % sure" come true in 80 of 100? Per question, by the answers of people. */
export function ReliabilityTab() {
  const query = useQuality();
  return (
    <Loaded query={query} bones={<Bones rows={4} tall />}>
      {({ rows }) => rows.length === 0 ? (
        <Empty icon="gauge" title="Nothing to measure yet" actions={<Link className="btn primary" to="/graph/review">Answer some texts</Link>}>Reliability is measured on answers of people; the first ones make the first picture.</Empty>
      ) : (
        <>
          <p className={css.lead}>Of a hundred answers given with 80 % certainty, eighty should be right. The dots show how many were; the line is where they should lie.</p>
          <ul className={css.grid}>{rows.map((row) => <Card key={`${row.task}/${row.question}`} row={row} />)}</ul>
        </>
      )}
    </Loaded>
  );
}

/** What the numbers permit to say, and no more. */
function verdict(row: Quality): string {
  if (row.labels === 0 || row.ece === null) return "No person has answered this question yet, so nothing is known of how reliable it is.";
  if (row.labels < ENOUGH) return `${count(row.labels)} answers are too few to be sure; ${ENOUGH} are wanted before the error is held to ${percent(FLOOR, 0)}.`;
  return row.ece <= FLOOR ? `Its certainty can be taken at its word: off by ${percent(row.ece)} on average.` : `Its certainty is off by ${percent(row.ece)} on average, more than the ${percent(FLOOR, 0)} we hold it to.`;
}

function Card({ row }: { row: Quality }) {
  const good = row.ece !== null && row.ece <= FLOOR;
  return (
    <li className={css.card}>
      <header>
        <div><h2>{asked(row)}</h2><p className="tiny muted">{taskName(row.task)} · {row.question}</p></div>
      </header>
      <div className={css.cardBody}>
        <Diagram bins={row.bins} label={asked(row)} />
        <dl className={css.figures}>
          <Figure name="Answers of people" value={count(row.labels)} note={row.learnt_from !== undefined && row.learnt_from > row.labels ? `learnt from ${count(row.learnt_from)}` : undefined} />
          <Figure name="Right" value={row.accuracy === null ? "–" : percent(row.accuracy)} note={row.labels > 0 ? margin(row) : undefined} />
          <Figure name="Calibration error" value={row.ece === null ? "–" : percent(row.ece)} tone={row.ece === null || row.labels < ENOUGH ? undefined : good ? "good" : "bad"} />
        </dl>
      </div>
      <p className="small">{verdict(row)}</p>
      <HeadHistory row={row} />
      <details className={css.table}>
        <summary>As a table</summary>
        <table>
          <thead><tr><th scope="col">Said</th><th scope="col">Answers</th><th scope="col">Mean certainty</th><th scope="col">Right</th></tr></thead>
          <tbody>{row.bins.filter((bin) => bin.n > 0).map((bin) => <tr key={bin.from}><td>{percent(bin.from, 0)}–{percent(bin.to, 0)}</td><td>{count(bin.n)}</td><td>{percent(bin.predicted)}</td><td>{percent(bin.observed)}</td></tr>)}</tbody>
        </table>
      </details>
    </li>
  );
}

/** A share of n answers, with the width its smallness gives it (95 %, Wilson). */
function wilson(share: number, n: number): [number, number] {
  const z = 1.96;
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

function margin(row: Quality): string | undefined {
  if (row.accuracy === null || row.labels === 0) return undefined;
  const [low, high] = wilson(row.accuracy, row.labels);
  return `${percent(low, 0)}–${percent(high, 0)}`;
}

const SIZE = 190;
const PAD = 26;
const at = (share: number): number => PAD + share * (SIZE - PAD - 8);
const up = (share: number): number => SIZE - at(share);

function Diagram({ bins, label }: { bins: Bin[]; label: string }) {
  const known = bins.filter((bin) => bin.n > 0);
  const most = Math.max(1, ...known.map((bin) => bin.n));
  const text = known.length === 0 ? "no answers yet" : known.map((bin) => `said ${percent(bin.predicted, 0)}, right ${percent(bin.observed, 0)} of ${bin.n}`).join("; ");
  return (
    <svg className={css.diagram} viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={`Reliability of “${label}”: ${text}`}>
      {[0, 0.5, 1].map((tick) => (
        <g key={tick} className={css.tick}>
          <line x1={at(tick)} x2={at(tick)} y1={up(0)} y2={up(1)} /><line x1={at(0)} x2={at(1)} y1={up(tick)} y2={up(tick)} />
          <text x={at(tick)} y={SIZE - PAD + 14} textAnchor="middle">{tick * 100}</text><text x={at(0) - 5} y={up(tick) + 3} textAnchor="end">{tick * 100}</text>
        </g>
      ))}
      <line className={css.ideal} x1={at(0)} y1={up(0)} x2={at(1)} y2={up(1)} />
      {known.map((bin) => {
        const [low, high] = bin.low !== undefined && bin.high !== undefined ? [bin.low, bin.high] : wilson(bin.observed, bin.n);
        return (
          <g key={bin.from} className={css.point}>
            <title>{`Said ${percent(bin.predicted)}, right ${percent(bin.observed)} of ${bin.n}`}</title>
            <line x1={at(bin.predicted)} x2={at(bin.predicted)} y1={up(low)} y2={up(high)} />
            <circle cx={at(bin.predicted)} cy={up(bin.observed)} r={2.6 + 3.4 * Math.sqrt(bin.n / most)} />
          </g>
        );
      })}
      {known.length === 0 && <text className={css.nothing} x={at(0.5)} y={up(0.5)} textAnchor="middle">no answers yet</text>}
    </svg>
  );
}

const inUse = (head: NonNullable<Quality["head"]>): boolean => (head.state === undefined ? head.accepted : head.state === "current" || head.state === "shipped");

function HeadHistory({ row }: { row: Quality }) {
  const versions = row.history && row.history.length > 0 ? row.history : row.head ? [row.head] : [];
  if (versions.length === 0) return <p className="small muted">No model of its own has been trained; rules and the shipped model answer.</p>;
  return (
    <section className={css.heads}>
      <h3>The model behind it</h3>
      <ol>
        {versions.slice(0, 5).map((head) => (
          <li key={`${head.version}-${head.trained_at}`}>
            <span className="row"><b className="num">{head.version === 0 ? "As it ships" : `Version ${head.version}`}</b><Badge tone={inUse(head) ? "good" : "plain"}>{inUse(head) ? "in use" : head.accepted ? "replaced" : "refused"}</Badge>{head.trained_at && <span className="tiny muted">{moment(head.trained_at)}</span>}</span>
            <span className="small muted">{count(head.seeds)} examples that ship, {count(head.reviewed)} answers of people{head.reason ? `. ${head.reason}` : ""}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
