import { useState } from "react";

import type { SourceDetail } from "../../../api/sources";
import { Modal } from "../../../parts/sheet";
import { useTrust } from "../writes";
import css from "./detail.module.css";

/** What a source's word about money is worth, and the question that settles it: who can read its key? */
export function MoneyTrust({ source, mayWrite }: { source: SourceDetail; mayWrite: boolean }) {
  const [asking, setAsking] = useState(false);
  const trust = useTrust();
  const hasKey = source.connection === null && source.kind !== "import" && source.kind !== "internal";
  const say = (yes: boolean) => trust.mutate({ id: source.id, yes }, { onSuccess: () => setAsking(false) });
  return (
    <>
      <p className={`${css.meta} small muted`}>
        About deals, payments and refunds it is {source.money.split(" (`")[0]}.
        {mayWrite && hasKey && <button className="link small" onClick={() => setAsking(true)}>Change</button>}
      </p>
      {asking && (
        <Modal label="Who can read this source's key?" onClose={() => setAsking(false)}>
          <div className="stack" style={{ gap: 14, padding: 20, maxWidth: 460 }}>
            <h2>Who can read this source's key?</h2>
            <p>A key in a web page can be read by anybody, who could then tell of a deal that never was. So a deal, a payment or a refund counts as money only where you say that the key lives on your servers.</p>
            <p className="small muted">It holds from the next event on. What people do is counted either way.</p>
            <div className="row wrap" style={{ justifyContent: "flex-end" }}>
              <button className="btn" onClick={() => setAsking(false)}>Cancel</button>
              <button className="btn" disabled={trust.isPending || !source.server_only} onClick={() => say(false)}>It stands in a page or an app</button>
              <button className="btn primary" disabled={trust.isPending || source.server_only} onClick={() => say(true)}>Only our servers have it</button>
            </div>
          </div>
        </Modal>
      )}
    </>
  );
}
