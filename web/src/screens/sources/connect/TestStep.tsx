import { useState } from "react";

import { useConnection } from "../../../api/sourceQueries";
import type { Connector } from "../../../api/sources";
import { Icon } from "../../../parts/icons";
import { Bones, Failure } from "../../../parts/states";
import { AccessSheet } from "../detail/AccessSheet";
import { Note, streamName } from "../events";
import { useStreams } from "../writes";
import css from "./connect.module.css";
import { TestResults, useTest } from "./TestResults";

/** One small read of each stream; what cannot be read is mended here or left out. */
export function TestStep({ id, connector, onNext }: { id: string; connector: Connector; onNext: () => void }) {
  const connection = useConnection(id);
  const test = useTest(id, connection.data !== undefined);
  const [changing, setChanging] = useState(false);
  const streams = useStreams(id);
  const needsSignIn = connection.data?.auth === "oauth2" && (connection.data.state === "needs_auth" || test.data?.ok === false);
  if (connection.data === undefined && connection.isError) return <Failure failure={connection.error} retry={() => void connection.refetch()} />;
  const working = test.data?.streams.filter((one) => one.ok).map((one) => one.name) ?? [];
  const broken = test.data?.streams.filter((one) => !one.ok).map((one) => one.name) ?? [];
  const passes = working.length > 0 || test.data?.ok === true;
  const partly = passes && broken.length > 0;
  const next = () => (partly ? streams.choose(working, onNext) : onNext());
  return (
    <>
      <div className={css.lead}><h2>{needsSignIn ? `Sign in at ${connector.label}` : "Does it answer?"}</h2><p>{needsSignIn ? `${connector.label} asks you whether Honeyguide may read. Come back here when you have agreed: it is tested again by itself.` : `One small read of each stream. Nothing is kept.`}</p></div>
      {needsSignIn && (
        <div className={css.foot}>
          {connection.data?.authorize_url
            ? <a className="btn primary" href={connection.data.authorize_url} target="_blank" rel="noopener noreferrer"><Icon name="external-link" size={15} />Sign in at {connector.label}</a>
            : <Note tone="warn" title="There is no address to sign in at.">{connection.data?.problem || "Check the client id and secret of the connection."}</Note>}
        </div>
      )}
      {(test.isFetching ? <Bones rows={Math.max(3, Math.min(6, connector.streams.length))} /> : test.isError ? <Failure failure={test.error} retry={() => void test.refetch()} /> : test.data && <TestResults result={test.data} />)}
      <div className={css.foot}>
        {(passes || (test.isFetching && !test.data)) && <button className="btn primary" disabled={test.isFetching || streams.isPending} onClick={next}>{partly ? `Go on without ${broken.length === 1 ? streamName(broken[0] ?? "") : `these ${broken.length}`}` : "Go on"}</button>}
        {test.data && !test.data.ok && <button className={passes ? "btn" : "btn primary"} disabled={test.isFetching} onClick={() => setChanging(true)}><Icon name="pencil" size={14} />Change the access</button>}
        <button className="btn" disabled={test.isFetching} onClick={() => void test.refetch()}><Icon name="refresh-cw" size={14} />Test again</button>
      </div>
      {changing && connection.data && <AccessSheet connection={connection.data} onClose={() => setChanging(false)} />}
    </>
  );
}
