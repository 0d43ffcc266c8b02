import { useMemo } from "react";

import type { GraphEdge, Neighbourhood } from "../api/contract";
import { inferrerKind } from "../parts/evidence";
import { Icon } from "../parts/icons";
import css from "./graph.module.css";
import { edgeKey, edgeWords, kindOf, rings } from "./kinds";

const shorten = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);

/** The neighbourhood as a light picture; the list beside it says the same to keyboards and readers. */
export function EgoGraph({ data, width, height, onEdge, chosen }: {
  data: Neighbourhood; width: number; height: number; onEdge: (edge: GraphEdge) => void; chosen: string | null;
}) {
  const places = useMemo(
    () => rings(data.nodes, data.edges, data.centre, width / 2 - 74, height / 2 - 26),
    [data, width, height],
  );
  const at = useMemo(() => new Map(places.map((place) => [place.node.id, place])), [places]);
  const roomy = places.length <= 26;
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
              <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} className={css.line} style={{ strokeWidth: 0.8 + edge.confidence * 1.1, strokeOpacity: 0.35 + edge.confidence * 0.6 }} />
            </g>
          );
        })}
        {places.map(({ node, x, y, ring, angle }) => {
          const kind = kindOf(node.kind);
          const radius = ring === 0 ? 17 : roomy ? 12 : 7;
          const right = Math.cos(angle) >= 0;
          const vertical = Math.abs(Math.cos(angle)) < 0.3;
          const labelled = ring === 0 || roomy || node.kind === "company";
          return (
            <g key={node.id} transform={`translate(${x} ${y})`} className={css.node} data-tone={kind.tone} data-centre={ring === 0}>
              <title>{`${kind.name}: ${node.name}${node.detail ? `, ${node.detail}` : ""}`}</title>
              <circle r={radius} />
              {(roomy || ring === 0) && (
                <g transform={`translate(${-radius * 0.54} ${-radius * 0.54})`}><Icon name={kind.icon} size={radius * 1.08} /></g>
              )}
              {labelled && ring === 0 && <text y={31} textAnchor="middle">{shorten(node.name, 24)}</text>}
              {labelled && ring > 0 && (
                <text
                  x={vertical ? 0 : (radius + 5) * (right ? 1 : -1)} y={vertical ? (Math.sin(angle) > 0 ? radius + 13 : -radius - 6) : 4}
                  textAnchor={vertical ? "middle" : right ? "start" : "end"}
                >
                  {shorten(node.name, 15)}
                </text>
              )}
            </g>
          );
        })}
      </g>
    </svg>
  );
}
