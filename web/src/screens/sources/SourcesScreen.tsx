import type { DeadLetter, SourceRow } from "../../api/contract";
import { useLive } from "../../api/live";
import { useDeadLetters, useSources } from "../../api/queries";
import { ago, count, moment, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Rows, Two, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Empty, Loaded } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, Fact, PageHead, Scroll, toneOf } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import css from "./sources.module.css";

type TabKey = "sources" | "dead-letters";

/** What arrives, from where, and what became of each piece of it. */
export default function SourcesScreen() {
  const { params } = useAddress();
  const tab: TabKey = params.get("tab") === "dead-letters" ? "dead-letters" : "sources";
  const live = useLive();
  return (
    <>
      <PageHead title="Sources">
        {live.pulse && <span className={css.tick} key={live.pulse.events} role="status"><span className="num">{count(live.pulse.events)}</span> events, {live.connected ? "live" : "reconnecting"}</span>}
        <Tabs<TabKey> label="Sources" kind="pill" value={tab} onChange={(key) => setParams({ tab: key === "sources" ? null : key, id: null })} tabs={[{ key: "sources", label: "Sources" }, { key: "dead-letters", label: "Dead letters" }]} />
      </PageHead>
      {tab === "sources" ? <SourceList /> : <DeadLetters />}
    </>
  );
}

function SourceList() {
  const query = useSources();
  const now = useNow(5000);
  return (
    <Scroll label="Sources">
      <Loaded query={query}>
        {({ rows }) => rows.length === 0 ? (
          <Empty icon="plug" title="No source is connected">Send events with the write key that <code className="mono">honeyguide source add</code> prints, or import a CSV with <code className="mono">honeyguide import</code>.</Empty>
        ) : (
          <div className={css.grid}>{rows.map((row) => <SourceCard key={row.id} row={row} now={now} />)}</div>
        )}
      </Loaded>
    </Scroll>
  );
}

function SourceCard({ row, now }: { row: SourceRow; now: number }) {
  const fresh = row.last_event_at !== null && now - Date.parse(row.last_event_at) < 120_000;
  const counters = [["Accepted", row.accepted], ["Duplicate", row.duplicate], ["Mismatch", row.mismatch], ["Dead letter", row.dead_letter], ["Refused", row.refused]] as const;
  return (
    <article className={css.source}>
      <header className="row">
        <span className={css.pip} data-on={fresh} title={fresh ? "Heard in the last two minutes" : "Quiet"} />
        <h2 className="grow clip">{row.name}</h2>
        <Badge>{words(row.kind)}</Badge>
      </header>
      <p className="small muted">Last event {ago(row.last_event_at, now)}, key <code className="mono">{row.key_prefix}…</code></p>
      <dl className={css.counters}>
        {counters.map(([name, n]) => (
          <div key={name} data-warn={n > 0 && (name === "Dead letter" || name === "Mismatch")}><dt>{name}</dt><dd className="num">{count(n)}</dd></div>
        ))}
        <div data-warn={row.lag > 1000}><dt>Waiting</dt><dd className="num">{count(row.lag)}</dd></div>
      </dl>
      {row.dead_letter > 0 && <button className="link small" onClick={() => setParams({ tab: "dead-letters" })}>See what was set aside</button>}
    </article>
  );
}

function DeadLetters() {
  const { params } = useAddress();
  const query = useDeadLetters();
  const sources = useSources().data?.rows;
  const nameOf = (row: DeadLetter) => sources?.find((one) => one.id === row.source_id)?.name ?? `Source ${row.source_id}`;
  const now = useNow(60_000);
  const id = params.get("id") ?? "";
  const open = query.data?.pages.flatMap((page) => page.rows).find((row) => row.id === id);
  const columns: Column<DeadLetter>[] = [
    { key: "reason", head: "Reason", width: "minmax(0, 2fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{words(row.reason)}</span>} below={row.detail} /> },
    { key: "source", head: "Source", width: "minmax(0, 0.8fr)", phone: "sub", cell: (row) => <span className="clip">{nameOf(row)}</span> },
    { key: "stage", head: "Stage", width: "100px", cell: (row) => <span className="muted">{words(row.stage)}</span> },
    { key: "state", head: "State", width: "92px", phone: "side", cell: (row) => <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge> },
    { key: "at", head: "When", width: "96px", align: "right", cell: (row) => <span className="small muted num">{ago(row.at, now)}</span> },
  ];
  return (
    <>
      <Rows
        label="Dead letters" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={id}
        empty={<Empty icon="circle-check" title="No dead letter">Everything that arrived was understood, recognised as a duplicate, or refused with a reason to its sender.</Empty>}
      />
      {open && (
        <Sheet title={words(open.reason)} note={nameOf(open)} onClose={() => setParams({ id: null })}>
          <dl>
            <Fact name="When">{moment(open.at)}</Fact>
            <Fact name="Stage">{words(open.stage)}</Fact>
            {open.detail && <Fact name="What happened">{open.detail}</Fact>}
            <Fact name="State"><Badge tone={toneOf(open.state)}>{words(open.state)}</Badge></Fact>
            <Fact name="Attempts">{open.attempts}</Fact>
          </dl>
          {open.body && <pre className={css.body}>{open.body}</pre>}
        </Sheet>
      )}
    </>
  );
}
