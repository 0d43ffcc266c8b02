import type { PayoutPolicy, Rail } from "../../api/money";
import { usePayoutPolicy, useRails, useUnknown } from "../../api/moneyQueries";
import { count, words } from "../../format";
import { Icon } from "../../parts/icons";
import { Badge } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import css from "./payouts.module.css";
import { RailSheet } from "./RailSheet";
import { currenciesOf, minimumsOf, PAYEES, railName, stillMissing } from "./rails";

/** The ways money leaves by: whether each is ready, what it pays, and what its provider has not answered yet. */
export function RailCards() {
  const { params } = useAddress();
  const rows = useRails().data?.rows ?? [];
  const unknown = useUnknown().data?.rows ?? [];
  const policy = usePayoutPolicy().data;
  const open = rows.find((one) => one.rail === params.get("rail"));
  if (rows.length === 0) return null;
  return (
    <>
      <ul className={css.rails} aria-label="Rails" tabIndex={0}>{[...rows].sort((a, b) => Number(ready(b)) - Number(ready(a))).map((one) => <Card key={one.rail} rail={one} policy={policy} unknown={unknown.filter((payment) => payment.rail === one.rail).length} />)}</ul>
      {open && <RailSheet key={open.rail} rail={open} policy={policy} onClose={() => setParams({ rail: null })} />}
    </>
  );
}

const ready = (rail: Rail): boolean => rail.ready && stillMissing(rail).length === 0 && (rail.enabled || !rail.sends);

function Card({ rail, policy, unknown }: { rail: Rail; policy: PayoutPolicy | undefined; unknown: number }) {
  const maySet = useKnownSession().may.includes("rails.write");
  const missing = stillMissing(rail);
  const least = minimumsOf(rail, policy);
  return (
    <li className={css.rail}>
      <p className="row"><Icon name={rail.sends ? "plug" : "file-text"} size={15} /><b className="grow clip">{railName(rail.rail)}</b>{unknown > 0 ? <Badge tone="warn" icon="clock">{count(unknown)} not known</Badge> : <Badge tone={ready(rail) ? "good" : "plain"}>{ready(rail) ? "ready" : rail.set_up && !rail.enabled ? "switched off" : "not set up"}</Badge>}</p>
      <p className="small muted">{rail.incentives.map((one) => words(one)).join(", ")}{rail.payee_kind && `, to ${PAYEES[rail.payee_kind] ?? words(rail.payee_kind)}`}, in {currenciesOf(rail)}{least && `, from ${least} on`}.</p>
      {unknown > 0 && <p className="small">The provider has not said whether {unknown === 1 ? "it is" : "they are"} paid. {unknown === 1 ? "It is" : "They are"} asked again and never sent twice.</p>}
      {missing.length > 0 && <p className="small muted">It still asks for: {missing.join(", ")}.</p>}
      {rail.rail !== "manual" && <p className={css.railFoot}><button className="btn small" onClick={() => setParams({ rail: rail.rail })} aria-label={`${maySet ? (rail.set_up ? "Change" : "Set up") : "See"} ${railName(rail.rail)}`}>{maySet ? (rail.set_up ? "Change" : "Set up") : "See"}</button></p>}
    </li>
  );
}
