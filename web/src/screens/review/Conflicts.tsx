import { useQuery } from "@tanstack/react-query";

import { address } from "../../api/client";
import type { Company, Persona } from "../../api/contract";
import type { IdentityConflict } from "../../api/identity";
import { useConflicts } from "../../api/identityQueries";
import { one } from "../../api/queries";
import { ago, count, moment, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Rows, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Empty } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, Fact, toneOf } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { nsName } from "../records/compare";
import css from "./review.module.css";

const STATES = [{ key: "open", label: "Open" }, { key: "closed", label: "Settled" }];

/** A person or company by its name, once that is known. */
function Entity({ id, of }: { id: string; of: string }) {
  const isCompany = of === "company";
  const persona = useQuery(one<Persona>(["persona", id], `/api/personas/${id}`, { on: !isCompany }));
  const company = useQuery(one<Company>(["company", id], `/api/companies/${id}`, { on: isCompany }));
  const name = (isCompany ? company.data?.name : persona.data?.name) ?? `Number ${id}`;
  return <Link className="btn" to={`/${isCompany ? "companies" : "people"}/${id}?tab=sources`}><Icon name={isCompany ? "building-2" : "user"} size={14} />{name}</Link>;
}

/** Identifiers that point at more than one: nothing was joined by them, and here is why. */
export function Conflicts() {
  const { params } = useAddress();
  const state = params.get("state") === "closed" ? "closed" : "open";
  const query = useConflicts({ state });
  const now = useNow(60_000);
  const total = query.data?.pages[0]?.total ?? 0;
  const open = query.data?.pages.flatMap((page) => page.rows).find((row) => row.id === params.get("id"));
  const columns: Column<IdentityConflict>[] = [
    { key: "sentence", head: "What speaks against each other", width: "minmax(0, 2.4fr)", phone: "main", cell: (row) => <><span className={`strong ${css.sentence}`} title={row.sentence}>{row.sentence}</span>{!row.sentence.includes(row.value) && <span className="clip small muted">{nsName(row.ns)} {row.value}</span>}</> },
    { key: "kind", head: "Kind", width: "minmax(0, 0.9fr)", phone: "sub", cell: (row) => <span className="clip muted">{words(row.kind)}</span> },
    { key: "who", head: "Between", width: "146px", cell: (row) => <span className="clip">{count(row.entities.length)} {row.of === "company" ? "companies" : "people"}{row.money && <> <Badge tone="warn" icon="wallet">money</Badge></>}</span> },
    { key: "state", head: "State", width: "92px", phone: "side", cell: (row) => <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge> },
    { key: "at", head: "Since", width: "92px", align: "right", cell: (row) => <span className="small muted num" title={moment(row.at)}>{ago(row.at, now)}</span> },
  ];
  return (
    <>
      <div className={css.bar}>
          <Tabs label="State" kind="pill" value={state} tabs={STATES} onChange={(key) => setParams({ state: key === "open" ? null : key, id: null })} />
          <p className="small muted">An identifier that two people carry joins neither of them. Nothing is lost: both stay as they are until somebody decides.</p>
          <span className={css.left}>{total > 0 && <b className="num">{count(total)}</b>}<a className="btn small" href={address("/api/identity/conflicts", { state, format: "csv" })} download><Icon name="download" size={14} />Export CSV</a></span>
      </div>
      <Rows
        label="Conflicts" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={open?.id}
        empty={state === "closed" ? <Empty icon="list-checks" title="None was settled yet" /> : <Empty icon="circle-check" title="No conflict">No identifier points at two people at once.</Empty>}
      />
      {open && (
        <Sheet title={words(open.kind)} note={`${nsName(open.ns)} ${open.value}`} onClose={() => setParams({ id: null })}>
          <p style={{ fontSize: 15, textWrap: "pretty" }}>{open.sentence}</p>
          <dl style={{ margin: "14px 0" }}>
            <Fact name="Identifier"><Badge>{nsName(open.ns)}</Badge> <code className="mono">{open.value}</code></Fact>
            <Fact name="Seen">{moment(open.at)}</Fact>
            <Fact name="State"><Badge tone={toneOf(open.state)}>{words(open.state)}</Badge></Fact>
          </dl>
          <h3 style={{ margin: "18px 0 8px" }}>Between</h3>
          <ul className="stack">
            {open.entities.map((id) => <li key={id}><Entity id={id} of={open.of} /></li>)}
          </ul>
          <p className="small muted" style={{ marginTop: 16 }}>If they are one, open either and join the other's record there. If they are two, nothing has to be done: the identifier joins no one as long as both carry it.</p>
        </Sheet>
      )}
    </>
  );
}
