import { useEffect, useMemo, useState } from "react";

import { address } from "../../api/client";
import { useAllRewards, usePayees, useTaxForm } from "../../api/moneyQueries";
import { count, day, words } from "../../format";
import { Icon } from "../../parts/icons";
import { whole, Rows, Two, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Bones, Empty, Failure, Loaded } from "../../parts/states";
import { Badge, Fact, SearchField, type Tone } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import css from "./payouts.module.css";

type Person = { id: string; name: string; email: string; rewards: number };
const FORMS: Record<string, string> = { w9: "W-9", w8ben: "W-8BEN", w8bene: "W-8BEN-E", vat: "VAT id" };
const PAYEE: Record<string, Tone> = { confirmed: "good", proposed: "warn", withdrawn: "plain" };

/** Whoever has earned something: their account, their tax form, and their statement of any month. */
export function StatementsTab() {
  const { params } = useAddress();
  const [q, setQ] = useState("");
  const query = useAllRewards();
  // The people are those of the rewards: all pages are read, up to a thousand rewards.
  const pages = query.data?.pages.length ?? 0;
  useEffect(() => { if (query.hasNextPage && !query.isFetchingNextPage && pages < 5) void query.fetchNextPage(); }, [query, pages]);
  const people = useMemo(() => {
    const found = new Map<string, Person>();
    for (const row of query.data?.pages.flatMap((page) => page.rows) ?? []) found.set(row.advocate.id, { ...row.advocate, rewards: (found.get(row.advocate.id)?.rewards ?? 0) + 1 });
    return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
  }, [query.data]);
  const shown = people.filter((one) => `${one.name} ${one.email}`.toLowerCase().includes(q.toLowerCase()));
  const open = people.find((one) => one.id === params.get("id"));
  const columns: Column<Person>[] = [
    { key: "advocate", head: "Advocate", width: "minmax(0, 1.4fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.name}</span>} below={row.email} /> },
    { key: "rewards", head: "Rewards", width: "120px", align: "right", phone: "side", cell: (row) => <span className="num">{count(row.rewards)}</span> },
  ];
  return (
    <>
      <div className={css.bar}><p className="small muted">Statements, accounts and tax forms, by advocate.</p><span className={css.barEnd}><SearchField label="Find an advocate" value={q} onChange={setQ} /></span></div>
      <Rows
        label="Advocates with rewards" columns={columns} query={whole(query, query.data && shown)} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={open?.id}
        empty={q ? <Empty icon="search" title={`Nobody fits “${q}”`} actions={<button className="btn" onClick={() => setQ("")}>Clear the search</button>} /> : <Empty icon="file-text" title="Nobody has earned anything yet">A statement says what an advocate earned, what was taken back, and what was paid in a month.</Empty>}
      />
      {open && <PersonSheet person={open} onClose={() => setParams({ id: null })} />}
    </>
  );
}

const months = (): string[] => Array.from({ length: 13 }, (_, i) => { const now = new Date(); return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - i, 1)).toISOString().slice(0, 7); });
const monthName = (month: string): string => new Date(`${month}-01T12:00:00Z`).toLocaleDateString("en-GB", { month: "long", year: "numeric" });

function PersonSheet({ person, onClose }: { person: Person; onClose: () => void }) {
  const [month, setMonth] = useState(months()[0] ?? "");
  const payees = usePayees(person.id);
  const tax = useTaxForm(person.id);
  const accounts = payees.data?.pages.flatMap((page) => page.rows) ?? [];
  const at = `/api/advocates/${person.id}/statement`;
  return (
    <Sheet title={person.name} note={person.email} onClose={onClose}>
      <h3 className={css.h3} style={{ marginTop: 0 }}>Statement</h3>
      <div className="row wrap">
        <select className="field" style={{ width: 190 }} aria-label="Month" value={month} onChange={(event) => setMonth(event.target.value)}>{months().map((one) => <option key={one} value={one}>{monthName(one)}</option>)}</select>
        <a className="btn" href={address(at, { month, format: "csv" })} download><Icon name="download" size={14} />CSV</a>
        <a className="btn" href={address(at, { month, format: "pdf" })} download><Icon name="file-text" size={14} />PDF</a>
        <a className="btn" href={address(at, { month, format: "html" })} target="_blank" rel="noreferrer">To print</a>
      </div>
      <h3 className={css.h3}>Where they are paid</h3>
      {payees.data === undefined ? (payees.isError ? <Failure failure={payees.error} retry={() => void payees.refetch()} /> : <Bones rows={1} />) : accounts.length === 0 ? <p className="small muted">No account is known. The advocate gives one on their own page and confirms it by mail.</p> : (
        <ul className={css.lines}>{accounts.map((one) => <li key={one.id}><span className="grow"><span className="mono">{one.masked}</span><span className={css.under}>{words(one.kind)}{one.country && `, ${one.country}`}{one.usable_from && Date.parse(one.usable_from) > Date.now() && `, may be paid to from ${day(one.usable_from)}`}</span></span><Badge tone={PAYEE[one.state]}>{words(one.state)}</Badge></li>)}</ul>
      )}
      <h3 className={css.h3}>Tax</h3>
      <Loaded query={tax} bones={<Bones rows={1} />}>
        {(form) => form.form === null ? <p className="small muted">No form is known. Where one is needed, the payout waits for it and says so.</p> : (
          <dl>
            <Fact name="Form">{FORMS[form.form] ?? form.form} <span className="mono muted">{form.masked}</span></Fact>
            {form.country && <Fact name="Country">{form.country}</Fact>}
            {form.given_at && <Fact name="Given">{day(form.given_at)} by {form.given_by}</Fact>}
            {form.valid_until && <Fact name="Valid until"><span className={Date.parse(form.valid_until) < Date.now() ? "bad" : ""}>{day(form.valid_until)}</span></Fact>}
          </dl>
        )}
      </Loaded>
    </Sheet>
  );
}
