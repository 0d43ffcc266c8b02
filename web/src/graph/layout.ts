import type { GraphEdge, Id } from "../api/contract";
import type { SceneNode } from "../api/graph";
import { NODE_KINDS } from "./kinds";
import { neighbours, type Scene } from "./scene";

export type Spot = { x: number; y: number; size: number };
export type Cluster = { key: Id; name: string; x: number; y: number; r: number; n: number };
export type Placed = { spots: Map<Id, Spot>; clusters: Cluster[] };

const GOLDEN = Math.PI * (3 - Math.sqrt(5));
const ROOM = 15; // between two nodes of a cluster
const ORDER = Object.keys(NODE_KINDS);

/** Which company a thing belongs to: that of most of its neighbours, or none where they disagree. */
function clusterOf(nodes: SceneNode[], near: Map<Id, Id[]>): Map<Id, Id> {
  const own = new Map(nodes.filter((node) => node.company).map((node) => [node.id, node.company as Id]));
  const all = new Map(own);
  for (const node of nodes) {
    if (own.has(node.id)) continue;
    const votes = new Map<Id, number>();
    for (const other of near.get(node.id) ?? []) {
      const company = own.get(other);
      if (company) votes.set(company, (votes.get(company) ?? 0) + 1);
    }
    const sum = [...votes.values()].reduce((a, b) => a + b, 0);
    const [best, most] = [...votes].sort((a, b) => b[1] - a[1])[0] ?? ["", 0];
    all.set(node.id, most > 0 && most >= sum * 0.6 ? best : `free:${node.id}`);
  }
  return all;
}

type Disc = Cluster & { members: SceneNode[] };

/** Clusters drawn together by what links them and held apart by their size; the same data, the same picture. */
function settle(discs: Disc[], pulls: [number, number, number][]): void {
  discs.forEach((disc, i) => {
    const reach = i === 0 ? 0 : 60 + 46 * Math.sqrt(i);
    disc.x = Math.cos(i * GOLDEN) * reach;
    disc.y = Math.sin(i * GOLDEN) * reach;
  });
  const rounds = discs.length > 200 ? 60 : 140;
  for (let round = 0; round < rounds; round++) {
    const heat = 1 - round / rounds;
    for (const [a, b, weight] of pulls) {
      const one = discs[a] as Disc;
      const two = discs[b] as Disc;
      const dx = two.x - one.x;
      const dy = two.y - one.y;
      const distance = Math.hypot(dx, dy) || 1;
      const pull = (Math.max(0, distance - one.r - two.r - 30) / distance) * 0.06 * weight * heat;
      if (a !== 0) { one.x += dx * pull; one.y += dy * pull; }
      if (b !== 0) { two.x -= dx * pull; two.y -= dy * pull; }
    }
    part(discs, round > rounds * 0.6 ? 1 : 0.5);
  }
  for (let round = 0; round < 24; round++) part(discs, 1);
}

function part(discs: Disc[], force: number): void {
  for (let i = 0; i < discs.length; i++) {
    for (let j = i + 1; j < discs.length; j++) {
      const one = discs[i] as Disc;
      const two = discs[j] as Disc;
      const dx = two.x - one.x;
      const dy = two.y - one.y;
      const distance = Math.hypot(dx, dy) || 0.01;
      const overlap = one.r + two.r + 18 - distance;
      if (overlap <= 0) continue;
      const push = (overlap / distance) * 0.5 * force;
      if (i !== 0) { one.x -= dx * push; one.y -= dy * push; }
      two.x += dx * push * (i === 0 ? 2 : 1);
      two.y += dy * push * (i === 0 ? 2 : 1);
    }
  }
}

function inside(disc: Disc, scene: Scene, near: Map<Id, Id[]>, spots: Map<Id, Spot>): void {
  const degree = (node: SceneNode) => near.get(node.id)?.length ?? 0;
  const first = (node: SceneNode) => (node.id === scene.centre ? 0 : node.kind === "company" ? 1 : node.kind === "persona" ? 2 : 3 + ORDER.indexOf(node.kind));
  const members = [...disc.members].sort((a, b) => first(a) - first(b) || degree(b) - degree(a) || (a.id < b.id ? -1 : 1));
  const turn = Math.atan2(disc.y, disc.x) + Math.PI;
  const places = members.map((_, i) => {
    const reach = i === 0 ? 0 : ROOM * 1.15 * Math.sqrt(i + 0.4);
    const angle = turn + i * GOLDEN;
    return { x: Math.cos(angle) * reach, y: Math.sin(angle) * reach };
  });
  if (members.length > 3 && members.length <= 90) untangle(members, places, disc.r - 10, near);
  if (members.length > 3) fit(disc, places);
  members.forEach((node, i) => {
    const place = places[i] as { x: number; y: number };
    const base = node.kind === "company" ? 7.5 : node.kind === "persona" ? 5 : 3.8;
    const size = node.id === scene.centre ? 12 : base + Math.min(3, Math.sqrt(degree(node)) * 0.5);
    spots.set(node.id, { x: disc.x + place.x, y: disc.y + place.y, size });
  });
}

/** The disc drawn tightly around what stands in it. */
function fit(disc: Disc, places: { x: number; y: number }[]): void {
  const middle = (of: (place: { x: number; y: number }) => number): number => { const all = places.map(of); return (Math.min(...all) + Math.max(...all)) / 2; };
  const [x, y] = [middle((place) => place.x), middle((place) => place.y)];
  for (const place of places) { place.x -= x; place.y -= y; }
  disc.r = Math.max(...places.map((place) => Math.hypot(place.x, place.y))) + 15;
}

/** What is linked moves together inside its disc, nothing over anything else; the first stays in the middle. */
function untangle(members: SceneNode[], places: { x: number; y: number }[], rim: number, near: Map<Id, Id[]>): void {
  const index = new Map(members.map((node, i) => [node.id, i]));
  const links = members.flatMap((node, i) => (near.get(node.id) ?? []).flatMap((other) => { const j = index.get(other); return j !== undefined && j > i ? [[i, j] as const] : []; }));
  const at = (i: number) => places[i] as { x: number; y: number };
  for (let round = 0; round < 70; round++) {
    const heat = 0.16 * (1 - round / 70);
    for (const [i, j] of links) {
      const [a, b] = [at(i), at(j)];
      const distance = Math.hypot(b.x - a.x, b.y - a.y) || 1;
      const pull = ((distance - ROOM * 1.7) / distance) * heat;
      const [dx, dy] = [(b.x - a.x) * pull, (b.y - a.y) * pull];
      if (i !== 0) { a.x += dx; a.y += dy; }
      b.x -= dx;
      b.y -= dy;
    }
    for (let i = 0; i < members.length; i++) {
      for (let j = i + 1; j < members.length; j++) {
        const [a, b] = [at(i), at(j)];
        const distance = Math.hypot(b.x - a.x, b.y - a.y) || 0.01;
        const push = (ROOM * 1.75 - distance) / distance / 2;
        if (push <= 0) continue;
        const [dx, dy] = [(b.x - a.x) * push, (b.y - a.y) * push];
        if (i !== 0) { a.x -= dx; a.y -= dy; }
        b.x += i === 0 ? dx * 2 : dx;
        b.y += i === 0 ? dy * 2 : dy;
      }
    }
    for (const place of places) {
      const reach = Math.hypot(place.x, place.y);
      if (reach > rim) { place.x *= rim / reach; place.y *= rim / reach; }
    }
  }
}

const between = (edges: GraphEdge[], home: Map<Id, Id>, index: Map<Id, number>): [number, number, number][] => {
  const pulls = new Map<string, number>();
  for (const edge of edges) {
    const a = index.get(home.get(edge.src) ?? "");
    const b = index.get(home.get(edge.dst) ?? "");
    if (a === undefined || b === undefined || a === b) continue;
    const key = a < b ? `${a},${b}` : `${b},${a}`;
    pulls.set(key, (pulls.get(key) ?? 0) + edge.confidence);
  }
  return [...pulls].map(([key, weight]) => { const [a = 0, b = 0] = key.split(",").map(Number); return [a, b, Math.min(2.5, 0.6 + Math.log1p(weight))]; });
};

/** Where everything stands: people and things around their company, companies by what links them. */
export function clustered(scene: Scene): Placed {
  const near = neighbours(scene.edges);
  const home = clusterOf(scene.nodes, near);
  const names = new Map(scene.nodes.map((node) => [node.id, node.name]));
  const groups = new Map<Id, SceneNode[]>();
  for (const node of scene.nodes) {
    const key = home.get(node.id) as Id;
    const list = groups.get(key);
    if (list) list.push(node);
    else groups.set(key, [node]);
  }
  const middle = home.get(scene.centre);
  const discs: Disc[] = [...groups].map(([key, members]) => ({
    key, name: key.startsWith("free:") ? "" : (names.get(key) ?? ""), x: 0, y: 0, n: members.length, members,
    r: members.length === 1 ? 12 : ROOM * 1.15 * Math.sqrt(members.length + 0.4) + 14,
  })).sort((a, b) => Number(b.key === middle) - Number(a.key === middle) || b.n - a.n || (a.key < b.key ? -1 : 1));
  settle(discs, between(scene.edges, home, new Map(discs.map((disc, i) => [disc.key, i]))));
  const spots = new Map<Id, Spot>();
  for (const disc of discs) inside(disc, scene, near, spots);
  return { spots, clusters: discs.filter((disc) => disc.name !== "" && disc.n > 1).map(({ members: _, ...rest }) => rest) };
}
