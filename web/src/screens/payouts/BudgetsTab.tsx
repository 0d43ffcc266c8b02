import { useState } from "react";

import { useLedger } from "../../api/queries";
import { useProgramRows } from "../../api/programQueries";
import { money } from "../../format";
import { Icon } from "../../parts/icons";
import { Amount } from "../../parts/inline";
import { Box } from "../../parts/sheet";
import { Empty, Loaded } from "../../parts/states";
import { TableBox } from "../../parts/table";
import { Scroll } from "../../parts/ui";
import { useKnownSession } from "../../session";
import css from "./payouts.module.css";
import { Proposals } from "./Proposals";
import { usePropose } from "./writes";

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
