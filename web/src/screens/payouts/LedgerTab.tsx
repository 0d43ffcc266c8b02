import { useState } from "react";

import type { Ledger, LedgerAccount, Transfer } from "../../api/contract";
import { useLedger, usePostings } from "../../api/queries";
import { clock, count, money, moment, words } from "../../format";
import { Icon } from "../../parts/icons";
import { Bones, Empty, Failure, Loaded } from "../../parts/states";
import { Scroll } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { CorrectBox } from "./CorrectBox";
import css from "./payouts.module.css";

const accountName = (account: LedgerAccount): string => (account.owner_name || account.owner ? `${words(account.kind)}: ${account.owner_name || account.owner}` : words(account.kind));

/** The double-entry book: verified, by account, every transfer with both of its sides. */
export function LedgerTab() {
  const query = useLedger();
  return (
    <Scroll label="Ledger">
      <Loaded query={query}>{(ledger) => <Book ledger={ledger} />}</Loaded>
    </Scroll>
  );
}

function Book({ ledger }: { ledger: Ledger }) {
  const { params } = useAddress();
  const account = params.get("account") ?? "";
  const { verified } = ledger;
  const mayDecide = useKnownSession().may.includes("rewards.decide");
  const [correcting, setCorrecting] = useState(false);
  return (
    <div className={css.book}>
      <div className={css.verified} data-ok={verified.ok} role="status">
        <Icon name={verified.ok ? "circle-check" : "triangle-alert"} size={18} />
        <div className="grow">
          <p className="strong">{verified.ok ? "Sum is 0" : "The ledger does not verify"}, checked {clock(verified.checked_at)}</p>
          <p className="small">{verified.sentence || `${count(verified.transfers)} transfers and ${count(verified.postings)} postings read`}</p>
          {verified.problems.map((problem) => <p key={problem} className="small">{problem}</p>)}
        </div>
      </div>
      <div className={css.ledgerColumns}>
        <section>
          <h2 className={css.h2}>Accounts</h2>
          <ul className={css.accounts}>
            <li><button aria-pressed={account === ""} onClick={() => setParams({ account: null })}><span className="grow">All accounts</span></button></li>
            {ledger.accounts.map((one) => (
              <li key={one.id}>
                <button aria-pressed={account === one.id} onClick={() => setParams({ account: one.id })}>
                  <span className="grow clip">{accountName(one)}</span>
                  <span className="num">{money(one.balance_minor, one.currency)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
        <section>
          <div className="row"><h2 className={`${css.h2} grow`}>Transfers</h2>{mayDecide && <button className="btn small" onClick={() => setCorrecting(true)}>Correct the books</button>}</div>
          <Transfers account={account} names={new Map(ledger.accounts.map((one) => [`${one.kind}/${one.owner}`, accountName(one)]))} />
        </section>
      </div>
      {correcting && <CorrectBox onClose={() => setCorrecting(false)} />}
    </div>
  );
}

type Names = Map<string, string>;

function Transfers({ account, names }: { account: string; names: Names }) {
  const query = usePostings(account);
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  if (!query.data) return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={5} />;
  if (rows.length === 0) return <Empty icon="scroll-text" title="No transfer here">Rewards, payouts and their reversals are posted as pairs.</Empty>;
  return (
    <>
      <ul className={css.transfers}>{rows.map((row) => <TransferLine key={row.transfer_id} row={row} names={names} />)}</ul>
      {query.hasNextPage && <button className="btn small" style={{ marginTop: 12 }} disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Earlier transfers</button>}
    </>
  );
}

function TransferLine({ row, names }: { row: Transfer; names: Names }) {
  const [open, setOpen] = useState(false);
  const size = row.lines.filter((line) => line.amount_minor > 0);
  const moved = size.reduce((sum, line) => sum + line.amount_minor, 0);
  return (
    <li>
      <button className={css.transfer} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={css.turn} data-open={open}><Icon name="chevron-right" size={14} /></span>
        <span className="grow"><span className="clip strong">{row.memo}</span><span className="clip small muted">{words(row.kind)}, {moment(row.at)}</span></span>
        <span className="num">{money(moved, row.lines[0]?.currency ?? "EUR")}</span>
      </button>
      {open && (
        <div className={css.pair}>
          <table>
            <thead><tr><th scope="col">Account</th><th scope="col">Amount</th></tr></thead>
            <tbody>
              {row.lines.map((line, i) => <tr key={`${line.account}-${i}`}><td>{names.get(`${line.account}/${line.owner}`) ?? words(line.account)}</td><td className="num">{money(line.amount_minor, line.currency)}</td></tr>)}
            </tbody>
            <tfoot><tr><td>Sum</td><td className="num">{money(row.lines.reduce((sum, line) => sum + line.amount_minor, 0), row.lines[0]?.currency ?? "EUR")}</td></tr></tfoot>
          </table>
          <p className="tiny muted">Key <code className="mono">{row.key}</code></p>
        </div>
      )}
    </li>
  );
}
