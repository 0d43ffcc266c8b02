import { useId, useState, type FormEvent } from "react";

import { useSource } from "../../../api/sourceQueries";
import type { NewKey, NewSource } from "../../../api/sources";
import { Code, CopyLine } from "../../../parts/code";
import { Icon } from "../../../parts/icons";
import { Link, navigate } from "../../../router";
import { Note } from "../events";
import { SystemTile } from "../StateMark";
import type { PushSystem } from "../systems";
import { useSourceWrite } from "../writes";
import css from "./connect.module.css";
import { FirstEvent } from "./FirstEvent";

/** A name is enough: the address and the key are ours. */
export function PushName({ system, onMade }: { system: PushSystem; onMade: (made: NewSource) => void }) {
  const id = useId();
  const [name, setName] = useState(system.kind === "webhook" || system.kind === "segment" ? "" : system.label);
  const [secret, setSecret] = useState("");
  const create = useSourceWrite<Record<string, string>, NewSource>((body) => ({ path: "/api/sources", body }), { refused: "The source was not made" });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ kind: system.kind, name: name.trim(), ...(secret.trim() ? { secret: secret.trim() } : {}) }, {
      onSuccess: (made) => { onMade(made); navigate(`/sources/connect?push=${system.kind}&source=${made.id}`); },
    });
  };
  return (
    <>
      <div className="row" style={{ gap: 14, alignItems: "flex-start" }}>
        <SystemTile kind={system.kind} size={40} />
        <div className={css.lead}><h2>{system.label}</h2><p>{system.about}</p></div>
      </div>
      <form className={css.form} onSubmit={submit}>
        <div>
          <label className="label" htmlFor={id}>Name, as it appears in the list</label>
          <input id={id} className="field" value={name} required maxLength={80} autoFocus placeholder={system.kind === "segment" ? "Product" : "Name of the system"} onChange={(event) => setName(event.target.value)} />
        </div>
        {system.secret && (
          <div>
            <label className="label" htmlFor={`${id}-secret`}>{system.secret} <span className={css.need}>optional</span></label>
            <input id={`${id}-secret`} className="field" type="password" autoComplete="new-password" spellCheck={false} value={secret} onChange={(event) => setSecret(event.target.value)} />
            <span className={css.help}>With it, calls that are not signed by the sender are refused. It can be added later.</span>
          </div>
        )}
        <div className={css.foot}>
          <button className="btn primary" disabled={create.isPending || !name.trim()}>{create.isPending ? "Making it" : "Make the key"}</button>
          <Link className="btn quiet" to="/sources/connect">Choose another system</Link>
        </div>
      </form>
    </>
  );
}

const TIPS = [
  "Run the snippet as it is: it carries the real key and needs nothing else.",
  "A 401 means the key was cut off when it was copied; a 403 that the signature did not match.",
  "Nothing at all usually means a firewall: the address above must be reachable from where the system runs.",
];

/** The key once, a snippet that works as it stands, and the moment the first event is here. */
export function PushSend({ system, id, made }: { system: PushSystem; id: string; made: NewSource | null }) {
  const source = useSource(id);
  const [arrived, setArrived] = useState(false);
  const renew = useSourceWrite<void, NewKey>(() => ({ path: `/api/sources/${id}/key` }), { done: "A new key was made; the old one no longer works", refused: "The key was not renewed" });
  const shown: NewKey | null = renew.data ?? made;
  const key = shown?.key ?? "";
  const hook = shown?.hook_url ?? "";
  const snippet = shown?.snippet ?? "";
  const calls = system.group !== "api" && system.group !== "files";
  return (
    <>
      <div className={css.lead}><h2>{arrived ? `${source.data?.name ?? system.label} is connected` : "Send the first event"}</h2><p>{arrived ? "You can leave this page; it keeps listening without you." : calls ? `Give this address to ${system.label === "Any webhook" ? "the system" : system.label}, or try it with the snippet.` : "Copy this into a terminal. It sends one event, and this page tells you when it is here."}</p></div>
      {key ? (
        <>
          {calls && hook && <div><span className="label">Address for the system to call</span><CopyLine text={hook} label="Copy the address" /></div>}
          {!calls && <div><span className="label">Write key</span><CopyLine text={key} label="Copy the key" /></div>}
          <Note tone="plain" title="This is the only time it is shown." icon="key-round">Keep it where your secrets live. If it is lost, make a new one here; the old one then stops working.</Note>
          {snippet && <Code label="Try it from a terminal" value={snippet} />}
        </>
      ) : (
        <Note tone="warn" title="The key was shown once and is no longer known here.">
          It begins with <code className="mono">{source.data?.key_prefix ?? "hgw"}</code>. <button className="link" disabled={renew.isPending} onClick={() => renew.mutate()}>Make a new key</button>
        </Note>
      )}
      <FirstEvent id={id} tips={TIPS} onArrived={() => setArrived(true)} />
      <div className={css.foot}>
        <Link className={`btn ${arrived ? "primary" : ""}`} to={`/sources/${id}${arrived ? "?tab=live" : ""}`}><Icon name={arrived ? "activity" : "arrow-right"} size={15} />{arrived ? "Watch it live" : "Go to the source"}</Link>
        {arrived && <Link className="btn" to="/sources/connect">Connect another system</Link>}
      </div>
    </>
  );
}
