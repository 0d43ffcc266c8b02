import { useState } from "react";

import type { Proposal } from "../../api/identity";
import { Box } from "../../parts/sheet";
import { pairName } from "./pair";
import css from "./review.module.css";

/** Where money depends on it, a key alone is not enough. */
export function MoneyBox({ row, onClose, onJoin }: { row: Proposal; onClose: () => void; onJoin: () => void }) {
  const [sure, setSure] = useState(false);
  return (
    <Box
      title="Money depends on this" onClose={onClose}
      foot={
        <>
          <button className="btn" onClick={onClose}>Not yet</button>
          <button className="btn primary" disabled={!sure} onClick={onJoin}>Join them</button>
        </>
      }
    >
      <p className={css.guard}><span>{row.guard ?? "A payee or a referral is on one of the two sides."}</span></p>
      <label className="row" style={{ alignItems: "flex-start", gap: 10, cursor: "pointer" }}>
        <input type="checkbox" checked={sure} onChange={() => setSure(!sure)} style={{ width: 16, height: 16, margin: "3px 0 0", accentColor: "var(--honey-text)", flex: "none" }} />
        <span>I have checked it myself: both records, {pairName(row)}, are one {row.kind === "company" ? "company" : "person"}.</span>
      </label>
    </Box>
  );
}
