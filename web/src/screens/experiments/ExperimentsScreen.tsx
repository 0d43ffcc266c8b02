import type { Experiment } from "../../api/experiments";
import { useExperiments } from "../../api/brainQueries";
import { count } from "../../format";
import { Progress } from "../../parts/bars";
import { ExportCsv, Filter } from "../../parts/filters";
import { EffectLine } from "../../parts/interval";
import { Rows, type Column } from "../../parts/rows";
import { Empty } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, PageHead, Scroll } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import css from "./experiments.module.css";
import { Growth } from "./Growth";
import { measured, sayDifference, unitsOf, VERDICTS, verdictOf } from "./say";

/** What the asking caused, and what it cost; never an effect without its interval, its numbers and a sentence. */
export default function ExperimentsScreen() {
  const { params } = useAddress();
  const tab = params.get("tab") === "growth" ? "growth" : "";
  return (
    <>
      <PageHead title="Experiments" note="What asking really caused, against people left alone on purpose" />
      <div className={css.bar}>
        <Tabs
          label="Experiments" value={tab} panel="experiments-panel" onChange={(key) => setParams({ tab: key || null, verdict: null })}
          tabs={[{ key: "", label: "Comparisons" }, { key: "growth", label: "Growth and money" }]}
        />
      </div>
      <div id="experiments-panel" role="tabpanel" aria-label={tab ? "Growth and money" : "Comparisons"} className={css.panel}>
        {tab === "growth" ? <Scroll label="Growth and money"><Growth /></Scroll> : <Comparisons verdict={params.get("verdict") ?? ""} />}
      </div>
    </>
  );
}

/** How far a comparison has come that cannot be decided yet. */
export function Waiting({ one }: { one: Experiment }) {
  const have = one.n_candidate + one.n_incumbent;
  if (one.verdict !== "not_enough_yet" || !one.needed) return null;
  return (
    <span className={css.waiting}>
      <span className="small muted num">{count(have)} of about {count(have + one.needed)} {unitsOf(one)} observed</span>
      <Progress done={have} total={have + one.needed} label={`${unitsOf(one)} observed for a first verdict`} tone="still" />
    </span>
  );
}

/** The difference with its interval, or how far we are from being able to say one. */
function Difference({ one }: { one: Experiment }) {
  if (!measured(one)) return <span className={css.difference}>{one.needed ? <Waiting one={one} /> : <span className="small muted num">{count(one.n_candidate)} and {count(one.n_incumbent)} {unitsOf(one)} observed so far</span>}</span>;
  const say = sayDifference(one);
  const bound = Math.max(Math.abs(one.lower), Math.abs(one.upper)) * 1.15;
  return (
    <span className={css.difference}>
      <span className="num"><b>{say(one.lower)} to {say(one.upper)}</b> <span className="muted small">middle {say(one.estimate)}</span></span>
      <EffectLine estimate={one.estimate} lower={one.lower} upper={one.upper} bound={bound} label={one.title} say={say} />
    </span>
  );
}

function Comparisons({ verdict }: { verdict: string }) {
  const query = useExperiments({ verdict });
  const total = query.data?.pages[0]?.total ?? 0;
  const columns: Column<Experiment>[] = [
    {
      key: "title", head: "What was compared", width: "minmax(0, 2fr)", phone: "main",
      cell: (row) => <span className={css.what}><span className="strong">{row.title}</span><span className="small muted">{row.sentence}</span></span>,
    },
    { key: "verdict", head: "Verdict", width: "150px", phone: "sub", cell: (row) => <Badge tone={verdictOf(row).tone}>{verdictOf(row).text}</Badge> },
    { key: "difference", head: "Where the difference lies", width: "minmax(0, 1.15fr)", phone: "sub", cell: (row) => <Difference one={row} /> },
    { key: "n", head: "Observed", width: "132px", align: "right", phone: "hide", cell: (row) => <span className="small muted num">{count(row.n_candidate)} against {count(row.n_incumbent)}</span> },
  ];
  return (
    <>
      <div className={css.tools}>
        <p className="small muted grow">Each range stays true however often you look at it.</p>
        <Filter label="Verdict" every="Every verdict" value={verdict} onChoose={(id) => setParams({ verdict: id })} choices={Object.fromEntries(Object.entries(VERDICTS).map(([id, one]) => [id, one.text]))} />
        {total > 0 && <ExportCsv path="/api/experiments" filters={{ verdict }} />}
      </div>
      <Rows
        label="Comparisons" columns={columns} query={query} rowKey={(row) => row.id} to={(row) => `/experiments/${encodeURIComponent(row.id)}`}
        empty={verdict ? (
          <Empty icon="flask-conical" title="No comparison has this verdict" actions={<button className="btn" onClick={() => setParams({ verdict: null })}>Show all</button>} />
        ) : (
          <Empty icon="flask-conical" title="Nothing is being compared yet" actions={<Link className="btn primary" to="/">Go to Ask now</Link>}>
            One customer company in ten is never asked, on purpose. As soon as the others have been asked, the two groups are compared here.
          </Empty>
        )}
      />
    </>
  );
}
