import { useState } from "react";

import { useConversions } from "../../api/courtQueries";
import type { ConversionRow } from "../../api/court";
import { ago, money, words } from "../../format";
import { ExportCsv } from "../../parts/filters";
import { useNow, useSettled } from "../../parts/hooks";
import { Rows, Two, type Column } from "../../parts/rows";
import { Empty } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, PageHead, SearchField, toneOf, type Tone } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { creditWords, shortReason, STATES } from "./words";

const TABS = [{ key: "", label: "All" }, { key: "disputed", label: "Disputed" }, { key: "shared", label: "Shared" }, { key: "decided", label: "Decided by a person" }, { key: "none", label: "No credit" }];
const TONES: Record<string, Tone> = { disputed: "warn", decided: "violet", credited: "good", none: "plain" };

/** Every sale, and who was credited for it. */
export default function CourtScreen() {
  const { params } = useAddress();
  const state = params.get("state") ?? "";
  const now = useNow(60_000);
  const [text, setText] = useState(params.get("q") ?? "");
  const q = useSettled(text);
  const query = useConversions({ state, q });
  const columns: Column<ConversionRow>[] = [
    { key: "company", head: "Customer", width: "minmax(0, 1.2fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.company}</span>} below={row.friend ?? words(row.kind)} /> },
    { key: "credited", head: "Credit", width: "minmax(0, 1.2fr)", phone: "sub", cell: (row) => <span className="clip">{creditWords(row.credited)}</span> },
    { key: "reason", head: "Because", width: "minmax(0, 1.9fr)", phone: "sub", cell: (row) => <span className="clip small muted" title={row.reason}>{shortReason(row.reason)}</span> },
    { key: "state", head: "State", width: "104px", phone: "side", cell: (row) => <Badge tone={TONES[row.state] ?? toneOf(row.state)}>{STATES[row.state] ?? words(row.state)}</Badge> },
    { key: "at", head: "When", width: "84px", cell: (row) => <span className="small muted num">{ago(row.at, now)}</span> },
    { key: "amount", head: "Worth", width: "96px", align: "right", phone: "sub", cell: (row) => <span className="num strong">{money(row.amount_minor, row.currency)}</span> },
  ];
  return (
    <>
      <PageHead title="Who gets the credit"><Tabs label="State" kind="pill" value={state} tabs={TABS} onChange={(key) => setParams({ state: key || null })} /><SearchField label="Customer or friend" value={text} onChange={setText} /><ExportCsv path="/api/conversions" filters={{ state, q }} /></PageHead>
      <Rows
        label="Sales and their credit" columns={columns} query={query} rowKey={(row) => row.id} to={(row) => `/referrals/credit/${row.id}`}
        empty={q ? <Empty icon="search" title={`No sale fits “${q}”`} actions={<button className="btn" onClick={() => setText("")}>Clear the search</button>} /> : state
          ? <Empty icon="route" title={state === "disputed" ? "Nothing is disputed" : "None of these"} actions={<button className="btn" onClick={() => setParams({ state: null })}>Show all</button>} />
          : <Empty icon="route" title="No sale yet" actions={<Link className="btn" to="/referrals">See the referrals</Link>}>When a referred customer buys, the credit is worked out here: from every touch, by the rules of the program.</Empty>}
      />
    </>
  );
}
