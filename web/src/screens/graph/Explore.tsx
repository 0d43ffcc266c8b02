import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { GraphEdge, Id } from "../../api/contract";
import type { GraphView } from "../../api/graph";
import { useViews } from "../../api/graphQueries";
import { EdgePanel } from "../../graph/EdgePanel";
import { edgeKey } from "../../graph/kinds";
import { merge, MOST, sifted, type Scene } from "../../graph/scene";
import { useIsNarrow, useKeys, useSettled } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Sheet } from "../../parts/sheet";
import { Bones, Empty, Failure, Freshness } from "../../parts/states";
import { setParams, useAddress } from "../../router";
import { EdgeTable } from "./EdgeTable";
import css from "./graph.module.css";
import { NodeCard } from "./NodeCard";
import { TimeBar } from "./TimeBar";
import { Kinds, Toolbar } from "./Toolbar";
import { useSieve } from "./sieve";
import { ViewCard } from "./ViewCard";

const GraphCanvas = lazy(() => import("../../graph/GraphCanvas"));
const NOTHING: ReadonlySet<string> = new Set();

/** An edge that was looked at stays in sight when it is believed no more. */
function useChosenEdge(scene: Scene | null, key: string | null): { edge: GraphEdge | null; gone: boolean } {
  const kept = useRef<GraphEdge | null>(null);
  const found = key && scene ? (scene.edges.find((one) => edgeKey(one) === key) ?? null) : null;
  if (found) kept.current = found;
  if (!key) return { edge: null, gone: false };
  if (found) return { edge: found, gone: false };
  return kept.current && edgeKey(kept.current) === key ? { edge: kept.current, gone: scene !== null } : { edge: null, gone: false };
}

/** Where the centre works, by the surest edge that says so. */
function homeOf(view: GraphView | undefined, centre: Id): Id | null {
  const jobs = view?.edges.filter((one) => one.kind === "works_at" && one.src === centre && one.valid_to === null) ?? [];
  return jobs.sort((a, b) => b.confidence - a.confidence)[0]?.dst ?? null;
}

/** Somebody and what surrounds them: picture or list, at a time, through a sieve. */
export function Explore({ centre }: { centre: Id }) {
  const { params } = useAddress();
  const narrow = useIsNarrow();
  const at = params.get("at") ?? "";
  const known = params.get("known") === "1";
  const settled = useSettled(at, 180);
  const hops = params.get("hops") === "2" ? 2 : 1;
  const opened = useMemo(() => (params.get("open") ?? "").split(",").filter(Boolean), [params.get("open")]);
  const asList = params.get("view") === "list";
  const [home, setHome] = useState<Id | null>(null);
  // Near a person stand the colleagues too: the company's own surroundings belong to the first view.
  const around = useMemo(() => (hops === 1 && home && !opened.includes(home) ? [home, ...opened] : opened), [hops, home, opened]);
  const queries = useViews(centre, hops, around, { valid: settled, known });
  const first = queries[0];
  const stamp = queries.map((one) => one.dataUpdatedAt).join();
  const scene = useMemo(() => {
    const views = queries.flatMap((one) => (one.data ? [one.data] : []));
    return queries[0]?.data ? merge(views, centre) : null;
    // The stamp stands for the data: the array of queries is new on every drawing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [stamp, centre]);
  useEffect(() => setHome(homeOf(first?.data, centre)), [first?.data, centre]);
  const sieve = useSieve();
  const shown = useMemo(() => scene && sifted(scene, sieve.value), [scene, sieve.value]);
  const chosenNode = params.get("node");
  const { edge, gone } = useChosenEdge(scene, params.get("edge"));
  const node = chosenNode ? scene?.nodes.find((one) => one.id === chosenNode) : undefined;

  const pickNode = useCallback((id: Id | null) => setParams({ node: id, edge: null }, { replace: true }), []);
  const pickEdge = useCallback((one: GraphEdge) => setParams({ edge: edgeKey(one), node: null }, { replace: true }), []);
  const open = useCallback((id: Id) => { if (id !== centre && !opened.includes(id)) setParams({ open: [...opened, id].join(","), node: id, edge: null }); }, [centre, opened]);
  const close = useCallback(() => setParams({ edge: null, node: null }, { replace: true }), []);
  useKeys({ v: () => setParams({ view: asList ? null : "list" }, { replace: true }), e: () => { if (chosenNode) open(chosenNode); }, Escape: close });
  // The slider keeps its width when the past holds fewer edges.
  const since = useRef(Date.now());
  for (const one of scene?.edges ?? []) since.current = Math.min(since.current, Date.parse(one.valid_from));

  if (!first || (first.data === undefined && !first.isError)) return <Bones />;
  if (first.data === undefined) return <Failure failure={first.error} retry={() => void first.refetch()} />;
  if (!scene || !shown) return <Bones />;
  const about = edge ? (
    <EdgePanel
      key={edgeKey(edge)} edge={edge} gone={gone} onClose={close} ends={{ src: scene.nodes.find((one) => one.id === edge.src), dst: scene.nodes.find((one) => one.id === edge.dst) }}
      head={gone && <p className={css.gone}><Icon name="info" size={14} />It is no longer believed in the view you look at; this is what was said of it.</p>}
    />
  ) : node ? <NodeCard node={node} scene={scene} onEdge={pickEdge} onExpand={opened.includes(node.id) || node.id === centre ? null : () => open(node.id)} onClose={close} /> : <ViewCard scene={scene} shown={shown} hidden={scene.edges.length - shown.edges.length} />;
  return (
    <>
      <Freshness query={first} />
      <Toolbar scene={scene} sieve={sieve} hops={hops} asList={asList} />
      {scene.truncated && <p className={css.cut}><Icon name="info" size={14} />This view stops at {Math.min(MOST, scene.nodes.length)} nodes: the nearest and surest are shown, more exist. Narrow it by kind or confidence, or make one of the nodes the centre.</p>}
      {queries.slice(1).some((one) => one.isError) && <p className={css.cut} role="alert"><Icon name="triangle-alert" size={14} />One of the nodes could not be expanded. <button className="link" onClick={() => { for (const one of queries) if (one.isError) void one.refetch(); }}>Try again</button></p>}
      <div className={css.split}>
        <div className={css.left}>
          {shown.edges.length === 0 ? (
            <Empty icon="waypoints" title={scene.edges.length > 0 ? "The filters hide everything" : at ? "Nothing was known around here at that time" : "Nothing is known around here yet"} actions={scene.edges.length > 0 ? <button className="btn" onClick={sieve.clear}>Clear the filters</button> : at ? <button className="btn" onClick={() => setParams({ at: null, known: null })}>Back to today</button> : undefined}>
              {scene.edges.length > 0 ? "Every edge of this view is below the confidence, or of a kind, that is hidden." : "Edges appear as soon as events speak of them."}
            </Empty>
          ) : asList ? (
            <EdgeTable scene={shown} onEdge={pickEdge} chosen={edge ? edgeKey(edge) : null} />
          ) : (
            <Suspense fallback={<Bones rows={6} />}>
              <GraphCanvas
                label={`Graph of ${shown.nodes.length} nodes and ${shown.edges.length} edges; the list shows the same`} scene={shown} lit={NOTHING}
                chosenNode={chosenNode} chosenEdge={edge ? edgeKey(edge) : null} onNode={pickNode} onEdge={pickEdge} onOpen={open}
              />
            </Suspense>
          )}
          <Kinds scene={scene} sieve={sieve} />
          <TimeBar at={at} known={known} edges={scene.edges} since={since.current} busy={queries.some((one) => one.isFetching)} />
        </div>
        {narrow
          ? (edge || node) && <Sheet title={edge ? "Edge" : "Node"} onClose={close}>{about}</Sheet>
          : <aside className={css.right} aria-label="About what is chosen" tabIndex={0}>{about}</aside>}
      </div>
    </>
  );
}
