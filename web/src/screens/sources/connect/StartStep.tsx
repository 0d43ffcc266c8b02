import { useState } from "react";

import { useConnection } from "../../../api/sourceQueries";
import type { Connector } from "../../../api/sources";
import { CopyLine } from "../../../parts/code";
import { Icon } from "../../../parts/icons";
import { Bones, Loaded } from "../../../parts/states";
import { Link } from "../../../router";
import { streamName } from "../events";
import { StreamList } from "../detail/Streams";
import { usePause } from "../writes";
import css from "./connect.module.css";
import { FirstEvent } from "./FirstEvent";

const TIPS = [
  "The past is read oldest first, in a lane of its own, so that live events never wait for it.",
  "A stream that is limited by the other system goes on by itself when the limit passes.",
];

const HOOK_TIPS = [
  "Most systems have a button that sends a test call: that is enough.",
  "Nothing at all usually means a firewall: the address above must be reachable from where the system runs.",
];

/** The start, the first event, and how far the past has been read. */
export function StartStep({ id, connector, started, onStarted, onBack }: { id: string; connector: Connector; started: boolean; onStarted: () => void; onBack: () => void }) {
  const connection = useConnection(id, started ? 2000 : 10_000);
  const pulls = connector.streams.length > 0;
  const [arrived, setArrived] = useState(false);
  const resume = usePause(false);
  return (
    <Loaded query={connection} bones={<Bones rows={4} />}>
      {(data) => {
        const runs = started || data.state !== "paused" || data.last_sync_at !== null;
        return (
          <>
            <div className={css.lead}>
              <h2>{!runs ? `Start ${data.name}` : arrived ? `${data.name} is connected` : pulls ? "It has begun" : `Let ${connector.label} call`}</h2>
              <p>{!runs ? `Everything ${connector.label} holds is read once, then only what changes. You can pause at any time, and it goes on where it stopped.` : arrived || pulls ? "You can leave this page; it goes on without you." : `Put this address in the webhook settings of ${connector.label}. This page tells you when the first event is here.`}</p>
            </div>
            {!runs ? (
              <>
                <ul className={css.list}>{data.streams.filter((stream) => stream.state !== "off").map((stream) => <li key={stream.name}><Icon name="layers" size={16} /><b className="strong">{streamName(stream.name)}</b></li>)}</ul>
                {data.hook_url && connector.webhook && <Hook url={data.hook_url} label={connector.label} />}
                <div className={css.foot}>
                  <button className="btn primary" disabled={resume.isPending} onClick={() => resume.mutate({ id, pause: false, connection: true }, { onSuccess: onStarted })}><Icon name="play" size={14} />Start</button>
                  <button className="btn" onClick={onBack}>Back</button>
                </div>
              </>
            ) : (
              <>
                {!pulls && data.hook_url && <Hook url={data.hook_url} label={connector.label} only />}
                <FirstEvent id={id} tips={pulls ? TIPS : HOOK_TIPS} onArrived={() => setArrived(true)} />
                {pulls && <StreamList connection={data} mayWrite pausable />}
                {pulls && data.hook_url && connector.webhook && <Hook url={data.hook_url} label={connector.label} />}
                <div className={css.foot}>
                  <Link className={`btn ${arrived ? "primary" : ""}`} to={`/sources/${id}`}><Icon name="arrow-right" size={15} />Go to the source</Link>
                  <Link className="btn" to="/sources/connect">Connect another system</Link>
                </div>
              </>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function Hook({ url, label, only = false }: { url: string; label: string; only?: boolean }) {
  return (
    <div>
      <span className="label">{only ? `Address for ${label} to call` : `Optional: let ${label} call this address, and changes are here in seconds`}</span>
      <CopyLine text={url} label="Copy the webhook address" />
      {!only && <span className={css.help}>What comes both ways is recognised and counted once.</span>}
    </div>
  );
}
