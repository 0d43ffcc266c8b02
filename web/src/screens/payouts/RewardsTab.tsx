import { useState } from "react";

import type { Reward } from "../../api/contract";
import { useRails, useReward } from "../../api/moneyQueries";
import { useOverview, useRewards } from "../../api/queries";
import { count, day, money, words } from "../../format";
import { ExportCsv, Filter } from "../../parts/filters";
import { Icon } from "../../parts/icons";
import { Rows, Two, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Empty } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, Figure, toneOf } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { GiveBox } from "./GiveBox";
import css from "./payouts.module.css";
import { Proposals, useAskedFor } from "./Proposals";
import { RewardSheet } from "./RewardSheet";
import { STATE_WORDS } from "./states";
import { useRequestPayout } from "./writes";

const STATES = [{ key: "", label: "All" }, { key: "review", label: "Look first" }, { key: "held", label: "Held" }, { key: "payable", label: "Payable" }, { key: "in_payout", label: "In a payout" }, { key: "paid", label: "Paid" }];
const OTHERS = { disputed: "Disputed", ...Object.fromEntries(["pending", "approved", "reversed", "expired", "capped"].map((one) => [one, STATE_WORDS[one]?.name ?? one])) };
const isPayable = (row: Reward): boolean => !row.payout_id && (row.state === "payable" || (row.state === "approved" && Date.parse(row.hold_until) <= Date.now()));

/** Rewards from held to paid, with the reason each stands where it stands. */
export function RewardsTab() {
  const { params } = useAddress();
  const state = params.get("state") ?? "";
  const id = params.get("id") ?? "";
  const query = useRewards({ state });
  const overview = useOverview().data;
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const payable = rows.filter(isPayable);
  const chosen = payable.filter((row) => picked.has(row.id));
  const listed = rows.find((row) => row.id === id);
  const beyond = useReward(id && !listed ? id : "").data;
  const open = listed ?? (beyond?.id === id ? beyond : undefined);
  const mayDecide = useKnownSession().may.includes("rewards.decide");
  const asked = useAskedFor();
  const [giving, setGiving] = useState(false);
  const request = useRequestPayout();
  const rails = (useRails().data?.rows ?? []).filter((one) => one.ready && (one.enabled || !one.sends));
  const [rail, setRail] = useState("");
  const toggle = (key: string) => setPicked((before) => {
    const after = new Set(before);
    if (!after.delete(key)) after.add(key);
    return after;
  });
  const columns: Column<Reward>[] = [
    { key: "advocate", head: "Advocate", width: "minmax(0, 1.2fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.advocate.name}</span>} below={row.advocate.email} /> },
    {
      key: "pick", head: "Pick", width: "32px", phone: "hide",
      cell: (row) => isPayable(row) && (
        <input type="checkbox" className={css.check} aria-label={`Pay ${row.label} to ${row.advocate.name}`} checked={picked.has(row.id)} onChange={() => toggle(row.id)} />
      ),
    },
    { key: "label", head: "Reward", width: "minmax(0, 1.6fr)", phone: "sub", cell: (row) => <Two top={row.label} below={row.reason} /> },
    { key: "state", head: "State", width: "96px", phone: "side", cell: (row) => row.disputed ? <Badge tone="warn" icon="message-square" title={`${STATE_WORDS[row.state]?.name ?? row.state}, and disputed`}>Disputed</Badge> : <Badge tone={toneOf(row.state)}>{STATE_WORDS[row.state]?.name ?? words(row.state)}</Badge> },
    { key: "hold", head: "Held until", width: "104px", cell: (row) => <span className="small muted num">{row.hold_until ? day(row.hold_until) : "–"}</span> },
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
        <Tabs label="State" kind="pill" value={state in OTHERS ? "" : state} tabs={STATES} onChange={(key) => setParams({ state: key || null, id: null })} />
        <Filter label="Other states" every="Other states" value={state in OTHERS ? state : ""} choices={OTHERS} onChoose={(one) => setParams({ state: one, id: null })} />
        <span className={css.barEnd}>
          {chosen.length === 0 && asked > 0 && <button className="btn small" onClick={() => setParams({ waits: "1", id: null })}><Icon name="users" size={14} />{count(asked)} to confirm</button>}
          {chosen.length === 0 && mayDecide && <button className="btn small" onClick={() => setGiving(true)}><Icon name="gift" size={14} />Give by hand</button>}
          {chosen.length === 0 && <ExportCsv path="/api/rewards" filters={{ state }} />}
          {chosen.length === 0 && payable.length > 0 && <button className="btn small" onClick={() => setPicked(new Set(payable.map((row) => row.id)))}>Pick all {count(payable.length)} payable</button>}
          {chosen.length > 0 && <button className="btn small quiet" onClick={() => setPicked(new Set())}>Clear</button>}
          {chosen.length > 0 && rails.length > 1 && <select className="field" style={{ width: "auto", height: 28 }} aria-label="How it is paid" value={rail || rails[0]?.rail} onChange={(event) => setRail(event.target.value)}>{rails.map((one) => <option key={one.rail} value={one.rail}>{words(one.rail)}</option>)}</select>}
          {chosen.length > 0 && (
            <button className="btn small primary" disabled={request.isPending} onClick={() => request.mutate({ ids: chosen.map((row) => row.id), rail: rail || rails[0]?.rail || "manual" }, { onSuccess: () => { setPicked(new Set()); setParams({ tab: "payouts", state: null }); } })}>
              Request payout of {money(sum, chosen[0]?.currency ?? "EUR")}
            </button>
          )}
        </span>
      </div>
      <Rows
        label="Rewards" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={id}
        empty={
          state ? <Empty icon="wallet" title={`No reward: ${(STATE_WORDS[state]?.name ?? words(state)).toLowerCase()}`} actions={<button className="btn" onClick={() => setParams({ state: null })}>Show all</button>} />
            : <Empty icon="wallet" title="No reward yet">A reward is posted when a referred deal is won and a program grants it.</Empty>
        }
      />
      {giving && <GiveBox onClose={() => setGiving(false)} />}
      {params.get("waits") === "1" && <Sheet title="Waits for a second person" note="Whoever proposed it cannot confirm it" onClose={() => setParams({ waits: null, asked: null })}><Proposals /></Sheet>}
      {open && <RewardSheet reward={open} onClose={() => setParams({ id: null })} />}
    </>
  );
}
