import { useMemo, useState } from "react";

import type { GraphEdge } from "../../api/contract";
import { count, day } from "../../format";
import { edgeKey, edgeWords, kindOf } from "../../graph/kinds";
import type { Scene } from "../../graph/scene";
import { InferrerBadge } from "../../parts/evidence";
import { saveCsv } from "../../parts/export";
import { Icon } from "../../parts/icons";
import { Rows, whole, type Column, type Sorting } from "../../parts/rows";
import css from "./graph.module.css";

type Line = { edge: GraphEdge; key: string; from: string; fromKind: string; to: string; toKind: string };
const BY: Record<string, (line: Line) => string | number> = {
  from: (line) => line.from.toLowerCase(), relation: (line) => line.edge.kind, to: (line) => line.to.toLowerCase(), confidence: (line) => line.edge.confidence, since: (line) => line.edge.valid_from,
};

/** The same edges as the picture, as rows: sortable, with j and k, and as a file. */
export function EdgeTable({ scene, onEdge, chosen }: { scene: Scene; onEdge: (edge: GraphEdge) => void; chosen: string | null }) {
  const [sort, setSort] = useState<Sorting>({ key: "confidence", down: true });
  const lines = useMemo(() => {
    const nodes = new Map(scene.nodes.map((node) => [node.id, node]));
    const all = scene.edges.map((edge): Line => ({
      edge, key: edgeKey(edge), from: nodes.get(edge.src)?.name ?? edge.src, fromKind: nodes.get(edge.src)?.kind ?? "", to: nodes.get(edge.dst)?.name ?? edge.dst, toKind: nodes.get(edge.dst)?.kind ?? "",
    }));
    const by = BY[sort.key] ?? BY.confidence!;
    const way = sort.down ? -1 : 1;
    return all.sort((a, b) => { const [x, y] = [by(a), by(b)]; return (x < y ? -1 : x > y ? 1 : a.key < b.key ? -1 : 1) * way; });
  }, [scene, sort]);
  const end = (name: string, kind: string) => <span className="row" style={{ gap: 7 }}><span className={css.dot} data-tone={kindOf(kind).tone} title={kindOf(kind).name} /><span className="clip">{name}</span></span>;
  const columns: Column<Line>[] = [
    { key: "from", head: "From", width: "minmax(0, 1.1fr)", sorts: true, opens: true, phone: "main", cell: (line) => end(line.from, line.fromKind) },
    { key: "relation", head: "Relation", width: "minmax(0, 0.9fr)", sorts: true, phone: "sub", cell: (line) => <span className="muted">{edgeWords(line.edge.kind)}</span> },
    { key: "to", head: "To", width: "minmax(0, 1.1fr)", sorts: true, phone: "sub", cell: (line) => end(line.to, line.toKind) },
    { key: "confidence", head: "Confidence", width: "112px", sorts: true, phone: "side", cell: (line) => <InferrerBadge inferrer={line.edge.inferrer} confidence={line.edge.confidence} /> },
    { key: "since", head: "Since", width: "96px", sorts: true, phone: "hide", cell: (line) => <span className="small muted num">{day(line.edge.valid_from)}</span> },
  ];
  const save = () => saveCsv("graph", lines.map((line) => ({
    from: line.from, from_kind: line.fromKind, from_id: line.edge.src, relation: line.edge.kind, to: line.to, to_kind: line.toKind, to_id: line.edge.dst,
    confidence: line.edge.confidence, valid_from: line.edge.valid_from, valid_to: line.edge.valid_to, inferrer: line.edge.inferrer,
  })));
  const query = useMemo(() => whole({ error: null, isError: false, isFetching: false, dataUpdatedAt: Date.now(), refetch: () => undefined }, lines), [lines]);
  return (
    <div className={css.tableBox}>
      <div className={css.tableHead}><span className="small muted num">{count(lines.length)} edges, the same as in the picture</span><button className="btn small" onClick={save}><Icon name="download" size={14} />Export CSV</button></div>
      <Rows label="Edges of this view" columns={columns} query={query} rowKey={(line) => line.key} onOpen={(line) => onEdge(line.edge)} openKey={chosen ?? undefined} sorting={sort} onSort={setSort} empty={null} />
    </div>
  );
}
