import { address } from "../../api/client";
import type { IdentityConflict } from "../../api/identity";
import { useConflicts } from "../../api/identityQueries";
import { ago, count, moment, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Rows, Two, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Empty } from "../../parts/states";
import { Badge, Fact, toneOf } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import css from "./review.module.css";

const entityOf = (entity: IdentityConflict["entities"][number]) => (typeof entity === "string" ? { id: entity, name: `Number ${entity}` } : entity);

/** Identifiers that point at more than one: nothing was joined by them, and here is why. */
export function Conflicts() {
  const { params } = useAddress();
  const query = useConflicts({});
  const now = useNow(60_000);
  const total = query.data?.pages[0]?.total ?? 0;
  const open = query.data?.pages.flatMap((page) => page.rows).find((row) => row.id === params.get("id"));
  const columns: Column<IdentityConflict>[] = [
    { key: "sentence", head: "What speaks against each other", width: "minmax(0, 2.4fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.sentence}</span>} below={`${words(row.ns)} ${row.value}`} /> },
    { key: "kind", head: "Kind", width: "minmax(0, 0.9fr)", phone: "sub", cell: (row) => <span className="clip muted">{words(row.kind)}</span> },
    { key: "who", head: "Between", width: "minmax(0, 1.2fr)", cell: (row) => <span className="clip">{row.entities.map((one) => entityOf(one).name).join(", ")}</span> },
    { key: "state", head: "State", width: "92px", phone: "side", cell: (row) => <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge> },
    { key: "at", head: "Since", width: "92px", align: "right", cell: (row) => <span className="small muted num" title={moment(row.at)}>{ago(row.at, now)}</span> },
  ];
  return (
    <>
      {total > 0 && (
        <div className={css.bar}>
          <p className="small muted">An identifier that two people carry joins neither of them. Nothing is lost: both stay as they are until somebody decides.</p>
          <span className={css.left}><b className="num">{count(total)}</b><a className="btn small" href={address("/api/identity/conflicts", { format: "csv" })} download><Icon name="download" size={14} />Export CSV</a></span>
        </div>
      )}
      <Rows
        label="Conflicts" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={open?.id}
        empty={<Empty icon="circle-check" title="No conflict">No identifier points at two people at once.</Empty>}
      />
      {open && (
        <Sheet title={words(open.kind)} note={`${words(open.ns)} ${open.value}`} onClose={() => setParams({ id: null })}>
          <p style={{ fontSize: 15, textWrap: "pretty" }}>{open.sentence}</p>
          <dl style={{ margin: "14px 0" }}>
            <Fact name="Identifier"><Badge>{words(open.ns)}</Badge> <code className="mono">{open.value}</code></Fact>
            <Fact name="Seen">{moment(open.at)}</Fact>
            <Fact name="State"><Badge tone={toneOf(open.state)}>{words(open.state)}</Badge></Fact>
          </dl>
          <h3 style={{ margin: "18px 0 8px" }}>Between</h3>
          <ul className="stack">
            {open.entities.map((one) => { const { id, name } = entityOf(one); return <li key={id}><Link className="btn" to={`/people/${id}?tab=sources`}><Icon name="user" size={14} />{name}</Link></li>; })}
          </ul>
          <p className="small muted" style={{ marginTop: 16 }}>If they are one, open either and join the other's record there. If they are two, nothing has to be done: the identifier joins no one as long as both carry it.</p>
        </Sheet>
      )}
    </>
  );
}
