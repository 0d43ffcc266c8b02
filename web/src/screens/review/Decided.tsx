import { address } from "../../api/client";
import type { Proposal } from "../../api/identity";
import { useProposals } from "../../api/identityQueries";
import { ago, percent, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Rows, Two, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Empty } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { pairName } from "./pair";
import { ProposalPane } from "./ProposalPane";
import css from "./review.module.css";

const STATES = [{ key: "accepted", label: "One" }, { key: "rejected", label: "Kept apart" }, { key: "auto", label: "Joined by itself" }];

/** What was decided before, as it was shown then. */
export function Decided({ kind }: { kind: string }) {
  const { params } = useAddress();
  const state = STATES.find((one) => one.key === params.get("state"))?.key ?? "accepted";
  const query = useProposals({ state, kind });
  const now = useNow(60_000);
  const open = query.data?.pages.flatMap((page) => page.rows).find((row) => row.id === params.get("id"));
  const columns: Column<Proposal>[] = [
    { key: "pair", head: "Pair", width: "minmax(0, 1.5fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{pairName(row)}</span>} below={`${words(row.a.source)} and ${words(row.b.source)}`} /> },
    { key: "kind", head: "Kind", width: "96px", cell: (row) => <span className="muted">{row.kind === "company" ? "Company" : "Person"}</span> },
    { key: "sure", head: "The model said", width: "120px", align: "right", phone: "sub", cell: (row) => <span className="num">{percent(row.probability)}</span> },
    { key: "state", head: "Decided", width: "110px", phone: "side", cell: (row) => <Badge tone={row.state === "rejected" ? "plain" : "good"}>{row.state === "rejected" ? "kept apart" : "one"}</Badge> },
    { key: "who", head: "By", width: "minmax(0, 1fr)", cell: (row) => <span className="clip muted">{row.actor}</span> },
    { key: "at", head: "When", width: "96px", align: "right", cell: (row) => <span className="small muted num">{ago(row.decided_at ?? row.created_at, now)}</span> },
  ];
  return (
    <>
      <div className={css.bar}>
        <Tabs label="Decision" kind="pill" value={state} tabs={STATES} onChange={(key) => setParams({ state: key === "accepted" ? null : key, id: null })} />
        <span className={css.left}><a className="btn small" href={address("/api/identity/proposals", { state, kind, format: "csv" })} download><Icon name="download" size={14} />Export CSV</a></span>
      </div>
      <Rows
        label="Decided pairs" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={open?.id}
        empty={<Empty icon="list-checks" title={state === "rejected" ? "No pair was kept apart yet" : state === "auto" ? "No pair was joined by itself yet" : "No pair was joined yet"}>Decisions are kept here, and the model learns from them.</Empty>}
      />
      {open && <Sheet title={pairName(open)} onClose={() => setParams({ id: null })}><div className={css.paneBody} style={{ padding: 0 }}><ProposalPane row={open} evidence /></div></Sheet>}
    </>
  );
}
