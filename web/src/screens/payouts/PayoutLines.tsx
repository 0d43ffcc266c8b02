import { usePayoutLines } from "../../api/moneyQueries";
import type { PayoutDetail } from "../../api/contract";
import { ago, money, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Bones } from "../../parts/states";
import { Badge, type Tone } from "../../parts/ui";
import { setParams } from "../../router";
import css from "./payouts.module.css";

const LINES: Record<string, { name: string; tone: Tone }> = {
  queued: { name: "To be sent", tone: "plain" }, promised: { name: "To be sent", tone: "plain" }, held: { name: "Waits", tone: "warn" }, sent: { name: "Sent", tone: "info" }, unknown: { name: "Not known yet", tone: "warn" }, paid: { name: "Paid", tone: "good" }, refused: { name: "Refused", tone: "bad" }, returned: { name: "Came back", tone: "bad" },
};

/** What became of each line: what the provider said, and when it is asked again where it said nothing. */
export function PayoutLines({ payout }: { payout: PayoutDetail }) {
  const query = usePayoutLines(payout.id, {});
  const now = useNow(15_000);
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  if (query.data === undefined && !query.isError) return <Bones rows={2} />;
  if (rows.length === 0) {
    return (
      <ul className={css.lines}>
        {payout.rewards.map((one) => (
          <li key={one.id}>
            <span className="grow"><span className="clip strong">{one.advocate.name}</span><span className="clip small muted">{one.label}</span></span>
            <span className="num">{money(one.amount_minor, one.currency)}</span>
            <button className="btn quiet small" onClick={() => setParams({ explain: `reward:${one.id}`, id: null })}>Explain</button>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <>
      <ul className={css.lines}>
        {rows.map((one) => (
          <li key={one.id}>
            <span className="grow"><span className="clip strong">{one.advocate.name}</span><span className={css.under}>{one.said || "Nothing said yet"}{one.asked_at && `, ${ago(one.asked_at, now)}`}{one.state === "unknown" && one.next_ask_at && `; asked again ${ago(one.next_ask_at, now)}`}{one.provider_ref && <>, <span className="mono">{one.provider_ref}</span></>}</span></span>
            <Badge tone={LINES[one.state]?.tone}>{LINES[one.state]?.name ?? words(one.state)}</Badge>
            <span className="num">{money(one.amount_minor, one.currency)}</span>
          </li>
        ))}
      </ul>
      {query.hasNextPage && <button className="btn small" style={{ marginTop: 10 }} disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>More lines</button>}
    </>
  );
}
