import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { write } from "../../../api/client";
import { useConnection, useLiveTail } from "../../../api/sourceQueries";
import type { BodyPreview, LiveRow, SourceDetail } from "../../../api/sources";
import { count, moment } from "../../../format";
import { pretty } from "../../../parts/code";
import { Icon } from "../../../parts/icons";
import { Empty, Failure } from "../../../parts/states";
import { StreamPreview } from "../connect/PreviewStep";
import { Link } from "../../../router";
import { EventList, Pair, streamName } from "../events";
import css from "./detail.module.css";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A payload on the left, the events it becomes on the right; nothing is kept. */
export function Mapping({ source }: { source: SourceDetail }) {
  const [body, setBody] = useState("");
  const [definition, setDefinition] = useState("");
  const [stream, setStream] = useState("");
  // A body that was cut is no JSON any more.
  const tail = useLiveTail(source.id, false);
  const whole = (rows: LiveRow[] | undefined) => rows?.find((row) => row.body.length < 4000);
  // What was shown a while ago is asked for again: the newest is meant.
  const take = async () => {
    const newest = whole((await tail.refetch()).data?.rows);
    if (!newest) return;
    setBody(pretty(newest.body));
    setStream(newest.format === "record" ? newest.kind : "");
  };
  const preview = useMutation({
    mutationFn: () => write<BodyPreview>(`/api/sources/${source.id}/preview`, { body, ...(stream ? { stream } : {}), ...(definition.trim() ? { definition: JSON.parse(definition) as unknown } : {}) }),
  });
  const brokenDefinition = definition.trim() !== "" && !isJson(definition);
  const broken = body.trim() !== "" && !isJson(body);
  const connection = useConnection(source.connection ? source.id : "", 30_000).data;
  const streams = connection?.streams.filter((one) => one.state !== "off").map((one) => one.name) ?? [];
  return (
    <>
      {streams.length > 0 && (
        <section className="stack" style={{ gap: 14 }}>
          <h2 className={css.title} style={{ marginBottom: 0 }}>Real records</h2>
          <StreamPreview key={streams.join()} id={source.id} streams={streams} first={connection?.streams.find((one) => one.state !== "off" && one.rows > 0)?.name} />
        </section>
      )}
      <section>
        <div className={css.titleRow}>
          <h2 className={css.title}>Try a payload</h2>
          {whole(tail.data?.rows) && <button className="btn small" disabled={tail.isFetching} onClick={() => void take()}><Icon name="download" size={14} />Take the newest that came</button>}
        </div>
        <Pair
          left={
            <form className="stack" onSubmit={(event) => { event.preventDefault(); preview.mutate(); }}>
              <label><span className="sr">Payload</span><textarea className={`field ${css.paste}`} spellCheck={false} value={body} placeholder={'{"type": "track", "event": "Ticket Solved", …}'} onChange={(event) => setBody(event.target.value)} aria-invalid={broken} aria-describedby={broken ? "body-broken" : undefined} /></label>
              {broken && <p className="small bad" id="body-broken">This is not JSON yet: check quotes and commas.</p>}
              {streams.length > 0 && (
                <label><span className="label">What it is</span><select className="field" value={stream} onChange={(event) => setStream(event.target.value)}><option value="">A call of its webhook</option>{streams.map((name) => <option key={name} value={name}>{`A record of ${streamName(name)}`}</option>)}</select></label>
              )}
              <details>
                <summary className="small muted" style={{ cursor: "pointer" }}>Try it with a changed mapping</summary>
                <label style={{ display: "block", marginTop: 8 }}><span className="label">Definition as JSON; empty means the one in use</span><textarea className={`field mono`} rows={8} spellCheck={false} value={definition} onChange={(event) => setDefinition(event.target.value)} /></label>
              </details>
              <div className="row"><button className="btn primary" disabled={body.trim() === "" || broken || brokenDefinition || preview.isPending}>{preview.isPending ? "Reading" : "See what it becomes"}</button><span className="small muted">Nothing is kept.</span></div>
            </form>
          }
          right={
            preview.isError ? <Failure failure={preview.error} /> : preview.data ? <EventList events={preview.data.events} problem={preview.data.problem} /> : (
              <Empty icon="braces" title="The events appear here">Paste what the system sends, or take the newest that came.</Empty>
            )
          }
        />
      </section>
      <section>
        <div className={css.titleRow}>
          <h2 className={css.title}>Versions of the mapping</h2>
          <Link className="btn small" to={`/sources?tab=replays&source=${source.id}&new=1`}><Icon name="repeat" size={14} />Try it on the past</Link>
        </div>
        {source.mapping_versions.length === 0 ? <p className="small muted">Only one version has ever read this source.</p> : (
          <div className={css.over} tabIndex={0} role="region" aria-label="Versions of the mapping">
            <table className={css.runs}>
              <thead><tr><th scope="col">Version</th><th scope="col">Since</th><th scope="col" data-right>Rows read by it</th><th scope="col">Digest</th></tr></thead>
              <tbody>{source.mapping_versions.map((one) => <tr key={`${one.version}-${one.digest}`}><td className="num strong">{one.version}</td><td className="num muted">{moment(one.at)}</td><td className="num" data-right>{count(one.rows)}</td><td><code className="mono">{one.digest.slice(0, 12)}</code></td></tr>)}</tbody>
            </table>
          </div>
        )}
      </section>
    </>
  );
}
