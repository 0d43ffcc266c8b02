import { useState } from "react";

import type { Ask, Proposal } from "../../api/money";
import { useMoneyProposals } from "../../api/moneyQueries";
import { useProgramRows } from "../../api/programQueries";
import { ago, money, words } from "../../format";
import { ExportCsv } from "../../parts/filters";
import { useNow } from "../../parts/hooks";
import { Box } from "../../parts/sheet";
import { Failure, Freshness } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import css from "./payouts.module.css";
import { useAnswerProposal } from "./writes";

const STATES = [{ key: "open", label: "To confirm" }, { key: "confirmed", label: "Confirmed" }, { key: "rejected", label: "Rejected" }];

/** What one person asked for and another confirms: budgets, rewards by hand, corrections, write-offs. */
export function Proposals() {
  const { params } = useAddress();
  const state = STATES.find((one) => one.key === params.get("asked"))?.key ?? "open";
  const query = useMoneyProposals({ state });
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <section className={css.section} aria-label="What one person asked for">
      <div className="row wrap"><h2 className="grow">What a second person confirms</h2><Tabs label="Proposals" kind="pill" value={state} tabs={STATES} onChange={(key) => setParams({ asked: key === "open" ? null : key })} /><ExportCsv path="/api/ledger/proposals" filters={{ state }} /></div>
      <Freshness query={query} />
      {query.data === undefined ? (query.isError && <Failure failure={query.error} retry={() => void query.refetch()} />) : rows.length === 0 ? <p className="small muted">{state === "open" ? "Nothing waits." : "None of these."} Budgets, rewards by hand, corrections, write-offs and payments given up are asked for by one person and confirmed by another.</p> : (
        <ul className={css.lines}>{rows.map((one) => <Waiting key={one.id} proposal={one} />)}</ul>
      )}
      {query.hasNextPage && <button className="btn small" style={{ justifySelf: "start" }} disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Earlier ones</button>}
    </section>
  );
}

/** How many wait, for the button that leads to them. */
export const useAskedFor = (): number => useMoneyProposals({ state: "open" }).data?.pages[0]?.total ?? 0;

function useSentence(): (ask: Ask) => { text: string; amount: string; then: string } {
  const programs = useProgramRows().data?.rows ?? [];
  const name = (id: number) => programs.find((one) => Number(one.id) === id)?.name ?? `program ${id}`;
  return (ask) => {
    switch (ask.type) {
      case "budget": return { text: `Add to the budget of ${name(ask.program_id)}${ask.period ? `, this ${ask.period}` : ""}`, amount: money(ask.minor, ask.currency), then: "It can be spent from then on." };
      case "reward": return { text: `A reward by hand: ${ask.label}`, amount: money(ask.minor, ask.currency), then: "It stands among the rewards then, held, and is approved like any other." };
      case "write_off": return { text: "Give up what an advocate owes", amount: money(ask.minor, ask.currency), then: `${name(ask.program_id)} bears it, and it no longer comes off their next payout.` };
      case "give_up": return { text: "Give up a payment nobody knows the end of", amount: money(ask.minor, ask.currency), then: "Nobody asks for it any more, and the money is payable to the advocate again. The provider is looked up a day later." };
      case "adjustment": return { text: `A correction of the books: ${ask.lines.map((line) => `${words(line.kind).toLowerCase()} ${line.minor > 0 ? "+" : "−"}${money(Math.abs(line.minor), line.currency)}`).join(", ")}`, amount: money(Math.max(0, ...ask.lines.map((line) => line.minor)), ask.lines[0]?.currency ?? "EUR"), then: "The books keep both, what was and the correction." };
    }
  };
}

function Waiting({ proposal }: { proposal: Proposal }) {
  const now = useNow(60_000);
  const answer = useAnswerProposal();
  const [asking, setAsking] = useState<"yes" | "no" | null>(null);
  const { text, amount, then } = useSentence()(proposal.ask);
  const session = useKnownSession();
  const open = proposal.state === "open";
  const own = proposal.proposed_by === session.operator.email;
  const may = session.may.includes("rewards.decide");
  return (
    <li className={css.waits}>
      <span className="grow">
        <span className="strong">{text}</span>
        {proposal.advocate && <span className={css.under}>For {proposal.advocate}</span>}
        <span className={css.under}>{proposal.proposed_by}, {ago(proposal.proposed_at, now)}: {proposal.reason}{!open && proposal.decided_by && `. ${proposal.state === "confirmed" ? "Confirmed" : "Rejected"} by ${proposal.decided_by}${proposal.decision ? `: ${proposal.decision}` : ""}`}</span>
        {open && !proposal.can_confirm && <span className={css.under}>{own ? "You proposed it: another person confirms it." : "Your role may not confirm it."}</span>}
      </span>
      <span className="num strong">{amount}</span>
      {open ? (
        <>
          <button className="btn small" disabled={answer.isPending || !may} onClick={() => setAsking("no")}>{own ? "Take back" : "Reject"}</button>
          <button className="btn small primary" disabled={!proposal.can_confirm || answer.isPending} onClick={() => setAsking("yes")}>Confirm</button>
        </>
      ) : <Badge tone={proposal.state === "confirmed" ? "good" : "plain"}>{proposal.state === "confirmed" ? "Confirmed" : "Rejected"}</Badge>}
      {asking === "yes" && (
        <Box title={`Confirm ${amount}?`} onClose={() => setAsking(null)} foot={<><button className="btn" onClick={() => setAsking(null)}>Not yet</button><button className="btn primary" disabled={answer.isPending} onClick={() => answer.mutate({ id: proposal.id, yes: true }, { onSuccess: () => setAsking(null) })}>Confirm {amount}</button></>}>
          <p>{text}{proposal.advocate && <span className={css.under}>For {proposal.advocate}</span>}</p>
          <p className="small muted">{proposal.proposed_by} says: {proposal.reason}</p>
          <p className="small muted">{then}</p>
        </Box>
      )}
      {asking === "no" && <RejectBox own={own} text={text} busy={answer.isPending} onClose={() => setAsking(null)} onSay={(reason) => answer.mutate({ id: proposal.id, yes: false, reason }, { onSuccess: () => setAsking(null) })} />}
    </li>
  );
}

function RejectBox({ own, text, busy, onClose, onSay }: { own: boolean; text: string; busy: boolean; onClose: () => void; onSay: (reason: string) => void }) {
  const [reason, setReason] = useState("");
  return (
    <Box title={own ? "Take it back?" : "Reject it?"} onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn danger" disabled={busy || !reason.trim()} onClick={() => onSay(reason.trim())}>{own ? "Take back" : "Reject"}</button></>}>
      <p>{text}</p>
      <p className="small muted">Nothing moves. It stays in the list with your reason.</p>
      <label><span className="label">Reason, kept with it</span><textarea className="field" rows={2} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} autoFocus /></label>
    </Box>
  );
}
