import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useMemo, useState } from "react";

import { one } from "../../api/queries";
import type { GraphEdge, GraphNode, Id, Neighbourhood } from "../../api/contract";
import type { GraphPath, Hop } from "../../api/graph";
import { usePath } from "../../api/graphQueries";
import { EdgePanel } from "../../graph/EdgePanel";
import { Finder } from "../../graph/Finder";
import { edgeKey, edgeWords, kindOf } from "../../graph/kinds";
import { merge } from "../../graph/scene";
import { InferrerBadge } from "../../parts/evidence";
import { Icon } from "../../parts/icons";
import { Sheet } from "../../parts/sheet";
import { Bones, Empty, Loaded } from "../../parts/states";
import { Avatar, Scroll } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import css from "./path.module.css";

const GraphCanvas = lazy(() => import("../../graph/GraphCanvas"));

/** What an end is called: known from the path, else from its neighbourhood. */
function useName(id: Id): string {
  const query = useQuery({ ...one<Neighbourhood>(["name", id], `/api/entities/${id}/neighbourhood?limit=1`, { on: id !== "" }), staleTime: 300_000 });
  return query.data?.nodes.find((node) => node.id === id)?.name ?? (id ? "…" : "");
}

/** The surest way between two, and the words each step rests on. */
export function PathFinder() {
  const { params } = useAddress();
  const [from, to] = [params.get("from") ?? "", params.get("to") ?? ""];
  const [fromName, toName] = [useName(from), useName(to)];
  const query = usePath(from, to);
  return (
    <Scroll label="Find a path">
      <div className={css.page}>
        <div className={css.ends}>
          <label><span className="label">From</span><Finder label="From whom" chosen={fromName || undefined} onClear={() => setParams({ from: null })} onFound={(found) => setParams({ from: found.id })} /></label>
          <button className="btn square" aria-label="Change the direction" disabled={!from && !to} onClick={() => setParams({ from: to || null, to: from || null })}><Icon name="repeat" size={14} /></button>
          <label><span className="label">To</span><Finder label="To whom or which company" chosen={toName || undefined} onClear={() => setParams({ to: null })} onFound={(found) => setParams({ to: found.id })} /></label>
        </div>
        {!from || !to ? (
          <Empty icon="route" title="Name two ends">A path goes over a few edges only, and every one of them shows the words or the record it rests on.</Empty>
        ) : from === to ? (
          <Empty icon="route" title="Both ends are the same">Choose somebody else at one end.</Empty>
        ) : (
          <Loaded query={query} bones={<Bones rows={3} />}>{(path) => (path.hops.length === 0 ? <Empty icon="route" title={`No way leads from ${fromName} to ${toName}`}>Nobody known connects the two within a few edges.</Empty> : <Chain path={path} from={from} />)}</Loaded>
        )}
      </div>
    </Scroll>
  );
}

const asEdge = (hop: Hop): GraphEdge => ({ kind: hop.kind, src: hop.src, dst: hop.dst, confidence: hop.confidence, inferrer: hop.inferrer, valid_from: (hop as Partial<GraphEdge>).valid_from ?? "", valid_to: null });

function Chain({ path, from }: { path: GraphPath; from: Id }) {
  const [edge, setEdge] = useState<GraphEdge | null>(null);
  const nodes = useMemo(() => new Map(path.nodes.map((node) => [node.id, node])), [path]);
  const scene = useMemo(() => merge([{ nodes: path.nodes, edges: path.hops.map(asEdge), truncated: false }], from), [path, from]);
  const lit = useMemo(() => new Set<string>([...path.nodes.map((node) => node.id), ...path.hops.map((hop) => edgeKey(asEdge(hop)))]), [path]);
  let at = from;
  const steps = path.hops.map((hop) => { const before = at; at = hop.src === at ? hop.dst : hop.src; return { hop, before, after: at }; });
  const sure = path.hops.reduce((product, hop) => product * hop.confidence, 1);
  return (
    <>
      <p className={css.sum}>{path.hops.length === 1 ? "One step" : `${path.hops.length} steps`}; all of them hold with probability <b className="num">{sure.toFixed(2)}</b> if they are independent.</p>
      <div className={css.split}>
        <ol className={css.chain} aria-label="The path, step by step">
          <li><End node={nodes.get(from)} id={from} /></li>
          {steps.map(({ hop, before, after }) => (
            <li key={edgeKey(asEdge(hop))}>
              <button className={css.hop} onClick={() => setEdge(asEdge(hop))}>
                <span className="row wrap"><span className="strong">{hop.src === before ? edgeWords(hop.kind) : `${nodes.get(hop.src)?.name ?? ""} ${edgeWords(hop.kind)} ${nodes.get(hop.dst)?.name ?? ""}`}</span><InferrerBadge inferrer={hop.inferrer} confidence={hop.confidence} /></span>
                {hop.quote ? <q className={css.quote}>{hop.quote}</q> : <span className="small muted">Stated by a record, without words to quote</span>}
                {hop.source_ref && <span className="tiny muted">{hop.source_ref}</span>}
              </button>
              <End node={nodes.get(after)} id={after} />
            </li>
          ))}
        </ol>
        <div className={css.picture}>
          <Suspense fallback={<Bones rows={3} />}>
            <GraphCanvas label={`The path over ${path.nodes.length} nodes; the list beside it says the same`} scene={scene} lit={lit} chosenNode={null} chosenEdge={edge ? edgeKey(edge) : null} onNode={() => undefined} onOpen={(id) => setParams({ mode: null, centre: id })} onEdge={setEdge} />
          </Suspense>
        </div>
      </div>
      {edge && <Sheet title="Edge" onClose={() => setEdge(null)}><EdgePanel edge={edge} ends={{ src: nodes.get(edge.src), dst: nodes.get(edge.dst) }} /></Sheet>}
    </>
  );
}

function End({ node, id }: { node: GraphNode | undefined; id: Id }) {
  const name = node?.name ?? id;
  const inner = (
    <>
      {node?.kind === "persona" ? <Avatar name={name} size={28} /> : <span className={css.mark}><Icon name={kindOf(node?.kind ?? "").icon} size={15} /></span>}
      <span className="grow"><span className="strong clip">{name}</span>{node?.detail && <span className="small muted clip">{node.detail}</span>}</span>
    </>
  );
  const to = node?.kind === "persona" ? `/people/${id}` : node?.kind === "company" ? `/companies/${id}` : null;
  return to ? <Link className={css.end} to={to}>{inner}</Link> : <span className={css.end}>{inner}</span>;
}
