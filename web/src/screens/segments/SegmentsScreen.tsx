import type { Segment } from "../../api/segments";
import { useSegments } from "../../api/segmentQueries";
import { ago, count } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Rows, Two, whole, type Column } from "../../parts/rows";
import { Empty } from "../../parts/states";
import { PageHead } from "../../parts/ui";
import { Link } from "../../router";
import { useKnownSession } from "../../session";
import { inWords } from "./conditions";

/** Saved conditions over the graph, and how many they hold for now. */
export default function SegmentsScreen() {
  const query = useSegments();
  const now = useNow(60_000);
  const mayWrite = useKnownSession().may.includes("people.write");
  const columns: Column<Segment>[] = [
    { key: "name", head: "Segment", width: "minmax(0, 2fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.name}</span>} below={`People who ${inWords(row.condition)}`} /> },
    { key: "members", head: "Members", width: "90px", align: "right", phone: "side", cell: (row) => <span className="num strong">{count(row.members)}</span> },
    { key: "by", head: "Made by", width: "minmax(0, 0.6fr)", phone: "hide", cell: (row) => <span className="clip muted">{row.created_by}</span> },
    { key: "when", head: "Changed", width: "96px", align: "right", phone: "hide", cell: (row) => <span className="small muted num">{ago(row.updated_at, now)}</span> },
  ];
  const make = mayWrite && <Link className="btn primary" to="/graph/segments/new"><Icon name="plus" size={14} />New segment</Link>;
  return (
    <>
      <PageHead title="Segments" note="Members come and go by themselves as the graph changes">{make}</PageHead>
      <Rows
        label="Segments" columns={columns} query={whole(query, query.data?.rows)} rowKey={(row) => row.id} to={(row) => `/graph/segments/${row.id}`}
        empty={<Empty icon="layers" title="No segment yet" actions={make}>A segment is a sentence about people, such as “praised Dispatch in the last 90 days and work at an enterprise”. Its members stay up to date.</Empty>}
      />
    </>
  );
}
