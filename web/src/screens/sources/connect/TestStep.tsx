import { useQuery } from "@tanstack/react-query";

import { write } from "../../../api/client";
import { useConnection } from "../../../api/sourceQueries";
import type { Connector, TestResult } from "../../../api/sources";
import { Icon } from "../../../parts/icons";
import { Bones, Failure } from "../../../parts/states";
import { Link } from "../../../router";
import { Note, streamName } from "../events";
import css from "./connect.module.css";

/** Asks the system for a little of each stream and says in words what worked. */
export function useTest(id: string, on = true) {
  return useQuery({
    queryKey: ["connection-test", id], queryFn: () => write<TestResult>(`/api/connections/${id}/test`), enabled: on && id !== "", staleTime: Infinity, retry: false,
    // Whoever comes back from signing in elsewhere finds the answer.
    refetchOnWindowFocus: (query) => (query.state.data?.ok === false ? "always" : false),
  });
}

export function TestResults({ result }: { result: TestResult }) {
  const good = result.streams.filter((one) => one.ok).length;
  return (
    <>
      {result.ok ? (
        <Note tone="good" title="It works.">{result.account ? `Signed in as ${result.account}. ` : ""}{good === 0 ? "It is reached." : good === 1 ? "The stream can be read." : `All ${good} streams can be read.`}</Note>
      ) : (
        <Note tone="bad" title={result.problem || (good > 0 ? `${result.streams.length - good} of ${result.streams.length} streams cannot be read.` : "Nothing can be read yet.")}>{result.advice}</Note>
      )}
      {result.streams.length > 0 && <ul className={css.list}>
        {result.streams.map((stream) => (
          <li key={stream.name}>
            <span data-tone={stream.ok ? "good" : "bad"}><Icon name={stream.ok ? "circle-check" : "circle-x"} size={16} label={stream.ok ? "Works" : "Does not work"} /></span>
            <div className="grow"><b className="strong">{streamName(stream.name)}</b><p className="small muted" style={{ overflowWrap: "anywhere" }}>{stream.ok ? (stream.records > 0 ? "Can be read" : "Can be read; there is nothing in it yet") : [stream.problem || "It did not answer.", stream.advice].filter(Boolean).join(" ")}</p></div>
          </li>
        ))}
      </ul>}
    </>
  );
}

export function TestStep({ id, connector, onNext }: { id: string; connector: Connector; onNext: () => void }) {
  const connection = useConnection(id);
  const test = useTest(id, connection.data !== undefined);
  const needsSignIn = connection.data?.auth === "oauth2" && (connection.data.state === "needs_auth" || test.data?.ok === false);
  if (connection.data === undefined && connection.isError) return <Failure failure={connection.error} retry={() => void connection.refetch()} />;
  const working = test.data?.streams.filter((one) => one.ok).length ?? 0;
  const passes = working > 0 || test.data?.ok === true;
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
        <button className="btn primary" disabled={test.isFetching || !passes} onClick={onNext}>{test.data && !test.data.ok && working > 0 ? `Go on with ${working} of ${test.data.streams.length}` : "Go on"}</button>
        <button className="btn" disabled={test.isFetching} onClick={() => void test.refetch()}><Icon name="refresh-cw" size={14} />Test again</button>
        {test.data && !test.data.ok && <Link className="btn quiet" to={`/sources/${id}?tab=overview&edit=access`}>Change the access</Link>}
      </div>
    </>
  );
}
