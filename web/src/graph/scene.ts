import type { GraphEdge, Id } from "../api/contract";
import type { GraphView, SceneNode } from "../api/graph";
import { edgeKey } from "./kinds";

/** What one picture holds: more is not read by anybody. */
export const MOST = 500;

export type Scene = { centre: Id; nodes: SceneNode[]; edges: GraphEdge[]; truncated: boolean };
export type Sieve = { hiddenNodes: ReadonlySet<string>; hiddenEdges: ReadonlySet<string>; least: number };

/** Several views as one; the first is never pushed out by what was opened later. */
export function merge(views: GraphView[], centre: Id): Scene {
  const nodes = new Map<Id, SceneNode>();
  const edges = new Map<string, GraphEdge>();
  let truncated = false;
  for (const view of views) {
    truncated ||= view.truncated;
    for (const node of view.nodes) {
      const before = nodes.get(node.id);
      if (before) nodes.set(node.id, { ...node, ...before, company: before.company ?? node.company });
      else if (nodes.size < MOST) nodes.set(node.id, node);
      else truncated = true;
    }
  }
  for (const view of views) for (const edge of view.edges) if (nodes.has(edge.src) && nodes.has(edge.dst)) edges.set(edgeKey(edge), edge);
  return { centre, nodes: homes([...nodes.values()], [...edges.values()]), edges: [...edges.values()], truncated };
}

/** Every person's company, where the view did not say it, by the edge that does. */
function homes(nodes: SceneNode[], edges: GraphEdge[]): SceneNode[] {
  const at = new Map<Id, GraphEdge>();
  for (const edge of edges) {
    const before = at.get(edge.src);
    if (edge.kind === "works_at" && (!before || before.confidence < edge.confidence)) at.set(edge.src, edge);
  }
  return nodes.map((node) => ({ ...node, company: node.company ?? (node.kind === "company" ? node.id : at.get(node.id)?.dst) ?? null }));
}

/** What a sieve lets through: edges by kind and confidence, and the nodes they hold; the centre always stays. */
export function sifted(scene: Scene, sieve: Sieve): Scene {
  const kept = new Map(scene.nodes.filter((node) => node.id === scene.centre || !sieve.hiddenNodes.has(node.kind)).map((node) => [node.id, node]));
  const edges = scene.edges.filter((edge) => edge.confidence >= sieve.least && !sieve.hiddenEdges.has(edge.kind) && kept.has(edge.src) && kept.has(edge.dst));
  const held = new Set(edges.flatMap((edge) => [edge.src, edge.dst]));
  held.add(scene.centre);
  return { ...scene, nodes: scene.nodes.filter((node) => held.has(node.id) && kept.has(node.id)), edges };
}

/** How many there are of each kind, the most frequent first. */
export function tally(kinds: string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}

/** The neighbours of every node. */
export function neighbours(edges: GraphEdge[]): Map<Id, Id[]> {
  const near = new Map<Id, Id[]>();
  const add = (a: Id, b: Id) => { const list = near.get(a); if (list) list.push(b); else near.set(a, [b]); };
  for (const edge of edges) {
    add(edge.src, edge.dst);
    add(edge.dst, edge.src);
  }
  return near;
}
