import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { wishKey, write } from "../../api/client";
import type { Due, PayoutPolicy, PayoutRun } from "../../api/money";
import { useDue, usePayoutPolicy, useRails } from "../../api/moneyQueries";
import { count, money, words } from "../../format";
import { ExportCsv } from "../../parts/filters";
import { Icon } from "../../parts/icons";
import { Amount, Line, Num, Tail, Word } from "../../parts/inline";
import { Rows, Two, type Column } from "../../parts/rows";
import { Empty, Loaded } from "../../parts/states";
import { toast, toastProblem } from "../../parts/toast";
import { useKnownSession } from "../../session";
import css from "./payouts.module.css";

const WEEK: Record<string, string> = { 1: "Monday", 2: "Tuesday", 3: "Wednesday", 4: "Thursday", 5: "Friday", 6: "Saturday", 7: "Sunday" };

/** When payouts are made, who is in the next one, and who waits and why. */
export function RunView() {
  const client = useQueryClient();
  const { may } = useKnownSession();
  const policy = usePayoutPolicy();
  const query = useDue();
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const ready = rows.filter((row) => !row.why_not);
  const run = useMutation({
    mutationFn: () => write<PayoutRun>("/api/payout-runs", { key: `console-${wishKey()}` }),
    onSuccess: (done) => toast("good", `${count(done.payouts.length)} ${done.payouts.length === 1 ? "payout" : "payouts"} requested`, { detail: "Another person approves each before money leaves." }),
    onError: (failure) => toastProblem("No payout was made", failure),
    onSettled: () => { for (const name of ["payout-due", "payouts", "rewards", "payments", "overview", "ledger"]) void client.invalidateQueries({ queryKey: [name] }); },
  });
  const columns: Column<Due>[] = [
    { key: "advocate", head: "Advocate", width: "minmax(0, 1.3fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.advocate}</span>} below={`${count(row.rewards)} ${row.rewards === 1 ? "reward" : "rewards"}`} /> },
    { key: "why", head: "In the next run", width: "minmax(0, 2fr)", phone: "sub", cell: (row) => (row.why_not ? <span className="small muted">Waits: {row.why_not}</span> : <span className="small good">Yes</span>) },
    { key: "owed", head: "Kept back", width: "112px", align: "right", cell: (row) => <span className="num">{row.owed_minor ? money(row.owed_minor, row.currency) : "–"}</span> },
    { key: "gross", head: "Amount", width: "112px", align: "right", phone: "side", cell: (row) => <span className="num strong">{money(row.gross_minor, row.currency)}</span> },
  ];
  return (
    <>
      <div className={css.policy}><Loaded query={policy} bones={<p className="small muted">Reading when payouts are made</p>}>{(found) => <Policy key={JSON.stringify(found)} policy={found} />}</Loaded></div>
      <div className={css.bar}>
        <p className="small muted">{count(ready.length)} of {count(rows.length)} {rows.length === 1 ? "advocate" : "advocates"} would be paid now.</p>
        <span className={css.barEnd}><ExportCsv path="/api/payout-runs/due" />{may.includes("payouts.request") && <button className="btn small primary" disabled={ready.length === 0 || run.isPending} onClick={() => run.mutate()}><Icon name="play" size={13} />Make the payouts now</button>}</span>
      </div>
      <Rows label="Who is due" columns={columns} query={query} rowKey={(row) => `${row.advocate_id}/${row.currency}`} empty={<Empty icon="wallet" title="Nobody is due">A reward is due once it is approved and its hold is over.</Empty>} />
    </>
  );
}

function Policy({ policy }: { policy: PayoutPolicy }) {
  const client = useQueryClient();
  const { may, workspace } = useKnownSession();
  const rails = useRails().data?.rows ?? [];
  const [wanted, setWanted] = useState(policy);
  const off = !may.includes("rails.write");
  const { currency } = workspace;
  const save = useMutation({
    mutationFn: () => write<PayoutPolicy>("/api/payout-policy", wanted, "PUT"),
    onSuccess: (made) => { toast("good", "Kept"); client.setQueryData(["payout-policy"], made); void client.invalidateQueries({ queryKey: ["payout-due"] }); },
    onError: (failure) => toastProblem("It stays as it was", failure),
  });
  const put = (change: Partial<PayoutPolicy>) => setWanted({ ...wanted, ...change });
  const changed = JSON.stringify(wanted) !== JSON.stringify(policy);
  return (
    <>
      <Line label="When payouts are made">
        <span>Payouts are made</span><Word label="When" value={wanted.schedule} options={{ manual: "by hand", weekly: "every week", monthly: "every month", on_approval: "as soon as a reward is due" }} disabled={off} onChange={(schedule) => put({ schedule, day: 1 })} />
        {wanted.schedule === "weekly" && <><span>on</span><Word label="Day of the week" value={String(Math.min(7, wanted.day))} options={WEEK} disabled={off} onChange={(day) => put({ day: Number(day) })} /></>}
        {wanted.schedule === "monthly" && <><span>on day</span><Num label="Day of the month" value={wanted.day} min={1} max={31} disabled={off} onChange={(day) => put({ day })} /></>}
        <span>by</span><Word label="Rail" value={wanted.rail} options={Object.fromEntries(rails.map((one) => [one.rail, words(one.rail)]))} disabled={off} onChange={(rail) => put({ rail })} />
        <span>from</span><Amount label="Least payout" value={wanted.minimums[currency] ?? 0} currency={currency} disabled={off} onChange={(minor) => put({ minimums: { ...wanted.minimums, [currency]: minor } })} /><span>on. A new account waits</span><Num label="Days a new account waits" value={wanted.cooling_days} max={90} disabled={off} onChange={(cooling_days) => put({ cooling_days })} /><span>days</span><Tail>.</Tail>
      </Line>
      {changed && <div className="row"><button className="btn small primary" disabled={save.isPending} onClick={() => save.mutate()}>Keep it</button><button className="btn small" onClick={() => setWanted(policy)}>Discard</button></div>}
    </>
  );
}
