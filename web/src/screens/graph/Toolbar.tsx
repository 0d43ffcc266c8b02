import { useEffect, useRef, useState } from "react";

import { edgeName, kindOf } from "../../graph/kinds";
import { tally, type Scene } from "../../graph/scene";
import { Icon } from "../../parts/icons";
import { Tabs } from "../../parts/tabs";
import { setParams } from "../../router";
import css from "./graph.module.css";
import type { SieveControl } from "./sieve";

/** Picture or list, how far out, and what is let through. */
export function Toolbar({ scene, sieve, hops, asList }: { scene: Scene; sieve: SieveControl; hops: number; asList: boolean }) {
  const { value } = sieve;
  return (
    <div className={css.tools}>
      <Tabs label="Show as" kind="pill" value={asList ? "list" : "graph"} onChange={(key) => setParams({ view: key === "list" ? "list" : null }, { replace: true })} tabs={[{ key: "graph", label: "Graph" }, { key: "list", label: "List" }]} />
      <Tabs label="How far out" kind="pill" value={String(hops)} onChange={(key) => setParams({ hops: key === "2" ? "2" : null }, { replace: true })} tabs={[{ key: "1", label: "Near" }, { key: "2", label: "Two steps" }]} />
      <div className={css.knobs}>
        {sieve.active && <button className="btn quiet small" onClick={sieve.clear}>Clear the filters</button>}
        <label className={css.least}>
          <span>Confidence from</span>
          <input type="range" className={css.range} min={0} max={0.95} step={0.05} value={value.least} aria-valuetext={value.least.toFixed(2)} onChange={(event) => sieve.setLeast(Number(event.target.value))} />
          <output className="num">{value.least.toFixed(2)}</output>
        </label>
        <EdgeKinds scene={scene} sieve={sieve} />
      </div>
    </div>
  );
}

/** The colours of the kinds; pressing one hides or shows it. */
export function Kinds({ scene, sieve }: { scene: Scene; sieve: SieveControl }) {
  const hidden = sieve.value.hiddenNodes;
  return (
    <ul className={css.kinds} aria-label="Kinds of node, shown or hidden">
      {tally(scene.nodes.map((node) => node.kind)).map(([kind, n]) => (
        <li key={kind}>
          <button className={css.kind} data-tone={kindOf(kind).tone} aria-pressed={!hidden.has(kind)} title={hidden.has(kind) ? "Hidden; press to show" : "Shown; press to hide"} onClick={() => sieve.toggleNode(kind)}>
            <i aria-hidden />{kindOf(kind).name} <span className="num">{n}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function EdgeKinds({ scene, sieve }: { scene: Scene; sieve: SieveControl }) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const kinds = tally(scene.edges.map((edge) => edge.kind));
  const hidden = kinds.filter(([kind]) => sieve.value.hiddenEdges.has(kind)).length;
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => { if (!root.current?.contains(event.target as Node)) setOpen(false); };
    window.addEventListener("pointerdown", outside);
    return () => window.removeEventListener("pointerdown", outside);
  }, [open]);
  return (
    <div className={css.edgeKinds} ref={root} onKeyDown={(event) => { if (event.key === "Escape" && open) { event.stopPropagation(); setOpen(false); root.current?.querySelector("button")?.focus(); } }}>
      <button className="btn small" aria-expanded={open} onClick={() => setOpen(!open)}><Icon name="filter" size={13} />Relations{hidden > 0 && <span className="muted num">{kinds.length - hidden} of {kinds.length}</span>}</button>
      {open && (
        <fieldset className={css.choices}>
          <legend className="sr">Kinds of edge that are shown</legend>
          {kinds.map(([kind, n]) => (
            <label key={kind}><input type="checkbox" checked={!sieve.value.hiddenEdges.has(kind)} onChange={() => sieve.toggleEdge(kind)} /><span className="grow">{edgeName(kind)}</span><span className="num muted">{n}</span></label>
          ))}
        </fieldset>
      )}
    </div>
  );
}
