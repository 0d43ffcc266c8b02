import { Tabs } from "../../parts/tabs";
import { PageHead, Scroll } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { ModelsTab } from "./ModelsTab";
import { MomentsTab } from "./MomentsTab";
import css from "./quality.module.css";
import { ReliabilityTab } from "./ReliabilityTab";
import { SpendTab } from "./SpendTab";

type TabKey = "reliability" | "moments" | "spend" | "models";
const TABS: { key: TabKey; label: string }[] = [{ key: "reliability", label: "Reliability" }, { key: "moments", label: "Moments" }, { key: "spend", label: "Spend and budget" }, { key: "models", label: "Models" }];

/** How good the reading is, what it costs, and who does it. */
export default function QualityScreen() {
  const { params } = useAddress();
  const tab = TABS.find((one) => one.key === params.get("tab"))?.key ?? "reliability";
  return (
    <>
      <PageHead title="Reading quality">
        <Tabs<TabKey>
          label="Reading quality" kind="pill" value={tab} panel="quality-panel" onChange={(key) => setParams({ tab: key === "reliability" ? null : key })}
          tabs={TABS}
        />
      </PageHead>
      <Scroll label="Reading quality">
        <div id="quality-panel" role="tabpanel" aria-label={TABS.find((one) => one.key === tab)?.label} className={css.page}>
          {tab === "moments" ? <MomentsTab /> : tab === "spend" ? <SpendTab /> : tab === "models" ? <ModelsTab /> : <ReliabilityTab />}
        </div>
      </Scroll>
    </>
  );
}
