import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { fetchFile } from "../../api/client";
import type { Payout, PayoutDetail } from "../../api/contract";
import { useRails } from "../../api/moneyQueries";
import { usePayout, usePayouts } from "../../api/queries";
import { ago, money, moment, words } from "../../format";
import { ExportCsv } from "../../parts/filters";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Rows, Two, type Column } from "../../parts/rows";
import { Box, Sheet } from "../../parts/sheet";
import { Empty, Loaded } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { toastProblem } from "../../parts/toast";
import { Badge, Fact, toneOf } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import css from "./payouts.module.css";
import { PaymentsView } from "./PaymentsView";
import { PayoutLines } from "./PayoutLines";
import { RailCards } from "./RailCards";
import { RunView } from "./RunView";
import { useApprovePayout, useCancelPayout, useMarkPaid } from "./writes";

const VIEWS = [{ key: "", label: "Payouts" }, { key: "payments", label: "Payments" }, { key: "next", label: "Next run" }] as const;

/** Batches of rewards: one person requests, another approves, the rail pays. */
export function PayoutsTab() {
  const { params } = useAddress();
  const view = VIEWS.find((one) => one.key === params.get("view"))?.key ?? "";
  return (
    <>
      <div className={css.bar}><Tabs label="Payouts" kind="pill" value={view} tabs={[...VIEWS]} onChange={(key) => setParams({ view: key || null, state: null, id: null })} /></div>
      {view === "payments" ? <PaymentsView /> : view === "next" ? <RunView /> : <Batches />}
    </>
  );
}

function Batches() {
  const { params } = useAddress();
  const id = params.get("id") ?? "";
  const query = usePayouts();
  const now = useNow(60_000);
  const columns: Column<Payout>[] = [
    { key: "what", head: "Payout", width: "minmax(0, 1.4fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.lines} {row.lines === 1 ? "reward" : "rewards"} by {words(row.rail)}</span>} below={row.reference || `${row.id.slice(0, 8)}`} /> },
    { key: "requested", head: "Requested by", width: "minmax(0, 1fr)", phone: "sub", cell: (row) => <Two top={row.requested_by} below={ago(row.requested_at, now)} /> },
    { key: "approved", head: "Approved by", width: "minmax(0, 1fr)", cell: (row) => (row.approved_by ? <Two top={row.approved_by} below={ago(row.approved_at, now)} /> : <span className="muted small">Needs another person</span>) },
    { key: "state", head: "State", width: "96px", phone: "side", cell: (row) => <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge> },
    { key: "total", head: "Total", width: "104px", align: "right", phone: "sub", cell: (row) => <span className="num strong">{money(row.total_minor, row.currency)}</span> },
  ];
  return (
    <>
      <RailCards />
      <div className={css.bar}><p className="small muted">One person requests a payout, another approves it, then the money leaves.</p><span className={css.barEnd}><ExportCsv path="/api/payouts" /></span></div>
      <Rows
        label="Payouts" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={id}
        empty={<Empty icon="wallet" title="No payout has been requested" actions={<button className="btn primary" onClick={() => setParams({ tab: null, state: "payable" })}>See payable rewards</button>}>Pick payable rewards and request a payout; a second person approves it before any money leaves.</Empty>}
      />
      {id && <PayoutSheet id={id} onClose={() => setParams({ id: null })} />}
    </>
  );
}

function PayoutSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const query = usePayout(id);
  const payout = query.data;
  return (
    <Sheet title={payout ? money(payout.total_minor, payout.currency) : "Payout"} note={payout && `${payout.lines} rewards by ${words(payout.rail)}`} onClose={onClose} foot={payout && <PayoutActions payout={payout} />}>
      <Loaded query={query}>{(one) => <PayoutView payout={one} />}</Loaded>
    </Sheet>
  );
}

function PayoutActions({ payout }: { payout: PayoutDetail }) {
  const approve = useApprovePayout();
  const paid = useMarkPaid();
  const client = useQueryClient();
  const rail = useRails().data?.rows.find((one) => one.rail === payout.rail);
  const [cancelling, setCancelling] = useState(false);
  const [reference, setReference] = useState("");
  const released = payout.state === "approved" || payout.state === "exported";
  return (
    <>
      {payout.state === "requested" && (
        <button className="btn primary" disabled={!payout.can_approve || approve.isPending} aria-describedby={payout.why_not ? "why-not" : undefined} onClick={() => approve.mutate(payout.id)}>
          <Icon name="check" size={15} />Approve payout
        </button>
      )}
      {released && <a className="btn" href={`/api/payouts/${payout.id}/export.csv`} download><Icon name="download" size={15} />Export CSV</a>}
      {released && rail && !rail.sends && <button className="btn" onClick={() => void fetchFile(`/api/payouts/${payout.id}/file`).then(() => client.invalidateQueries({ queryKey: ["payout"] }), (failure: unknown) => toastProblem("The file was not made", failure))}><Icon name="file-text" size={15} />File for the bank</button>}
      {released && (
        <form className={css.paid} onSubmit={(event) => { event.preventDefault(); if (reference.trim()) paid.mutate({ id: payout.id, reference: reference.trim() }); }}>
          <input className="field" aria-label="The bank's reference" placeholder="Bank reference" value={reference} onChange={(event) => setReference(event.target.value)} />
          <button className="btn primary" disabled={!reference.trim() || paid.isPending}>Mark paid</button>
        </form>
      )}
      {(payout.state === "requested" || payout.state === "approved") && <button className="btn danger" onClick={() => setCancelling(true)}>Cancel</button>}
      <button className="btn" onClick={() => setParams({ explain: `payout:${payout.id}`, id: null })}><Icon name="scroll-text" size={15} />Explain</button>
      {cancelling && <CancelBox payout={payout} onClose={() => setCancelling(false)} />}
    </>
  );
}

function CancelBox({ payout, onClose }: { payout: PayoutDetail; onClose: () => void }) {
  const cancel = useCancelPayout();
  const [reason, setReason] = useState("");
  return (
    <Box title="Cancel this payout?" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Leave it</button><button className="btn danger" disabled={!reason.trim() || cancel.isPending} onClick={() => cancel.mutate({ id: payout.id, reason: reason.trim() }, { onSuccess: onClose })}>Cancel {money(payout.total_minor, payout.currency)}</button></>}>
      <p className="small muted">Its rewards can be paid by another payout. What was paid already is not touched.</p>
      <label><span className="label">Reason</span><input className="field" value={reason} maxLength={300} autoFocus onChange={(event) => setReason(event.target.value)} /></label>
    </Box>
  );
}

function PayoutView({ payout }: { payout: PayoutDetail }) {
  return (
    <>
      {payout.state === "requested" && (
        <p className={css.whyNot} id="why-not">
          <Icon name={payout.can_approve ? "users" : "lock"} size={15} />
          {payout.can_approve ? `${payout.requested_by} requested this payout, so you may approve it. Nobody approves their own.` : (payout.why_not ?? "Another person must approve this payout.")}
        </p>
      )}
      <dl>
        <Fact name="State"><Badge tone={toneOf(payout.state)}>{words(payout.state)}</Badge></Fact>
        <Fact name="Requested">{moment(payout.requested_at)} by {payout.requested_by}</Fact>
        <Fact name="Approved">{payout.approved_at ? `${moment(payout.approved_at)} by ${payout.approved_by ?? "unknown"}` : <span className="muted">Not yet</span>}</Fact>
        <Fact name="Paid">{payout.paid_at ? `${moment(payout.paid_at)} by ${payout.paid_by ?? "unknown"}` : <span className="muted">Not yet</span>}</Fact>
        {payout.reference && <Fact name="Reference"><span className="mono">{payout.reference}</span></Fact>}
      </dl>
      <h3 style={{ margin: "20px 0 8px" }}>What is inside</h3>
      <PayoutLines payout={payout} />
    </>
  );
}
