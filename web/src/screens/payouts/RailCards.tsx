import type { Rail } from "../../api/money";
import { useRails, useUnknown } from "../../api/moneyQueries";
import { count, words } from "../../format";
import { Icon } from "../../parts/icons";
import { Badge } from "../../parts/ui";
import css from "./payouts.module.css";

/** The ways money leaves by: whether each is ready, and what its provider has not answered yet. */
export function RailCards() {
  const rows = useRails().data?.rows ?? [];
  const unknown = useUnknown().data?.rows ?? [];
  if (rows.length === 0) return null;
  return <ul className={css.rails} aria-label="Rails" tabIndex={0}>{[...rows].sort((a, b) => Number(ready(b)) - Number(ready(a))).map((one) => <Card key={one.rail} rail={one} unknown={unknown.filter((payment) => payment.rail === one.rail).length} />)}</ul>;
}

const ready = (rail: Rail): boolean => rail.ready && (rail.enabled || !rail.sends);
const PAYEES: Record<string, string> = { iban: "a bank account (IBAN)", us_bank: "a US bank account", paypal: "a PayPal address", stripe: "a Stripe account", email: "an e-mail address" };

function Card({ rail, unknown }: { rail: Rail; unknown: number }) {
  return (
    <li className={css.rail}>
      <p className="row"><Icon name={rail.sends ? "plug" : "file-text"} size={15} /><b className="grow clip">{words(rail.rail)}</b>{unknown > 0 ? <Badge tone="warn" icon="clock">{count(unknown)} not known</Badge> : <Badge tone={ready(rail) ? "good" : "plain"}>{ready(rail) ? "ready" : rail.set_up && !rail.enabled ? "switched off" : "not set up"}</Badge>}</p>
      <p className="small muted">{rail.incentives.map((one) => words(one)).join(", ")}{rail.payee_kind && `, to ${PAYEES[rail.payee_kind] ?? words(rail.payee_kind)}`}.</p>
      {unknown > 0 && <p className="small">The provider has not said whether {unknown === 1 ? "it is" : "they are"} paid. {unknown === 1 ? "It is" : "They are"} asked again and never sent twice.</p>}
      {!rail.ready && rail.secrets.length > 0 && <p className="small muted">It still asks for: {rail.secrets.map((one) => words(one).toLowerCase()).join(", ")}.</p>}
    </li>
  );
}
