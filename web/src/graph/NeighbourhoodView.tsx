import { lazy, Suspense, useId, useState } from "react";

import type { GraphEdge, Neighbourhood } from "../api/contract";
import { useEdgeEvidence } from "../api/queries";
import { day } from "../format";
import { Boundary } from "../parts/boundary";
import { EvidenceCard, InferrerBadge } from "../parts/evidence";
import { useIsNarrow } from "../parts/hooks";
import { Icon } from "../parts/icons";
import { Bones, Loaded } from "../parts/states";
import { Tabs } from "../parts/tabs";
import { Badge } from "../parts/ui";
import { Link } from "../router";
import { EgoGraph } from "./EgoGraph";
import css from "./graph.module.css";
import { edgeKey, edgeWords, kindOf } from "./kinds";

const SigmaGraph = lazy(() => import("./SigmaGraph"));

/** A neighbourhood as a picture or a list; choosing an edge opens what supports and contests it. */
export function NeighbourhoodView({ data, wide = false }: { data: Neighbourhood; wide?: boolean }) {
  const [view, setView] = useState<"graph" | "list">("graph");
  const [edge, setEdge] = useState<GraphEdge | null>(null);
  const panel = useId();
  const narrow = useIsNarrow();
  const kinds = [...new Set(data.nodes.map((node) => node.kind))];
  if (data.edges.length === 0) return <p className="muted small">No edges are known around this person yet.</p>;
  return (
    <div className={css.view} data-wide={wide}>
      <div className={css.tools}>
        <span className="small muted num">
          {data.nodes.length} nodes, {data.edges.length} edges{data.truncated ? " (the nearest; more exist)" : ""}
        </span>
        <Tabs label="Show as" kind="pill" value={view} onChange={setView} panel={panel} tabs={[{ key: "graph", label: "Graph" }, { key: "list", label: "List" }]} />
      </div>
      <div id={panel} role="tabpanel" aria-label={view === "graph" ? "Graph" : "List of edges"}>
        {view === "graph" ? (
          <div className={css.frame}>
            {data.nodes.length <= 60 ? (
              <EgoGraph data={data} width={wide && !narrow ? 760 : 400} onEdge={setEdge} chosen={edge ? edgeKey(edge) : null} />
            ) : (
              <Boundary what="The graph">
                <Suspense fallback={<Bones rows={4} />}><SigmaGraph data={data} onEdge={setEdge} /></Suspense>
              </Boundary>
            )}
            <ul className={css.legend} aria-label="Kinds of node">
              {kinds.map((kind) => <li key={kind} data-tone={kindOf(kind).tone}>{kindOf(kind).name}</li>)}
              {data.edges.some((one) => one.inferrer.startsWith("model")) && <li data-dash>read by a model</li>}
            </ul>
          </div>
        ) : (
          <EdgeList data={data} onEdge={setEdge} chosen={edge ? edgeKey(edge) : null} />
        )}
      </div>
      {edge && <EdgePanel key={edgeKey(edge)} edge={edge} data={data} onClose={() => setEdge(null)} />}
    </div>
  );
}

function EdgeList({ data, onEdge, chosen }: { data: Neighbourhood; onEdge: (edge: GraphEdge) => void; chosen: string | null }) {
  const names = new Map(data.nodes.map((node) => [node.id, node]));
  const edges = [...data.edges].sort((a, b) => b.confidence - a.confidence);
  return (
    <ul className={css.list}>
      {edges.map((edge) => (
        <li key={edgeKey(edge)}>
          <button className={css.edgeRow} aria-pressed={edgeKey(edge) === chosen} onClick={() => onEdge(edge)}>
            <span className="grow">
              <span className="strong">{names.get(edge.src)?.name ?? edge.src}</span>{" "}
              <span className="muted">{edgeWords(edge.kind)}</span>{" "}
              <span className="strong">{names.get(edge.dst)?.name ?? edge.dst}</span>
              <span className="small muted">, since {day(edge.valid_from)}{edge.valid_to ? ` until ${day(edge.valid_to)}` : ""}</span>
            </span>
            <InferrerBadge inferrer={edge.inferrer} confidence={edge.confidence} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function EdgePanel({ edge, data, onClose }: { edge: GraphEdge; data: Neighbourhood; onClose: () => void }) {
  const evidence = useEdgeEvidence(edge.kind, edge.src, edge.dst);
  const end = (id: string) => data.nodes.find((node) => node.id === id);
  const name = (id: string) => {
    const node = end(id);
    return node?.kind === "persona" ? <Link className="link" to={`/people/${id}`}>{node.name}</Link> : <b>{node?.name ?? id}</b>;
  };
  return (
    <section className={css.panel} aria-label="Evidence of the chosen edge">
      <header className="row">
        <p className="grow">{name(edge.src)} <span className="muted">{edgeWords(edge.kind)}</span> {name(edge.dst)}</p>
        <InferrerBadge inferrer={edge.inferrer} confidence={edge.confidence} />
        <button className="btn quiet square small" aria-label="Close evidence" onClick={onClose}><Icon name="x" size={14} /></button>
      </header>
      <Loaded query={evidence} bones={<Bones rows={1} />}>
        {({ rows }) => (
          <div className="stack">
            {rows.length === 0 && <p className="muted small">No evidence stands behind this edge any more; it will be retracted.</p>}
            {rows.map((one, i) => (
              <EvidenceCard key={`${one.event_id}-${i}`} evidence={one}>
                {(!one.supports || one.retracted_at) && (
                  <p className="row" style={{ marginTop: 8 }}>
                    {!one.supports && <Badge tone="bad">speaks against</Badge>}
                    {one.retracted_at && <Badge>retracted {day(one.retracted_at)}</Badge>}
                  </p>
                )}
              </EvidenceCard>
            ))}
          </div>
        )}
      </Loaded>
    </section>
  );
}
