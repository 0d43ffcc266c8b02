import { useState } from "react";

import type { Reward } from "../../api/contract";
import type { RewardDispute } from "../../api/money";
import { useDisputes } from "../../api/moneyQueries";
import { money, moment } from "../../format";
import { Box } from "../../parts/sheet";
import { Icon } from "../../parts/icons";
import css from "./payouts.module.css";
import { useCloseDispute, useDisputeReward } from "./writes";

const byWhom = (who: string): string => (who === "honeyguide" || who === "system" ? "as a connected system reported" : `by ${who}`);

/** The open disputes of a reward, whoever opened them: a bank or somebody here. */
export function OpenDisputes({ reward, onClose }: { reward: Reward; onClose: ((one: RewardDispute) => void) | null }) {
  const rows = useDisputes(reward.id, reward.disputed === true).data?.rows ?? [];
  const open = rows.filter((one) => one.outcome === null);
  if (reward.disputed !== true) return null;
  return (
    <div className={css.disputes} role="group" aria-label="Open disputes">
      {open.length === 0 && <p className={css.whyNot}><Icon name="message-square" size={15} /><span><b>Disputed.</b> Nothing moves until it is settled.</span></p>}
      {open.map((one) => (
        <div key={one.key} className={css.whyNot}>
          <Icon name="message-square" size={15} />
          <span className="grow"><b>Disputed</b>, {moment(one.opened_at)}, {byWhom(one.opened_by)}: {one.reason} <span className="mono tiny">{one.key}</span><br />Nothing moves until it is settled.</span>
          {onClose && <button className="btn small" onClick={() => onClose(one)}>Settle</button>}
        </div>
      ))}
    </div>
  );
}

export function DisputeBox({ id, onClose }: { id: string; onClose: () => void }) {
  const dispute = useDisputeReward();
  const [reason, setReason] = useState("");
  return (
    <Box title="Dispute this reward?" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" disabled={!reason.trim() || dispute.isPending} onClick={() => dispute.mutate({ id, reason: reason.trim() }, { onSuccess: onClose })}>Dispute it</button></>}>
      <p className="small muted">It stays where it is until the dispute is settled: it is neither paid nor taken back.</p>
      <label><span className="label">What is disputed</span><textarea className="field" rows={3} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} autoFocus /></label>
    </Box>
  );
}

const lost = (reward: Reward): string => {
  const sum = money(reward.amount_minor, reward.currency);
  if (reward.state === "paid" || reward.state === "in_payout") return `${sum} is taken back. It is ${reward.state === "paid" ? "paid" : "in a payout"} already, so ${reward.advocate.name} owes it and it comes off their next payout.`;
  return `${sum} is taken back: ${reward.advocate.name} is not paid for it.`;
};

/** How a dispute ended, with what either answer does to the money said before. */
export function SettleBox({ reward, dispute, others, onClose }: { reward: Reward; dispute: RewardDispute; others: number; onClose: () => void }) {
  const close = useCloseDispute();
  const [outcome, setOutcome] = useState<"won" | "lost" | "">("");
  const go = () => outcome && close.mutate({ id: reward.id, outcome, key: dispute.key }, { onSuccess: onClose });
  return (
    <Box title="How did the dispute end?" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Not yet</button><button className={outcome === "lost" ? "btn danger" : "btn primary"} disabled={!outcome || close.isPending} onClick={go}>{outcome === "lost" ? `Lost: take back ${money(reward.amount_minor, reward.currency)}` : outcome === "won" ? "Won: the reward stands" : "Settle it"}</button></>}>
      <p className="small muted">{dispute.reason} <span className="mono">{dispute.key}</span></p>
      <fieldset className={css.radios}><legend className="sr">Outcome</legend>
        <label className={css.outcome}><input type="radio" name="outcome" checked={outcome === "won"} onChange={() => setOutcome("won")} /><span><b>Won: the sale stands</b><span className={css.under}>The reward goes on from where it was. {others > 0 ? "Another dispute of it is still open, so nothing moves yet." : "Nothing else moves."}</span></span></label>
        <label className={css.outcome}><input type="radio" name="outcome" checked={outcome === "lost"} onChange={() => setOutcome("lost")} /><span><b>Lost: the money went back</b><span className={css.under}>{lost(reward)}</span></span></label>
      </fieldset>
      <p className="small muted">An outcome is final; it cannot be changed to the other one.</p>
    </Box>
  );
}
