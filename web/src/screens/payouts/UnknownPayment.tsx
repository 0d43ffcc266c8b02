import { useState } from "react";

import type { Payment } from "../../api/money";
import { ago, day, money, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Box } from "../../parts/sheet";
import { useKnownSession } from "../../session";
import css from "./payouts.module.css";
import { useAskAgain, useMarkPaid, usePropose } from "./writes";

type Choice = "again" | "paid" | "unpaid";

/** What a person may do about a payment whose provider has not said: ask again, say that it arrived, or give it up with a second person. */
export function UnknownPayment({ payment, onClose }: { payment: Payment; onClose: () => void }) {
  const now = useNow(60_000);
  const may = useKnownSession().may;
  const again = useAskAgain();
  const paid = useMarkPaid();
  const propose = usePropose();
  const [choice, setChoice] = useState<Choice>("again");
  const [text, setText] = useState("");
  const amount = money(payment.amount_minor, payment.currency);
  const early = payment.may_give_up_at !== null && Date.parse(payment.may_give_up_at) > now;
  const busy = again.isPending || paid.isPending || propose.isPending;
  const ready = choice === "again" ? may.includes("payouts.request") : choice === "paid" ? may.includes("payouts.approve") && text.trim() : may.includes("rewards.decide") && !early && text.trim();
  const done = { onSuccess: onClose };
  const go = () => {
    if (choice === "again") again.mutate(payment.id, done);
    else if (choice === "paid") paid.mutate({ id: payment.payout_id, reference: text.trim() }, done);
    else propose.mutate({ ask: { type: "give_up", disbursement_id: payment.id, advocate_id: payment.advocate_id, minor: payment.amount_minor, currency: payment.currency }, reason: text.trim() }, done);
  };
  const choose = (one: Choice) => () => { setChoice(one); setText(""); };
  const verb = { again: "Ask again", paid: `Mark ${amount} as paid`, unpaid: "Propose to give it up" }[choice];
  return (
    <Box title={`${amount} to ${payment.advocate}: paid or not?`} onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" disabled={!ready || busy} onClick={go}>{verb}</button></>}>
      <p>{words(payment.rail)} was asked {payment.asked_at ? ago(payment.asked_at, now) : "before"}{payment.attempts > 1 ? `, ${payment.attempts} times under one key` : ""}, and never said how it ended. {payment.problem}</p>
      <fieldset className={css.radios}><legend className="label">What now</legend>
        <label><input type="radio" name="unknown" checked={choice === "again"} onChange={choose("again")} />Ask the provider again. It knows the key, so it cannot pay twice.</label>
        <label><input type="radio" name="unknown" checked={choice === "paid"} onChange={choose("paid")} />I looked it up at the provider: it was paid.</label>
        <label><input type="radio" name="unknown" checked={choice === "unpaid"} onChange={choose("unpaid")} />I looked it up at the provider: it was not paid, and will not be.</label>
      </fieldset>
      {choice === "paid" && <label><span className="label">The provider's number of the payment</span><input className="field" value={text} maxLength={100} onChange={(event) => setText(event.target.value)} /></label>}
      {choice === "unpaid" && (early && payment.may_give_up_at ? <p className="small muted" role="note">A provider may take a day to carry out what it took in. This can be proposed from {day(payment.may_give_up_at)} on.</p> : (
        <label><span className="label">How you know, for whoever confirms it</span><textarea className="field" rows={2} value={text} maxLength={500} onChange={(event) => setText(event.target.value)} /></label>
      ))}
      <p className="small muted">{{ again: "Nothing moves before the provider answers.", paid: "The books call it paid. The provider is looked up a day later, and a contradiction is shown here.", unpaid: "A second person confirms it. Then nobody asks for it any more, and the money is payable to the advocate again." }[choice]}</p>
    </Box>
  );
}
