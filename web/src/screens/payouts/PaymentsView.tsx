import { useState } from "react";

import type { Payment } from "../../api/money";
import { usePayments } from "../../api/moneyQueries";
import { ago, money, words } from "../../format";
import { ExportCsv, Filter } from "../../parts/filters";
import { useNow } from "../../parts/hooks";
import { Rows, Two, type Column } from "../../parts/rows";
import { Empty } from "../../parts/states";
import { Badge } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { PAYMENTS } from "./payments";
import css from "./payouts.module.css";
import { UnknownPayment } from "./UnknownPayment";

/** Every payment to an advocate, as far as its provider has told. */
export function PaymentsView() {
  const { params } = useAddress();
  const now = useNow(15_000);
  const state = params.get("state") ?? "";
  const problem = state === "problem";
  const filters = problem ? { problem: "true" } : { state };
  const query = usePayments(filters);
  const [asked, setAsked] = useState<Payment | null>(null);
  const columns: Column<Payment>[] = [
    { key: "advocate", head: "To", width: "minmax(0, 1.2fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.advocate}</span>} below={words(row.rail)} /> },
    { key: "said", head: "What is known", width: "minmax(0, 2fr)", phone: "sub", cell: (row) => <Two top={row.problem || (PAYMENTS[row.state]?.text ?? "")} below={row.asked_at ? `asked ${ago(row.asked_at, now)}${row.attempts > 1 ? `, ${row.attempts} times` : ""}` : undefined} /> },
    { key: "reference", head: "Provider's number", width: "minmax(0, 1fr)", cell: (row) => <span className="mono clip">{row.provider_id || "–"}</span> },
    { key: "state", head: "State", width: "112px", phone: "side", cell: (row) => (row.state === "unknown" ? <button className="btn small" onClick={() => setAsked(row)}>Settle it</button> : <Badge tone={PAYMENTS[row.state]?.tone}>{PAYMENTS[row.state]?.name ?? words(row.state)}</Badge>) },
    { key: "amount", head: "Amount", width: "104px", align: "right", phone: "sub", cell: (row) => <span className="num strong">{money(row.amount_minor, row.currency)}</span> },
  ];
  return (
    <>
      <div className={css.bar}>
        <Filter label="State" every="Every state" value={state} choices={{ problem: "Needs a look", ...Object.fromEntries(Object.entries(PAYMENTS).map(([id, one]) => [id, one.name])) }} onChoose={(id) => setParams({ state: id })} />
        <span className={css.barEnd}><ExportCsv path="/api/disbursements" filters={filters} /></span>
      </div>
      <Rows label="Payments" columns={columns} query={query} rowKey={(row) => row.id} empty={state ? <Empty icon="wallet" title="None of these" actions={<button className="btn" onClick={() => setParams({ state: null })}>Every state</button>} /> : <Empty icon="wallet" title="No payment yet">A payment to each advocate is written down with the approval of a payout, before any provider is asked.</Empty>} />
      {asked && <UnknownPayment payment={asked} onClose={() => setAsked(null)} />}
    </>
  );
}
