import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import type { GraphEdge, GraphNode, Id, Neighbourhood } from "../api/contract";
import type { EdgeVersion } from "../api/graph";
import { useEdgeHistory, useVocabulary } from "../api/graphQueries";
import { one, useEdgeEvidence } from "../api/queries";
import { ago, day, moment } from "../format";
import { EvidenceCard, InferrerBadge } from "../parts/evidence";
import { useNow } from "../parts/hooks";
import { Icon } from "../parts/icons";
import { Bones, Loaded } from "../parts/states";
import { Badge } from "../parts/ui";
import { Link } from "../router";
import { useKnownSession } from "../session";
import { cameAbout } from "./believed";
import css from "./edge.module.css";
import { Finder } from "./Finder";
import { edgeWords } from "./kinds";
import { useEdgeReview } from "./review";

type Ends = { src?: GraphNode; dst?: GraphNode };

function Name({ id, node }: { id: Id; node: GraphNode | undefined }) {
  const to = node?.kind === "persona" ? `/people/${id}` : node?.kind === "company" ? `/companies/${id}` : null;
  return to ? <Link className="link" to={to}>{node?.name}</Link> : <b>{node?.name ?? "…"}</b>;
}

/** What an end is called, asked only where it is not known already. */
function useNode(id: Id, known: GraphNode | undefined): GraphNode | undefined {
  const query = useQuery({ ...one<Neighbourhood>(["node", id], `/api/entities/${id}/neighbourhood?limit=1`, { on: known === undefined }), staleTime: 300_000 });
  return known ?? query.data?.nodes.find((node) => node.id === id);
}

/** An edge that was only named, with what is believed of it now. */
function useBelieved(edge: GraphEdge): GraphEdge {
  const query = useQuery({ ...one<{ rows: EdgeVersion[] }>(["edge-history", edge.kind, edge.src, edge.dst], `/api/edges/${edge.kind}/${edge.src}/${edge.dst}/history`, { on: edge.valid_from === "" }) });
  const newest = query.data?.rows[0];
  return edge.valid_from === "" && newest ? { ...edge, confidence: newest.confidence, valid_from: newest.valid_from, valid_to: newest.valid_to ?? newest.retired_at, inferrer: newest.inferrer } : edge;
}

/** Everything about one edge: what it says, how sure that is and why, since when, and what a person says to it. */
export function EdgePanel({ edge: asked, ends: given, onClose, level = "h2", head, gone = false }: { edge: GraphEdge; ends: Ends; onClose?: () => void; level?: "h2" | "h3"; head?: ReactNode; gone?: boolean }) {
  const edge = useBelieved(asked);
  const ends = { src: useNode(edge.src, given.src), dst: useNode(edge.dst, given.dst) };
  const evidence = useEdgeEvidence(edge.kind, edge.src, edge.dst);
  const kind = useVocabulary().data?.edges.find((one) => one.name === edge.kind);
  const now = useNow(60_000);
  const sentence = `${ends.src?.name ?? edge.src} ${edgeWords(edge.kind)} ${ends.dst?.name ?? edge.dst}`;
  const Title = level;
  return (
    <section className={css.panel} aria-label="The chosen edge">
      <header className={css.head}>
        <Title className={css.sentence}><Name id={edge.src} node={ends.src} /> {edgeWords(edge.kind)} <Name id={edge.dst} node={ends.dst} /></Title>
        {onClose && <button className="btn quiet square small" aria-label="Close the edge" onClick={onClose}><Icon name="x" size={14} /></button>}
      </header>
      {head}
      <div className={css.belief}>
        {gone ? <Badge tone="warn">not believed</Badge> : (
          <>
            <span className={css.meter} role="img" aria-label={`Confidence ${edge.confidence.toFixed(2)}`}><span style={{ width: `${edge.confidence * 100}%` }} /></span>
            <b className="num">{edge.confidence.toFixed(2)}</b>
            <InferrerBadge inferrer={edge.inferrer} confidence={edge.confidence} />
          </>
        )}
        {edge.valid_from && <span className="small muted">{edge.valid_to ? `${day(edge.valid_from)} to ${day(edge.valid_to)}` : `since ${day(edge.valid_from)} (${ago(edge.valid_from, now)})`}</span>}
      </div>
      <Loaded query={evidence} bones={<Bones rows={2} />}>
        {({ rows }) => (
          <>
            <p className={css.how}>{cameAbout(gone ? null : edge.confidence, rows, kind)}</p>
            <ReviewBar edge={edge} sentence={sentence} />
            <Title className={css.title}>Evidence</Title>
            {rows.length === 0 && <p className="muted small">No evidence stands behind this edge any more; it will be retracted.</p>}
            <ul className={css.evidence}>
              {rows.map((one, i) => (
                <li key={`${one.event_id}-${i}`} data-against={!one.supports} data-gone={one.retracted_at !== null}>
                  <EvidenceCard evidence={one}>
                    {(!one.supports || one.retracted_at || one.counts === false) && (
                      <p className="row" style={{ marginTop: 8 }}>
                        {one.counts === false ? <Badge>taken back or replaced</Badge> : !one.supports && <Badge tone="bad">speaks against</Badge>}
                        {one.retracted_at && <Badge>retracted {day(one.retracted_at)}</Badge>}
                      </p>
                    )}
                  </EvidenceCard>
                </li>
              ))}
            </ul>
          </>
        )}
      </Loaded>
      <History edge={edge} />
    </section>
  );
}

function ReviewBar({ edge, sentence }: { edge: GraphEdge; sentence: string }) {
  const mayWrite = useKnownSession().may.includes("people.write");
  const { say, busy } = useEdgeReview(edge, sentence);
  const [correcting, setCorrecting] = useState(false);
  const [note, setNote] = useState("");
  if (!mayWrite) return <p className="small muted">Your role reads the graph; another role accepts and rejects.</p>;
  return (
    <div className={css.review}>
      <div className="row wrap" role="group" aria-label="What you say about this edge">
        <button className="btn small" disabled={busy} onClick={() => void say({ verdict: "confirm", note })}><Icon name="check" size={14} />Accept</button>
        <button className="btn small danger" disabled={busy} onClick={() => void say({ verdict: "refute", note })}><Icon name="x" size={14} />Reject</button>
        <button className="btn small" disabled={busy} aria-expanded={correcting} onClick={() => setCorrecting(!correcting)}><Icon name="pencil" size={14} />Correct</button>
      </div>
      {correcting && (
        <div className={css.correct}>
          <p className="small muted">Who or what should stand in place of the end of this sentence?</p>
          <Finder label="Right end of the edge" onFound={(found) => { setCorrecting(false); void say({ verdict: "correct", corrected: found.id, note }); }} />
          <label className="label" style={{ margin: "4px 0 0" }}>
            Note, if it helps the next reader
            <input className="field" style={{ marginTop: 5 }} value={note} maxLength={400} onChange={(event) => setNote(event.target.value)} />
          </label>
        </div>
      )}
    </div>
  );
}

function History({ edge }: { edge: GraphEdge }) {
  const [open, setOpen] = useState(false);
  return (
    <section className={css.history}>
      <button className={css.fold} aria-expanded={open} onClick={() => setOpen(!open)}><span data-open={open}><Icon name="chevron-right" size={14} /></span>History of this belief</button>
      {open && <Versions edge={edge} />}
    </section>
  );
}

function Versions({ edge }: { edge: GraphEdge }) {
  const query = useEdgeHistory(edge.kind, edge.src, edge.dst);
  return (
    <Loaded query={query} bones={<Bones rows={1} />}>
      {({ rows }) => (
        <ol className={css.versions}>
          {rows.map((one, i) => (
            <li key={i}>
              <time dateTime={one.recorded_at} className="num">{moment(one.recorded_at)}</time>
              <span className={css.meter} aria-hidden><span style={{ width: `${one.confidence * 100}%` }} /></span>
              <b className="num">{one.confidence.toFixed(2)}</b>
              <span className="muted">{one.retired_at ? `until ${moment(one.retired_at)}` : "believed now"}</span>
            </li>
          ))}
          {rows.length === 0 && <li className="muted">Nothing was believed before.</li>}
        </ol>
      )}
    </Loaded>
  );
}
