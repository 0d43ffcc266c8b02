import { useMemo } from "react";

import type { Neighbourhood } from "../../api/contract";
import type { FraudCase } from "../../api/fraud";
import { EgoGraph } from "../../graph/EgoGraph";
import css from "./fraud.module.css";
import { markName } from "./words";

const VERB: Record<string, string> = { referred: "referred", hard: "is certainly tied to", soft: "is perhaps tied to" };

/** The part of the graph the case rests on: a picture, and the same as sentences. */
export function FraudPicture({ found, width }: { found: FraudCase; width: number }) {
  const { nodes, edges } = found.subgraph;
  const data = useMemo<Neighbourhood>(() => ({
    centre: nodes.find((one) => one.centre)?.id ?? nodes[0]?.id ?? "",
    nodes: nodes.map((one) => ({ id: one.id, kind: one.kind === "person" ? "persona" : one.kind, name: one.name || (one.kind === "person" ? "Somebody" : markName(one.kind)), detail: one.centre ? "in this case" : "" })),
    edges: edges.map((one) => ({ kind: one.kind, src: one.a, dst: one.b, confidence: one.kind === "soft" ? 0.35 : one.kind === "hard" ? 1 : 0.8, valid_from: found.opened_at, valid_to: null, inferrer: one.kind === "soft" ? "model:tie" : "rule:tie" })),
    truncated: false, as_of: { valid_at: null, recorded_at: null },
  }), [nodes, edges, found.opened_at]);
  if (nodes.length < 2) return <p className="small muted">Nothing else is known that ties these two.</p>;
  const name = new Map(data.nodes.map((one) => [one.id, one.name]));
  return (
    <figure className={css.picture}>
      <EgoGraph data={data} width={width} least={nodes.length <= 3 ? 120 : nodes.length <= 6 ? 220 : undefined} chosen={null} onEdge={() => undefined} />
      <details>
        <summary>In words</summary>
        <ul>{edges.map((one, i) => <li key={i}>{name.get(one.a) ?? "Somebody"} {VERB[one.kind] ?? one.kind} {name.get(one.b) ?? "somebody"}.</li>)}</ul>
      </details>
    </figure>
  );
}
