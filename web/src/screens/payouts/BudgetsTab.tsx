import { useState } from "react";

import type { Budget, Proposal } from "../../api/money";
import { useBudgets, useMoneyProposals } from "../../api/moneyQueries";
import { ago, money, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Amount } from "../../parts/inline";
import { Box } from "../../parts/sheet";
import { Empty, Loaded } from "../../parts/states";
import { TableBox } from "../../parts/table";
import { Scroll } from "../../parts/ui";
import { useKnownSession } from "../../session";
import css from "./payouts.module.css";
import { useAnswerProposal, usePropose } from "./writes";

const SCOPES: Record<string, string> = { workspace: "Everything", program: "Program", group: "Group", advocate: "Advocate" };
const PERIODS: Record<string, string> = { month: "a month", quarter: "a quarter", year: "a year", once: "in all", ever: "in all" };

/** What may be spent, and what waits for a second person. */
export function BudgetsTab() {
  const session = useKnownSession();
  const budgets = useBudgets();
  const waiting = useMoneyProposals({ state: "open" });
  const [adding, setAdding] = useState<Budget | "new" | null>(null);
  const mayAsk = session.may.includes("payouts.request");
  const open = waiting.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Scroll label="Limits">
      <div className={css.book}>
        {open.length > 0 && (
          <section className={css.section} aria-label="Waits for a second person">
            <h2>Waits for a second person</h2>
            <ul className={css.lines}>{open.map((one) => <Waiting key={one.id} proposal={one} />)}</ul>
          </section>
        )}
        {waiting.isError && <p className={css.whyNot} role="alert"><Icon name="triangle-alert" size={15} />What waits for a second person cannot be read at present.</p>}
        <section className={css.section}>
          <div className="row"><h2 className="grow">Budgets</h2>{mayAsk && <button className="btn small" onClick={() => setAdding("new")}><Icon name="plus" size={14} />Fund a budget</button>}</div>
          <Loaded query={budgets}>
            {({ rows }) => rows.length === 0 ? <Empty icon="wallet" title="No limit is set">Rewards are posted without a limit. A budget is reserved before a reward is promised, so it can never be overspent.</Empty> : (
              <TableBox
                label="Budgets" head={["For", "Spent and reserved", "Left", "Limit"]} right={[2, 3]}
                rows={rows.map((one) => ({ key: one.id, cells: [
                  <><b>{one.name || SCOPES[one.scope] || words(one.scope)}</b><span className={css.under}>{SCOPES[one.scope] ?? words(one.scope)}, {PERIODS[one.period] ?? one.period}</span></>,
                  <Spent budget={one} />, <b className={one.left_minor <= 0 ? "bad" : ""}>{money(one.left_minor, one.currency)}</b>,
                  <>{money(one.limit_minor, one.currency)}{mayAsk && <button className="link small" style={{ marginLeft: 8 }} onClick={() => setAdding(one)}>Add</button>}</>,
                ] }))}
              />
            )}
          </Loaded>
        </section>
      </div>
      {adding !== null && <FundBox budget={adding === "new" ? null : adding} onClose={() => setAdding(null)} />}
    </Scroll>
  );
}

function Spent({ budget }: { budget: Budget }) {
  const whole = Math.max(1, budget.limit_minor);
  return (
    <span className={css.spent}>
      <span className={css.spentBar} aria-hidden><i style={{ width: `${Math.min(100, (budget.spent_minor / whole) * 100)}%` }} /><s style={{ width: `${Math.min(100, (budget.reserved_minor / whole) * 100)}%` }} /></span>
      <span className="small muted">{money(budget.spent_minor, budget.currency)} spent, {money(budget.reserved_minor, budget.currency)} reserved</span>
    </span>
  );
}

function Waiting({ proposal }: { proposal: Proposal }) {
  const now = useNow(60_000);
  const answer = useAnswerProposal();
  return (
    <li className={css.waits}>
      <span className="grow"><span className="strong">{proposal.sentence}</span><span className={css.under}>{proposal.by}, {ago(proposal.at, now)}{proposal.reason && `: ${proposal.reason}`}{!proposal.may_confirm && `. ${proposal.why_not ?? "Another person confirms it."}`}</span></span>
      <span className="num strong">{money(proposal.amount_minor, proposal.currency)}</span>
      <button className="btn small" disabled={answer.isPending} onClick={() => answer.mutate({ id: proposal.id, yes: false })}>Reject</button>
      <button className="btn small primary" disabled={!proposal.may_confirm || answer.isPending} onClick={() => answer.mutate({ id: proposal.id, yes: true })}>Confirm</button>
    </li>
  );
}

function FundBox({ budget, onClose }: { budget: Budget | null; onClose: () => void }) {
  const { workspace } = useKnownSession();
  const currency = budget?.currency ?? workspace.currency;
  const propose = usePropose();
  const [minor, setMinor] = useState(1_000_000);
  const [reason, setReason] = useState("");
  return (
    <Box title={budget ? `Add to ${budget.name || "the budget"}` : "Fund a budget"} onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" disabled={!reason.trim() || minor < 1 || propose.isPending} onClick={() => propose.mutate({ kind: "fund_budget", budget: budget?.id ?? null, amount_minor: minor, currency, reason: reason.trim() }, { onSuccess: onClose })}>Propose {money(minor, currency)}</button></>}>
      <p className="small muted">A second person confirms it before it can be spent.</p>
      <p className="row"><Amount label="Amount" value={minor} currency={currency} onChange={setMinor} /></p>
      <label><span className="label">Reason</span><input className="field" value={reason} maxLength={300} onChange={(event) => setReason(event.target.value)} autoFocus /></label>
    </Box>
  );
}
