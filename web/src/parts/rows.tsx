import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import type { Listing } from "../api/contract";
import { Link } from "../router";
import { useIsNarrow, useKeys } from "./hooks";
import css from "./rows.module.css";
import { Bones, Failure, Freshness } from "./states";

export type Column<Row> = {
  key: string;
  head: string;
  width: string;
  cell: (row: Row) => ReactNode;
  align?: "right";
  /** The head is only spoken: what stands below explains itself. */
  quiet?: boolean;
  /** The head sorts by it, where the list can be sorted. */
  sorts?: boolean;
  /** The cell that opens the row; the first one unless another is named. */
  opens?: boolean;
  /** Where the cell goes on a phone: left of the first line, right of it, a line below, or nowhere. */
  phone?: "main" | "side" | "sub" | "hide";
};

/** By which column, and whether the largest comes first. */
export type Sorting = { key: string; down: boolean };

/** What a list needs of a query: its pages, and how to read more and again. */
export type ListQuery<Row> = {
  data: { pages: Listing<Row>[] } | undefined;
  error: unknown;
  isError: boolean;
  isFetching: boolean;
  dataUpdatedAt: number;
  refetch: () => unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
};

/** A list that came whole, as if it were one page. */
export function whole<Row>(query: Omit<ListQuery<Row>, "data" | "hasNextPage" | "isFetchingNextPage" | "fetchNextPage">, rows: Row[] | undefined): ListQuery<Row> {
  return {
    data: rows && { pages: [{ rows, next: null, total: rows.length }] }, error: query.error, isError: query.isError, isFetching: query.isFetching,
    dataUpdatedAt: query.dataUpdatedAt, refetch: query.refetch, hasNextPage: false, isFetchingNextPage: false, fetchNextPage: () => undefined,
  };
}

type RowsProps<Row> = {
  label: string;
  columns: Column<Row>[];
  query: ListQuery<Row>;
  rowKey: (row: Row) => string;
  empty: ReactNode;
  /** Each row is a link, or a button, or only text. */
  to?: (row: Row) => string;
  onOpen?: (row: Row) => void;
  openKey?: string;
  keys?: boolean;
  sorting?: Sorting;
  onSort?: (sorting: Sorting) => void;
};

/** A column's name; where it sorts, a button that says which way. */
function Head<Row>({ column, sorting, onSort }: { column: Column<Row>; sorting?: Sorting; onSort?: (sorting: Sorting) => void }) {
  const by = sorting?.key === column.key;
  const aria = by ? (sorting.down ? "descending" : "ascending") : undefined;
  return (
    <span role="columnheader" data-align={column.align} aria-sort={aria}>
      {column.quiet ? <span className="sr">{column.head}</span> : column.sorts && onSort
        ? <button className={css.sort} onClick={() => onSort({ key: column.key, down: by ? !sorting.down : false })}>{column.head}<span aria-hidden>{by ? (sorting.down ? "↓" : "↑") : ""}</span></button>
        : column.head}
    </span>
  );
}

/** A table of any length: only what is seen is drawn; j and k walk the rows. */
export function Rows<Row>({ label, columns, query, rowKey, empty, to, onOpen, openKey, keys = true, sorting, onSort }: RowsProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useIsNarrow();
  const [active, setActive] = useState(0);
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? [], [query.data]);
  const total = query.data?.pages[0]?.total ?? rows.length;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? 76 : 52),
    overscan: 8,
    getItemKey: (index) => rowKey(rows[index] as Row),
  });
  const shown = virtual.getVirtualItems();
  const last = shown[shown.length - 1]?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 10 && query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
  }, [last, rows.length, query]);

  const interactive = Boolean(to ?? onOpen);
  const walk = (step: number) => (event: KeyboardEvent) => {
    event.preventDefault();
    const next = Math.max(0, Math.min(rows.length - 1, active + step));
    setActive(next);
    virtual.scrollToIndex(next);
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"] [data-row]`)?.focus({ preventScroll: true });
    });
  };
  const up = walk(-1);
  const down = walk(1);
  useKeys({ j: down, k: up, ArrowDown: down, ArrowUp: up }, keys && interactive && rows.length > 0);

  if (query.data === undefined) {
    return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones />;
  }
  if (rows.length === 0) return <><Freshness query={query} />{empty}</>;

  const open = (row: Row, index: number, inner: ReactNode) => {
    const common = { "data-row": true, className: css.open, tabIndex: index === active ? 0 : -1, onFocus: () => setActive(index) };
    if (to) return <Link to={to(row)} {...common}>{inner}</Link>;
    if (onOpen) return <button onClick={() => onOpen(row)} {...common}>{inner}</button>;
    return inner;
  };
  const opener = columns.find((column) => column.opens) ?? columns[0];
  const grid = columns.map((column) => column.width).join(" ");
  return (
    <>
      <Freshness query={query} />
      <div className={css.table} role="table" aria-label={label} aria-rowcount={total + 1} style={{ ["--grid" as string]: grid }}>
        <div role="rowgroup" className={css.headGroup}>
          <div className={css.head} role="row" aria-rowindex={1}>
            {columns.map((column) => <Head key={column.key} column={column} sorting={sorting} onSort={onSort} />)}
          </div>
        </div>
        <div className={css.scroll} ref={scroller} role="rowgroup" tabIndex={interactive ? -1 : 0} aria-label={label}>
          <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
            {shown.map((item) => {
              const row = rows[item.index] as Row;
              return (
                <div
                  key={item.key} ref={virtual.measureElement} data-index={item.index} role="row" aria-rowindex={item.index + 2}
                  className={css.row} data-live={interactive} data-open={openKey !== undefined && rowKey(row) === openKey}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  {columns.map((column) => (
                    <div key={column.key} role="cell" className={css.cell} data-align={column.align} data-phone={column.phone ?? "hide"}>
                      {column === opener ? open(row, item.index, column.cell(row)) : column.cell(row)}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
          {query.isFetchingNextPage && <p className={css.more} role="status">Loading more</p>}
        </div>
      </div>
    </>
  );
}

/** Two lines in one cell. */
export function Two({ top, below }: { top: ReactNode; below?: ReactNode }) {
  return (
    <span className={css.two}>
      <span className="clip">{top}</span>
      {below && <span className="clip small muted">{below}</span>}
    </span>
  );
}
