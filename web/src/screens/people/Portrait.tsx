import { useState, type ReactNode } from "react";

import type { GraphEdge, Persona } from "../../api/contract";
import type { Belief, Portrait, Quote } from "../../api/graph";
import { useInfluence, usePortrait } from "../../api/graphQueries";
import { count, words } from "../../format";
import { EdgePanel } from "../../graph/EdgePanel";
import { kindOf } from "../../graph/kinds";
import { Icon, type IconName } from "../../parts/icons";
import { Sheet } from "../../parts/sheet";
import { Bones, Loaded } from "../../parts/states";
import { Badge, type Tone } from "../../parts/ui";
import { Link } from "../../router";
import css from "./portrait.module.css";

const FEELINGS: [RegExp, Tone][] = [[/unhappy|angry|negative|frustrat|complain/i, "bad"], [/delight|love|happy|positive|prais|satisf/i, "good"], [/mixed|torn/i, "warn"]];
const feelingTone = (label: string): Tone => FEELINGS.find(([pattern]) => pattern.test(label))?.[1] ?? "plain";

function Block({ icon, title, children, wide }: { icon: IconName; title: string; children: ReactNode; wide?: boolean }) {
  return (
    <div className={css.block} data-wide={wide}>
      <h3><Icon name={icon} size={14} />{title}</h3>
      {children}
    </div>
  );
}

/** Who they are, what they use, whom they influence, how they feel, and why we believe so. */
export function PortraitCard({ persona }: { persona: Persona }) {
  const query = usePortrait(persona.id);
  return (
    <section aria-label="Portrait" className={css.portrait}>
      <h2 className="sr">Portrait</h2>
      <Loaded query={query} bones={<Bones rows={3} />}>{(portrait) => <Inner portrait={portrait} persona={persona} />}</Loaded>
    </section>
  );
}

const REST = new Set(["name", "title", "seniority", "department", "company", "id", "email", "role"]);

function Who({ portrait, persona }: { portrait: Portrait; persona: Persona }) {
  const { who } = portrait;
  const company = who.company ?? persona.company;
  const facts = [who.role, persona.seniority, persona.department].filter((one): one is string => Boolean(one)).map(words).filter((one, i, all) => all.findIndex((other) => other.toLowerCase().split(", ").includes(one.toLowerCase()) || other.toLowerCase() === one.toLowerCase()) === i);
  const more = Object.entries(who).filter(([name, value]) => !REST.has(name) && (typeof value === "string" || typeof value === "number") && value !== "");
  return (
    <Block icon="user" title="Who they are">
      <p className={css.lead}>{who.title || persona.title || "Title not known"}{company && <> at <Link className="link" to={`/companies/${company.id}`}>{company.name}</Link></>}</p>
      {facts.length > 0 && <p className="row wrap">{facts.map((one) => <Badge key={one}>{one}</Badge>)}</p>}
      {more.length > 0 && <dl className={css.more}>{more.slice(0, 4).map(([name, value]) => <div key={name}><dt>{words(name)}</dt><dd>{words(String(value))}</dd></div>)}</dl>}
    </Block>
  );
}

function Things({ list, none }: { list: Portrait["uses"]; none: string }) {
  const [all, setAll] = useState(false);
  if (list.length === 0) return <p className="small muted">{none}</p>;
  return (
    <ul className={css.things}>
      {(all ? list : list.slice(0, 6)).map((one, i) => {
        const to = one.kind === "persona" && one.id ? `/people/${one.id}` : null;
        return (
          <li key={one.id ?? i}>
            <Icon name={kindOf(one.kind ?? "product").icon} size={13} />
            <span className="grow clip">{to ? <Link className="link" to={to}>{one.name}</Link> : one.name}{one.how && <span className="muted">, {one.how.replace(/_/g, " ")}</span>}</span>
            {one.confidence !== undefined && <span className="num small muted" title="Confidence">{one.confidence.toFixed(2)}</span>}
          </li>
        );
      })}
      {list.length > 6 && <li><button className="link small" onClick={() => setAll(!all)}>{all ? "Fewer" : `All ${list.length}`}</button></li>}
    </ul>
  );
}

const quoteOf = (one: Quote | string): Quote => (typeof one === "string" ? { quote: one } : one);

function Feels({ feels }: { feels: Portrait["feels"] | null }) {
  if (!feels?.label || feels.label === "unknown") return <Block icon="message-square" title="How they feel"><p className="small muted">Nothing they wrote says how they feel.</p></Block>;
  return (
    <Block icon="message-square" title="How they feel">
      <p className="row"><Badge tone={feelingTone(feels.label)}>{words(feels.label)}</Badge><span className="small muted num">confidence {feels.confidence.toFixed(2)}</span></p>
      {feels.quotes.slice(0, 3).map((one, i) => {
        const quote = quoteOf(one);
        return <blockquote key={i} className={css.quote}>{quote.quote}{(quote.source_ref ?? quote.record) && <cite>{quote.source_ref ?? quote.record}</cite>}</blockquote>;
      })}
    </Block>
  );
}

function Influences({ portrait, id }: { portrait: Portrait; id: string }) {
  const influence = useInfluence(id).data;
  return (
    <Block icon="network" title="Whom they influence">
      {influence && influence.score > 0 && (
        <p className="small"><b className="num">{count(influence.rank)}</b> <span className="muted">of {count(influence.of)} by influence</span></p>
      )}
      <Things list={portrait.influences} none="Nobody is known to follow them." />
      {influence && influence.score > 0 && influence.reasons.length > 0 && (
        <details className={css.reasons}>
          <summary>Why that rank</summary>
          <ul>{influence.reasons.map((one, i) => <li key={i}><span className="grow">{one.text}</span><span className="num muted">{one.weight.toFixed(2)}</span></li>)}</ul>
        </details>
      )}
    </Block>
  );
}

function Inner({ portrait, persona }: { portrait: Portrait; persona: Persona }) {
  return (
    <>
      <div className={css.blocks}>
        <Who portrait={portrait} persona={persona} />
        <Block icon="box" title="What they use"><Things list={portrait.uses} none="No use of a product has been seen." /></Block>
        <Influences portrait={portrait} id={persona.id} />
        <Feels feels={portrait.feels} />
      </div>
      <Why beliefs={portrait.beliefs} persona={persona} />
    </>
  );
}

function Why({ beliefs, persona }: { beliefs: Belief[]; persona: Persona }) {
  const [all, setAll] = useState(false);
  const [edge, setEdge] = useState<{ edge: GraphEdge; belief: Belief } | null>(null);
  if (beliefs.length === 0) return <p className={css.none}>Nothing beyond the records is believed of {persona.name} yet.</p>;
  const open = (belief: Belief) => { if (belief.edge) setEdge({ belief, edge: { ...belief.edge, confidence: belief.confidence, inferrer: belief.inferrer ?? "record", valid_from: "", valid_to: null } }); };
  return (
    <div className={css.why}>
      <h3><Icon name="quote" size={14} />Why we believe so</h3>
      <ul>
        {(all ? beliefs : beliefs.slice(0, 6)).map((one, i) => (
          <li key={i}>
            <button className={css.belief} disabled={!one.edge} onClick={() => open(one)}>
              <span className="grow">
                <span>{one.sentence}</span>
                {one.quote && <q className={css.words}>{one.quote}</q>}
                {one.source_ref && <span className="tiny muted">{one.source_ref}</span>}
              </span>
              <span className={css.sure} title={`Confidence ${one.confidence.toFixed(2)}`}><span className={css.meter} aria-hidden><span style={{ width: `${one.confidence * 100}%` }} /></span><b className="num">{one.confidence.toFixed(2)}</b></span>
            </button>
          </li>
        ))}
      </ul>
      {beliefs.length > 6 && <button className="link small" onClick={() => setAll(!all)}>{all ? "The surest only" : `All ${beliefs.length} beliefs`}</button>}
      {edge && (
        <Sheet title="Why we believe it" onClose={() => setEdge(null)}>
          <EdgePanel edge={edge.edge} ends={{}} />
        </Sheet>
      )}
    </div>
  );
}
