import { useState } from "react";

import type { LiveRow } from "../../../api/sources";
import { count, moment } from "../../../format";
import { Code } from "../../../parts/code";
import { saveCsv } from "../../../parts/export";
import { useKeys } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { Bones, Empty, Failure, Freshness } from "../../../parts/states";
import { Tabs } from "../../../parts/tabs";
import { SearchField } from "../../../parts/ui";
import { setParams, useAddress } from "../../../router";
import { EventList, Kinds, Pair, spoken } from "../events";
import { stageName } from "../letters/reasons";
import css from "./detail.module.css";
import { useTail } from "./tail";

const time = (iso: string): string => new Date(iso).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DRAWN = 150;
/** "plan: It needs …" -> "Tracking plan: It needs …" */
const plain = (problem: string): string => problem.replace(/^(\w+): /, (_, stage: string) => `${stageName(stage)}: `);

const SHOWN = [
  { key: "", label: "All", holds: () => true },
  { key: "events", label: "Became events", holds: (row: LiveRow) => row.events.length > 0 },
  { key: "problem", label: "With a problem", holds: (row: LiveRow) => Boolean(row.problem) },
];

/** What comes right now, each row beside what it became. */
export function LiveTail({ id, paused }: { id: string; paused: boolean }) {
  const { params } = useAddress();
  const [held, setHeld] = useState(false);
  const [text, setText] = useState("");
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const query = useTail(id, !held);
  useKeys({
    "/": (event) => { event.preventDefault(); document.getElementById("tail-search")?.focus(); },
    p: (event) => { event.preventDefault(); setHeld((now) => !now); },
  });
  const chosen = SHOWN.find((one) => one.key === (params.get("show") ?? "")) ?? SHOWN[0]!;
  const all = query.data ?? [];
  const wanted = text.trim().toLowerCase();
  const rows = all.filter((row) => chosen.holds(row) && (!wanted || `${row.kind} ${row.message_id} ${row.body} ${row.events.map((event) => `${event.kind} ${event.name} ${event.ref} ${spoken(event.person)} ${spoken(event.company)}`).join(" ")}`.toLowerCase().includes(wanted)));
  const toggle = (seq: number) => setOpen((before) => {
    const after = new Set(before);
    if (!after.delete(seq)) after.add(seq);
    return after;
  });
  if (query.data === undefined) return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones />;
  return (
    <>
      <div className={css.bar}>
        <span className={css.listening} role="status"><i className={css.dot} data-on={!held} />{held ? "Held: nothing new is shown" : paused ? "The source is paused" : "Listening"}</span>
        <button className="btn small" aria-pressed={held} onClick={() => setHeld(!held)}><Icon name={held ? "play" : "pause"} size={13} />{held ? "Go on" : "Hold"} <kbd className="kbd">p</kbd></button>
        <Tabs label="Show" kind="pill" value={chosen.key} tabs={SHOWN.map(({ key, label, holds }) => ({ key, label, count: key === "problem" ? all.filter(holds).length || undefined : undefined }))} onChange={(key) => setParams({ show: key || null })} />
        <span className={css.barEnd}>
          <SearchField id="tail-search" value={text} onChange={setText} label="Find in what came" />
          <button className="btn small" disabled={rows.length === 0} onClick={() => saveCsv(`live-${id}`, rows.map((row) => ({ received_at: row.received_at, kind: row.kind, message_id: row.message_id, events: row.events.map((event) => event.kind).join(" "), problem: row.problem, body: row.body })))}><Icon name="download" size={14} />Export CSV</button>
        </span>
      </div>
      <Freshness query={query} />
      {all.length === 0 ? (
        <Empty icon="radio" title={paused ? "The source is paused" : "Nothing has come yet"}>{paused ? "Resume it, and what is sent appears here within two seconds." : "Leave this page open: what the system sends appears here within two seconds."}</Empty>
      ) : rows.length === 0 ? (
        <Empty icon="search" title="Nothing of this kind among the newest" actions={<button className="btn" onClick={() => { setText(""); setParams({ show: null }); }}>Show all</button>}>The newest {count(all.length)} rows were looked through.</Empty>
      ) : (
        <div className={css.tailScroll} role="region" aria-label="What came, newest first" tabIndex={0}>
          {rows.slice(0, DRAWN).map((row) => <Entry key={row.seq} row={row} open={open.has(row.seq)} onToggle={() => toggle(row.seq)} />)}
          {rows.length > DRAWN && <p className="small muted" style={{ padding: "12px 28px" }}>{count(rows.length - DRAWN)} older rows are not drawn; find them by their text, or export them.</p>}
        </div>
      )}
    </>
  );
}

function Entry({ row, open, onToggle }: { row: LiveRow; open: boolean; onToggle: () => void }) {
  const first = row.events[0];
  return (
    <div className={css.entry} data-open={open}>
      <button className={css.line} aria-expanded={open} onClick={onToggle}>
        <time className="num small muted" dateTime={row.received_at} title={moment(row.received_at)}>{time(row.received_at)}</time>
        <span style={{ minWidth: 0 }}><span className="clip strong">{first?.name || row.kind || row.format}</span><span className="clip tiny muted mono">{first?.name && row.kind ? `${row.kind} · ` : ""}{row.message_id}</span></span>
        <span className="row wrap" style={{ rowGap: 3 }}>
          {row.problem ? <span className="row small bad" style={{ gap: 6 }} title={row.problem}><Icon name="triangle-alert" size={13} /><span className="clip">{plain(row.problem)}</span></span> : <Kinds events={row.events} />}
          {first && <span className="small muted clip" style={{ flex: "1 1 120px" }} title={first.ref}>{spoken(first.person) || spoken(first.company) || first.ref}</span>}
        </span>
        <span className={css.turn} data-open={open}><Icon name="chevron-right" size={14} /></span>
      </button>
      {open && (
        <div className={css.inside}>
          <Pair left={<Code label="As it came" value={row.body} height={380} />} right={<EventList events={row.events} problem={row.problem && plain(row.problem)} />} />
          <p className={css.insideMeta}><span>Happened {moment(row.at)}</span><span>Row <code className="mono">{row.seq}</code></span><span>Event <code className="mono">{row.event_id}</code></span>{row.version !== null && <span>Read by mapping version {row.version}</span>}{row.lane !== "live" && <span>Lane {row.lane}</span>}</p>
        </div>
      )}
    </div>
  );
}
