import type { PayoutDetail } from "../../api/contract";
import { usePaymentsOf } from "../../api/moneyQueries";
import { ago, money, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Bones } from "../../parts/states";
import { Badge } from "../../parts/ui";
import { setParams } from "../../router";
import { PAYMENTS } from "./payments";
import css from "./payouts.module.css";

/** What became of each payment of a payout; before there are any, the rewards inside. */
export function PayoutLines({ payout }: { payout: PayoutDetail }) {
  const query = usePaymentsOf(payout.id, payout.rail);
  const now = useNow(15_000);
  if (query.isLoading) return <Bones rows={2} />;
  const rows = query.data ?? [];
  if (rows.length === 0) {
    return (
      <ul className={css.lines}>
        {payout.rewards.map((one) => (
          <li key={one.id}>
            <span className="grow"><span className="clip strong">{one.advocate.name}</span><span className="clip small muted">{one.label}</span></span>
            <span className="num">{money(one.amount_minor, one.currency)}</span>
            <button className="btn quiet small" onClick={() => setParams({ explain: `reward:${one.id}`, id: null })}>Explain</button>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <ul className={css.lines}>
      {rows.map((one) => (
        <li key={one.id}>
          <span className="grow">
            <span className="clip strong">{one.advocate}</span>
            <span className={css.under}>{one.problem || PAYMENTS[one.state]?.text}{one.asked_at && `, asked ${ago(one.asked_at, now)}${one.attempts > 1 ? ` (${one.attempts} times)` : ""}`}{one.provider_id && <>, <span className="mono">{one.provider_id}</span></>}{one.netted_minor > 0 && `, ${money(one.netted_minor, one.currency)} kept back for what was owed`}</span>
          </span>
          <Badge tone={PAYMENTS[one.state]?.tone}>{PAYMENTS[one.state]?.name ?? words(one.state)}</Badge>
          <span className="num">{money(one.amount_minor, one.currency)}</span>
        </li>
      ))}
    </ul>
  );
}
