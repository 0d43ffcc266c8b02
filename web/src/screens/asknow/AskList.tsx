import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type RefObject } from "react";

import type { QueueRow } from "../../api/contract";
import { left, words } from "../../format";
import { useIsNarrow, useNow } from "../../parts/hooks";
import { ScoreBar } from "../../parts/interval";
import { ReadinessBar } from "../../parts/readiness";
import { Avatar, MOMENTS, MomentMark } from "../../parts/ui";
import { wayWords } from "./inWords";
import css from "./asknow.module.css";

export type ListControl = { focus: (index: number) => void };
type Pager = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

/** The ranked people; only those in view are drawn, one of them holds the focus. */
export function AskList({ rows, total, chosen, onChoose, control, query }: {
  rows: QueueRow[]; total: number; chosen: string; onChoose: (id: string) => void; control: RefObject<ListControl | null>; query: Pager;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useIsNarrow();
  const now = useNow(30_000);
  // One scale for all rows, from zero to a round number that holds every interval.
  const top = Math.max(1, ...rows.map((row) => row.interval[1]));
  const max = [5, 10, 20, 40, 60, 100].find((round) => round >= top) ?? top;
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => (narrow ? 104 : 58), overscan: 8,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const focus = (index: number) => {
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true }));
  };
  control.current = { focus };
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 10 && query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
  }, [last, rows.length, query]);
  const at = Math.max(0, rows.findIndex((row) => row.id === chosen));
  return (
    <>
      <div className={css.heads} aria-hidden>
        <span>Who</span><span>Why</span><span className={css.offer}>What</span><span>When</span>
        {rows.some((row) => row.readiness) ? <span title="How ready they are to recommend us, 0 to 100, with the range it lies in">Readiness</span> : <span title="Of 100 such people asked, how many are expected to share, with the 90% interval">Share of 100</span>}
      </div>
    <div className={css.scroll} ref={scroller}>
      <div role="listbox" aria-label="People to ask, best first" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const row = rows[item.index] as QueueRow;
          const rest = left(row.moment.window_ends_at, now);
          return (
            <div
              key={item.key} ref={virtual.measureElement} data-index={item.index} role="option" aria-selected={row.id === chosen} aria-setsize={total}
              aria-posinset={item.index + 1} tabIndex={item.index === at ? 0 : -1} className={css.row} style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => onChoose(row.id)}
              onKeyDown={(event) => {
                // On a phone there is no pane beside the list: Enter opens, it never sends unseen.
                if (narrow && event.key === "Enter") { event.preventDefault(); event.stopPropagation(); onChoose(row.id); }
              }}
            >
              <div className={css.who}>
                <Avatar name={row.persona.name} size={32} />
                <span className="grow">
                  <span className="clip strong">{row.persona.name}</span>
                  <span className="clip small muted">{[row.persona.title, row.company?.name].filter(Boolean).join(" · ") || row.persona.email}</span>
                </span>
              </div>
              <div className={css.what}>
                <MomentMark kind={row.moment.kind} />
                <span className="grow">
                  <span className="clip">{MOMENTS[row.moment.kind]?.name ?? words(row.moment.kind)}</span>
                  <span className="clip small muted">{row.moment.title}</span>
                </span>
              </div>
              <div className={css.offer}>
                <span className="clip strong" title={`${row.offer.label}, group ${row.offer.group_name}`}>{row.offer.label}</span>
                <span className="clip small muted">{wayWords(row)}</span>
              </div>
              <div className={css.rest} data-closing={rest.closing} title={`The moment's window closes in ${rest.text}`}>
                <span>Now</span><span className="small num">{rest.text === "closed" ? "closed" : `${rest.text} left`}</span>
              </div>
              <div className={css.score}>{row.readiness ? <ReadinessBar {...row.readiness} /> : <ScoreBar score={row.score} interval={row.interval} max={max} />}</div>
            </div>
          );
        })}
      </div>
    </div>
    </>
  );
}
