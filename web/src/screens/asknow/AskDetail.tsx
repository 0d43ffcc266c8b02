import { useId } from "react";

import type { Ask, QueueRow } from "../../api/contract";
import { useAsk } from "../../api/queries";
import { ago, clock, left, moment, percent, scoreWords, words } from "../../format";
import { NeighbourhoodView } from "../../graph/NeighbourhoodView";
import { useIsNarrow, useNow } from "../../parts/hooks";
import { Bones, Loaded } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Avatar, Badge, Fact, toneOf } from "../../parts/ui";
import { Link } from "../../router";
import css from "./detail.module.css";
import { MessageTab } from "./MessageTab";
import { WhyList } from "./WhyList";
import type { Draft } from "./writes";

export type DetailTab = "why" | "message" | "decision" | "history";
const TABS: { key: DetailTab; label: string }[] = [
  { key: "why", label: "Why now" }, { key: "message", label: "Message" }, { key: "decision", label: "Decision" }, { key: "history", label: "History" },
];

/** Everything that speaks for and against one ask. What the list knows is shown at once. */
export function AskDetail({ id, row, tab, onTab, draft, onDraft, editing }: {
  id: string; row: QueueRow | undefined; tab: DetailTab; onTab: (tab: DetailTab) => void; draft: Draft; onDraft: (draft: Draft) => void; editing: number;
}) {
  const query = useAsk(id);
  const narrow = useIsNarrow();
  const panel = useId();
  const known: QueueRow | undefined = query.data ?? row;
  return (
    <div className={css.detail}>
      {known && <Head row={known} narrow={narrow} />}
      <Tabs label="About this ask" value={tab} onChange={onTab} tabs={TABS} panel={panel} />
      <div id={panel} role="tabpanel" aria-label={TABS.find((one) => one.key === tab)?.label} className={css.panel} tabIndex={0}>
        {tab === "why" && known && <Reason row={known} />}
        <Loaded query={query} bones={<Bones rows={4} />}>
          {(ask) => {
            if (tab === "why") {
              return <section><h3 className={css.sub}>What surrounds {ask.persona.name}</h3><NeighbourhoodView data={ask.neighbourhood} /></section>;
            }
            if (tab === "message") return <MessageTab ask={ask} draft={draft} onDraft={onDraft} editing={editing} />;
            return tab === "decision" ? <DecisionTab ask={ask} /> : <HistoryTab ask={ask} />;
          }}
        </Loaded>
      </div>
    </div>
  );
}

function Head({ row, narrow }: { row: QueueRow; narrow: boolean }) {
  const now = useNow(30_000);
  const rest = left(row.moment.window_ends_at, now);
  return (
    <header className={css.head}>
      {!narrow && (
        <div className="row" style={{ gap: 12 }}>
          <Avatar name={row.persona.name} size={40} />
          <div className="grow">
            <h2 className={css.name}><Link to={`/people/${row.persona.id}`} className="clip">{row.persona.name}</Link></h2>
            <p className="clip small muted">{[row.persona.title, row.company?.name, row.company?.segment && words(row.company.segment)].filter(Boolean).join(" · ")}</p>
          </div>
          {row.state !== "suggested" && <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge>}
        </div>
      )}
      <p className={css.plan}>
        <Badge tone="honey">{row.offer.label}</Badge>
        <span className="small muted">by {row.channel === "email" ? "e-mail" : "in-app message"}, moment {ago(row.moment.occurred_at, now)}, {rest.text === "closed" ? "window closed" : `${rest.text} left`}</span>
        {narrow && <Link className="link small" to={`/people/${row.persona.id}`}>Person page</Link>}
      </p>
    </header>
  );
}

function Reason({ row }: { row: QueueRow }) {
  return (
    <section>
      {row.reason && <p className={css.reason}>{row.reason}</p>}
      <WhyList why={row.why} />
    </section>
  );
}

function DecisionTab({ ask }: { ask: Ask }) {
  const actions = [...ask.legal_actions].sort((a, b) => b.probability - a.probability);
  const top = Math.max(...actions.map((one) => one.probability), 0.0001);
  return (
    <div className={css.stack}>
      <section>
        <h3 className={css.sub}>Actions that were allowed, and how likely each was</h3>
        <ul className={css.bars}>
          {actions.map((one) => {
            const taken = Math.abs(one.probability - ask.propensity) < 1e-9 && (one.label.includes(ask.offer.label) || actions.filter((a) => Math.abs(a.probability - ask.propensity) < 1e-9).length === 1);
            return (
              <li key={one.action} data-taken={taken}>
                <span className={css.barText}><span className="clip">{one.label || words(one.action)}</span><b className="num">{percent(one.probability)}</b></span>
                <span className={css.bar} aria-hidden><span style={{ width: `${(one.probability / top) * 100}%` }} /></span>
              </li>
            );
          })}
        </ul>
      </section>
      <section>
        <h3 className={css.sub}>Actions that were blocked</h3>
        {ask.blocked.length === 0 ? <p className="small muted">None: no guardrail stood against any action.</p> : (
          <ul className={css.blocked}>
            {ask.blocked.map((one) => <li key={one.action}><b>{words(one.action)}</b><span className="muted">{one.reason}</span></li>)}
          </ul>
        )}
      </section>
      <dl>
        <Fact name="Propensity"><span className="num">{ask.propensity.toFixed(4)}</span> <span className="muted">the probability with which this was chosen</span></Fact>
        <Fact name="Expected"><span className="num">{scoreWords(ask.score, ask.interval)}</span></Fact>
        <Fact name="Policy version"><span className="num">{ask.policy_version}</span></Fact>
        <Fact name="Seed"><code className="mono">{ask.seed}</code></Fact>
        {ask.note && <Fact name="Note">{ask.note}</Fact>}
        <Fact name="Decision"><code className="mono tiny">{ask.decision_id}</code></Fact>
      </dl>
    </div>
  );
}

const textOf = (detail: unknown): string => {
  if (detail === null || detail === undefined) return "";
  if (typeof detail !== "object") return String(detail);
  return Object.entries(detail).map(([key, value]) => `${words(key)}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`).join(", ");
};

function HistoryTab({ ask }: { ask: Ask }) {
  if (ask.history.length === 0) return <p className="small muted">Nothing has happened to this ask yet.</p>;
  return (
    <ol className={css.history}>
      {ask.history.map((one, i) => (
        <li key={`${one.at}-${i}`}>
          <time dateTime={one.at} title={moment(one.at)} className="num muted">{clock(one.at)}</time>
          <span className="grow"><b>{words(one.action)}</b> <span className="muted">by {one.actor}</span><span className={css.historyText}>{textOf(one.detail)}</span></span>
        </li>
      ))}
    </ol>
  );
}
