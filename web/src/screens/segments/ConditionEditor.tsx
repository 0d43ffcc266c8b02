import type { ReactNode } from "react";

import { useVocabulary } from "../../api/graphQueries";
import type { Comparison, Condition, Edges, Property } from "../../api/segments";
import { words } from "../../format";
import { edgeName, NODE_KINDS } from "../../graph/kinds";
import { Icon } from "../../parts/icons";
import { SelfMenu } from "../../parts/menu";
import css from "./segments.module.css";
import { COMPANY_PROPERTIES, COMPARISONS, FRESH, PERSON_PROPERTIES, textOf, valueOf } from "./conditions";

type Change<T> = (next: T) => void;
const DEEPEST = 4; // the server takes more; nobody reads more

/** A list of sentences of which all, or any one, must hold. */
export function GroupEditor({ group, onChange, inCompany = false, depth = 0, lead }: {
  group: Condition & { type: "all" | "any" }; onChange: Change<Condition>; inCompany?: boolean; depth?: number; lead: string;
}) {
  const change = (i: number, next: Condition | null) => onChange({ ...group, of: group.of.flatMap((one, at) => (at === i ? (next ? [next] : []) : [one])) });
  const kinds = [
    ...(inCompany ? [] : [{ id: "edges", label: "what they do or are tied to", hint: "edge" }]), ...(inCompany ? [{ id: "edges", label: "what it does or is tied to", hint: "edge" }] : []),
    { id: "property", label: inCompany ? "what is known of it" : "what is known of them", hint: "property" },
    ...(inCompany ? [] : [{ id: "company", label: "their company", hint: "company" }, { id: "influence", label: "their influence", hint: "score" }]),
    ...(depth < DEEPEST ? [{ id: "group", label: "several of which one is enough", hint: "group" }] : []),
  ];
  const fresh = (id: string): Condition => {
    const made = (FRESH[id] ?? FRESH.property)!();
    return inCompany && made.type === "property" ? { ...made, name: "segment", op: "eq" } : inCompany && made.type === "edges" ? { ...made, kind: "adopted" } : inCompany && made.type === "any" ? { ...made, of: [{ type: "property", name: "segment", op: "eq", value: "" }] } : made;
  };
  return (
    <div className={css.group} data-depth={depth}>
      <p className={css.lead}>
        {lead}{" "}
        <select className={css.inline} aria-label="How many must hold" value={group.type} onChange={(event) => onChange({ ...group, type: event.target.value as "all" | "any" })}>
          <option value="all">all of these</option><option value="any">any of these</option>
        </select>
      </p>
      <ul className={css.rows}>
        {group.of.map((one, i) => <li key={i}><RowEditor condition={one} onChange={(next) => change(i, next)} inCompany={inCompany} depth={depth} /></li>)}
      </ul>
      <SelfMenu label="Add a sentence about" className="btn small" button={<><Icon name="plus" size={14} />Add a sentence</>} choices={kinds} onChoose={(id) => onChange({ ...group, of: [...group.of, fresh(id)] })} />
    </div>
  );
}

function RowEditor({ condition, onChange, inCompany, depth }: { condition: Condition; onChange: Change<Condition | null>; inCompany: boolean; depth: number }) {
  const negated = condition.type === "not";
  const held = negated ? condition.of : condition;
  const set = (next: Condition) => onChange(negated ? { type: "not", of: next } : next);
  return (
    <div className={css.row} data-kind={held.type}>
      <button className={css.not} aria-pressed={negated} title="Turn this sentence into its opposite" onClick={() => onChange(negated ? held : { type: "not", of: held })}>not</button>
      <div className={css.sentence}>{body(held, set, inCompany, depth)}</div>
      <button className="btn quiet square small" aria-label="Remove this sentence" onClick={() => onChange(null)}><Icon name="trash-2" size={14} /></button>
    </div>
  );
}

function body(held: Condition, set: Change<Condition>, inCompany: boolean, depth: number): ReactNode {
  switch (held.type) {
    case "property": return <PropertySentence lead={inCompany ? "its" : "their"} property={held} onChange={set} names={inCompany ? COMPANY_PROPERTIES : PERSON_PROPERTIES} />;
    case "edges": return <EdgeSentence edges={held} onChange={set} inCompany={inCompany} />;
    case "influence": return <InfluenceSentence least={held.at_least ?? 0} most={held.at_most ?? 1} onChange={(at_least, at_most) => set({ type: "influence", at_least, ...(at_most < 1 ? { at_most } : {}) })} />;
    case "company": return <GroupEditor lead="they work at a company of which" group={held.of.type === "all" || held.of.type === "any" ? held.of : { type: "all", of: [held.of] }} onChange={(of) => set({ type: "company", of })} inCompany depth={depth + 1} />;
    case "all": case "any": return <GroupEditor lead="of" group={held} onChange={set} inCompany={inCompany} depth={depth + 1} />;
    case "not": return <RowEditor condition={held} onChange={(next) => next && set(next)} inCompany={inCompany} depth={depth + 1} />;
  }
}

function PropertySentence({ property, onChange, names, lead }: { property: Property; onChange: Change<Property>; names: string[]; lead: string }) {
  const op = property.op ?? "exists";
  const choices = names.includes(property.name) ? names : [property.name, ...names];
  const needs = COMPARISONS.find((one) => one.op === op)?.value ?? true;
  const text = textOf(property.value);
  return (
    <>
      <span>{lead}</span>
      <select className={css.inline} aria-label="Property" value={property.name} onChange={(event) => onChange({ ...property, name: event.target.value })}>{choices.map((name) => <option key={name} value={name}>{words(name).toLowerCase()}</option>)}</select>
      <select
        className={css.inline} aria-label="Comparison" value={op}
        onChange={(event) => { const next = event.target.value as Comparison; onChange(next === "exists" ? { type: "property", name: property.name, op: next } : { ...property, op: next, value: valueOf(text, next) }); }}
      >
        {COMPARISONS.map((one) => <option key={one.op} value={one.op}>{one.text}</option>)}
      </select>
      {needs && <input key={op} className={css.inlineField} aria-label="Value" placeholder={op === "in" ? "one, another" : "value"} defaultValue={text} onChange={(event) => onChange({ ...property, value: valueOf(event.target.value, op) })} />}
    </>
  );
}

type Many = "some" | "none" | "least";

function EdgeSentence({ edges, onChange, inCompany }: { edges: Edges; onChange: Change<Edges>; inCompany: boolean }) {
  const vocabulary = useVocabulary().data?.edges ?? [];
  const known = vocabulary.filter((one) => { const ends = [one.from, one.to].flat(); return ends.length === 0 || ends.includes(inCompany ? "company" : "persona"); }).map((one) => one.name);
  const names = [...new Set([edges.kind, ...(known.length > 0 ? known : ["uses", "champion_of", "praised", "complained_of", "influences", "referred", "opened"])])].sort();
  const many: Many = edges.at_most === 0 ? "none" : (edges.at_least ?? 1) > 1 ? "least" : "some";
  const count = (next: Many): Partial<Edges> => (next === "none" ? { at_least: 0, at_most: 0 } : next === "least" ? { at_least: 2, at_most: null } : { at_least: 1, at_most: null });
  const put = (change: Partial<Edges>) => onChange({ ...edges, ...change });
  const named = (edges.keys ?? [])[0] ?? "";
  const [nodeKind = "product", ...rest] = named.split(":");
  return (
    <>
      <span>{inCompany ? "it has" : "they have"}</span>
      <select className={css.inline} aria-label="How many edges" value={many} onChange={(event) => put(count(event.target.value as Many))}><option value="some">an</option><option value="least">at least</option><option value="none">no</option></select>
      {many === "least" && <input className={css.inlineNumber} type="number" min={2} max={1000} aria-label="At least" value={edges.at_least ?? 2} onChange={(event) => put({ at_least: Math.max(1, Number(event.target.value) || 1) })} />}
      <select className={css.inline} aria-label="Kind of edge" value={edges.kind} onChange={(event) => put({ kind: event.target.value })}>{names.map((name) => <option key={name} value={name}>{edgeName(name).toLowerCase()}</option>)}</select>
      <select className={css.inline} aria-label="Direction" value={edges.direction ?? "out"} onChange={(event) => put({ direction: event.target.value as "out" | "in" })}><option value="out">edge to</option><option value="in">edge from</option></select>
      <select
        className={css.inline} aria-label="Which end" value={named ? nodeKind : ""}
        onChange={(event) => put({ keys: event.target.value ? [`${event.target.value}:${rest.join(":")}`] : [] })}
      >
        <option value="">anything</option>{Object.keys(NODE_KINDS).filter((kind) => kind !== "persona").map((kind) => <option key={kind} value={kind}>the {words(kind).toLowerCase()}</option>)}
      </select>
      {named && <input className={css.inlineField} aria-label="Its key" placeholder="dispatch" defaultValue={rest.join(":")} onChange={(event) => put({ keys: [`${nodeKind}:${event.target.value.trim()}`] })} />}
      <select className={css.inline} aria-label="State" value={edges.state ?? "current"} onChange={(event) => put({ state: event.target.value as Edges["state"] })}><option value="current">that holds now</option><option value="ended">that ended</option><option value="any">now or before</option></select>
      <span>{edges.by === "began" ? "begun" : "seen"}</span>
      <select
        className={css.inline} aria-label="When" value={edges.within_days ? String(edges.within_days) : ""}
        onChange={(event) => put({ within_days: event.target.value ? Number(event.target.value) : null })}
      >
        <option value="">at any time</option>{[...new Set([7, 30, 90, 180, 365, ...(edges.within_days ? [edges.within_days] : [])])].map((days) => <option key={days} value={days}>in the last {days} days</option>)}
      </select>
      <label className={css.inlineLabel}>sure from<input className={css.inlineNumber} type="number" min={0} max={0.99} step={0.05} value={edges.confidence ?? 0} onChange={(event) => put({ confidence: Math.min(0.99, Math.max(0, Number(event.target.value) || 0)) })} /></label>
    </>
  );
}

function InfluenceSentence({ least, most, onChange }: { least: number; most: number; onChange: (least: number, most: number) => void }) {
  return (
    <>
      <span>their influence is between</span>
      <input className={css.inlineNumber} type="number" min={0} max={1} step={0.05} aria-label="Least influence" value={least} onChange={(event) => onChange(Number(event.target.value), most)} />
      <span>and</span>
      <input className={css.inlineNumber} type="number" min={0} max={1} step={0.05} aria-label="Most influence" value={most} onChange={(event) => onChange(least, Number(event.target.value))} />
    </>
  );
}
