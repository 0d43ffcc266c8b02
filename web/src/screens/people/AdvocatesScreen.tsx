import { useEffect, useState } from "react";

import { SEGMENTS, STAGES, VERTICALS, type AdvocateRow } from "../../api/brain";
import { useAdvocates } from "../../api/brainQueries";
import { ago, count, words } from "../../format";
import { useKeys, useNow, useSettled } from "../../parts/hooks";
import { ExportCsv, Filter } from "../../parts/filters";
import { ReadinessBar } from "../../parts/readiness";
import { Rows, Two, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Empty } from "../../parts/states";
import { Avatar, Badge, PageHead, SearchField } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import css from "./advocates.module.css";
import { barredWords, ReadinessCard } from "./ReadinessCard";

const named = (names: Readonly<Record<string, string>>, key: string): string => names[key] ?? words(key);

/** Everybody by how ready they are to recommend us, and what speaks for it. */
export default function AdvocatesScreen() {
  const { params } = useAddress();
  const [text, setText] = useState(params.get("q") ?? "");
  const q = useSettled(text.trim());
  const filters = { q, stage: params.get("stage"), segment: params.get("segment"), vertical: params.get("vertical"), min: params.get("min") };
  const query = useAdvocates(filters);
  useEffect(() => setParams({ q }, { replace: true }), [q]);
  useKeys({ "/": (event) => { event.preventDefault(); document.getElementById("advocate-search")?.focus(); } });
  const total = query.data?.pages[0]?.total;
  const open = query.data?.pages.flatMap((page) => page.rows).find((row) => row.id === params.get("id"));
  const now = useNow(60_000);
  const filtered = Object.values(filters).some(Boolean);
  const columns: Column<AdvocateRow>[] = [
    { key: "who", head: "Person", width: "minmax(0, 1.5fr)", phone: "main", cell: (row) => <span className="row" style={{ gap: 11 }}><Avatar name={row.name} /><Two top={<span className="strong">{row.name}</span>} below={[row.title, row.company?.name].filter(Boolean).join(" · ") || "Title not known"} /></span> },
    { key: "ready", head: "Readiness, of 100", width: "150px", phone: "side", cell: (row) => (row.barred ? <Badge tone="bad" icon="ban" title={barredWords(row.barred)}>never ask</Badge> : <ReadinessBar score={row.score} low={row.low} high={row.high} />) },
    { key: "stage", head: "Where they stand", width: "minmax(0, 0.7fr)", phone: "sub", cell: (row) => <Badge tone="honey">{named(STAGES, row.stage)}</Badge> },
    { key: "segment", head: "Segment", width: "minmax(0, 0.7fr)", phone: "sub", cell: (row) => <span className="clip">{named(SEGMENTS, row.segment)}</span> },
    { key: "vertical", head: "Industry", width: "minmax(0, 0.6fr)", cell: (row) => <span className="clip muted">{named(VERTICALS, row.vertical)}</span> },
    { key: "at", head: "Worked out", width: "96px", align: "right", cell: (row) => <span className="small muted num">{ago(row.at, now)}</span> },
  ];
  return (
    <>
      <PageHead title="Advocates" note={total === undefined ? undefined : <span className="num">{count(total)} {filtered ? "match" : "scored"}, the readiest first</span>}>
        <SearchField id="advocate-search" value={text} onChange={setText} label="Name or company" />
      </PageHead>
      <div className={css.tools}>
        <Filter label="Stage of the journey" every="Every stage" value={params.get("stage") ?? ""} choices={STAGES} onChoose={(stage) => setParams({ stage })} />
        <Filter label="Segment" every="Every segment" value={params.get("segment") ?? ""} choices={SEGMENTS} onChoose={(segment) => setParams({ segment })} />
        <Filter label="Industry" every="Every industry" value={params.get("vertical") ?? ""} choices={VERTICALS} onChoose={(vertical) => setParams({ vertical })} />
        <Filter label="Readiness" every="Any readiness" value={params.get("min") ?? ""} choices={{ "75": "75 and more", "50": "50 and more", "25": "25 and more" }} onChoose={(min) => setParams({ min })} />
        <span className="grow" />
        {Boolean(total) && <ExportCsv path="/api/advocates" filters={filters} />}
      </div>
      <Rows
        label="Advocates" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={open?.id}
        empty={filtered ? (
          <Empty icon="search" title="No one matches" actions={<button className="btn" onClick={() => { setText(""); setParams({ q: null, stage: null, segment: null, vertical: null, min: null }); }}>Clear the filters</button>}>Nobody scored fits all of these.</Empty>
        ) : (
          <Empty icon="megaphone" title="Nobody is scored yet" actions={<Link className="btn primary" to="/sources">Connect a source</Link>}>Readiness is worked out a moment after the first events of a person arrive.</Empty>
        )}
      />
      {open && (
        <Sheet title={open.name} note={[open.title, open.company?.name].filter(Boolean).join(" · ")} onClose={() => setParams({ id: null })} foot={<><Link className="btn primary" to={`/people/${open.id}`}>Person page</Link><Link className="btn" to={`/?q=${encodeURIComponent(open.name)}`}>Look in Ask now</Link></>}>
          <ReadinessCard id={open.id} />
        </Sheet>
      )}
    </>
  );
}
