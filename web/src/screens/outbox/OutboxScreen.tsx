import { useState } from "react";

import type { Message, MessageRow } from "../../api/contract";
import { useMessage, useOutbox } from "../../api/queries";
import { ago, moment, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Rows, Two, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Empty, Loaded } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, Fact, PageHead, toneOf } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { readableMail } from "./mail";
import css from "./outbox.module.css";

const STATES = [
  { key: "", label: "All" }, { key: "queued", label: "Queued" }, { key: "sent", label: "Sent" }, { key: "blocked", label: "Blocked" }, { key: "failed", label: "Failed" },
];

/** Every message, where it stands and why. */
export default function OutboxScreen() {
  const { params } = useAddress();
  const state = params.get("state") ?? "";
  const id = params.get("id") ?? "";
  const now = useNow(30_000);
  const query = useOutbox({ state });
  const columns: Column<MessageRow>[] = [
    { key: "who", head: "To", width: "minmax(0, 1fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.persona.name}</span>} below={row.to_address || (row.channel === "inapp" ? "In the app" : "")} /> },
    { key: "subject", head: "Subject", width: "minmax(0, 1.6fr)", phone: "sub", cell: (row) => <Two top={row.subject} below={row.blocked_reason ?? row.failure ?? (row.reminder > 0 ? "A reminder" : "")} /> },
    { key: "channel", head: "Channel", width: "80px", cell: (row) => <span className="muted">{row.channel === "email" ? "E-mail" : words(row.channel)}</span> },
    { key: "state", head: "State", width: "92px", phone: "side", cell: (row) => <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge> },
    { key: "at", head: "When", width: "96px", align: "right", cell: (row) => <span className="small muted num">{ago(row.sent_at ?? row.created_at, now)}</span> },
  ];
  return (
    <>
      <PageHead title="Outbox"><Tabs label="State" kind="pill" value={state} tabs={STATES} onChange={(key) => setParams({ state: key || null, id: null })} /></PageHead>
      <Rows
        label="Messages" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={id}
        empty={
          state ? <Empty icon="send" title={`No message is ${state}`} actions={<button className="btn" onClick={() => setParams({ state: null })}>Show all</button>} />
            : <Empty icon="send" title="Nothing has been sent" actions={<Link className="btn primary" to="/">Go to Ask now</Link>}>Approve an ask and its message appears here with its state.</Empty>
        }
      />
      {id && <MessageSheet id={id} onClose={() => setParams({ id: null })} />}
    </>
  );
}

function MessageSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useMessage(id);
  return (
    <Sheet title={query.data?.subject ?? "Message"} note={query.data && `To ${query.data.persona.name}`} onClose={onClose}>
      <Loaded query={query}>{(message) => <MessageView message={message} />}</Loaded>
    </Sheet>
  );
}

function MessageView({ message }: { message: Message }) {
  const [view, setView] = useState<"mail" | "text">("mail");
  const stopped = message.blocked_reason ?? message.failure;
  return (
    <div className={css.stack}>
      <dl>
        <Fact name="State"><Badge tone={toneOf(message.state)}>{words(message.state)}</Badge></Fact>
        {stopped && <Fact name="Because">{stopped}</Fact>}
        <Fact name="To">{message.to_address || "In the app"}</Fact>
        <Fact name="Written">{moment(message.created_at)}</Fact>
        {message.sent_at && <Fact name="Sent">{moment(message.sent_at)}</Fact>}
        <Fact name="Ask"><Link className="link" to={`/?ask=${message.ask_id}`}>The ask behind it</Link></Fact>
      </dl>
      <div className={css.preview}>
        <Tabs label="Preview as" kind="pill" value={view} onChange={setView} tabs={[{ key: "mail", label: "As received" }, { key: "text", label: "Plain text" }]} />
        {view === "mail"
          ? <iframe className={css.mail} title="The message as received" sandbox="" srcDoc={readableMail(message.html)} />
          : <pre className={css.text}>{message.text}</pre>}
      </div>
      <section>
        <h3 className={css.proof}><Icon name={message.delivered ? "circle-check" : "clock"} size={15} />{message.delivered ? `Received ${moment(message.delivered.received_at)}` : "No proof of delivery yet"}</h3>
        {message.delivered && (
          <dl className={css.headers}>
            {Object.entries(message.delivered.headers).map(([name, value]) => <div key={name}><dt>{name}</dt><dd className="mono">{value}</dd></div>)}
          </dl>
        )}
      </section>
    </div>
  );
}
