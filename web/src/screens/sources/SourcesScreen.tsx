import { useState } from "react";

import { useConnectors, useSourceDays } from "../../api/sourceQueries";
import { useSources } from "../../api/queries";
import type { Connector, SourceRow } from "../../api/sources";
import { count, shortCount } from "../../format";
import { DayBars } from "../../parts/bars";
import { saveCsv } from "../../parts/export";
import { useIsNarrow, useKeys, useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Rows, Two, whole, type Column } from "../../parts/rows";
import { Empty } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Figure, PageHead, SearchField } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { DeadLetters } from "./letters/DeadLetters";
import { Replays } from "./replays/Replays";
import css from "./sources.module.css";
import { StateMark, SystemTile } from "./StateMark";
import { bytes, careFirst, GROUPS, groupOf, isPaused, needsCare, stateOf, systemName } from "./systems";

type TabKey = "sources" | "dead-letters" | "replays";

/** What arrives, from where, and what became of each piece of it. */
export default function SourcesScreen() {
  const { params } = useAddress();
  const mayWrite = useKnownSession().may.includes("sources.write");
  const narrow = useIsNarrow();
  const tab = (["dead-letters", "replays"].includes(params.get("tab") ?? "") ? params.get("tab") : "sources") as TabKey;
  const aside = useSources().data?.rows.reduce((sum, row) => sum + row.open_letters, 0) ?? 0;
  return (
    <>
      <PageHead title="Sources">
        <Tabs<TabKey>
          label="Sources" kind="pill" value={tab} onChange={(key) => setParams({ tab: key === "sources" ? null : key, id: null, state: null, reason: null, stage: null, source: null, q: null, new: null })}
          tabs={[{ key: "sources", label: "Systems" }, { key: "dead-letters", label: "Dead letters", count: aside || undefined }, { key: "replays", label: "Replays" }]}
        />
        {mayWrite && <Link className="btn primary" to="/sources/connect"><Icon name="plus" size={15} />{narrow ? <span className="sr">Connect a system</span> : "Connect a system"}</Link>}
      </PageHead>
      {tab === "sources" ? <SourceList mayWrite={mayWrite} /> : tab === "replays" ? <Replays /> : <DeadLetters />}
    </>
  );
}

const FILTERS: { key: string; label: string; holds: (row: SourceRow) => boolean }[] = [
  { key: "", label: "All", holds: () => true },
  { key: "care", label: "Need a look", holds: needsCare },
  { key: "waiting", label: "Waiting", holds: (row) => row.state === "waiting" },
  { key: "paused", label: "Paused", holds: isPaused },
];

function useColumns(now: number): Column<SourceRow>[] {
  const narrow = useIsNarrow();
  const connectors = useConnectors().data?.rows;
  return [
    {
      key: "name", head: "System", width: "minmax(0, 1.25fr)", phone: "main",
      cell: (row) => <span className="row" style={{ gap: 11 }}><SystemTile kind={row.connector ?? row.kind} /><Two top={<span className="strong">{row.name}</span>} below={subtitle(row, connectors)} /></span>,
    },
    { key: "state", head: "State", width: "minmax(0, 1.6fr)", phone: "sub", cell: (row) => <StateMark row={row} now={now} /> },
    { key: "days", head: "Last 30 days", width: "132px", phone: "side", cell: (row) => <Days id={row.id} narrow={narrow} /> },
    {
      key: "events", head: "Events, size", width: "104px", align: "right",
      cell: (row) => <span className={css.aside}><span className="num strong" title={`${count(row.cost.events)} events in 30 days`}>{shortCount(row.cost.events)}</span><span className="small muted num" style={{ display: "block" }}>{bytes(row.cost.bytes)}</span></span>,
    },
    { key: "lag", head: "Not yet read", width: "88px", align: "right", cell: (row) => <span className="num" data-warn={row.lag > 1000}>{row.lag === 0 ? <span className="muted">None</span> : row.lag >= 10_000 ? "10,000+" : count(row.lag)}</span> },
    {
      key: "aside", head: "Duplicates, set aside", width: "146px", align: "right", phone: "sub",
      cell: (row) => (narrow && row.open_letters === 0 ? null : (
        <span className={css.aside}>
          {!narrow && <span className="num muted" title="Recognised and counted once">{count(row.duplicate)} duplicate{row.duplicate === 1 ? "" : "s"}</span>}
          {row.open_letters > 0
            ? <Link className="small bad num" style={{ display: "block" }} to={`/sources?tab=dead-letters&source=${row.id}`}>{count(row.open_letters)} dead letter{row.open_letters > 1 ? "s" : ""}</Link>
            : <span className="small muted" style={{ display: "block" }}>none set aside</span>}
        </span>
      )),
    },
  ];
}

/** What it is, unless its name says so already; then what it is good for. */
function subtitle(row: SourceRow, connectors: Connector[] | undefined): string {
  const kind = row.connector ?? row.kind;
  const system = systemName(kind, connectors);
  return row.name.toLowerCase().includes(system.toLowerCase()) ? (GROUPS.find((group) => group.key === groupOf(kind))?.name ?? system) : system;
}

function Days({ id, narrow }: { id: string; narrow: boolean }) {
  const days = useSourceDays(id).data?.days;
  return <span className={css.bars} style={{ width: narrow ? 84 : undefined }}>{days ? <DayBars days={days} /> : <span className="bone" style={{ width: "100%", height: 8, opacity: 0.5 }} />}</span>;
}

function SourceList({ mayWrite }: { mayWrite: boolean }) {
  const { params } = useAddress();
  const query = useSources();
  const now = useNow(2000);
  const [text, setText] = useState("");
  const columns = useColumns(now);
  useKeys({ "/": (event) => { event.preventDefault(); document.getElementById("source-search")?.focus(); } });
  const all = query.data?.rows.filter((row) => row.kind !== "internal");
  const chosen = FILTERS.find((one) => one.key === (params.get("state") ?? "")) ?? FILTERS[0]!;
  const rows = all?.filter((row) => chosen.holds(row) && `${row.name} ${row.kind} ${row.connector ?? ""}`.toLowerCase().includes(text.trim().toLowerCase())).sort(careFirst);
  const sum = (of: (row: SourceRow) => number) => (all ?? []).reduce((total, row) => total + of(row), 0);
  const exported = () => saveCsv("sources", (rows ?? []).map((row) => {
    const { cost, connection, ...rest } = row;
    return { ...rest, connection: connection?.state ?? "", state_in_words: `${stateOf(row, now).word} ${stateOf(row, now).rest}`, events_30_days: cost.events, bytes_30_days: cost.bytes };
  }));
  return (
    <>
      {all && all.length > 0 && (
        <>
          <dl className={css.figures}>
            <Figure name="Systems" value={count(all.length)} note={`${count(all.filter((row) => stateOf(row, now).word === "OK").length)} send as they should`} />
            <Figure name="Events" value={shortCount(sum((row) => row.cost.events))} note={`in 30 days, ${bytes(sum((row) => row.cost.bytes))}`} />
            <Figure name="Not yet read" value={sum((row) => row.lag) >= 10_000 ? "10,000+" : count(sum((row) => row.lag))} note={sum((row) => row.lag) === 0 ? "everything is read" : "being read in order"} />
            <Figure name="Set aside" value={count(sum((row) => row.open_letters))} tone={sum((row) => row.open_letters) > 0 ? "bad" : undefined} note={sum((row) => row.open_letters) > 0 ? "dead letters wait for you" : "nothing was lost or refused unseen"} />
          </dl>
          <div className={css.bar}>
            <Tabs label="State" kind="pill" value={chosen.key} onChange={(key) => setParams({ state: key || null })} tabs={FILTERS.map((one) => ({ key: one.key, label: one.label, count: one.key ? all.filter(one.holds).length : undefined }))} />
            <span className={css.barEnd}>
              <SearchField id="source-search" value={text} onChange={setText} label="Search systems" />
              <button className="btn small" onClick={exported}><Icon name="download" size={14} />Export CSV</button>
            </span>
          </div>
        </>
      )}
      <Rows
        label="Sources" columns={columns} query={whole(query, rows)} rowKey={(row) => row.id} to={(row) => `/sources/${row.id}`}
        empty={all && all.length > 0 ? (
          <Empty icon="search" title="No system matches" actions={<button className="btn" onClick={() => { setText(""); setParams({ state: null }); }}>Show all</button>}>Nothing is in this state, or bears this name.</Empty>
        ) : (
          <Empty icon="plug" title="Nothing is connected yet" actions={mayWrite ? <Link className="btn primary" to="/sources/connect"><Icon name="plus" size={15} />Connect a system</Link> : undefined}>
            Connect the CRM, the helpdesk, billing or your product. Nobody is asked for anything by connecting: it only lets Honeyguide see who is delighted, and why.
          </Empty>
        )}
      />
    </>
  );
}
