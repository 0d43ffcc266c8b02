import { Fragment, useState } from "react";

import { useRecords } from "../../api/identityQueries";
import type { OwnRecord, RecordsPage } from "../../api/identity";
import { ago, count, day, words } from "../../format";
import { saveCsv } from "../../parts/export";
import { useIsNarrow, useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Bones, Empty, Loaded } from "../../parts/states";
import { useKnownSession } from "../../session";
import { bonds, nsName, traitRows, traitText } from "./compare";
import { LinkBox } from "./LinkBox";
import css from "./records.module.css";
import { useRecordWrites, type Whose } from "./writes";

/** Every source's record of one person or company, side by side; why they are one, and how to part them. */
export function SourcesTab({ whose, id, name }: { whose: Whose; id: string; name: string }) {
  const query = useRecords(whose, id);
  return <Loaded query={query} bones={<Bones rows={5} />}>{(page) => (page.rows.length === 0 ? <Empty icon="layers" title="No record is left">The records were moved to another {whose === "personas" ? "person" : "company"}.</Empty> : <Compared whose={whose} id={id} name={name} page={page} />)}</Loaded>;
}

function Compared({ whose, id, name, page }: { whose: Whose; id: string; name: string; page: RecordsPage }) {
  const mayWrite = useKnownSession().may.includes("people.write");
  const narrow = useIsNarrow();
  const [linking, setLinking] = useState(false);
  const now = useNow(60_000);
  const { separate, link } = useRecordWrites(whose, id);
  const rows = traitRows(page.rows, now);
  const many = page.rows.length > 1;
  const what = whose === "personas" ? "person" : "company";
  const exported = () => saveCsv(`records-${id}`, rows.flatMap((row) => row.cells.map((cell, at) => ({ trait: row.name, source: page.rows[at]?.source, record: page.rows[at]?.ext_id, value: cell ? traitText(cell.value) : "", holds: at === row.winner ? "yes" : "no", why: at === row.winner ? row.why : "" }))));
  return (
    <section>
      <div className={css.bar}>
        <h2 className={css.title}>{many ? `${count(page.rows.length)} records, one ${what}` : "One record"}</h2>
        <span className="row">
          {mayWrite && whose === "personas" && <button className="btn small" onClick={() => setLinking(true)}><Icon name="git-merge" size={14} />Join another record</button>}
          <button className="btn small" onClick={exported}><Icon name="download" size={14} />Export CSV</button>
        </span>
      </div>
      <Bonds page={page} />
      <div className={css.over} tabIndex={0} role="region" aria-label={`Records of ${name}, side by side`}>
        <table className={css.table} style={{ ["--columns" as string]: page.rows.length }}>
          <caption className="sr">What each source says of {name}; the value that holds is marked</caption>
          <colgroup><col style={{ width: narrow ? 92 : 118 }} />{page.rows.map((record) => <col key={record.id} />)}<col style={{ width: 176 }} /></colgroup>
          <thead>
            <tr>
              <th scope="col"><span className="sr">Trait</span></th>
              {page.rows.map((record) => <RecordHead key={record.id} record={record} alone={!many} busy={separate.isPending} onSeparate={mayWrite ? () => separate.mutate(record) : undefined} />)}
              <th scope="col" className="small muted">Why this value holds</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">{words(row.name)}</th>
                {row.cells.map((cell, at) => (
                  <td key={page.rows[at]?.id} data-wins={row.contested && at === row.winner}>
                    {row.contested && at === row.winner && <Icon name="check" size={13} label="Holds" />}
                    {cell ? <Breaking text={traitText(cell.value)} /> : <span className="muted">–</span>}
                  </td>
                ))}
                <td className={css.why}>{row.why}</td>
              </tr>
            ))}
            <tr className={css.seen}>
              <th scope="row">Seen</th>
              {page.rows.map((record) => <td key={record.id}>{day(record.first_seen_at)}, last {ago(record.last_seen_at, now)}</td>)}
              <td />
            </tr>
          </tbody>
        </table>
      </div>
      {linking && <LinkBox id={id} name={name} onClose={() => setLinking(false)} onLink={(record) => { link.mutate(record); setLinking(false); }} />}
    </section>
  );
}

/** Addresses may break where a person would break them. */
function Breaking({ text }: { text: string }) {
  return text.split(/(?<=[@._])/).map((piece, i) => <Fragment key={i}>{i > 0 && <wbr />}{piece}</Fragment>);
}

function RecordHead({ record, alone, busy, onSeparate }: { record: OwnRecord; alone: boolean; busy: boolean; onSeparate?: () => void }) {
  return (
    <th scope="col">
      <span className={css.record}>
        <span style={{ lineHeight: 1.4 }}><b className="strong">{words(record.source)}</b><code className="mono tiny muted" style={{ display: "block" }}>{record.ext_id}</code></span>
        {!alone && onSeparate && <button className="btn small" style={{ justifySelf: "start" }} disabled={busy} aria-label={`Unmerge the record ${words(record.source)} ${record.ext_id}`} onClick={onSeparate}><Icon name="unlink" size={13} />Unmerge</button>}
      </span>
    </th>
  );
}

/** Why they are one: what they share, in chips; what a person said, in words. */
function Bonds({ page }: { page: RecordsPage }) {
  const shared = bonds(page);
  const sources = (ids: string[]) => page.rows.filter((row) => ids.includes(row.id)).map((row) => words(row.source));
  if (page.rows.length < 2) return <p className="small muted" style={{ marginBottom: 14 }}>Only one source knows this one, so there is nothing to compare yet.</p>;
  return (
    <ul className={css.bonds} aria-label="Why these records are one">
      {shared.map((bond) => (
        <li key={bond.ns + bond.value} className={css.bond} data-class={bond.class} title={`${bond.class === "weak" ? "A weak sign: it joins only where nothing speaks against it" : "A strong sign"}. Shared by ${sources(bond.records).join(", ")}`}>
          <Icon name="link-2" size={14} /><span>{nsName(bond.ns)}</span><b className="clip">{bond.value}</b><span className="muted">{sources(bond.records).join(" = ")}</span>
        </li>
      ))}
      {page.links.filter((one) => one.because && !shared.some((bond) => one.because.includes(bond.value))).map((one) => (
        <li key={one.a + one.b + one.because} className={css.bond}><Icon name="user" size={14} /><span>{one.because}</span><span className="muted">{sources([one.a, one.b]).join(" = ")}</span></li>
      ))}
      {shared.length === 0 && page.links.length === 0 && <li className="small muted">They were joined through a record that is no longer here.</li>}
    </ul>
  );
}
