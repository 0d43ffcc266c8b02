import type { Connection, StreamState } from "../../../api/sources";
import { ago, count } from "../../../format";
import { Progress } from "../../../parts/bars";
import { useNow } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { SelfMenu } from "../../../parts/menu";
import { Badge } from "../../../parts/ui";
import { Note, streamName } from "../events";
import { usePause, useStreams, useSync } from "../writes";
import css from "./detail.module.css";

type Tone = "good" | "bad" | "still" | undefined;

const isBackfill = (stream: StreamState) => stream.lane === "historical" && stream.state !== "off";

function saidOf(stream: StreamState, paused: boolean, now: number): string {
  const { done, total } = stream.progress;
  const far = total ? `${count(done)} of ${count(total)} records` : `${count(done)} records so far`;
  if (stream.state === "off") return "Not brought";
  if (paused && isBackfill(stream)) return done > 0 ? `Paused at ${far}` : "Paused before the first record";
  if (stream.state === "syncing") return done > 0 ? far : "Reading";
  if (stream.state === "waiting") return done > 0 ? `${far}, goes on in a moment` : "Waits for its turn";
  if (stream.last_sync_at) return `Up to date, read ${ago(stream.last_sync_at, now)}`;
  return "Nothing could be read yet";
}

function toneOf(stream: StreamState, paused: boolean): Tone {
  if (stream.state === "failing") return "bad";
  if (stream.state === "off" || paused) return "still";
  return stream.state === "ok" ? "good" : undefined;
}

/** Each stream of a connection: how far it is, and what stands in its way. */
export function StreamList({ connection, mayWrite, pausable = false }: { connection: Connection; mayWrite: boolean; pausable?: boolean }) {
  const now = useNow(2000);
  const sync = useSync();
  const pause = usePause();
  const id = connection.id;
  const streams = useStreams(id, "The choice of streams was changed");
  const brought = connection.streams.filter((one) => one.state !== "off").map((one) => one.name);
  const act = (name: string, choice: string) => {
    if (choice === "bring") streams.choose([...brought, name]);
    else if (choice === "leave") streams.choose(brought.filter((one) => one !== name));
    else sync.mutate({ id, stream: name, full: choice === "full" });
  };
  const paused = connection.state === "paused";
  const busy = connection.streams.some((one) => toneOf(one, paused) === undefined);
  return (
    <section aria-label="Streams">
      <div className={css.titleRow}>
        <h2 className={css.title}>Streams</h2>
        {mayWrite && (
          <span className={css.streamTools}>
            {pausable && (busy || paused) && <button className="btn small" disabled={pause.isPending} onClick={() => pause.mutate({ id, pause: !paused, connection: true })}><Icon name={paused ? "play" : "pause"} size={13} />{paused ? "Go on" : "Pause the reading"}</button>}
            {!busy && !paused && <button className="btn small" disabled={sync.isPending} onClick={() => sync.mutate({ id })}><Icon name="refresh-cw" size={13} />Read now</button>}
          </span>
        )}
      </div>
      <ul className={css.streams}>
        {[...connection.streams].sort((a, b) => Number(a.state === "off") - Number(b.state === "off")).map((stream) => {
          const tone = toneOf(stream, paused);
          return (
            <li key={stream.name} data-off={stream.state === "off"}>
              <span className="row"><b className="strong clip">{streamName(stream.name)}</b>{isBackfill(stream) && tone === undefined && <Badge tone="info" title="Read in a lane of its own, so that live events never wait for it">reading the past</Badge>}{stream.state === "failing" && <Badge tone="bad">failing</Badge>}</span>
              <span className={css.streamBar}>
                {tone !== "good" && tone !== "bad" && stream.state !== "off" && <Progress label={`${streamName(stream.name)}: ${saidOf(stream, paused, now)}`} done={stream.progress.done} total={stream.progress.total} tone={tone} />}
                <span className="row small muted num">{tone === "good" ? <span className="good"><Icon name="check" size={13} label="Up to date" /></span> : null}<span className="clip" title={`${count(stream.rows)} records were read in all`}>{saidOf(stream, paused, now)}</span></span>
              </span>
              {mayWrite ? (
                <SelfMenu
                  label={streamName(stream.name)} className="btn quiet small square" align="right" button={<><Icon name="chevron-down" size={14} /><span className="sr">What to do with {streamName(stream.name)}</span></>}
                  choices={stream.state === "off" ? [{ id: "bring", label: "Bring it too" }] : [{ id: "now", label: "Read what changed, now" }, { id: "full", label: "Read everything again" }, ...(brought.length > 1 ? [{ id: "leave", label: "Leave it out" }] : [])]}
                  onChoose={(choice) => act(stream.name, choice)}
                />
              ) : <span />}
              {stream.problem && <div className={css.streamProblem}><Note tone={stream.state === "failing" ? "bad" : "warn"} title={stream.problem}>{stream.advice}</Note></div>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
