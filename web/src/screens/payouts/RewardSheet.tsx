import { useState } from "react";

import type { Reward } from "../../api/contract";
import type { RewardDispute } from "../../api/money";
import { useDisputes, useHistory } from "../../api/moneyQueries";
import { day, money, moment, words } from "../../format";
import { Icon } from "../../parts/icons";
import { Amount } from "../../parts/inline";
import { Box, Sheet } from "../../parts/sheet";
import { Badge, Fact, toneOf } from "../../parts/ui";
import { setParams } from "../../router";
import { useKnownSession } from "../../session";
import { DisputeBox, OpenDisputes, SettleBox } from "./Disputes";
import css from "./payouts.module.css";
import { STATE_WORDS } from "./states";
import { useApproveReward, useReverseReward } from "./writes";

const BENEFICIARY: Record<string, string> = { advocate: "whoever referred", friend: "the friend", parent: "whoever brought the partner in" };
const OVER = ["reversed", "expired", "capped", "void"];

/** One reward: where it stands and how it came there, and what may be done with it. */
export function RewardSheet({ reward, onClose }: { reward: Reward; onClose: () => void }) {
  const moves = useHistory(reward.id).data?.pages.flatMap((page) => page.rows) ?? [];
  const approve = useApproveReward();
  const mayDecide = useKnownSession().may.includes("rewards.decide");
  const [asking, setAsking] = useState<"reverse" | "dispute" | "approve" | RewardDispute | null>(null);
  const waits = reward.state === "held" || reward.state === "review";
  const live = !OVER.includes(reward.state);
  const disputed = reward.disputed === true;
  const open = (useDisputes(reward.id, disputed).data?.rows ?? []).filter((one) => one.outcome === null);
  return (
    <Sheet
      title={reward.label} note={`${reward.advocate.name}, ${money(reward.amount_minor, reward.currency)}`} onClose={onClose}
      foot={
        <>
          {waits && (
            <button className="btn primary" disabled={!reward.can_approve || approve.isPending} aria-describedby={reward.why_not ? "why-not" : undefined} onClick={() => approve.mutate({ id: reward.id })}>
              <Icon name="check" size={15} />Approve
            </button>
          )}
          {waits && !reward.can_approve && mayDecide && /reason/i.test(reward.why_not ?? "") && <button className="btn" onClick={() => setAsking("approve")}>Approve with a reason</button>}
          <button className="btn" onClick={() => setParams({ explain: `reward:${reward.id}`, id: null })}><Icon name="scroll-text" size={15} />Explain</button>
          {mayDecide && live && !disputed && <button className="btn" onClick={() => setAsking("dispute")}>Dispute</button>}
          {mayDecide && live && <button className="btn danger" onClick={() => setAsking("reverse")}>Take back</button>}
        </>
      }
    >
      {waits && !reward.can_approve && reward.why_not && <p className={css.whyNot} id="why-not"><Icon name="lock" size={15} />{reward.why_not}</p>}
      <OpenDisputes reward={reward} onClose={mayDecide ? setAsking : null} />
      <dl>
        <Fact name="State"><Badge tone={toneOf(reward.state)}>{STATE_WORDS[reward.state]?.name ?? words(reward.state)}</Badge> <span className="muted">{STATE_WORDS[reward.state]?.text}</span></Fact>
        <Fact name="Because">{reward.reason}</Fact>
        <Fact name="Incentive">{words(reward.incentive)}</Fact>
        <Fact name="Amount"><span className="num">{money(reward.amount_minor, reward.currency)}</span></Fact>
        <Fact name="For">{reward.advocate.name} <span className="muted">{reward.beneficiary ? `${BENEFICIARY[reward.beneficiary] ?? reward.beneficiary}, ` : ""}{reward.advocate.email}</span></Fact>
        {(reward.part ?? 0) > 0 && <Fact name="Part">number {reward.part}</Fact>}
        {reward.state === "pending" && <Fact name="Waits">{reward.pending_for || (reward.pending_until ? `due on ${day(reward.pending_until)}` : "not due yet")}</Fact>}
        {reward.expires_at && <Fact name="To be claimed by">{day(reward.expires_at)}</Fact>}
        {(reward.wanted_minor ?? 0) > (reward.issued_minor ?? 0) && <Fact name="Earned">{money(reward.wanted_minor ?? 0, reward.currency)}, of which a limit left {money(reward.issued_minor ?? 0, reward.currency)}</Fact>}
        {(reward.reversed_minor ?? 0) > 0 && <Fact name="Taken back"><span className="bad num">{money(reward.reversed_minor ?? 0, reward.currency)}</span>{(reward.owed_minor ?? 0) > 0 && <span className="muted">, of which {money(reward.owed_minor ?? 0, reward.currency)} had been paid and is owed</span>}</Fact>}
        <Fact name="Created">{moment(reward.created_at)}</Fact>
        {reward.hold_until && <Fact name="Held until">{moment(reward.hold_until)}</Fact>}
        <Fact name="Approved">{reward.approved_at ? `${moment(reward.approved_at)} by ${reward.approved_by ?? "unknown"}` : <span className="muted">Not yet</span>}</Fact>
        {reward.payout_id && <Fact name="Payout"><button className="link" onClick={() => setParams({ tab: "payouts", id: reward.payout_id, state: null })}>Open the payout</button></Fact>}
      </dl>
      {moves.length > 0 && (
        <>
          <h3 className={css.h3}>How it came here</h3>
          <ol className={css.chain}>{[...moves].reverse().map((one) => <li key={one.number}><p className="row">{one.was === one.became && one.was !== "" ? null : <Badge tone={toneOf(one.became)}>{STATE_WORDS[one.became]?.name ?? words(one.became)}</Badge>}<span className="tiny muted">{moment(one.at)}, {one.actor}</span></p>{one.reason && <p className="small">{one.reason}</p>}</li>)}</ol>
        </>
      )}
      {asking === "approve" && <ApproveBox reward={reward} onClose={() => setAsking(null)} />}
      {asking === "reverse" && <ReverseBox reward={reward} onClose={() => setAsking(null)} />}
      {asking === "dispute" && <DisputeBox id={reward.id} onClose={() => setAsking(null)} />}
      {asking !== null && typeof asking === "object" && <SettleBox reward={reward} dispute={asking} others={open.length - 1} onClose={() => setAsking(null)} />}
    </Sheet>
  );
}

function ReverseBox({ reward, onClose }: { reward: Reward; onClose: () => void }) {
  const reverse = useReverseReward();
  const [all, setAll] = useState(true);
  const [minor, setMinor] = useState(Math.round(reward.amount_minor / 2));
  const [reason, setReason] = useState("");
  const taken = all ? reward.amount_minor : minor;
  return (
    <Box
      title="Take this reward back?" onClose={onClose}
      foot={<><button className="btn" onClick={onClose}>Keep it</button><button className="btn danger" disabled={!reason.trim() || reverse.isPending || taken < 1 || taken > reward.amount_minor} onClick={() => reverse.mutate({ id: reward.id, minor: all ? null : minor, reason: reason.trim() }, { onSuccess: onClose })}>Take back {money(taken, reward.currency)}</button></>}
    >
      <p className="small muted">{reward.state === "paid" ? "It is paid already: the amount is kept as owed by the advocate and taken off their next payout." : "The ledger keeps both postings: the reward and its reversal."}</p>
      <fieldset className={css.radios}><legend className="sr">How much</legend>
        <label><input type="radio" name="how-much" checked={all} onChange={() => setAll(true)} />All of it, {money(reward.amount_minor, reward.currency)}</label>
        <label><input type="radio" name="how-much" checked={!all} onChange={() => setAll(false)} />A part</label>
        {!all && <span className="row"><Amount label="How much is taken back" value={minor} currency={reward.currency} onChange={setMinor} /></span>}
      </fieldset>
      <label><span className="label">Reason, shown to the advocate</span><textarea className="field" rows={3} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} autoFocus /></label>
    </Box>
  );
}

/** A hold or a look can be lifted by whoever says why; never the rule that a second person approves. */
function ApproveBox({ reward, onClose }: { reward: Reward; onClose: () => void }) {
  const approve = useApproveReward();
  const [reason, setReason] = useState("");
  return (
    <Box title="Approve it with a reason?" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Not yet</button><button className="btn primary" disabled={!reason.trim() || approve.isPending} onClick={() => approve.mutate({ id: reward.id, reason: reason.trim() }, { onSuccess: onClose })}>Approve {money(reward.amount_minor, reward.currency)}</button></>}>
      <p className="small muted">{reward.why_not}</p>
      <label><span className="label">Reason, kept with it</span><textarea className="field" rows={3} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} autoFocus /></label>
    </Box>
  );
}
