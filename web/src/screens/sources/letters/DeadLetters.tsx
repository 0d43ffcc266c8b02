import { useState } from "react";

import { address } from "../../../api/client";
import { useSources } from "../../../api/queries";
import { useDeadLetters, type LetterFilters } from "../../../api/sourceQueries";
import type { DeadLetter } from "../../../api/sources";
import { ago, count, moment, words } from "../../../format";
import { Progress } from "../../../parts/bars";
import { useNow } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { SelfMenu } from "../../../parts/menu";
import { Rows, Two, type Column } from "../../../parts/rows";
import { Empty } from "../../../parts/states";
import { Tabs } from "../../../parts/tabs";
import { Badge, toneOf } from "../../../parts/ui";
import { setParams, useAddress } from "../../../router";
import { useKnownSession } from "../../../session";
import { useBulkRetry } from "./bulk";
import css from "./letters.module.css";
import { LetterSheet } from "./LetterSheet";
import { reasonName, stageName } from "./reasons";

const STATES = [{ key: "open", label: "Open" }, { key: "retried", label: "Went through" }, { key: "dropped", label: "Dropped" }];
type Reason = { stage: string; reason: string; n: number };

/** What could not be used, by reason; mended, retried or dropped. */
export function DeadLetters() {
  const { params } = useAddress();
  const mayWrite = useKnownSession().may.includes("sources.write");
  const filters: LetterFilters = { state: params.get("state") ?? "open", source: params.get("source") ?? "", stage: params.get("stage") ?? "", reason: params.get("reason") ?? "" };
  const query = useDeadLetters(filters);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const bulk = useBulkRetry();
  const now = useNow(60_000);
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const total = query.data?.pages[0]?.total ?? 0;
  const reasons = query.data?.pages[0]?.reasons ?? [];
  const open = rows.find((row) => row.id === params.get("id"));
  const chosen = rows.filter((row) => picked.has(row.id) && row.state === "open");
  const filtered = Boolean(filters.source || filters.stage || filters.reason);
  const isOpen = filters.state === "open";
  return (
    <>
      <Filters filters={filters} total={query.data ? total : undefined}>
        {mayWrite && isOpen && chosen.length > 0 && <button className="btn small quiet" onClick={() => setPicked(new Set())}>Clear</button>}
        {mayWrite && isOpen && chosen.length > 0 && <button className="btn small primary" disabled={bulk.work !== null} onClick={() => { bulk.run(chosen.map((row) => row.id)); setPicked(new Set()); }}>Retry {chosen.length}</button>}
        {mayWrite && isOpen && chosen.length === 0 && total > 1 && <button className="btn small" disabled={bulk.work !== null} onClick={() => bulk.run(filters)}><Icon name="repeat" size={14} />Retry all {count(total)}</button>}
        <a className="btn small" href={address("/api/dead-letters", { ...filters, format: "csv" })} download><Icon name="download" size={14} />Export CSV</a>
      </Filters>
      {reasons.length > 0 && <Reasons reasons={reasons} filters={filters} />}
      {bulk.work && (
        <div className={css.work} role="status">
          <span className="small num">{bulk.work.total === 0 ? "Gathering" : `Retrying ${count(bulk.work.done)} of ${count(bulk.work.total)}`}</span>
          <Progress label="Retrying dead letters" done={bulk.work.done} total={bulk.work.total} />
          <span className="small muted num">{count(bulk.work.fine)} went through{bulk.work.again > 0 && `, ${count(bulk.work.again)} failed again`}</span>
          {bulk.work.stops ? <button className="btn small" onClick={bulk.stop}>Stop</button> : <span className="small muted">It goes on if you leave.</span>}
        </div>
      )}
      <Rows
        label="Dead letters" columns={useColumns(now, mayWrite && isOpen, picked, setPicked)} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={open?.id}
        empty={filtered || !isOpen ? (
          <Empty icon="search" title={isOpen ? "No open letter has this reason or source" : `No letter was ${filters.state === "dropped" ? "dropped" : "retried"}`} actions={<button className="btn" onClick={() => setParams({ state: null, source: null, stage: null, reason: null })}>Show all open</button>}>What was mended or dropped stays in its own list.</Empty>
        ) : (
          <Empty icon="circle-check" title="Not one dead letter">Everything that arrived was understood, recognised as a duplicate, or refused with a reason to its sender. Nothing waits, and nothing was lost.</Empty>
        )}
      />
      {open && <LetterSheet key={open.id} letter={open} mayWrite={mayWrite} onClose={() => setParams({ id: null })} />}
    </>
  );
}

function useColumns(now: number, canPick: boolean, picked: ReadonlySet<string>, setPicked: (next: ReadonlySet<string>) => void): Column<DeadLetter>[] {
  const sources = useSources().data?.rows;
  const nameOf = (row: DeadLetter) => row.source || (sources?.find((one) => one.id === row.source_id)?.name ?? `Source ${row.source_id}`);
  const toggle = (id: string) => {
    const after = new Set(picked);
    if (!after.delete(id)) after.add(id);
    setPicked(after);
  };
  return [
    ...(canPick ? [{ key: "pick", head: "Pick", quiet: true, width: "16px", phone: "hide" as const, cell: (row: DeadLetter) => <input type="checkbox" className={css.check} aria-label={`Pick letter ${row.id}, ${reasonName(row.reason)}`} checked={picked.has(row.id)} onChange={() => toggle(row.id)} /> }] : []),
    { key: "reason", head: "What happened", width: "minmax(0, 2.2fr)", phone: "main", opens: true, cell: (row) => <Two top={<span className="strong">{reasonName(row.reason)}</span>} below={row.detail} /> },
    { key: "source", head: "Source", width: "minmax(0, 0.8fr)", phone: "sub", cell: (row) => <span className="clip">{nameOf(row)}</span> },
    { key: "stage", head: "Where", width: "104px", cell: (row) => <span className="muted clip">{stageName(row.stage)}</span> },
    { key: "attempts", head: "Tried", width: "64px", align: "right", cell: (row) => <span className="num muted">{row.attempts}×</span> },
    { key: "state", head: "State", width: "100px", phone: "side", cell: (row) => <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge> },
    { key: "at", head: "When", width: "92px", align: "right", cell: (row) => <span className="small muted num" title={moment(row.at)}>{ago(row.at, now)}</span> },
  ];
}

function Filters({ filters, total, children }: { filters: LetterFilters; total: number | undefined; children: React.ReactNode }) {
  const sources = useSources().data?.rows ?? [];
  const name = sources.find((one) => one.id === filters.source)?.name;
  return (
    <div className={css.bar}>
      <Tabs label="State" kind="pill" value={filters.state ?? "open"} tabs={STATES.map((one) => (one.key === filters.state ? { ...one, count: total } : one))} onChange={(key) => setParams({ state: key === "open" ? null : key, id: null, reason: null, stage: null })} />
      <SelfMenu
        label="Source" className="btn small" button={<>{name ?? "Every source"}<Icon name="chevron-down" size={14} /></>}
        choices={[{ id: "all", label: "Every source", checked: !filters.source }, ...sources.map((one) => ({ id: one.id, label: one.name, hint: one.open_letters > 0 ? String(one.open_letters) : undefined, checked: one.id === filters.source }))]}
        onChoose={(id) => setParams({ source: id === "all" ? null : id, id: null })}
      />
      <span className={css.barEnd}>{children}</span>
    </div>
  );
}

function Reasons({ reasons, filters }: { reasons: Reason[]; filters: LetterFilters }) {
  return (
    <div className={css.reasons} role="group" aria-label="Reasons">
      {reasons.map((one) => {
        const on = one.reason === filters.reason && (!filters.stage || one.stage === filters.stage);
        return (
          <button key={`${one.stage}/${one.reason}`} className={css.chip} aria-pressed={on} title={stageName(one.stage)} onClick={() => setParams({ reason: on ? null : one.reason, stage: on ? null : one.stage, id: null })}>
            {reasonName(one.reason)}<b>{count(one.n)}</b>
          </button>
        );
      })}
    </div>
  );
}
