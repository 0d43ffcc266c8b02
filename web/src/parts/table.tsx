import type { ReactNode } from "react";

import css from "./table.module.css";

type TableRow = { key: string; cells: ReactNode[] };

/** A short table that is all there; long lists are Rows. The first column names the row. */
export function TableBox({ label, head, rows, right = [], foot }: { label: string; head: string[]; rows: TableRow[]; right?: number[]; foot?: ReactNode[] }) {
  return (
    <div className={css.box} role="region" aria-label={label} tabIndex={0}>
      <table className={css.table}>
        <thead><tr>{head.map((one, i) => <th key={one} scope="col" data-right={right.includes(i)}>{one}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>{row.cells.map((cell, i) => (i === 0 ? <th key={i} scope="row">{cell}</th> : <td key={i} data-right={right.includes(i)}>{cell}</td>))}</tr>
          ))}
        </tbody>
        {foot && <tfoot><tr>{foot.map((cell, i) => <td key={i} data-right={right.includes(i)}>{cell}</td>)}</tr></tfoot>}
      </table>
    </div>
  );
}
