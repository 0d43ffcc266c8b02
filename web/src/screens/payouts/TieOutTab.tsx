import type { TieOut } from "../../api/money";
import { useTieOut } from "../../api/moneyQueries";
import { count, day, money, words } from "../../format";
import { ExportCsv } from "../../parts/filters";
import { Rows, Two, type Column } from "../../parts/rows";
import { Empty } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, type Tone } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import css from "./payouts.module.css";

const STATES: Record<string, { name: string; tone: Tone }> = { tied: { name: "Ties out", tone: "good" }, differs: { name: "Differs", tone: "bad" }, waiting: { name: "Not known yet", tone: "warn" } };

/** Per day and rail: what we say was paid, what they say, and the difference. */
export function TieOutTab() {
  const { params } = useAddress();
  const state = params.get("state") ?? "";
  const query = useTieOut({ state });
  const columns: Column<TieOut>[] = [
    { key: "day", head: "Day", width: "minmax(0, 1fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{day(row.day)}</span>} below={words(row.rail)} /> },
    { key: "note", head: "What it says", width: "minmax(0, 1.8fr)", phone: "sub", cell: (row) => <span className="small muted">{row.note || `${count(row.lines)} ${row.lines === 1 ? "payment" : "payments"}`}{row.unknown > 0 && `, ${count(row.unknown)} not known yet`}</span> },
    { key: "ours", head: "We say", width: "112px", align: "right", phone: "sub", cell: (row) => <span className="num">{money(row.ours_minor, row.currency)}</span> },
    { key: "theirs", head: "They say", width: "112px", align: "right", cell: (row) => <span className="num">{row.theirs_minor === null ? <span className="muted">not told</span> : money(row.theirs_minor, row.currency)}</span> },
    { key: "difference", head: "Difference", width: "112px", align: "right", cell: (row) => <span className={`num strong ${row.difference_minor ? "bad" : ""}`}>{row.difference_minor === null ? "–" : money(row.difference_minor, row.currency)}</span> },
    { key: "state", head: "State", width: "112px", phone: "side", cell: (row) => <Badge tone={STATES[row.state]?.tone}>{STATES[row.state]?.name ?? words(row.state)}</Badge> },
  ];
  return (
    <>
      <div className={css.bar}>
        <Tabs label="State" kind="pill" value={state} tabs={[{ key: "", label: "All days" }, { key: "differs", label: "Differs" }, { key: "waiting", label: "Not known yet" }]} onChange={(key) => setParams({ state: key || null })} />
        <span className={css.barEnd}><ExportCsv path="/api/tie-out" filters={{ state }} /></span>
      </div>
      <Rows
        label="Tie-out by day" columns={columns} query={query} rowKey={(row) => `${row.day}/${row.rail}/${row.currency}`}
        empty={<Empty icon="equal" title={state === "differs" ? "Every day ties out" : state === "waiting" ? "Everything was answered" : "Nothing was paid yet"}>For each day and rail, what the ledger says left is set beside what the provider says arrived.</Empty>}
      />
    </>
  );
}
