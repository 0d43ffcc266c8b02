import type { ReactNode } from "react";

import { ExportCsv, Filter } from "../../parts/filters";
import { useIsNarrow } from "../../parts/hooks";
import { Tabs } from "../../parts/tabs";
import { setParams } from "../../router";
import css from "./taking.module.css";

/** Which of them are shown, the whole list for a spreadsheet, and what can be added. */
export function StateBar({ label, states, state, path, children }: { label: string; states: Record<string, string>; state: string; path: string; children?: ReactNode }) {
  const narrow = useIsNarrow();
  const choose = (one: string | null) => setParams({ state: one === "waiting" ? null : one, id: null });
  return (
    <div className={css.bar}>
      {narrow ? <Filter label={label} every={states.all ?? "All"} value={state === "all" ? "" : state} choices={Object.fromEntries(Object.entries(states).filter(([key]) => key !== "all"))} onChoose={(one) => choose(one ?? "all")} />
        : <Tabs label={label} kind="pill" value={state} tabs={Object.entries(states).map(([key, name]) => ({ key, label: name }))} onChange={choose} />}
      <span className={css.end}><ExportCsv path={path} filters={{ state: state === "all" ? "" : state }} />{children}</span>
    </div>
  );
}
