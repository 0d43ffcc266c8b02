import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type RefObject } from "react";

import type { Proposal } from "../../api/identity";
import { percent, words } from "../../format";
import { useIsNarrow } from "../../parts/hooks";
import { Badge, Avatar } from "../../parts/ui";
import { pairName, recordName, sureness } from "./pair";
import css from "./review.module.css";

export type QueueControl = { focus: (index: number) => void };
type Pager = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

/** The pairs that wait, one of them chosen; only those in view are drawn. */
export function Queue({ rows, total, chosen, onChoose, control, query }: {
  rows: Proposal[]; total: number; chosen: string; onChoose: (id: string) => void; control: RefObject<QueueControl | null>; query: Pager;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useIsNarrow();
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => 62, overscan: 8, getItemKey: (index) => rows[index]?.id ?? index });
  control.current = {
    focus: (index) => {
      if (index < 0) return;
      virtual.scrollToIndex(index);
      requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true }));
    },
  };
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 10 && query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
  }, [last, rows.length, query]);
  const at = Math.max(0, rows.findIndex((row) => row.id === chosen));
  return (
    <div className={css.scroll} ref={scroller}>
      <div role="listbox" aria-label="Pairs to decide, the surest first" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const row = rows[item.index] as Proposal;
          return (
            <div
              key={item.key} ref={virtual.measureElement} data-index={item.index} role="option" aria-selected={row.id === chosen} aria-setsize={total} aria-posinset={item.index + 1}
              aria-label={`${pairName(row)}, ${words(row.a.source)} and ${words(row.b.source)}. ${sureness(row)}${row.money ? ". Money depends on it" : ""}`}
              tabIndex={item.index === at ? 0 : -1} className={css.row} style={{ transform: `translateY(${item.start}px)` }} onClick={() => onChoose(row.id)}
              onKeyDown={(event) => { if (narrow && event.key === "Enter") { event.preventDefault(); event.stopPropagation(); onChoose(row.id); } }}
            >
              <span className={css.two}><Avatar name={recordName(row.a)} size={27} /><Avatar name={recordName(row.b)} size={27} /></span>
              <span style={{ minWidth: 0, lineHeight: 1.4 }}>
                <span className="row" style={{ gap: 7 }}><span className="clip strong">{pairName(row)}</span></span>
                <span className="row" style={{ gap: 7 }}><span className="clip small muted">{row.kind === "company" ? "Company, " : ""}{words(row.a.source)} and {words(row.b.source)}</span>{row.money && <Badge tone="warn" icon="wallet">money</Badge>}</span>
              </span>
              <span className={css.sure} title={`${sureness(row)}: the model says ${percent(row.probability)}`}>
                <b className="num strong">{percent(row.probability, 0)}</b>
                <span className={css.meter}><span style={{ width: `${row.probability * 100}%` }} /></span>
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
