import { useState } from "react";

import type { Ask } from "../../api/money";
import { useProgramRows } from "../../api/programQueries";
import { useLedger } from "../../api/queries";
import type { Member } from "../../api/taking";
import { money, words } from "../../format";
import { AdvocateField } from "../../parts/advocates";
import { Amount } from "../../parts/inline";
import { Box } from "../../parts/sheet";
import { useKnownSession } from "../../session";
import css from "./payouts.module.css";
import { usePropose } from "./writes";

type Kind = "reward" | "write_off";
const PAYS = ["gift_card", "commission", "co_marketing", "donation", "renewal_credit", "account_credit", "coupon"];

/** A reward no sale earned, or a debt given up: proposed by one person, confirmed by another. */
export function GiveBox({ onClose }: { onClose: () => void }) {
  const { workspace } = useKnownSession();
  const programs = useProgramRows().data?.rows ?? [];
  const accounts = useLedger().data?.accounts ?? [];
  const propose = usePropose();
  const [who, setWho] = useState<Member | null>(null);
  const [kind, setKind] = useState<Kind>("reward");
  const [minor, setMinor] = useState(2500);
  const [label, setLabel] = useState("Thank you");
  const [incentive, setIncentive] = useState("");
  const [reason, setReason] = useState("");
  const offers = (programs.find((one) => one.slug === who?.program)?.groups.find((one) => one.slug === who?.group)?.offers ?? []).filter((one) => PAYS.includes(one.incentive));
  const kinds = [...new Set(offers.map((one) => one.incentive))];
  const given = kinds.includes(incentive) ? incentive : (kinds[0] ?? "");
  const offer = offers.find((one) => one.incentive === given);
  const debt = accounts.find((one) => one.kind === "owed" && one.owner === `advocate:${who?.id}` && one.balance_minor !== 0);
  const owes = debt ? Math.abs(debt.balance_minor) : 0;
  const currency = kind === "write_off" && debt ? debt.currency : workspace.currency;
  const amount = kind === "write_off" ? Math.min(minor, owes) : minor;
  const ask = (): Ask | null => {
    if (!who) return null;
    if (kind === "write_off") return { type: "write_off", advocate_id: who.id, program_id: who.program_id, minor: amount, currency };
    return offer ? { type: "reward", advocate_id: who.id, program_id: who.program_id, offer_id: Number(offer.id), incentive: given, label: label.trim(), minor, currency } : null;
  };
  const made = ask();
  const ready = made && amount > 0 && reason.trim() && (kind === "write_off" || label.trim());
  return (
    <Box title="Give a reward by hand" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" disabled={!ready || propose.isPending} onClick={() => made && propose.mutate({ ask: made, reason: reason.trim() }, { onSuccess: onClose })}>Propose {money(amount, currency)}</button></>}>
      <AdvocateField value={who} onChange={(one) => { setWho(one); setKind("reward"); }} />
      {who && owes > 0 && (
        <fieldset className={css.radios}><legend className="label">What for</legend>
          <label><input type="radio" name="give" checked={kind === "reward"} onChange={() => setKind("reward")} />A reward, out of goodwill or to put something right</label>
          <label><input type="radio" name="give" checked={kind === "write_off"} onChange={() => { setKind("write_off"); setMinor(owes); }} />Give up what they owe, {money(owes, debt?.currency ?? currency)}</label>
        </fieldset>
      )}
      {who && kind === "reward" && kinds.length === 0 && <p className="small bad" role="alert">{who.group_name} offers nothing that has a worth, so nothing can be given by hand. Add an offer to the group first.</p>}
      {who && kind === "reward" && kinds.length > 0 && (
        <>
          <label><span className="label">Given as</span><select className="field" value={given} onChange={(event) => setIncentive(event.target.value)}>{kinds.map((one) => <option key={one} value={one}>{words(one)}</option>)}</select></label>
          <label><span className="label">Name of it, the advocate reads it</span><input className="field" value={label} maxLength={100} onChange={(event) => setLabel(event.target.value)} /></label>
        </>
      )}
      <p className="row"><span className="small muted">Amount</span><Amount label="Amount" value={minor} currency={currency} onChange={setMinor} /></p>
      <label><span className="label">Reason, for whoever confirms it</span><textarea className="field" rows={2} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></label>
      <p className="small muted">{kind === "write_off" ? "A second person confirms it. The program bears the amount, and it no longer comes off their next payout." : "Nothing moves until a second person confirms it; you cannot confirm it yourself. Then it stands among the rewards, held, and is approved like any other."}</p>
    </Box>
  );
}
