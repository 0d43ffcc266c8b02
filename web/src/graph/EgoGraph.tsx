import { useMemo } from "react";

import type { GraphEdge, Neighbourhood } from "../api/contract";
import { inferrerKind } from "../parts/evidence";
import { Icon } from "../parts/icons";
import css from "./graph.module.css";
import { arcs, edgeKey, edgeWords, kindOf, linesPerSide } from "./kinds";

const shorten = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);

/** The neighbourhood as a light picture; the list beside it says the same to keyboards and readers. */
export function EgoGraph({ data, width, onEdge, chosen, least }: {
  data: Neighbourhood; width: number; least?: number; onEdge: (edge: GraphEdge) => void; chosen: string | null;
}) {
  const lines = linesPerSide(data.nodes);
  const step = lines > 16 ? 22 : 30;
  const height = Math.max(least ?? (width > 600 ? 300 : 210), lines * step + 24);
  const places = useMemo(() => arcs(data.nodes, data.edges, data.centre, (width / 2) * (width > 600 ? 1 : 0.78), height / 2 - 12), [data, width, height]);
  const at = useMemo(() => new Map(places.map((place) => [place.node.id, place])), [places]);
  const radius = step === 30 ? 11 : 8;
  const letters = width > 600 ? 26 : 13;
  return (
    <svg viewBox={`${-width / 2} ${-height / 2} ${width} ${height}`} className={css.svg} role="group" aria-label={`Graph of ${data.nodes.length} nodes and ${data.edges.length} edges; the list shows the same`}>
      <g aria-hidden>
        {data.edges.map((edge) => {
          const from = at.get(edge.src);
          const to = at.get(edge.dst);
          if (!from || !to) return null;
          const key = edgeKey(edge);
          return (
            <g key={key} className={css.edge} data-chosen={key === chosen} data-model={inferrerKind(edge.inferrer) === "model"} onClick={() => onEdge(edge)}>
              <title>{`${from.node.name} ${edgeWords(edge.kind)} ${to.node.name}, confidence ${edge.confidence.toFixed(2)}, ${edge.inferrer}`}</title>
              <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} className={css.hit} />
              <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} className={css.line} style={{ strokeWidth: 0.7 + edge.confidence * 0.9, strokeOpacity: 0.2 + edge.confidence * 0.5 }} />
            </g>
          );
        })}
        {places.map(({ node, x, y, side, ring }) => {
          const kind = kindOf(node.kind);
          const size = ring === 0 ? 17 : radius;
          return (
            <g key={node.id} transform={`translate(${x} ${y})`} className={css.node} data-tone={kind.tone} data-centre={ring === 0}>
              <title>{`${kind.name}: ${node.name}${node.detail ? `, ${node.detail}` : ""}`}</title>
              <circle r={size} />
              <g transform={`translate(${-size * 0.54} ${-size * 0.54})`}><Icon name={kind.icon} size={size * 1.08} /></g>
              {ring === 0
                ? <text y={32} textAnchor="middle">{shorten(node.name, 24)}</text>
                : <text x={side * (size + 6)} y={4} textAnchor={side === 1 ? "start" : "end"}>{shorten(node.name, ring === 2 ? Math.min(letters, 12) : letters)}</text>}
            </g>
          );
        })}
      </g>
    </svg>
  );
}
