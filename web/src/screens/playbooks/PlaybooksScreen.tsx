import { SEGMENTS, STAGES, VERTICALS } from "../../api/brain";
import { usePlaybooks } from "../../api/brainQueries";
import type { PlaybookRow } from "../../api/playbooks";
import { ExportCsv } from "../../parts/filters";
import { Bones, Empty, Failure, Freshness } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, PageHead, Scroll } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { Budgets } from "./Budgets";
import css from "./playbooks.module.css";

const of100 = (share: number): string => (share >= 0.01 ? String(Math.round(share * 100)) : (share * 100).toFixed(1));
const STAGE_TEXT: Record<string, string> = {
  onboarding: "Just signed, still setting up", adoption: "Using it, value not shown yet", value: "The product does what it promised", renewal: "The contract is about to turn",
  expansion: "They have grown with us", advocacy: "They have already brought somebody", dormant: "Gone quiet, or gone",
};

/** The library: which playbook is in force for whom, one industry at a time. */
export default function PlaybooksScreen() {
  const { params } = useAddress();
  const wanted = params.get("vertical") ?? "";
  const vertical = wanted in VERTICALS ? wanted : "saas";
  const query = usePlaybooks({ vertical, limit: "100" });
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <>
      <PageHead title="Playbooks" note="What to ask of whom, when, and with what">{rows.length > 0 && <ExportCsv path="/api/playbooks" filters={{ vertical }} />}</PageHead>
      <div className={css.tools}>
        <Tabs label="Industry" kind="pill" value={vertical} panel="playbook-grid" onChange={(key) => setParams({ vertical: key })} tabs={Object.entries(VERTICALS).map(([key, label]) => ({ key, label: key === "other" ? "Every other" : label }))} />
        <p className="small muted">What a step promises is belief, until your own data says more.</p>
      </div>
      <Budgets />
      <Scroll label="Playbooks">
        <div id="playbook-grid" role="tabpanel" aria-label={VERTICALS[vertical as keyof typeof VERTICALS]}>
          {query.data === undefined ? (query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={7} tall />) : (
            <>
              <Freshness query={query} />
              {rows.length === 0 ? <Empty icon="book-text" title="No playbook here" actions={<Link className="btn" to="/programs">See the programs</Link>}>Playbooks come with the program. Without one, nobody is asked.</Empty> : <Grid rows={rows} />}
            </>
          )}
        </div>
      </Scroll>
    </>
  );
}

function Grid({ rows }: { rows: PlaybookRow[] }) {
  const at = (stage: string, segment: string) => rows.find((row) => row.stage === stage && row.segment === segment);
  return (
    <table className={css.grid}>
      <caption className="sr">Playbooks by stage of the journey and segment</caption>
      <thead><tr><th scope="col">Where the customer stands</th>{Object.entries(SEGMENTS).map(([key, name]) => <th key={key} scope="col">{name}</th>)}</tr></thead>
      <tbody>
        {Object.entries(STAGES).map(([stage, name]) => (
          <tr key={stage}>
            <th scope="row"><span className="strong">{name}</span><span className={css.stageText}>{STAGE_TEXT[stage]}</span></th>
            {Object.entries(SEGMENTS).map(([segment, segmentName]) => {
              const row = at(stage, segment);
              return <td key={segment}>{row ? <Cell row={row} segment={segmentName} /> : <span className="small muted">None</span>}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ row, segment }: { row: PlaybookRow; segment: string }) {
  return (
    <Link to={`/playbooks/${row.slug}`} className={css.cell}>
      <span className={css.phoneSegment}>{segment}</span>
      <span className={css.goal}>{row.goal}</span>
      <span className={css.cellFoot}>
        <span className="num" title={`${row.own_steps} written for this case, ${row.steps - row.own_steps} for everybody`}>{row.own_steps} own {row.own_steps === 1 ? "step" : "steps"} of {row.steps}</span>
        <span className="num" title={`The most one of its steps promises: of 100 people asked, ${of100(row.expected_low)} to ${of100(row.expected_high)} share because they were asked`}>{of100(row.expected_low)}–{of100(row.expected_high)} of 100 share</span>
        {row.edited && <Badge tone="honey">yours, v{row.version}</Badge>}
      </span>
    </Link>
  );
}
