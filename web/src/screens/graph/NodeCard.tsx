import type { GraphEdge } from "../../api/contract";
import type { SceneNode } from "../../api/graph";
import { edgeKey, edgeWords, kindOf } from "../../graph/kinds";
import type { Scene } from "../../graph/scene";
import { InferrerBadge } from "../../parts/evidence";
import { Icon } from "../../parts/icons";
import { Avatar } from "../../parts/ui";
import { Link, setParams } from "../../router";
import css from "./graph.module.css";

/** One node: what it is, what can be done from it, and every edge of it in the view. */
export function NodeCard({ node, scene, onEdge, onExpand, onClose }: {
  node: SceneNode; scene: Scene; onEdge: (edge: GraphEdge) => void; onExpand: (() => void) | null; onClose: () => void;
}) {
  const names = new Map(scene.nodes.map((one) => [one.id, one.name]));
  const edges = scene.edges.filter((edge) => edge.src === node.id || edge.dst === node.id).sort((a, b) => b.confidence - a.confidence);
  const page = node.kind === "persona" ? `/people/${node.id}` : node.kind === "company" ? `/companies/${node.id}` : null;
  const entity = page !== null;
  return (
    <section className={css.card} aria-label="The chosen node">
      <header className="row">
        {node.kind === "persona" ? <Avatar name={node.name} size={38} /> : <span className={css.glyph} data-tone={kindOf(node.kind).tone}><Icon name={kindOf(node.kind).icon} size={18} /></span>}
        <div className="grow"><h2 className="clip">{node.name}</h2><p className="small muted clip">{[kindOf(node.kind).name, node.detail].filter(Boolean).join(" · ")}</p></div>
        <button className="btn quiet square small" aria-label="Close the node" onClick={onClose}><Icon name="x" size={14} /></button>
      </header>
      <div className="row wrap">
        {onExpand && <button className="btn small" onClick={onExpand}><Icon name="plus" size={14} />Expand</button>}
        {entity && node.id !== scene.centre && <button className="btn small" onClick={() => setParams({ centre: node.id, open: null, node: null, edge: null })}><Icon name="target" size={14} />Make it the centre</button>}
        {entity && <button className="btn small" onClick={() => setParams({ mode: "path", from: scene.centre === node.id ? node.id : scene.centre, to: scene.centre === node.id ? null : node.id })}><Icon name="route" size={14} />{scene.centre === node.id ? "Path from here" : "Path to here"}</button>}
        {page && <Link className="btn small" to={page}>Open the page<Icon name="arrow-right" size={14} /></Link>}
      </div>
      <h3 className={css.cardTitle}>{edges.length === 1 ? "One edge" : `${edges.length} edges`} in this view</h3>
      <ul className={css.edges}>
        {edges.map((edge) => (
          <li key={edgeKey(edge)}>
            <button className={css.edge} onClick={() => onEdge(edge)}>
              <span className="grow">{edge.src === node.id ? <><span className="muted">{edgeWords(edge.kind)}</span> <span className="strong">{names.get(edge.dst)}</span></> : <><span className="strong">{names.get(edge.src)}</span> <span className="muted">{edgeWords(edge.kind)} {node.kind === "persona" ? "them" : "it"}</span></>}</span>
              <InferrerBadge inferrer={edge.inferrer} confidence={edge.confidence} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
