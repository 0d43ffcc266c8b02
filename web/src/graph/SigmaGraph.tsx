import Graph from "graphology";
import { useEffect, useRef } from "react";
import Sigma from "sigma";

import type { GraphEdge, Neighbourhood } from "../api/contract";
import css from "./graph.module.css";
import { edgeKey, kindOf, rings } from "./kinds";

const TONES: Record<string, string> = {
  honey: "--honey", info: "--info", violet: "--violet", teal: "--teal", good: "--good", warn: "--warn", plain: "--ink-3", bad: "--bad",
};

/** A larger neighbourhood on the graphics card; loaded only when one is opened. */
export default function SigmaGraph({ data, onEdge }: { data: Neighbourhood; onEdge: (edge: GraphEdge) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const choose = useRef(onEdge);
  choose.current = onEdge;
  useEffect(() => {
    if (!place.current) return;
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const graph = new Graph({ multi: true, type: "directed" });
    for (const { node, x, y, ring } of rings(data.nodes, data.edges, data.centre, 100)) {
      if (graph.hasNode(node.id)) continue;
      graph.addNode(node.id, {
        x, y: -y, label: node.name, size: ring === 0 ? 12 : node.kind === "company" ? 7 : 5, color: color(TONES[kindOf(node.kind).tone] ?? "--ink-3"),
      });
    }
    for (const edge of data.edges) {
      if (!graph.hasNode(edge.src) || !graph.hasNode(edge.dst) || graph.hasEdge(edgeKey(edge))) continue;
      graph.addEdgeWithKey(edgeKey(edge), edge.src, edge.dst, { size: 0.6 + edge.confidence * 1.6, color: color("--line-strong"), edge });
    }
    const sigma = new Sigma(graph, place.current, {
      labelColor: { color: color("--ink") }, labelFont: "Inter Variable, sans-serif", labelSize: 11, enableEdgeEvents: true, labelDensity: 0.6,
    });
    sigma.on("clickEdge", ({ edge }) => choose.current(graph.getEdgeAttribute(edge, "edge") as GraphEdge));
    return () => sigma.kill();
  }, [data]);
  return <div ref={place} className={css.sigma} aria-hidden />;
}
