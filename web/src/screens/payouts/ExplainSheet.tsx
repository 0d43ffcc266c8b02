import { useState } from "react";

import type { Explanation } from "../../api/contract";
import { useExplanation } from "../../api/queries";
import { moment, words } from "../../format";
import { EvidenceCard } from "../../parts/evidence";
import { Icon } from "../../parts/icons";
import { Sheet } from "../../parts/sheet";
import { Loaded } from "../../parts/states";
import css from "./payouts.module.css";

/** The whole chain of one payment, reward or ask, back to the raw events. */
export function ExplainSheet({ subject, onClose }: { subject: string; onClose: () => void }) {
  const query = useExplanation(subject);
  return (
    <Sheet title={`Why this ${subject.split(":")[0] ?? "happened"}`} note={subject} onClose={onClose}>
      <Loaded query={query}>
        {(explanation) => (
          <>
            <p className={css.sentence} data-long={explanation.sentence.length > 220}>{explanation.sentence}</p>
            <ol className={css.chain}>{explanation.chain.map((link, i) => <Step key={`${link.stage}-${i}`} link={link} />)}</ol>
          </>
        )}
      </Loaded>
    </Sheet>
  );
}

function Step({ link }: { link: Explanation["chain"][number] }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <p className="tiny muted">{words(link.stage)}{link.at && <>, <time dateTime={link.at}>{moment(link.at)}</time></>}</p>
      <p className="strong">{link.title}</p>
      {link.detail && <p className="small muted">{link.detail}</p>}
      {link.evidence.length > 0 && (
        <button className="link small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide" : "Show"} {link.evidence.length} {link.evidence.length === 1 ? "record" : "records"} <Icon name="chevron-down" size={12} />
        </button>
      )}
      {open && <div className="stack">{link.evidence.map((one, i) => <EvidenceCard key={`${one.event_id}-${i}`} evidence={one} />)}</div>}
    </li>
  );
}
