import type { Statement, TaxRow } from "../../api/money";
import { useStatements, useTax } from "../../api/moneyQueries";
import { day, money, words } from "../../format";
import { ExportCsv, Filter } from "../../parts/filters";
import { Icon } from "../../parts/icons";
import { Rows, Two, type Column } from "../../parts/rows";
import { Empty } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, type Tone } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import css from "./payouts.module.css";

const TAX: Record<string, { name: string; tone: Tone }> = { valid: { name: "Complete", tone: "good" }, missing: { name: "Missing", tone: "warn" }, expired: { name: "Expired", tone: "warn" }, blocked: { name: "Stops payouts", tone: "bad" }, not_needed: { name: "Not needed", tone: "plain" } };

/** What each advocate earned and was paid per period, and what the tax office has to know. */
export function StatementsTab() {
  const { params } = useAddress();
  const tax = params.get("view") === "tax";
  return (
    <>
      <div className={css.bar}>
        <Tabs label="Statements and tax" kind="pill" value={tax ? "tax" : ""} tabs={[{ key: "", label: "Statements" }, { key: "tax", label: "Tax" }]} onChange={(key) => setParams({ view: key || null, state: null, period: null })} />
        <Tools tax={tax} />
      </div>
      {tax ? <Tax /> : <Statements />}
    </>
  );
}

function months(): Record<string, string> {
  const now = new Date();
  return Object.fromEntries(Array.from({ length: 12 }, (_, i) => {
    const at = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - i, 1));
    return [at.toISOString().slice(0, 7), at.toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" })];
  }));
}

function Tools({ tax }: { tax: boolean }) {
  const { params } = useAddress();
  const [period, state] = [params.get("period") ?? "", params.get("state") ?? ""];
  return (
    <span className={css.barEnd}>
      {tax
        ? <Filter label="State" every="Every state" value={state} choices={Object.fromEntries(Object.entries(TAX).map(([id, one]) => [id, one.name]))} onChoose={(id) => setParams({ state: id })} />
        : <Filter label="Month" every="Every month" value={period} choices={months()} onChoose={(id) => setParams({ period: id })} />}
      <ExportCsv path={tax ? "/api/tax" : "/api/statements"} filters={tax ? { state } : { period }} />
    </span>
  );
}

function Statements() {
  const { params } = useAddress();
  const query = useStatements({ period: params.get("period") });
  const cash = (get: (row: Statement) => number) => (row: Statement) => <span className="num">{money(get(row), row.currency)}</span>;
  const columns: Column<Statement>[] = [
    { key: "advocate", head: "Advocate", width: "minmax(0, 1.4fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.advocate.name}</span>} below={row.period} /> },
    { key: "opening", head: "Carried over", width: "104px", align: "right", cell: cash((row) => row.opening_minor) },
    { key: "earned", head: "Earned", width: "104px", align: "right", cell: cash((row) => row.earned_minor) },
    { key: "reversed", head: "Taken back", width: "104px", align: "right", cell: cash((row) => row.reversed_minor === 0 ? 0 : -Math.abs(row.reversed_minor)) },
    { key: "paid", head: "Paid", width: "104px", align: "right", phone: "sub", cell: cash((row) => row.paid_minor) },
    { key: "closing", head: "Open", width: "104px", align: "right", phone: "side", cell: (row) => <span className={`num strong ${row.closing_minor < 0 ? "bad" : ""}`}>{money(row.closing_minor, row.currency)}</span> },
    { key: "file", head: "File", quiet: true, width: "76px", cell: (row) => <a className="btn small" href={`/api/statements/${row.id}.pdf`} download aria-label={`Statement of ${row.advocate.name} for ${row.period} as PDF`}><Icon name="download" size={13} />PDF</a> },
  ];
  return <Rows label="Statements" columns={columns} query={query} rowKey={(row) => row.id} empty={<Empty icon="file-text" title="No statement yet" actions={params.get("period") ? <button className="btn" onClick={() => setParams({ period: null })}>Every month</button> : undefined}>A statement says what an advocate earned, what was taken back, and what was paid in a month.</Empty>} />;
}

function Tax() {
  const { params } = useAddress();
  const query = useTax({ state: params.get("state") });
  const columns: Column<TaxRow>[] = [
    { key: "advocate", head: "Advocate", width: "minmax(0, 1.3fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.advocate.name}</span>} below={row.country} /> },
    { key: "form", head: "Form", width: "92px", cell: (row) => <span>{row.form || "–"}</span> },
    { key: "note", head: "What it means", width: "minmax(0, 1.8fr)", phone: "sub", cell: (row) => <Two top={<span className="small muted">{row.note}</span>} below={row.valid_until ? `valid until ${day(row.valid_until)}` : undefined} /> },
    { key: "paid", head: "Paid this year", width: "112px", align: "right", phone: "sub", cell: (row) => <span className="num">{money(row.paid_year_minor, row.currency)}</span> },
    { key: "threshold", head: "Needed from", width: "104px", align: "right", cell: (row) => <span className="num muted">{row.threshold_minor === null ? "–" : money(row.threshold_minor, row.currency)}</span> },
    { key: "state", head: "State", width: "116px", phone: "side", cell: (row) => <Badge tone={TAX[row.state]?.tone}>{TAX[row.state]?.name ?? words(row.state)}</Badge> },
  ];
  return <Rows label="Tax profiles" columns={columns} query={query} rowKey={(row) => row.id} empty={<Empty icon="scroll-text" title="No tax profile" actions={params.get("state") ? <button className="btn" onClick={() => setParams({ state: null })}>Every state</button> : undefined}>Advocates give theirs before a payout that has to be reported.</Empty>} />;
}
