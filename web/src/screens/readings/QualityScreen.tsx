import { Tabs } from "../../parts/tabs";
import { PageHead, Scroll } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { ModelsTab } from "./ModelsTab";
import css from "./quality.module.css";
import { ReliabilityTab } from "./ReliabilityTab";
import { SpendTab } from "./SpendTab";

type TabKey = "reliability" | "spend" | "models";

/** How good the reading is, what it costs, and who does it. */
export default function QualityScreen() {
  const { params } = useAddress();
  const tab = (["spend", "models"].includes(params.get("tab") ?? "") ? params.get("tab") : "reliability") as TabKey;
  return (
    <>
      <PageHead title="Reading quality">
        <Tabs<TabKey>
          label="Reading quality" kind="pill" value={tab} panel="quality-panel" onChange={(key) => setParams({ tab: key === "reliability" ? null : key })}
          tabs={[{ key: "reliability", label: "Reliability" }, { key: "spend", label: "Spend and budget" }, { key: "models", label: "Models" }]}
        />
      </PageHead>
      <Scroll label="Reading quality">
        <div id="quality-panel" role="tabpanel" aria-label={tab === "spend" ? "Spend and budget" : tab === "models" ? "Models" : "Reliability"} className={css.page}>
          {tab === "spend" ? <SpendTab /> : tab === "models" ? <ModelsTab /> : <ReliabilityTab />}
        </div>
      </Scroll>
    </>
  );
}
