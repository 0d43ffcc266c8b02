import { useState } from "react";

import { useLedger } from "../../api/queries";
import { money, words } from "../../format";
import { Amount } from "../../parts/inline";
import { Box } from "../../parts/sheet";
import { usePropose } from "./writes";

type Side = { kind: string; owner: string; currency: string; name: string };

/** A correction between two accounts of the books: what leaves the one comes to the other. */
export function CorrectBox({ onClose }: { onClose: () => void }) {
  const ledger = useLedger();
  const propose = usePropose();
  const sides: Side[] = (ledger.data?.accounts ?? []).filter((one) => ["expense", "budget", "owed", "exchange"].includes(one.kind)).map((one) => ({ kind: one.kind, owner: one.owner, currency: one.currency, name: `${words(one.kind)}${one.owner_name ? `, ${one.owner_name}` : ""} (${money(one.balance_minor, one.currency)})` }));
  const [from, setFrom] = useState(0);
  const [to, setTo] = useState(-1);
  const [minor, setMinor] = useState(100);
  const [reason, setReason] = useState("");
  const a = sides[from];
  const others = sides.map((one, at) => ({ one, at })).filter(({ one, at }) => at !== from && one.currency === a?.currency);
  const b = others.find(({ at }) => at === to)?.one ?? others[0]?.one;
  const ready = a && b && minor > 0 && reason.trim();
  const go = () => a && b && propose.mutate({ ask: { type: "adjustment", lines: [{ kind: a.kind, owner: a.owner, currency: a.currency, minor: -minor }, { kind: b.kind, owner: b.owner, currency: b.currency, minor }] }, reason: reason.trim() }, { onSuccess: onClose });
  return (
    <Box title="Correct the books" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" disabled={!ready || propose.isPending} onClick={go}>Propose {a ? money(minor, a.currency) : "it"}</button></>}>
      <p className="small muted">Between budgets, expense, exchange and what advocates owe. What a reward holds is moved by the reward's own actions only.</p>
      {ledger.data && !b && <p className="small muted">{a ? `There is no second account in ${a.currency} to correct against yet.` : "There is no such account yet: it comes with the first reward or budget."}</p>}
      <label><span className="label">Less on</span><select className="field" value={from} onChange={(event) => setFrom(Number(event.target.value))}>{sides.map((one, at) => <option key={`${one.kind}${one.owner}${one.currency}`} value={at}>{one.name}</option>)}</select></label>
      <label><span className="label">More on</span><select className="field" value={b ? sides.indexOf(b) : -1} onChange={(event) => setTo(Number(event.target.value))}>{others.map(({ one, at }) => <option key={`${one.kind}${one.owner}${one.currency}`} value={at}>{one.name}</option>)}</select></label>
      {a && <p className="row"><span className="small muted">Amount</span><Amount label="Amount" value={minor} currency={a.currency} onChange={setMinor} /></p>}
      <label><span className="label">Reason, for whoever confirms it</span><textarea className="field" rows={2} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></label>
      <p className="small muted">A second person confirms it; you cannot confirm it yourself. The books keep both, what was and the correction.</p>
    </Box>
  );
}
