import { useState } from "react";

import { useConnection, useMappingPreview } from "../../../api/sourceQueries";
import type { Connector } from "../../../api/sources";
import { Code } from "../../../parts/code";
import { Bones, Empty, Failure } from "../../../parts/states";
import { Tabs } from "../../../parts/tabs";
import { EventList, Note, Pair, streamName } from "../events";
import css from "./connect.module.css";

/** A few real records of one stream, each beside the events it becomes. */
export function StreamPreview({ id, streams, first }: { id: string; streams: string[]; first?: string }) {
  const [chosen, setChosen] = useState(first ?? streams[0] ?? "");
  const query = useMappingPreview(id, chosen, true);
  const rows = query.data?.rows ?? [];
  return (
    <>
      <div className={css.previewHead}>
        <Tabs label="Stream" kind="pill" value={chosen} onChange={setChosen} tabs={streams.map((name) => ({ key: name, label: streamName(name) }))} />
        {rows.length > 0 && <span className="small muted num">{rows.length} records, {rows.reduce((sum, row) => sum + row.events.length, 0)} events</span>}
      </div>
      {query.data?.problem && <Note tone="bad" title="The stream could not be read.">{query.data.problem} {query.data.advice}</Note>}
      {query.isFetching && rows.length === 0 ? <Bones rows={4} tall /> : query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : rows.length === 0 && !query.data?.problem ? (
        <Empty icon="inbox" title="This stream is empty">There is no record to show. It is read as soon as there is one.</Empty>
      ) : (
        <div className={css.records}>
          {rows.map((row, i) => (
            <section key={i} className={css.record} aria-label={`Record ${i + 1}`}>
              <Pair left={<Code label={`Record ${i + 1} of ${rows.length}, as it comes`} value={row.record} height={340} />} right={<EventList events={row.events} problem={row.problem} />} />
            </section>
          ))}
        </div>
      )}
    </>
  );
}

export function PreviewStep({ id, connector, onBack, onNext }: { id: string; connector: Connector; onBack: () => void; onNext: () => void }) {
  const connection = useConnection(id, 30_000).data;
  const streams = connection && connection.streams.length > 0 ? connection.streams.filter((one) => one.state !== "off").map((one) => one.name) : connector.streams.map((one) => one.name);
  return (
    <>
      <div className={css.lead}><h2>What {connector.label} brings</h2><p>On the left a record as it comes, on the right the events it becomes. Every record is kept whole, so a better mapping later re-reads the past as well.</p></div>
      {streams.length > 0 ? <StreamPreview key={streams.join()} id={id} streams={streams} /> : <Note tone="plain" title="Nothing to preview.">This system sends by itself; what arrives is shown live after the start.</Note>}
      <div className={css.foot} data-sticky>
        <button className="btn primary" onClick={onNext}>That is right, go on</button>
        <button className="btn" onClick={onBack}>Back</button>
      </div>
    </>
  );
}
