import { lazy, Suspense, useId, useMemo, useState } from "react";

import type { GraphEdge, Neighbourhood } from "../api/contract";
import { day } from "../format";
import { Boundary } from "../parts/boundary";
import { InferrerBadge, inferrerKind } from "../parts/evidence";
import { useIsNarrow } from "../parts/hooks";
import { Bones } from "../parts/states";
import { Tabs } from "../parts/tabs";
import { EdgePanel } from "./EdgePanel";
import { EgoGraph } from "./EgoGraph";
import css from "./graph.module.css";
import { edgeKey, edgeWords, kindOf } from "./kinds";
import { merge } from "./scene";

const GraphCanvas = lazy(() => import("./GraphCanvas"));
const NOTHING: ReadonlySet<string> = new Set();

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
                <Suspense fallback={<Bones rows={4} />}><Large data={data} onEdge={setEdge} chosen={edge ? edgeKey(edge) : null} /></Suspense>
              </Boundary>
            )}
            <ul className={css.legend} aria-label="Kinds of node">
              {kinds.map((kind) => <li key={kind} data-tone={kindOf(kind).tone}>{kindOf(kind).name}</li>)}
              {data.edges.some((one) => inferrerKind(one.inferrer) === "model") && <li data-dash>read by a model</li>}
            </ul>
          </div>
        ) : (
          <EdgeList data={data} onEdge={setEdge} chosen={edge ? edgeKey(edge) : null} />
        )}
      </div>
      {edge && (
        <div className={css.panel}>
          <EdgePanel
            key={edgeKey(edge)} level="h3" edge={data.edges.find((one) => edgeKey(one) === edgeKey(edge)) ?? edge} onClose={() => setEdge(null)}
            ends={{ src: data.nodes.find((node) => node.id === edge.src), dst: data.nodes.find((node) => node.id === edge.dst) }}
          />
        </div>
      )}
    </div>
  );
}

/** More than a light picture can hold. */
function Large({ data, onEdge, chosen }: { data: Neighbourhood; onEdge: (edge: GraphEdge) => void; chosen: string | null }) {
  const scene = useMemo(() => merge([data], data.centre), [data]);
  const [node, setNode] = useState<string | null>(null);
  return (
    <GraphCanvas
      label={`Graph of ${data.nodes.length} nodes and ${data.edges.length} edges; the list shows the same`} scene={scene} lit={NOTHING}
      chosenEdge={chosen} chosenNode={node} onNode={setNode} onOpen={setNode} onEdge={onEdge}
    />
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
