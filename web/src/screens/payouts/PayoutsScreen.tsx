import { Tabs } from "../../parts/tabs";
import { PageHead } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { BudgetsTab } from "./BudgetsTab";
import { ExplainSheet } from "./ExplainSheet";
import { LedgerTab } from "./LedgerTab";
import { LiabilityTab } from "./LiabilityTab";
import { PayoutsTab } from "./PayoutsTab";
import { RewardsTab } from "./RewardsTab";
import { StatementsTab } from "./StatementsTab";
import { TieOutTab } from "./TieOutTab";

const TABS = [
  { key: "rewards", label: "Rewards" }, { key: "liability", label: "Owed" }, { key: "budgets", label: "Budgets" }, { key: "payouts", label: "Payouts" }, { key: "tie-out", label: "Tie-out" }, { key: "statements", label: "Statements" }, { key: "ledger", label: "Ledger" },
] as const;
type TabKey = (typeof TABS)[number]["key"];
const VIEWS: Record<TabKey, () => React.ReactNode> = { rewards: RewardsTab, liability: LiabilityTab, budgets: BudgetsTab, payouts: PayoutsTab, "tie-out": TieOutTab, statements: StatementsTab, ledger: LedgerTab };

/** What is owed, who may release it, what was paid, and the proof that nothing was lost. */
export default function PayoutsScreen() {
  const { params } = useAddress();
  const tab = (TABS.find((one) => one.key === params.get("tab"))?.key ?? "rewards") as TabKey;
  const subject = params.get("explain") ?? "";
  const View = VIEWS[tab];
  return (
    <>
      <PageHead title="Money">
        <Tabs<TabKey> label="Money" kind="pill" value={tab} tabs={[...TABS]} onChange={(key) => setParams({ tab: key === "rewards" ? null : key, state: null, id: null, account: null, view: null, day: null, rail: null, waits: null, asked: null })} />
      </PageHead>
      <View />
      {subject && <ExplainSheet subject={subject} onClose={() => setParams({ explain: null })} />}
    </>
  );
}
