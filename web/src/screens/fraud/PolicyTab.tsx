import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { write } from "../../api/client";
import type { FraudPolicy } from "../../api/fraud";
import { useFraudPolicy } from "../../api/fraudQueries";
import { percent, words } from "../../format";
import { Amount, Line, Num, Tail, Word } from "../../parts/inline";
import { Loaded } from "../../parts/states";
import { toast, toastProblem } from "../../parts/toast";
import { Scroll } from "../../parts/ui";
import { useKnownSession } from "../../session";
import css from "./fraud.module.css";

const DOES = { note: "notes it only", hold: "holds the reward", block: "blocks the reward", off: "is off" };

/** What each rule does here, and what mistakes cost: the threshold of a hold follows from it. */
export function PolicyTab() {
  const query = useFraudPolicy();
  return <Scroll label="Rules"><Loaded query={query}>{(policy) => <Form key={policy.version} policy={policy} />}</Loaded></Scroll>;
}

function Form({ policy }: { policy: FraudPolicy }) {
  const client = useQueryClient();
  const session = useKnownSession();
  const off = !session.may.includes("rewards.decide");
  const [wanted, setWanted] = useState(policy);
  const cost = (change: Partial<FraudPolicy["costs"]>) => setWanted({ ...wanted, costs: { ...wanted.costs, ...change } });
  const rule = (name: string, does: string) => { const { [name]: _gone, ...others } = wanted.rules; setWanted({ ...wanted, rules: does === "usual" ? others : { ...others, [name]: does } }); };
  const changed = JSON.stringify([wanted.rules, wanted.costs]) !== JSON.stringify([policy.rules, policy.costs]);
  const save = useMutation({
    mutationFn: () => write<FraudPolicy>("/api/fraud/policy", { rules: wanted.rules, costs: wanted.costs, version: policy.version }, "PUT"),
    onSuccess: (made) => { toast("good", "The rules are in force", { detail: "They count for what is looked at from now on." }); client.setQueryData(["fraud-policy"], made); },
    onError: (failure) => toastProblem("The rules stay as they are", failure),
  });
  const { currency } = session.workspace;
  return (
    <div className={css.policy}>
      <section className={css.section}>
        <h2>What mistakes cost</h2>
        <Line><span>Holding an honest person's reward costs us about</span><Amount label="Cost of a wrong hold" value={wanted.costs.goodwill_minor} currency={currency} disabled={off} onChange={(goodwill_minor) => cost({ goodwill_minor })} /><span>of goodwill.</span></Line>
        <Line><span>A look by a person costs about</span><Amount label="Cost of a look" value={wanted.costs.review_minor} currency={currency} disabled={off} onChange={(review_minor) => cost({ review_minor })} /><Tail>.</Tail></Line>
        <Line><span>Of a reward paid to a fraud we lose</span><Num label="Share lost" value={wanted.costs.lost_share_bp / 100} min={0.01} max={100} step={0.01} disabled={off} onChange={(value) => cost({ lost_share_bp: Math.round(value * 100) })} /><span>%.</span></Line>
        <Line><span>Where the reward is not known yet, count</span><Amount label="Unknown reward" value={wanted.costs.unknown_minor} currency={currency} disabled={off} onChange={(unknown_minor) => cost({ unknown_minor })} /><Tail>.</Tail></Line>
        <p className="small muted">With what is in force, such a reward is held from a chance of {percent(policy.threshold, 0)} on. Dearer rewards are held sooner.</p>
      </section>
      <section className={css.section}>
        <h2>What each rule does</h2>
        <ul className={css.rules}>
          {policy.known_rules.map((name) => <li key={name}><span className="grow">{words(name)}</span><Word label={`What ${words(name)} does`} value={wanted.rules[name] ?? "usual"} options={policy.stated[name] ? DOES : { usual: "as shipped", ...DOES }} disabled={off} onChange={(does) => rule(name, does)} /></li>)}
        </ul>
        {policy.stated.same_company && <p className="small muted">Colleagues who refer each other are mostly honest. So one company is only noted, and a second sign holds the reward.</p>}
      </section>
      {changed && <div className="row"><button className="btn primary" disabled={save.isPending} onClick={() => save.mutate()}>Put in force</button><button className="btn" onClick={() => setWanted(policy)}>Discard</button></div>}
    </div>
  );
}
