import { useProgram } from "../../api/programQueries";
import type { AllWaiting, WaitingRow } from "../../api/taking";
import { useWaiting } from "../../api/takingQueries";
import { count } from "../../format";
import { Filter } from "../../parts/filters";
import { Icon } from "../../parts/icons";
import { Bones, Empty, Loaded } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { PageHead } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { Acts } from "./Acts";
import { Applications } from "./Applications";
import { Deals } from "./Deals";
import css from "./taking.module.css";
import { bountiesOf, registeringOf } from "./words";

type TabKey = "applications" | "acts" | "deals";
const sum = (row: WaitingRow): number => row.applications + row.submissions + row.registrations;

/** Who wants to take part, what advocates did, and the deals partners registered: decided one by one. */
export default function TakingScreen() {
  const query = useWaiting();
  if (query.data === undefined || query.data.rows.length === 0) {
    return <><PageHead title="Taking part" /><Loaded query={query} bones={<Bones />}>{() => <Empty icon="handshake" title="No program yet" actions={<Link className="btn primary" to="/programs/new"><Icon name="plus" size={15} />New program</Link>}>People take part in a program. Start one, and who applies, what they do and the deals they register wait here.</Empty>}</Loaded></>;
  }
  return <Page all={query.data} />;
}

function Page({ all }: { all: AllWaiting }) {
  const { params } = useAddress();
  const row = all.rows.find((one) => one.program === params.get("program")) ?? (all.rows[0] as WaitingRow);
  const program = useProgram(row.program);
  const bounties = bountiesOf(program.data?.file);
  const rules = registeringOf(program.data?.file);
  // Without a wish, the tab where something waits.
  const busiest: TabKey = row.applications > 0 ? "applications" : row.submissions > 0 ? "acts" : row.registrations > 0 ? "deals" : "applications";
  const wanted = params.get("tab");
  const tab: TabKey = wanted === "applications" || wanted === "acts" || wanted === "deals" ? wanted : busiest;
  return (
    <>
      <PageHead title="Taking part" note={<span className="num">{all.total === 0 ? "Nothing waits" : `${count(all.total)} ${all.total === 1 ? "waits" : "wait"} in all programs`}</span>}>
        <Filter
          label="Program" every={row.name} value={row.program} onChoose={(slug) => setParams({ program: slug ?? row.program, tab: null, state: null, id: null })}
          choices={Object.fromEntries(all.rows.map((one) => [one.program, sum(one) > 0 ? `${one.name} (${sum(one)})` : one.name]))}
        />
        <Link className="btn small" to={`/programs/${row.program}`}>Rules</Link>
      </PageHead>
      <div className={css.tabs}>
        <Tabs<TabKey>
          label="What waits" value={tab} onChange={(key) => setParams({ tab: key, state: null, id: null, program: row.program })}
          tabs={[{ key: "applications", label: "Applications", count: row.applications || undefined }, { key: "acts", label: "Acts", count: row.submissions || undefined }, { key: "deals", label: "Registered deals", count: row.registrations || undefined }]}
        />
      </div>
      <Loaded query={program} bones={<Bones />}>
        {(found) => tab === "applications" ? <Applications key={row.program} program={row.program} open={(found.file.application?.mode ?? "open") === "open"} live={found.state === "live"} questions={Array.isArray(found.file.application?.questions) ? found.file.application.questions as string[] : []} />
          : tab === "acts" ? <Acts key={row.program} program={row.program} bounties={bounties} />
            : <Deals key={row.program} program={row.program} rules={rules} currency={found.file.terms.currency} />}
      </Loaded>
    </>
  );
}
