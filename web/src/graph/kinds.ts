import type { GraphEdge, GraphNode } from "../api/contract";
import type { IconName } from "../parts/icons";
import type { Tone } from "../parts/ui";

export const NODE_KINDS: Record<string, { icon: IconName; tone: Tone; name: string }> = {
  persona: { icon: "user", tone: "honey", name: "Person" },
  company: { icon: "building-2", tone: "info", name: "Company" },
  product: { icon: "box", tone: "violet", name: "Product" },
  feature: { icon: "rocket", tone: "violet", name: "Feature" },
  ticket: { icon: "life-buoy", tone: "teal", name: "Ticket" },
  deal: { icon: "handshake", tone: "good", name: "Deal" },
  subscription: { icon: "repeat", tone: "good", name: "Subscription" },
  invoice: { icon: "file-text", tone: "plain", name: "Invoice" },
  campaign: { icon: "send", tone: "plain", name: "Campaign" },
  referral: { icon: "gift", tone: "warn", name: "Referral" },
  document: { icon: "scroll-text", tone: "plain", name: "Document" },
  role: { icon: "users", tone: "plain", name: "Role" },
};
export const kindOf = (kind: string) => NODE_KINDS[kind] ?? { icon: "info" as IconName, tone: "plain" as Tone, name: kind };

/** Node and edge names as a sentence would say them. */
export const edgeWords = (kind: string): string => kind.replace(/_/g, " ");
export const edgeKey = (edge: GraphEdge): string => `${edge.kind}/${edge.src}/${edge.dst}`;

export type Place = { node: GraphNode; x: number; y: number; angle: number; ring: number };

/**
 * Rings around the centre: direct neighbours sorted by kind on the first, theirs behind them on the
 * second. The same data always gives the same picture. Units: the given half width and half height.
 */
export function rings(nodes: GraphNode[], edges: GraphEdge[], centre: string, halfWidth: number, halfHeight: number): Place[] {
  const near = new Map<string, Set<string>>();
  for (const edge of edges) {
    for (const [a, b] of [[edge.src, edge.dst], [edge.dst, edge.src]] as const) {
      const known = near.get(a) ?? new Set<string>();
      known.add(b);
      near.set(a, known);
    }
  }
  const direct = near.get(centre) ?? new Set<string>();
  const order = Object.keys(NODE_KINDS);
  const rank = (node: GraphNode) => `${String(order.indexOf(node.kind) + 1).padStart(2, "0")}${node.name}`;
  const inner = nodes.filter((n) => n.id !== centre && direct.has(n.id)).sort((a, b) => rank(a).localeCompare(rank(b)));
  const outer = nodes.filter((n) => n.id !== centre && !direct.has(n.id));
  const places: Place[] = [];
  const middle = nodes.find((n) => n.id === centre);
  if (middle) places.push({ node: middle, x: 0, y: 0, angle: 0, ring: 0 });
  const angles = new Map<string, number>();
  const reach = outer.length > 0 ? 0.62 : 0.82;
  inner.forEach((node, i) => {
    const angle = ((i + 0.5) / inner.length) * 2 * Math.PI - Math.PI / 2;
    const stagger = inner.length > 12 && i % 2 ? 0.8 : 1;
    angles.set(node.id, angle);
    places.push({ node, angle, ring: 1, x: Math.cos(angle) * halfWidth * reach * stagger, y: Math.sin(angle) * halfHeight * reach * stagger });
  });
  const wanted = outer.map((node) => {
    const anchors = [...(near.get(node.id) ?? [])].map((id) => angles.get(id)).filter((a): a is number => a !== undefined);
    return { node, angle: anchors[0] ?? 0 };
  });
  wanted.sort((a, b) => a.angle - b.angle);
  wanted.forEach(({ node }, i) => {
    const angle = ((i + 0.25) / Math.max(wanted.length, 1)) * 2 * Math.PI - Math.PI / 2;
    places.push({ node, angle, ring: 2, x: Math.cos(angle) * halfWidth * 0.96, y: Math.sin(angle) * halfHeight * 0.94 });
  });
  return places;
}
