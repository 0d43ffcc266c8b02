import { useState } from "react";

import type { Ask, Proposal } from "../../api/money";
import { useMoneyProposals } from "../../api/moneyQueries";
import { useLedger } from "../../api/queries";
import { useProgramRows } from "../../api/programQueries";
import { ago, money } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Amount } from "../../parts/inline";
import { Box } from "../../parts/sheet";
import { ExportCsv } from "../../parts/filters";
import { Empty, Failure, Freshness, Loaded } from "../../parts/states";
import { TableBox } from "../../parts/table";
import { Tabs } from "../../parts/tabs";
import { Badge, Scroll } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import css from "./payouts.module.css";
import { useAnswerProposal, usePropose } from "./writes";

const STATES = [{ key: "open", label: "To confirm" }, { key: "confirmed", label: "Confirmed" }, { key: "rejected", label: "Rejected" }];

/** What may be spent, and what waits for a second person. */
export function BudgetsTab() {
  const mayAsk = useKnownSession().may.includes("rewards.decide");
  const ledger = useLedger();
  const [adding, setAdding] = useState(false);
  return (
    <Scroll label="Limits">
      <div className={css.book}>
        <Proposals />
        <section className={css.section}>
          <div className="row"><h2 className="grow">Budgets</h2>{mayAsk && <button className="btn small" onClick={() => setAdding(true)}><Icon name="plus" size={14} />Fund a budget</button>}</div>
          <Loaded query={ledger}>
            {({ accounts }) => {
              const rows = accounts.filter((one) => one.kind === "budget");
              return rows.length === 0 ? <Empty icon="wallet" title="No limit is set">Rewards are posted without a limit. A budget is reserved before a reward is promised, so it can never be overspent.</Empty> : (
                <TableBox label="Budgets" head={["For", "Left"]} right={[1]} rows={rows.map((one) => ({ key: one.id, cells: [<b>{one.owner_name || one.owner || "Everything"}</b>, <b className={one.balance_minor <= 0 ? "bad" : ""}>{money(one.balance_minor, one.currency)}</b>] }))} />
              );
            }}
          </Loaded>
        </section>
      </div>
      {adding && <FundBox onClose={() => setAdding(false)} />}
    </Scroll>
  );
}

function Proposals() {
  const { params } = useAddress();
  const state = STATES.find((one) => one.key === params.get("state"))?.key ?? "open";
  const query = useMoneyProposals({ state });
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <section className={css.section} aria-label="What one person asked for">
      <div className="row wrap"><h2 className="grow">What a second person confirms</h2><Tabs label="Proposals" kind="pill" value={state} tabs={STATES} onChange={(key) => setParams({ state: key === "open" ? null : key })} /><ExportCsv path="/api/ledger/proposals" filters={{ state }} /></div>
      <Freshness query={query} />
      {query.data === undefined ? (query.isError && <Failure failure={query.error} retry={() => void query.refetch()} />) : rows.length === 0 ? <p className="small muted">{state === "open" ? "Nothing waits." : "None of these."} Budgets, rewards by hand, corrections and write-offs are asked for by one person and confirmed by another.</p> : (
        <ul className={css.lines}>{rows.map((one) => <Waiting key={one.id} proposal={one} />)}</ul>
      )}
      {query.hasNextPage && <button className="btn small" style={{ justifySelf: "start" }} disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Earlier ones</button>}
    </section>
  );
}

function useSentence(): (ask: Ask) => { text: string; amount: string } {
  const programs = useProgramRows().data?.rows ?? [];
  const name = (id: number) => programs.find((one) => Number(one.id) === id)?.name ?? `program ${id}`;
  return (ask) => {
    switch (ask.type) {
      case "budget": return { text: `Add to the budget of ${name(ask.program_id)}${ask.period ? `, this ${ask.period}` : ""}`, amount: money(ask.minor, ask.currency) };
      case "reward": return { text: `A reward by hand: ${ask.label}`, amount: money(ask.minor, ask.currency) };
      case "write_off": return { text: "Give up what an advocate owes", amount: money(ask.minor, ask.currency) };
      case "adjustment": return { text: `A correction of the books in ${ask.lines.length} lines`, amount: money(Math.max(0, ...ask.lines.map((line) => line.minor)), ask.lines[0]?.currency ?? "EUR") };
    }
  };
}

function Waiting({ proposal }: { proposal: Proposal }) {
  const now = useNow(60_000);
  const answer = useAnswerProposal();
  const { text, amount } = useSentence()(proposal.ask);
  const session = useKnownSession();
  const open = proposal.state === "open";
  const own = proposal.proposed_by === session.operator.email;
  return (
    <li className={css.waits}>
      <span className="grow">
        <span className="strong">{text}</span>
        <span className={css.under}>{proposal.proposed_by}, {ago(proposal.proposed_at, now)}: {proposal.reason}{open && !proposal.can_confirm && (own ? " (You proposed it; another person confirms it.)" : " (Your role may not confirm it.)")}{!open && proposal.decided_by && `. ${proposal.state === "confirmed" ? "Confirmed" : "Rejected"} by ${proposal.decided_by}${proposal.decision ? `: ${proposal.decision}` : ""}`}</span>
      </span>
      <span className="num strong">{amount}</span>
      {open ? (
        <>
          <button className="btn small" disabled={answer.isPending || !session.may.includes("rewards.decide")} onClick={() => answer.mutate({ id: proposal.id, yes: false, reason: own ? "Taken back by whoever proposed it" : "Not wanted" })}>{own ? "Take back" : "Reject"}</button>
          <button className="btn small primary" disabled={!proposal.can_confirm || answer.isPending} onClick={() => answer.mutate({ id: proposal.id, yes: true })}>Confirm</button>
        </>
      ) : <Badge tone={proposal.state === "confirmed" ? "good" : "plain"}>{proposal.state === "confirmed" ? "Confirmed" : "Rejected"}</Badge>}
    </li>
  );
}

function FundBox({ onClose }: { onClose: () => void }) {
  const { workspace } = useKnownSession();
  const programs = useProgramRows().data?.rows ?? [];
  const propose = usePropose();
  const [program, setProgram] = useState("");
  const [period, setPeriod] = useState("");
  const [minor, setMinor] = useState(1_000_000);
  const [reason, setReason] = useState("");
  const { currency } = workspace;
  const chosen = program || programs[0]?.id || "";
  const go = () => propose.mutate({ ask: { type: "budget", program_id: Number(chosen), minor, currency, ...(period ? { period } : {}) }, reason: reason.trim() }, { onSuccess: onClose });
  return (
    <Box title="Fund a budget" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" disabled={!chosen || !reason.trim() || minor < 1 || propose.isPending} onClick={go}>Propose {money(minor, currency)}</button></>}>
      <p className="small muted">A second person confirms it before it can be spent. From then on the program never promises more than is left.</p>
      <label><span className="label">Program</span><select className="field" value={chosen} onChange={(event) => setProgram(event.target.value)}>{programs.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}</select></label>
      <label><span className="label">For</span><select className="field" value={period} onChange={(event) => setPeriod(event.target.value)}><option value="">as long as it lasts</option><option value="month">this month</option><option value="quarter">this quarter</option><option value="year">this year</option></select></label>
      <p className="row"><Amount label="Amount" value={minor} currency={currency} onChange={setMinor} /></p>
      <label><span className="label">Reason</span><input className="field" value={reason} maxLength={300} onChange={(event) => setReason(event.target.value)} /></label>
    </Box>
  );
}
