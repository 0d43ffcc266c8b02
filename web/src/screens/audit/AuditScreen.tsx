import type { AuditEntry } from "../../api/contract";
import { useAudit } from "../../api/queries";
import { ago, moment, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Rows, Two, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Empty } from "../../parts/states";
import { Fact, PageHead } from "../../parts/ui";
import { setParams, useAddress } from "../../router";

const brief = (detail: unknown): string =>
  detail && typeof detail === "object"
    ? Object.entries(detail).map(([key, value]) => `${words(key).toLowerCase()}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`).join(", ")
    : String(detail ?? "");

/** Who did what, when, to what. */
export default function AuditScreen() {
  const { params } = useAddress();
  const query = useAudit();
  const now = useNow(60_000);
  const id = params.get("id") ?? "";
  const open = query.data?.pages.flatMap((page) => page.rows).find((row) => row.id === id);
  const columns: Column<AuditEntry>[] = [
    { key: "action", head: "What", width: "minmax(0, 1fr)", phone: "main", cell: (row) => <span className="clip strong">{words(row.action)}</span> },
    { key: "subject", head: "To what", width: "minmax(0, 1fr)", phone: "sub", cell: (row) => <span className="clip mono">{row.subject}</span> },
    { key: "detail", head: "Detail", width: "minmax(0, 1.4fr)", cell: (row) => <span className="clip muted">{brief(row.detail)}</span> },
    { key: "actor", head: "Who", width: "minmax(0, 1fr)", phone: "sub", cell: (row) => <Two top={row.actor} /> },
    { key: "at", head: "When", width: "96px", align: "right", phone: "side", cell: (row) => <span className="small muted num" title={moment(row.at)}>{ago(row.at, now)}</span> },
  ];
  return (
    <>
      <PageHead title="Audit"><a className="btn small" href="/api/audit?format=csv" download><Icon name="download" size={14} />Export CSV</a></PageHead>
      <Rows
        label="Audit" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={id}
        empty={<Empty icon="shield-check" title="Nothing has been done yet">Every approval, refusal, payout and change of rules is written here by the transaction that makes it.</Empty>}
      />
      {open && (
        <Sheet title={words(open.action)} note={moment(open.at)} onClose={() => setParams({ id: null })}>
          <dl>
            <Fact name="Who">{open.actor}</Fact>
            <Fact name="To what"><code className="mono">{open.subject}</code></Fact>
            {open.detail && typeof open.detail === "object"
              ? Object.entries(open.detail).map(([key, value]) => <Fact key={key} name={words(key)}>{typeof value === "object" ? <code className="mono">{JSON.stringify(value)}</code> : String(value)}</Fact>)
              : null}
          </dl>
        </Sheet>
      )}
    </>
  );
}
