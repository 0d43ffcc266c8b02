import { useAutonomy } from "../../api/brainQueries";
import { Tabs } from "../../parts/tabs";
import { PageHead } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import css from "./autonomy.module.css";
import { ExpertsTab } from "./ExpertsTab";
import { HistoryTab } from "./HistoryTab";
import { LevelsTab } from "./LevelsTab";
import { StopControl, StoppedBar } from "./Stop";

type TabKey = "" | "experts" | "history";
const TABS: { key: TabKey; label: string }[] = [{ key: "", label: "What runs alone" }, { key: "experts", label: "Experts" }, { key: "history", label: "History" }];

/** What may go out without a person, who advises it, and what was changed by whom. */
export default function AutonomyScreen() {
  const { params } = useAddress();
  const wanted = params.get("tab") ?? "";
  const tab = (TABS.some((one) => one.key === wanted) ? wanted : "") as TabKey;
  const first = useAutonomy({}).data?.pages[0];
  return (
    <>
      <PageHead title="Experts & autonomy" note="Each step earns the right to run alone, by evidence"><StopControl stopped={first?.stopped ?? null} /></PageHead>
      {first?.stopped && <StoppedBar />}
      <div className={css.bar}><Tabs label="Experts and autonomy" value={tab} panel="autonomy-panel" tabs={TABS} onChange={(key) => setParams({ tab: key || null, step: null, expert: null, level: null, q: null })} /></div>
      <div id="autonomy-panel" role="tabpanel" aria-label={TABS.find((one) => one.key === tab)?.label} className={css.panel}>
        {tab === "experts" ? <ExpertsTab /> : tab === "history" ? <HistoryTab /> : <LevelsTab />}
      </div>
    </>
  );
}
