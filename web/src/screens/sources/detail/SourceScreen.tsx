import { useConnectors, useSource } from "../../../api/sourceQueries";
import type { SourceDetail } from "../../../api/sources";
import { day } from "../../../format";
import { useIsNarrow, useNow } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { Bones, Failure, Freshness } from "../../../parts/states";
import { Tabs } from "../../../parts/tabs";
import { Badge, Scroll } from "../../../parts/ui";
import { Link, setParams, useAddress } from "../../../router";
import { useKnownSession } from "../../../session";
import { StateMark, SystemTile } from "../StateMark";
import { isPaused, systemName } from "../systems";
import { usePause } from "../writes";
import { Catalogue } from "./Catalogue";
import css from "./detail.module.css";
import { LiveTail } from "./LiveTail";
import { Mapping } from "./Mapping";
import { MoneyTrust } from "./MoneyTrust";
import { Overview } from "./Overview";
import { PlanEditor } from "./PlanEditor";

const TABS = [
  { key: "overview", label: "Overview" }, { key: "live", label: "Live" }, { key: "catalogue", label: "Catalogue" },
  { key: "plan", label: "Tracking plan" }, { key: "mapping", label: "Mapping" },
] as const;
type TabKey = (typeof TABS)[number]["key"];

/** One source: how it is, what comes right now, what it has ever sent, what is expected of it, what it becomes. */
export default function SourceScreen({ id }: { id: string }) {
  const { params } = useAddress();
  const tab = (TABS.find((one) => one.key === params.get("tab"))?.key ?? "overview") as TabKey;
  const query = useSource(id);
  const back = <div style={{ padding: "12px 16px 0", flex: "none" }}><Link className="btn quiet small" to="/sources"><Icon name="chevron-left" size={14} />Sources</Link></div>;
  if (query.data === undefined) return <>{back}<h1 className="sr">Source</h1>{query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={6} tall />}</>;
  const source = query.data;
  return (
    <>
      {back}
      <Head source={source} />
      <div className={css.tabs}>
        <Tabs<TabKey> label="About this source" value={tab} panel="source-panel" tabs={TABS.map((one) => (one.key === "plan" && source.plan.violations > 0 ? { ...one, count: source.plan.violations } : { ...one }))} onChange={(key) => setParams({ tab: key === "overview" ? null : key })} />
      </div>
      <Freshness query={query} />
      {tab === "live" ? <div id="source-panel" role="tabpanel" aria-label="Live" className={css.tail}><LiveTail id={id} paused={isPaused(source)} /></div> : (
        <Scroll label={TABS.find((one) => one.key === tab)?.label ?? ""}>
          <div id="source-panel" role="tabpanel" aria-label={TABS.find((one) => one.key === tab)?.label} className={css.page}>
            {tab === "overview" && <Overview source={source} />}
            {tab === "catalogue" && <Catalogue id={id} name={source.name} />}
            {tab === "plan" && <PlanEditor id={id} />}
            {tab === "mapping" && <Mapping source={source} />}
          </div>
        </Scroll>
      )}
    </>
  );
}

function Head({ source }: { source: SourceDetail }) {
  const now = useNow(2000);
  const narrow = useIsNarrow();
  const mayWrite = useKnownSession().may.includes("sources.write");
  const connectors = useConnectors().data?.rows;
  const pause = usePause();
  const kind = source.connector ?? source.kind;
  const paused = isPaused(source);
  return (
    <header className={css.head}>
      <SystemTile kind={kind} size={44} />
      <div className="grow">
        <h1>{source.name}</h1>
        <div className={css.meta}>
          <StateMark row={source} now={now} long />
        </div>
        {!narrow && <p className={`${css.meta} small muted`}><Badge>{systemName(kind, connectors)}</Badge><span>since {day(source.created_at)}</span><span>key <code className="mono">{source.key_prefix}…</code></span></p>}
        {!narrow && <MoneyTrust source={source} mayWrite={mayWrite} />}
      </div>
      {mayWrite && (
        <div className={css.tools}>
          <button className="btn" disabled={pause.isPending} onClick={() => pause.mutate({ id: source.id, pause: !paused, connection: source.connection !== null })}>
            <Icon name={paused ? "play" : "pause"} size={14} />{paused ? "Resume" : "Pause"}
          </button>
        </div>
      )}
    </header>
  );
}
