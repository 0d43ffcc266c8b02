import { Fragment } from "react";

import type { Because, Proposal, RecordSummary, Verdict } from "../../api/identity";
import { ago, percent, signed, words } from "../../format";
import { useIsNarrow, useNow } from "../../parts/hooks";
import { Icon, type IconName } from "../../parts/icons";
import { Avatar, Badge } from "../../parts/ui";
import { Link } from "../../router";
import { compared, fieldName, reasons, recordName, sureness } from "./pair";
import css from "./review.module.css";

const MARKS: Record<Verdict, { icon: IconName; word: string }> = {
  agree: { icon: "equal", word: "agree" }, close: { icon: "equal-approximately", word: "close" }, differ: { icon: "equal-not", word: "differ" }, missing: { icon: "circle-dashed", word: "not said" },
};

/** Two records side by side: what agrees, what differs, and how much it says. */
export function ProposalPane({ row, evidence }: { row: Proposal; evidence: boolean }) {
  const why = reasons(row);
  return (
    <>
      <header>
        <h2 className={css.question}>{row.kind === "company" ? "Is this one company?" : "Is this one person?"}</h2>
        <ul className={css.why}>
          {why.for.slice(0, 3).map((one) => <li key={one.field} data-side="for"><Icon name="check" size={14} label="Speaks for it" /><span>{one.sentence}</span></li>)}
          {why.against.slice(0, 2).map((one) => <li key={one.field} data-side="against"><Icon name="x" size={14} label="Speaks against it" /><span>{one.sentence}</span></li>)}
        </ul>
      </header>
      {(row.money || row.guard) && (
        <p className={css.guard}><Icon name={row.money ? "wallet" : "shield-check"} size={16} /><span><b>{row.money ? "Money depends on this." : "Why it was not joined by itself:"}</b> {row.guard ?? "A payee or a referral is on one of the two sides, so it always waits for a person."}</span></p>
      )}
      <Sure row={row} />
      <Comparison row={row} evidence={evidence} />
    </>
  );
}

function Sure({ row }: { row: Proposal }) {
  const share = Math.min(0.995, Math.max(0.005, row.probability));
  return (
    <section className={css.scale} aria-label="How sure the model is">
      <p className={css.scaleTop}><b>{sureness(row)}</b><span className="small muted num">the model says {percent(row.probability)}, weight {signed(row.weight, 1)}</span></p>
      <span className={css.track} aria-hidden><span className={css.tick} style={{ left: `${share * 100}%` }} /></span>
      <span className={css.ends} aria-hidden><span>Two</span><span>One</span></span>
    </section>
  );
}

function RecordHead({ record, kind }: { record: RecordSummary; kind: string }) {
  const now = useNow(60_000);
  const name = recordName(record);
  const seen = record.records > 1 ? `one of ${record.records} records` : `since ${ago(record.first_seen_at, now).replace(" ago", "")}`;
  return (
    <span className={css.head}>
      <Avatar name={name} size={34} />
      <span style={{ minWidth: 0, lineHeight: 1.45 }}>
        <span className="strong" style={{ display: "block" }}><Link className="link" to={`/${kind === "company" ? "companies" : "people"}/${record.entity_id}`}>{name}</Link></span>
        <span className="small muted" style={{ display: "block" }}><Badge>{words(record.source)}</Badge> <code className="mono tiny">{record.ext_id}</code><span className="tiny"> · {seen}</span></span>
      </span>
    </span>
  );
}

function Comparison({ row, evidence }: { row: Proposal; evidence: boolean }) {
  const rows = compared(row);
  const narrow = useIsNarrow();
  const top = Math.max(1, ...rows.map((one) => Math.abs(one.weight)));
  return (
    <table className={css.table}>
      <caption className="sr">The two records, field by field</caption>
      <colgroup><col style={{ width: narrow ? 0 : "15%" }} /><col /><col style={{ width: 66 }} /><col /></colgroup>
      <thead>
        <tr>
          <th scope="col"><span className="sr">Field</span></th>
          <th scope="col"><RecordHead record={row.a} kind={row.kind} /></th>
          <th scope="col"><span className="sr">Verdict</span></th>
          <th scope="col"><RecordHead record={row.b} kind={row.kind} /></th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <Fragment key={one.field}>
            {narrow && <tr className={css.fieldRow}><th scope="rowgroup" colSpan={4}>{fieldName(one.field)}</th></tr>}
            <tr>
              <th scope="row">{narrow ? <span className="sr">{fieldName(one.field)}</span> : fieldName(one.field)}</th>
              <td data-verdict={one.verdict}>{one.a || <span className="muted">not said</span>}</td>
              <td className={css.mark} data-verdict={one.verdict}><span data-verdict={one.verdict}><Icon name={MARKS[one.verdict].icon} size={16} />{one.verdict === "missing" && one.a && one.b ? "no matter" : MARKS[one.verdict].word}</span></td>
              <td data-verdict={one.verdict}>{one.b || <span className="muted">not said</span>}</td>
            </tr>
            {evidence && (one.weight !== 0 || one.sentence) && <Says one={one} top={top} />}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function Says({ one, top }: { one: Because; top: number }) {
  return (
    <tr className={css.says}>
      <td />
      <td colSpan={3}>
        <span className={css.saysRow}>
          <span className={css.weight} aria-hidden><i data-against={one.weight < 0} style={{ width: `${(Math.abs(one.weight) / top) * 50}%` }} /></span>
          <span className="num" style={{ flex: "none", width: 42 }}>{signed(one.weight, 1)}</span>
          <span>{one.sentence}</span>
        </span>
      </td>
    </tr>
  );
}
