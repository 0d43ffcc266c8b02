import type { Rail } from "../../api/money";
import { useRails } from "../../api/moneyQueries";
import { ago, count, money } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Badge } from "../../parts/ui";
import css from "./payouts.module.css";

/** The ways money leaves by: whether each is ready, when it pays next, and what it has not answered yet. */
export function RailCards() {
  const query = useRails();
  const now = useNow(30_000);
  const rows = query.data?.rows ?? [];
  if (rows.length === 0) return null;
  return <ul className={css.rails} aria-label="Rails" tabIndex={0}>{rows.map((one) => <Card key={one.name} rail={one} now={now} />)}</ul>;
}

function Card({ rail, now }: { rail: Rail; now: number }) {
  return (
    <li className={css.rail}>
      <p className="row"><Icon name={rail.kind === "file" ? "file-text" : "plug"} size={15} /><b className="grow clip">{rail.title}</b>{rail.unknown > 0 ? <Badge tone="warn" icon="clock">{count(rail.unknown)} unknown</Badge> : <Badge tone={rail.ready ? "good" : "plain"}>{rail.ready ? "ready" : "not set up"}</Badge>}</p>
      {!rail.ready && rail.why_not ? <p className="small muted">{rail.why_not}</p> : <p className="small muted">{rail.schedule}{rail.next_run && `, next ${ago(rail.next_run, now)}`}. From {money(rail.minimum_minor, rail.currency)} on.</p>}
      {rail.unknown > 0 && <p className="small">The provider has not said whether {rail.unknown === 1 ? "it is" : "they are"} paid. {rail.unknown === 1 ? "It is" : "They are"} asked again and never sent twice.</p>}
      {rail.kind === "api" && rail.ready && <p className="tiny muted">{rail.last_heard_at ? `Last answer ${ago(rail.last_heard_at, now)}` : "Never answered yet"}</p>}
    </li>
  );
}
