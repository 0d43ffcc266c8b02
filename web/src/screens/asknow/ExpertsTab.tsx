import { useState } from "react";

import type { Opinion, Opinions } from "../../api/brain";
import { useOpinions } from "../../api/brainQueries";
import type { WouldDo } from "../../api/answers";
import type { Ask } from "../../api/contract";
import { useAnswer } from "../../api/queries";
import { percent, scoreWords, words } from "../../format";
import { EvidenceCard } from "../../parts/evidence";
import { Icon } from "../../parts/icons";
import { Bones, Loaded } from "../../parts/states";
import { Badge, Fact } from "../../parts/ui";
import { Link } from "../../router";
import css from "./detail.module.css";
import { expertName } from "./experts";
import { namedActions } from "./inWords";

/** What each expert would do, who disagrees, and what would happen without a person. */
export function ExpertsTab({ ask }: { ask: Ask }) {
  const query = useOpinions(ask.id);
  const labels = new Map(ask.legal_actions.map((one) => [one.action, one.label]));
  const would = useAnswer(ask.id).data?.without;
  return (
    <div className={css.stack}>
      {would && <Without would={would} />}
      <section>
        <h3 className={css.sub}>What the experts advise</h3>
        <Loaded query={query} bones={<Bones rows={3} />}>{(told) => <Panel told={told} labels={labels} />}</Loaded>
      </section>
      <Actions ask={ask} />
      <details className={css.numbers}>
        <summary>The numbers behind the choice</summary>
        <dl>
          <Fact name="Propensity"><span className="num">{ask.propensity.toFixed(4)}</span> <span className="muted">the probability with which this was chosen</span></Fact>
          <Fact name="Expected"><span className="num">{scoreWords(ask.score, ask.interval)}</span></Fact>
          <Fact name="Policy version"><span className="num">{ask.policy_version}</span></Fact>
          <Fact name="Seed"><code className="mono">{ask.seed}</code></Fact>
          {ask.note && <Fact name="Note">{ask.note}</Fact>}
          <Fact name="Decision"><code className="mono tiny">{ask.decision_id}</code></Fact>
        </dl>
      </details>
    </div>
  );
}

type Labels = ReadonlyMap<string, string>;

function Panel({ told, labels }: { told: Opinions; labels: Labels }) {
  const against = told.opinions.filter((one) => one.dissents);
  if (told.opinions.length === 0) return <p className="small muted">No opinion was recorded with this decision.</p>;
  return (
    <>
      <p className={css.agree} data-dissent={against.length > 0}>
        <Icon name={against.length > 0 ? "split" : "check"} size={14} />
        {against.length === 0 ? `They agree on ${actionName(told.leans, told.leans_label, labels)}.` : `${against.map((one) => expertName(one.expert)).join(" and ")} would do something else.`}
      </p>
      <ul className={css.opinions}>{[...told.opinions].sort((a, b) => b.weight - a.weight).map((one) => <OpinionItem key={one.expert} opinion={one} labels={labels} />)}</ul>
    </>
  );
}

function Without({ would }: { would: WouldDo }) {
  return (
    <section className={css.without} data-alone={would.alone}>
      <h3>Without you</h3>
      <p>{would.sentence}</p>
      <Link className="link small" to={`/autonomy?step=${encodeURIComponent(would.step)}&q=${encodeURIComponent(would.title)}`}>{would.stopped ? "Everything is stopped" : `Level ${would.level} for “${would.title}”`}</Link>
    </section>
  );
}

/** What an action is called: its key says more than its label, where it is one. */
const actionName = (key: string, label: string, labels: Labels): string => { const named = namedActions(key, labels); return named === key ? label || words(key) : named; };

function OpinionItem({ opinion, labels }: { opinion: Opinion; labels: Labels }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <div className="row">
        <b className="grow">{expertName(opinion.expert)}</b>
        {opinion.dissents && <Badge tone="warn">disagrees</Badge>}
        <span className="tiny muted num" title="Which share of this choice was its own">{opinion.weight > 0 ? `decided ${percent(opinion.weight, 0)}` : "advice only"}</span>
      </div>
      <p>{actionName(opinion.favourite, opinion.favourite_label, labels)} <span className="muted small num">with {percent(opinion.probability, 0)}{opinion.chance !== null && `; gives it ${percent(opinion.chance, 0)} to be shared`}</span></p>
      {opinion.reason && <p className="small muted">{namedActions(opinion.reason, labels)}</p>}
      {opinion.evidence.length > 0 && (
        <>
          <button className="link small" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? "Hide what it rests on" : `What it rests on (${opinion.evidence.length})`}</button>
          {open && opinion.evidence.map((one, i) => <EvidenceCard key={`${one.record}-${i}`} evidence={one} />)}
        </>
      )}
    </li>
  );
}

const FIRST = 5;

function Actions({ ask }: { ask: Ask }) {
  const [all, setAll] = useState(false);
  const actions = [...ask.legal_actions].sort((a, b) => b.probability - a.probability);
  const labels = new Map(actions.map((one) => [one.action, one.label]));
  const top = Math.max(...actions.map((one) => one.probability), 0.0001);
  const same = actions.filter((one) => Math.abs(one.probability - ask.propensity) < 1e-9);
  const taken = same.length === 1 ? same[0] : same.find((one) => one.label.includes(ask.offer.label));
  return (
    <>
      <section>
        <h3 className={css.sub}>What else was possible, and how likely each was</h3>
        <ul className={css.bars}>
          {(all ? actions : actions.slice(0, FIRST)).map((one) => (
            <li key={one.action} data-taken={one === taken}>
              <span className={css.barText}><span className="clip">{actionName(one.action, one.label, labels)}</span><b className="num">{percent(one.probability)}</b></span>
              <span className={css.bar} aria-hidden><span style={{ width: `${(one.probability / top) * 100}%` }} /></span>
            </li>
          ))}
        </ul>
        {actions.length > FIRST && <button className="link small" onClick={() => setAll(!all)}>{all ? "Show the likeliest only" : `Show all ${actions.length}`}</button>}
      </section>
      <section>
        <h3 className={css.sub}>What was not allowed</h3>
        {ask.blocked.length === 0 ? <p className="small muted">Nothing: no guardrail stood against any action.</p> : (
          <ul className={css.blocked}>{ask.blocked.map((one) => <li key={one.action}><b>{actionName(one.action, words(one.action), labels)}</b><span className="muted">{one.reason}</span></li>)}</ul>
        )}
      </section>
    </>
  );
}
