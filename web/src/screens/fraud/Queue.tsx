import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

import type { FraudRow } from "../../api/fraud";
import { money, percent } from "../../format";
import { Icon } from "../../parts/icons";
import css from "./fraud.module.css";
import { friendOf, SHAPES } from "./words";

type Pager = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

/** The cases, the dearest first; only those in view are drawn. */
export function Queue({ rows, total, chosen, picked, mayPick, onChoose, onPick, query }: {
  rows: FraudRow[]; total: number; chosen: string; picked: ReadonlySet<string>; mayPick: boolean; onChoose: (id: string) => void; onPick: (id: string) => void; query: Pager;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => 66, overscan: 8, getItemKey: (index) => rows[index]?.referral_id ?? index });
  const shown = virtual.getVirtualItems();
  const last = shown[shown.length - 1]?.index ?? 0;
  useEffect(() => { if (last >= rows.length - 10 && query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage(); }, [last, rows.length, query]);
  const at = rows.findIndex((one) => one.referral_id === chosen);
  useEffect(() => { if (at >= 0) virtual.scrollToIndex(at); }, [at, virtual]);
  return (
    <div className={css.queue} ref={scroller}>
      <ul aria-label="Cases, the dearest first" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {shown.map((item) => {
          const row = rows[item.index] as FraudRow;
          const id = row.referral_id;
          return (
            <li key={item.key} ref={virtual.measureElement} data-index={item.index} className={css.row} data-chosen={id === chosen} style={{ transform: `translateY(${item.start}px)` }} aria-setsize={total} aria-posinset={item.index + 1}>
              {mayPick && <input type="checkbox" className={css.check} aria-label={`Pick ${friendOf(row)}`} checked={picked.has(id)} onChange={() => onPick(id)} />}
              <button className={css.open} data-row aria-pressed={id === chosen} onClick={() => onChoose(id)}>
                <span style={{ minWidth: 0, lineHeight: 1.4 }}>
                  <span className="row" style={{ gap: 6 }}><span className="clip strong">{friendOf(row)}</span>{row.held && <Icon name="lock" size={12} />}</span>
                  <span className="clip small muted">by {row.advocate.name}{SHAPES[row.shape] ? `, ${SHAPES[row.shape]?.name.toLowerCase()}` : ""}</span>
                </span>
                <span className={css.loss}><b className="num">{money(row.expected_loss_minor, row.currency)}</b><span className="tiny muted num">{percent(row.probability, 0)}</span></span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
