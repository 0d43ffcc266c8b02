import { useState } from "react";

import type { Reward } from "../../api/contract";
import { useOverview, useRewards } from "../../api/queries";
import { count, day, money, moment, words } from "../../format";
import { Icon } from "../../parts/icons";
import { Rows, Two, type Column } from "../../parts/rows";
import { Box, Sheet } from "../../parts/sheet";
import { Empty } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, Fact, Figure, toneOf } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import css from "./payouts.module.css";
import { useApproveReward, useRequestPayout, useVoidReward } from "./writes";

const STATES = [
  { key: "", label: "All" }, { key: "held", label: "Held" }, { key: "review", label: "In review" }, { key: "payable", label: "Payable" }, { key: "in_payout", label: "In payout" }, { key: "paid", label: "Paid" }, { key: "reversed", label: "Taken back" },
];

/** Rewards from held to paid, with the reason each stands where it stands. */
export function RewardsTab() {
  const { params } = useAddress();
  const state = params.get("state") ?? "";
  const id = params.get("id") ?? "";
  const query = useRewards({ state });
  const overview = useOverview().data;
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const payable = rows.filter((row) => row.state === "payable" && !row.payout_id);
  const chosen = payable.filter((row) => picked.has(row.id));
  const open = rows.find((row) => row.id === id);
  const request = useRequestPayout();
  const toggle = (key: string) => setPicked((before) => {
    const after = new Set(before);
    if (!after.delete(key)) after.add(key);
    return after;
  });
  const columns: Column<Reward>[] = [
    { key: "advocate", head: "Advocate", width: "minmax(0, 1.2fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.advocate.name}</span>} below={row.advocate.email} /> },
    {
      key: "pick", head: "Pick", width: "32px", phone: "hide",
      cell: (row) => row.state === "payable" && !row.payout_id && (
        <input type="checkbox" className={css.check} aria-label={`Pay ${row.label} to ${row.advocate.name}`} checked={picked.has(row.id)} onChange={() => toggle(row.id)} />
      ),
    },
    { key: "label", head: "Reward", width: "minmax(0, 1.6fr)", phone: "sub", cell: (row) => <Two top={row.label} below={row.reason} /> },
    { key: "state", head: "State", width: "96px", phone: "side", cell: (row) => <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge> },
    { key: "hold", head: "Held until", width: "104px", cell: (row) => <span className="small muted num">{day(row.hold_until)}</span> },
    { key: "amount", head: "Amount", width: "92px", align: "right", phone: "sub", cell: (row) => <span className="num strong">{money(row.amount_minor, row.currency)}</span> },
  ];
  const sum = chosen.reduce((total, row) => total + row.amount_minor, 0);
  return (
    <>
      {overview && (
        <dl className={css.figures}>
          <Figure name="Held" value={money(overview.held_minor, overview.currency)} note="waits for its hold and an approval" />
          <Figure name="Payable" value={money(overview.payable_minor, overview.currency)} note="approved, not yet paid" />
          <Figure name="Paid" value={money(overview.paid_minor, overview.currency)} note="all time" />
        </dl>
      )}
      <div className={css.bar}>
        <Tabs label="State" kind="pill" value={state} tabs={STATES} onChange={(key) => setParams({ state: key || null, id: null })} />
        <span className={css.barEnd}>
          {chosen.length === 0 && payable.length > 0 && <button className="btn small" onClick={() => setPicked(new Set(payable.map((row) => row.id)))}>Pick all {count(payable.length)} payable</button>}
          {chosen.length > 0 && <button className="btn small quiet" onClick={() => setPicked(new Set())}>Clear</button>}
          {chosen.length > 0 && (
            <button className="btn small primary" disabled={request.isPending} onClick={() => request.mutate(chosen.map((row) => row.id), { onSuccess: () => { setPicked(new Set()); setParams({ tab: "payouts", state: null }); } })}>
              Request payout of {money(sum, chosen[0]?.currency ?? "EUR")}
            </button>
          )}
        </span>
      </div>
      <Rows
        label="Rewards" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={id}
        empty={
          state ? <Empty icon="wallet" title={`No reward is ${words(state).toLowerCase()}`} actions={<button className="btn" onClick={() => setParams({ state: null })}>Show all</button>} />
            : <Empty icon="wallet" title="No reward yet">A reward is posted when a referred deal is won and a program grants it.</Empty>
        }
      />
      {open && <RewardSheet reward={open} onClose={() => setParams({ id: null })} />}
    </>
  );
}

function RewardSheet({ reward, onClose }: { reward: Reward; onClose: () => void }) {
  const approve = useApproveReward();
  const cancel = useVoidReward();
  const [voiding, setVoiding] = useState(false);
  const [reason, setReason] = useState("");
  const waits = reward.state === "held" || reward.state === "review";
  return (
    <Sheet
      title={reward.label} note={`${reward.advocate.name}, ${money(reward.amount_minor, reward.currency)}`} onClose={onClose}
      foot={
        <>
          {waits && (
            <button className="btn primary" disabled={!reward.can_approve || approve.isPending} aria-describedby={reward.why_not ? "why-not" : undefined} onClick={() => approve.mutate(reward.id)}>
              <Icon name="check" size={15} />Approve
            </button>
          )}
          <button className="btn" onClick={() => setParams({ explain: `reward:${reward.id}`, id: null })}><Icon name="scroll-text" size={15} />Explain</button>
          {(waits || reward.state === "pending" || reward.state === "approved" || reward.state === "payable") && <button className="btn danger" onClick={() => setVoiding(true)}>Void</button>}
        </>
      }
    >
      {waits && !reward.can_approve && reward.why_not && <p className={css.whyNot} id="why-not"><Icon name="lock" size={15} />{reward.why_not}</p>}
      <dl>
        <Fact name="State"><Badge tone={toneOf(reward.state)}>{words(reward.state)}</Badge></Fact>
        <Fact name="Because">{reward.reason}</Fact>
        <Fact name="Incentive">{words(reward.incentive)}</Fact>
        <Fact name="Amount"><span className="num">{money(reward.amount_minor, reward.currency)}</span></Fact>
        <Fact name="Advocate">{reward.advocate.name} <span className="muted">{reward.advocate.email}</span></Fact>
        <Fact name="Created">{moment(reward.created_at)}</Fact>
        <Fact name="Held until">{moment(reward.hold_until)}</Fact>
        <Fact name="Approved">{reward.approved_at ? `${moment(reward.approved_at)} by ${reward.approved_by ?? "unknown"}` : <span className="muted">Not yet</span>}</Fact>
        {reward.payout_id && <Fact name="Payout"><button className="link" onClick={() => setParams({ tab: "payouts", id: reward.payout_id, state: null })}>Open the payout</button></Fact>}
      </dl>
      {voiding && (
        <Box
          title="Void this reward?" onClose={() => setVoiding(false)}
          foot={
            <>
              <button className="btn" onClick={() => setVoiding(false)}>Keep it</button>
              <button className="btn danger" disabled={!reason.trim() || cancel.isPending} onClick={() => cancel.mutate({ id: reward.id, reason: reason.trim() }, { onSettled: () => setVoiding(false) })}>Void {money(reward.amount_minor, reward.currency)}</button>
            </>
          }
        >
          <p className="small muted">The ledger keeps both postings: the reward and its reversal.</p>
          <label><span className="label">Reason, shown to the advocate</span><textarea className="field" rows={3} value={reason} onChange={(event) => setReason(event.target.value)} autoFocus /></label>
        </Box>
      )}
    </Sheet>
  );
}
