import { useId } from "react";

import type { Ask, QueueRow } from "../../api/contract";
import { useAsk } from "../../api/queries";
import { clock, moment, words } from "../../format";
import { NeighbourhoodView } from "../../graph/NeighbourhoodView";
import { useIsNarrow } from "../../parts/hooks";
import { Bones, Loaded } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Avatar, Badge, toneOf } from "../../parts/ui";
import { Link } from "../../router";
import { ReadinessCard } from "../people/ReadinessCard";
import { Answer } from "./Answer";
import css from "./detail.module.css";
import { ExpertsTab } from "./ExpertsTab";
import { MessageTab } from "./MessageTab";
import { Reminders } from "./Reminders";
import { WhyList } from "./WhyList";
import type { Draft } from "./writes";

export type DetailTab = "why" | "message" | "experts" | "history";
const TABS: { key: DetailTab; label: string }[] = [
  { key: "why", label: "Why now" }, { key: "message", label: "Message" }, { key: "experts", label: "Experts" }, { key: "history", label: "History" },
];

/** Everything that speaks for and against one ask. What the list knows is shown at once. */
export function AskDetail({ id, row, tab, onTab, draft, onDraft, editing, onEdit }: {
  id: string; row: QueueRow | undefined; tab: DetailTab; onTab: (tab: DetailTab) => void; draft: Draft; onDraft: (draft: Draft) => void; editing: number; onEdit: (on: boolean) => void;
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
        {tab === "why" && known && <><Answer row={known} />{query.data && <Reminders ask={query.data} />}<ReadinessCard id={known.persona.id} /><section><h3 className={css.sub}>What counted in this ask</h3><WhyList why={known.why} /></section></>}
        <Loaded query={query} bones={<Bones rows={4} />}>
          {(ask) => {
            if (tab === "why") {
              return <section><h3 className={css.sub}>What surrounds {ask.persona.name}</h3><NeighbourhoodView data={ask.neighbourhood} /></section>;
            }
            if (tab === "message") return <MessageTab ask={ask} draft={draft} onDraft={onDraft} editing={editing} onEdit={onEdit} />;
            return tab === "experts" ? <ExpertsTab ask={ask} /> : <HistoryTab ask={ask} />;
          }}
        </Loaded>
      </div>
    </div>
  );
}

function Head({ row, narrow }: { row: QueueRow; narrow: boolean }) {
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
      {narrow && <p className="row"><Link className="link small" to={`/people/${row.persona.id}`}>Person page</Link>{row.state !== "suggested" && <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge>}</p>}
    </header>
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
