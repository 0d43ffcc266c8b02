import { count } from "../../format";
import { edgeName, kindOf } from "../../graph/kinds";
import { tally, type Scene } from "../../graph/scene";
import { Icon } from "../../parts/icons";
import { setParams } from "../../router";
import css from "./graph.module.css";

/** What the view holds, while nothing in it is chosen. */
export function ViewCard({ scene, shown, hidden }: { scene: Scene; shown: Scene; hidden: number }) {
  const centre = scene.nodes.find((node) => node.id === scene.centre);
  const relations = tally(shown.edges.map((edge) => edge.kind)).slice(0, 8);
  const top = relations[0]?.[1] ?? 1;
  const companies = shown.nodes.filter((node) => node.kind === "company").length;
  return (
    <section className={css.card} aria-label="This view">
      <h2>Around {centre?.name ?? "this node"}</h2>
      <p className="small muted">
        {count(shown.nodes.length)} nodes{companies > 1 && ` in ${companies} companies`} and {count(shown.edges.length)} edges{hidden > 0 && `; ${count(hidden)} edges are hidden by the filters`}.
      </p>
      {centre && <button className="btn small" onClick={() => setParams({ node: centre.id, edge: null }, { replace: true })}><Icon name={kindOf(centre.kind).icon} size={14} />Open {centre.name}</button>}
      <h3 className={css.cardTitle}>Relations</h3>
      <ul className={css.relations}>
        {relations.map(([kind, n]) => <li key={kind}><span className="clip">{edgeName(kind)}</span><span className={css.share} aria-hidden><span style={{ width: `${(n / top) * 100}%` }} /></span><span className="num muted">{n}</span></li>)}
      </ul>
      <p className={css.hint}><Icon name="mouse-pointer-click" size={14} /><span>Choose a node or an edge. A double click on a node, or <kbd className="kbd">e</kbd>, shows what surrounds it; <kbd className="kbd">v</kbd> changes between picture and list.</span></p>
    </section>
  );
}
