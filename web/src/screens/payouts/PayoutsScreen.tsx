import { Tabs } from "../../parts/tabs";
import { PageHead } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { ExplainSheet } from "./ExplainSheet";
import { LedgerTab } from "./LedgerTab";
import { PayoutsTab } from "./PayoutsTab";
import { RewardsTab } from "./RewardsTab";

const TABS = [
  { key: "rewards", label: "Rewards" }, { key: "payouts", label: "Payouts" }, { key: "ledger", label: "Ledger" },
] as const;
type TabKey = (typeof TABS)[number]["key"];

/** What is owed, who may release it, what was paid, and the proof that nothing was lost. */
export default function PayoutsScreen() {
  const { params } = useAddress();
  const tab = (TABS.find((one) => one.key === params.get("tab"))?.key ?? "rewards") as TabKey;
  const subject = params.get("explain") ?? "";
  return (
    <>
      <PageHead title="Payouts">
        <Tabs<TabKey> label="Payouts" kind="pill" value={tab} tabs={[...TABS]} onChange={(key) => setParams({ tab: key === "rewards" ? null : key, state: null, id: null, account: null })} />
      </PageHead>
      {tab === "rewards" && <RewardsTab />}
      {tab === "payouts" && <PayoutsTab />}
      {tab === "ledger" && <LedgerTab />}
      {subject && <ExplainSheet subject={subject} onClose={() => setParams({ explain: null })} />}
    </>
  );
}
