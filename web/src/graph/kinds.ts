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
/** What people may share: not nodes of the graph, but of the pictures that show who is one hand. */
const MARKS: typeof NODE_KINDS = {
  device: { icon: "smartphone", tone: "bad", name: "Device" }, payee: { icon: "wallet", tone: "bad", name: "Bank account" }, card: { icon: "credit-card", tone: "bad", name: "Card" },
  phone: { icon: "smartphone", tone: "bad", name: "Telephone" }, mailbox: { icon: "mail", tone: "bad", name: "Mailbox" }, network: { icon: "network", tone: "warn", name: "Network" },
};
export const kindOf = (kind: string) => NODE_KINDS[kind] ?? MARKS[kind] ?? { icon: "info" as IconName, tone: "plain" as Tone, name: edgeName(kind) };

const VERBS: Record<string, string> = {
  works_at: "works at", holds_role: "holds the role", reports_to: "reports to", colleague_of: "is a colleague of", influences: "influences",
  champion_of: "is a champion of", blocks: "blocks", uses: "uses", power_user_of: "is a power user of", adopted: "has adopted", bought: "bought",
  subscribed_to: "is subscribed to", renewed: "renewed", opened: "opened", resolved_for: "was solved for", praised: "praised",
  complained_of: "complained of", evaluated: "evaluated", interested_in: "is interested in", referred: "referred", introduced: "introduced",
  attended: "attended", member_of: "is a member of", similar_to: "is similar to", owns_account: "owns the account of",
};

/** An edge as a sentence would say it; a kind of one's own (x_mentors) by its name. */
export const edgeWords = (kind: string): string => VERBS[kind] ?? kind.replace(/^x_/, "").replace(/_/g, " ");
/** An edge's kind as a heading or a choice. */
export const edgeName = (kind: string): string => { const text = kind.replace(/^x_/, "").replace(/_/g, " "); return text.charAt(0).toUpperCase() + text.slice(1); };
export const edgeKey = (edge: GraphEdge): string => `${edge.kind}/${edge.src}/${edge.dst}`;

export type Place = { node: GraphNode; x: number; y: number; side: -1 | 0 | 1; ring: number };

/** How many lines a side of the picture needs; its height follows from that. */
export const linesPerSide = (nodes: GraphNode[]): number => Math.ceil(Math.max(1, nodes.length - 1) / 2);

/**
 * Neighbours on two arcs left and right of the centre, sorted by kind, each with a line of its own so
 * that no two labels meet; what is known only through a neighbour stands behind that neighbour. The
 * same data always gives the same picture. Units: the given half width and half height.
 */
export function arcs(nodes: GraphNode[], edges: GraphEdge[], centre: string, halfWidth: number, halfHeight: number): Place[] {
  const near = new Map<string, string[]>();
  for (const edge of edges) {
    near.set(edge.src, [...(near.get(edge.src) ?? []), edge.dst]);
    near.set(edge.dst, [...(near.get(edge.dst) ?? []), edge.src]);
  }
  const direct = new Set(near.get(centre) ?? []);
  const order = Object.keys(NODE_KINDS);
  const rank = (node: GraphNode) => `${String(order.indexOf(node.kind) + 1).padStart(2, "0")}${node.name}`;
  const inner = nodes.filter((n) => n.id !== centre && direct.has(n.id)).sort((a, b) => rank(a).localeCompare(rank(b)));
  const outer = nodes.filter((n) => n.id !== centre && !direct.has(n.id));
  const lines: { node: GraphNode; ring: number }[] = [];
  const placed = new Set<string>();
  for (const node of inner) {
    lines.push({ node, ring: 1 });
    for (const one of outer) {
      if (placed.has(one.id) || !(near.get(one.id) ?? []).includes(node.id)) continue;
      placed.add(one.id);
      lines.push({ node: one, ring: 2 });
    }
  }
  for (const node of outer) if (!placed.has(node.id)) lines.push({ node, ring: 2 });
  const right = Math.ceil(lines.length / 2);
  const places: Place[] = lines.map(({ node, ring }, i) => {
    const side = i < right ? 1 : -1;
    const count = side === 1 ? right : lines.length - right;
    const at = side === 1 ? i : i - right;
    // The left side is read from the bottom up, so that kinds go round like a clock.
    const height = count === 1 ? 0 : ((at + 0.5) / count) * 2 - 1;
    const bend = Math.sqrt(1 - 0.72 * height * height);
    const reach = (outer.length > 0 ? 0.5 : 0.62) + (ring === 2 ? 0.34 : 0);
    return { node, ring, side, x: side * halfWidth * reach * bend, y: side * height * halfHeight };
  });
  const middle = nodes.find((n) => n.id === centre);
  return middle ? [...places, { node: middle, x: 0, y: 0, side: 0, ring: 0 }] : places;
}
