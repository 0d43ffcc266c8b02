import { useState } from "react";

import { useConnection } from "../../../api/sourceQueries";
import type { Connection, NewKey, SourceDetail } from "../../../api/sources";
import { ago, count, moment, span, words } from "../../../format";
import { DaysChart } from "../../../parts/bars";
import { Code, CopyLine } from "../../../parts/code";
import { useNow } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { Box } from "../../../parts/sheet";
import { Badge, Fact } from "../../../parts/ui";
import { Link, setParams, useAddress } from "../../../router";
import { useKnownSession } from "../../../session";
import { Note, streamName } from "../events";
import { bytes } from "../systems";
import { useSourceWrite } from "../writes";
import { AccessSheet } from "./AccessSheet";
import css from "./detail.module.css";
import { StreamList } from "./Streams";

/** How the source is: its state, its days, its streams, its addresses. */
export function Overview({ source }: { source: SourceDetail }) {
  const connection = useConnection(source.connection ? source.id : "").data ?? null;
  const mayWrite = useKnownSession().may.includes("sources.write");
  const { params } = useAddress();
  const unstarted = connection?.state === "paused" && connection.last_sync_at === null && connection.streams.length > 0;
  const failing = connection?.streams.filter((one) => one.state === "failing") ?? [];
  const partly = failing.length > 0 && failing.length < (connection?.streams.filter((one) => one.state !== "off").length ?? 0);
  const counters: [string, number, boolean, string?][] = [
    ["Accepted", source.accepted, false], ["Duplicate", source.duplicate, false], ["Mismatch", source.mismatch, true],
    ["Dead letters", source.open_letters, true, `/sources?tab=dead-letters&source=${source.id}`], ["Refused", source.refused, true], ["Not yet read", source.lag, false],
  ];
  return (
    <div className={css.columns}>
      <div className={css.wide}>
        {unstarted && <Note tone="plain" title="It is not started yet." icon="play">{mayWrite ? <><Link className="link" to={`/sources/connect?with=${encodeURIComponent(connection.connector)}&source=${source.id}&step=test`}>Go on connecting it</Link>, or resume it here.</> : "Somebody who may change sources starts it."}</Note>}
        {source.state === "waiting" && !unstarted && <Note tone="plain" title="Nothing has come yet." icon="radio">{connection ? "The first round has not brought anything." : "Send one event with the key of this source."} The Live tab shows it the second it is here.</Note>}
        {connection?.state === "needs_auth" && (
          <Note tone="warn" title="The permission has ended.">{connection.problem || "The other system wants you to sign in again."} {connection.authorize_url && <a className="link" href={connection.authorize_url} target="_blank" rel="noopener noreferrer">Sign in again</a>}</Note>
        )}
        {connection?.state === "failing" && (
          <Note tone="bad" title={partly ? `${failing.map((one) => streamName(one.name)).join(", ")} cannot be read; the rest is.` : "It cannot be read at the moment."}>
            It is tried again by itself, ever more slowly, and nothing is lost meanwhile. {mayWrite && <><button className="link" onClick={() => setParams({ edit: "access" })}>Change the access and test it</button>{partly && ", or leave it out in the list of streams"}</>}
          </Note>
        )}
        <section aria-label="Counters">
          <dl className={css.counters}>
            {counters.map(([name, n, bad, to]) => (
              <div key={name} data-warn={bad && n > 0}><dt>{name}</dt><dd className="num">{to && n > 0 ? <Link to={to}>{count(n)}</Link> : count(n)}</dd></div>
            ))}
          </dl>
        </section>
        <section>
          <h2 className={css.title}>Last {source.days.length} days</h2>
          <DaysChart days={source.days} />
        </section>
        {connection && connection.streams.length > 0 && <StreamList connection={connection} mayWrite={mayWrite} />}
        {connection && <Runs connection={connection} />}
      </div>
      <aside className={css.side} aria-label="Addresses and access">
        <Doors source={source} connection={connection} mayWrite={mayWrite} />
        <section className="card pad">
          <h2 className={css.title}>Cost</h2>
          <dl>
            <Fact name="30 days"><span className="num">{count(source.cost.events)} events</span></Fact>
            <Fact name="Stored"><span className="num">{bytes(source.cost.bytes)}</span></Fact>
            {source.cost.events > 0 && <Fact name="Each"><span className="num">{bytes(source.cost.bytes / source.cost.events)}</span></Fact>}
          </dl>
        </section>
      </aside>
      {params.get("edit") === "access" && connection && <AccessSheet connection={connection} onClose={() => setParams({ edit: null })} />}
    </div>
  );
}

function Doors({ source, connection, mayWrite }: { source: SourceDetail; connection: Connection | null; mayWrite: boolean }) {
  const [asking, setAsking] = useState(false);
  const [made, setMade] = useState<NewKey | null>(null);
  const renew = useSourceWrite<void, NewKey>(() => ({ path: `/api/sources/${source.id}/key` }), { refused: "The key was not renewed" });
  const hook = made?.hook_url ?? connection?.hook_url;
  return (
    <section className="card pad">
      <h2 className={css.title}>Addresses and access</h2>
      <div className="stack" style={{ gap: 12 }}>
        {hook && <div><span className="label">Webhook address</span><CopyLine text={hook} label="Copy the webhook address" /></div>}
        {made && <div><span className="label">New key, shown only now</span><CopyLine text={made.key} label="Copy the key" /></div>}
        {made?.snippet && <Code label="Try it from a terminal" value={made.snippet} />}
        <dl>
          <Fact name="Key"><code className="mono">{source.key_prefix}…</code></Fact>
          {connection && connection.secrets.length > 0 && <Fact name="Secrets set">{connection.secrets.map((name) => connection.questions.find((one) => one.name === name)?.label || words(name)).join(", ")}</Fact>}
          {connection && Object.entries(connection.config).filter(([, value]) => value).map(([name, value]) => <Fact key={name} name={connection.questions.find((one) => one.name === name)?.label || words(name)}><span style={{ overflowWrap: "anywhere" }}>{value}</span></Fact>)}
        </dl>
        {mayWrite && (
          <div className="row wrap">
            {connection && <button className="btn small" onClick={() => setParams({ edit: "access" })}><Icon name="pencil" size={13} />Change access</button>}
            <button className="btn small" onClick={() => setAsking(true)}><Icon name="key-round" size={13} />Renew key</button>
          </div>
        )}
      </div>
      {asking && (
        <Box
          title="Renew the key?" onClose={() => setAsking(false)}
          foot={
            <>
              <button className="btn" onClick={() => setAsking(false)}>Keep the key</button>
              <button className="btn danger" disabled={renew.isPending} onClick={() => renew.mutate(undefined, { onSuccess: (answer) => { setMade(answer); setAsking(false); } })}>Renew it</button>
            </>
          }
        >
          <p className="small muted">The present key <code className="mono">{source.key_prefix}…</code> stops working at once, and so does the webhook address that contains it. Whatever sends with it must be given the new one.</p>
        </Box>
      )}
    </section>
  );
}

function Runs({ connection }: { connection: Connection }) {
  const now = useNow(5000);
  return (
    <section>
      <h2 className={css.title}>Latest rounds</h2>
      {connection.runs.length === 0 ? <p className="small muted">No round has been made yet.</p> : (
        <div className={css.over} tabIndex={0} role="region" aria-label="Latest rounds">
          <table className={css.runs}>
            <thead><tr><th scope="col">Stream</th><th scope="col">When</th><th scope="col">Took</th><th scope="col" data-right>Records</th><th scope="col">Outcome</th></tr></thead>
            <tbody>
              {connection.runs.slice(0, 12).map((run) => (
                <tr key={run.id}>
                  <td>{words(run.stream)}</td>
                  <td className="num muted" title={moment(run.started_at)} style={{ whiteSpace: "nowrap" }}>{ago(run.started_at, now)}</td>
                  <td className="num muted" style={{ whiteSpace: "nowrap" }}>{run.ended_at ? span(Date.parse(run.ended_at) - Date.parse(run.started_at)) : "running"}</td>
                  <td className="num" data-right style={{ whiteSpace: "nowrap" }}>{count(run.rows)} <span className="muted">({count(run.new)} new)</span></td>
                  <td>{run.problem ? <span className="bad">{run.problem}</span> : run.ended_at ? <Badge tone="good">done</Badge> : <Badge tone="info">reading</Badge>}{run.dead > 0 && <span className="small bad"> {count(run.dead)} set aside</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
