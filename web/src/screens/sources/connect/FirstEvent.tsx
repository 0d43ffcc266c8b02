import { useEffect, useRef, useState } from "react";

import { useLiveTail } from "../../../api/sourceQueries";
import { span } from "../../../format";
import { useNow } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { EventList } from "../events";
import css from "./connect.module.css";

const PATIENCE = 25_000;

/** Waits for the first event of a source and says when it is there. */
export function FirstEvent({ id, tips, onArrived }: { id: string; tips: string[]; onArrived?: () => void }) {
  const [since] = useState(() => Date.now());
  const [waited, setWaited] = useState<number | null>(null);
  const now = useNow(1000);
  const query = useLiveTail(id, waited === null);
  const rows = query.data?.rows ?? [];
  const first = rows.length > 0 ? rows.reduce((oldest, row) => (row.seq < oldest.seq ? row : oldest)) : null;
  const told = useRef(false);
  useEffect(() => {
    if (!first || told.current) return;
    told.current = true;
    setWaited(Date.now() - since);
    onArrived?.();
  }, [first, since, onArrived]);
  const arrived = first !== null;
  return (
    <section className={css.first} data-arrived={arrived} aria-live="polite">
      <span className={css.ring} data-arrived={arrived}><Icon name={arrived ? "check" : "radio"} size={18} /></span>
      <div className="grow">
        <h3>{arrived ? "First event arrived" : "Waiting for the first event"}</h3>
        <p className="num">{arrived ? (waited !== null && waited > 2500 ? `After ${span(waited)}. It is stored, and this is what it means:` : "It is stored, and this is what it means:") : query.isError ? "The server does not answer; this page keeps asking." : `Listening for ${span(now - since)}`}</p>
        {first && <div className={css.firstEvent}><EventList events={first.events.slice(0, 2)} problem={first.problem} /></div>}
        {!arrived && now - since > PATIENCE && tips.length > 0 && <ul className={css.tips}>{tips.map((tip) => <li key={tip}>{tip}</li>)}</ul>}
      </div>
    </section>
  );
}
