import { useEffect, useState } from "react";

import type { PersonaRow } from "../../api/contract";
import { usePersonas } from "../../api/queries";
import { ago, count } from "../../format";
import { useIsNarrow, useKeys, useNow, useSettled } from "../../parts/hooks";
import { Rows, Two, type Column } from "../../parts/rows";
import { Empty } from "../../parts/states";
import { Avatar, PageHead, SearchField } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";

/** Everyone the graph knows. */
export default function PeopleScreen() {
  const { params } = useAddress();
  const [text, setText] = useState(params.get("q") ?? "");
  const q = useSettled(text.trim());
  const company = params.get("company");
  const now = useNow(60_000);
  const narrow = useIsNarrow();
  const query = usePersonas({ q, company });
  useEffect(() => setParams({ q }, { replace: true }), [q]);
  useKeys({ "/": (event) => { event.preventDefault(); document.getElementById("people-search")?.focus(); } });
  const total = query.data?.pages[0]?.total;
  const columns: Column<PersonaRow>[] = [
    {
      key: "name", head: "Person", width: "minmax(0, 1.5fr)", phone: "main",
      cell: (row) => (
        <span className="row" style={{ gap: 11 }}>
          <Avatar name={row.name} />
          <Two top={<span className="strong">{row.name}</span>} below={(narrow ? [row.title, row.company?.name].filter(Boolean).join(", ") : row.title) || "Title not known"} />
        </span>
      ),
    },
    { key: "company", head: "Company", width: "minmax(0, 1fr)", cell: (row) => <span className="clip">{row.company?.name ?? <span className="muted">Not known</span>}</span>, },
    { key: "email", head: "E-mail", width: "minmax(0, 1.2fr)", cell: (row) => <span className="clip muted">{row.email ?? "Not known"}</span> },
    { key: "edges", head: "Edges", width: "64px", align: "right", cell: (row) => <span className="num">{count(row.edges)}</span> },
    { key: "seen", head: "Last seen", width: "96px", align: "right", phone: "side", cell: (row) => <span className="small muted num">{ago(row.last_seen_at, now)}</span> },
  ];
  return (
    <>
      <PageHead title="People" note={total === undefined ? undefined : <span className="num">{count(total)} {q || company ? "match" : "known"}</span>}>
        {company && <button className="btn small" onClick={() => setParams({ company: null })}>Every company</button>}
        <SearchField id="people-search" value={text} onChange={setText} label="Name, e-mail, company" />
      </PageHead>
      <Rows
        label="People" columns={columns} query={query} rowKey={(row) => row.id} to={(row) => `/people/${row.id}`}
        empty={
          q || company ? (
            <Empty icon="search" title="No one matches" actions={<button className="btn" onClick={() => { setText(""); setParams({ company: null }); }}>Clear the search</button>}>Try part of a name, an e-mail address or a company.</Empty>
          ) : (
            <Empty icon="users" title="Nobody is known yet" actions={<Link className="btn primary" to="/sources">Connect a source</Link>}>People appear as soon as the first events arrive.</Empty>
          )
        }
      />
    </>
  );
}
