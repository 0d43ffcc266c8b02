import { useState } from "react";

import type { RewardDispute } from "../../api/money";
import { useRewardsOfSale } from "../../api/moneyQueries";
import type { Reward } from "../../api/contract";
import { money, words } from "../../format";
import { TableBox } from "../../parts/table";
import { Badge, toneOf } from "../../parts/ui";
import { Link } from "../../router";
import { useKnownSession } from "../../session";
import { OpenDisputes, SettleBox } from "../payouts/Disputes";
import { STATE_WORDS } from "../payouts/states";
import css from "./court.module.css";

/** What a sale earned and where it stands; a bank's dispute of the payment is settled here. */
export function SaleRewards({ conversion }: { conversion: string }) {
  const { may } = useKnownSession();
  const rows = useRewardsOfSale(conversion, may.includes("money.read")).data?.rows ?? [];
  const [settling, setSettling] = useState<{ reward: Reward; dispute: RewardDispute } | null>(null);
  if (rows.length === 0) return null;
  const mayDecide = may.includes("rewards.decide");
  return (
    <section className={css.section} aria-label="What this sale earned">
      <h2>What this sale earned</h2>
      {rows.filter((one) => one.disputed).map((one) => <OpenDisputes key={one.id} reward={one} onClose={mayDecide ? (dispute) => setSettling({ reward: one, dispute }) : null} />)}
      <TableBox
        label="Rewards of this sale" head={["Reward", "For", "State", "Amount"]} right={[3]}
        rows={rows.map((one) => ({ key: one.id, cells: [<Link className="link" to={`/payouts?id=${one.id}`}>{one.label}</Link>, one.advocate.name, one.disputed ? <Badge tone="warn">Disputed</Badge> : <Badge tone={toneOf(one.state)}>{STATE_WORDS[one.state]?.name ?? words(one.state)}</Badge>, money(one.amount_minor, one.currency)] }))}
      />
      {settling && <SettleBox reward={settling.reward} dispute={settling.dispute} others={0} onClose={() => setSettling(null)} />}
    </section>
  );
}
