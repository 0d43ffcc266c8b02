import { useQuery } from "@tanstack/react-query";

import { write } from "../../../api/client";
import type { TestResult } from "../../../api/sources";
import { Icon } from "../../../parts/icons";
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
      ) : good > 0 ? (
        <Note tone="warn" title={`${good} of ${result.streams.length} streams can be read.`}>What the others lack stands below. They can be left out now and brought later.</Note>
      ) : (
        <Note tone="bad" title={result.problem || "Nothing can be read yet."}>{result.advice}</Note>
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
