import { Finder } from "../../graph/Finder";
import { useKeys } from "../../parts/hooks";
import { Tabs } from "../../parts/tabs";
import { PageHead } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { Ask } from "./Ask";
import { Explore } from "./Explore";
import css from "./graph.module.css";
import { PathFinder } from "./PathFinder";
import { StartHere } from "./StartHere";

type Mode = "explore" | "ask" | "path";

/** The living graph: look around somebody, ask it, or find the way between two. */
export default function GraphScreen() {
  const { params } = useAddress();
  const mode = (["ask", "path"].includes(params.get("mode") ?? "") ? params.get("mode") : "explore") as Mode;
  const centre = params.get("centre") ?? "";
  useKeys({ "/": (event) => { event.preventDefault(); document.getElementById(mode === "ask" ? "graph-question" : "graph-search")?.focus(); } });
  return (
    <>
      <PageHead title="Graph">
        <div className={css.search}>
          {mode === "explore" && <Finder id="graph-search" label="Find a person or a company" onFound={(found) => setParams({ centre: found.id, open: null, edge: null, node: null })} />}
        </div>
        <Tabs<Mode>
          label="What to do with the graph" kind="pill" value={mode} panel="graph-panel" onChange={(key) => setParams({ mode: key === "explore" ? null : key })}
          tabs={[{ key: "explore", label: "Look around" }, { key: "ask", label: "Ask" }, { key: "path", label: "Find a path" }]}
        />
      </PageHead>
      <div id="graph-panel" role="tabpanel" aria-label={mode === "ask" ? "Ask" : mode === "path" ? "Find a path" : "Look around"} className={css.panel}>
        {mode === "ask" ? <Ask /> : mode === "path" ? <PathFinder /> : centre ? <Explore key={centre} centre={centre} /> : <StartHere />}
      </div>
    </>
  );
}
