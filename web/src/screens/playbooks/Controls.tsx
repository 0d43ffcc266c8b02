import type { ReactNode } from "react";

import { CHOICES, type Step, type Test } from "../../api/playbooks";
import { words } from "../../format";
import { Icon } from "../../parts/icons";
import css from "./playbooks.module.css";
import { CHANNELS, FACTS, KINDS, LENGTHS, OPS, plain, STOPS, TONES, type Field } from "./sentences";

type Change = (step: Step) => void;

/** The controls behind one sentence. */
export function Controls({ field, step, onChange }: { field: Field; step: Step; onChange: Change }): ReactNode {
  switch (field) {
    case "when":
      return (
        <>
          <Pick label="Moments" all={CHOICES.moments} chosen={step.moments} name={(kind) => KINDS[kind] ?? plain(kind)} onChange={(moments) => onChange({ ...step, moments })} />
          <AudienceEditor step={step} onChange={onChange} />
        </>
      );
    case "offers": return <OffersEditor step={step} onChange={onChange} />;
    case "wording":
      return (
        <>
          <Pick label="Tones, the first is preferred" all={CHOICES.tones} chosen={step.tones} name={(one) => TONES[one] ?? plain(one)} onChange={(tones) => onChange({ ...step, tones })} />
          <Pick label="Length" all={CHOICES.lengths} chosen={step.lengths} name={(one) => LENGTHS[one] ?? plain(one)} onChange={(lengths) => onChange({ ...step, lengths })} />
          <Pick label="Channels" all={CHOICES.channels} chosen={step.channels} name={(one) => CHANNELS[one] ?? plain(one)} onChange={(channels) => onChange({ ...step, channels })} />
        </>
      );
    case "cadence":
      return (
        <div className={css.line}>
          <span>Ask the same person at most</span><Num label="Asks a year" value={step.cadence.per_year} min={1} max={8} onChange={(per_year) => onChange({ ...step, cadence: { ...step.cadence, per_year } })} /><span>times a year, with at least</span>
          <Num label="Days between two asks" value={step.cadence.gap_days} min={21} max={365} onChange={(gap_days) => onChange({ ...step, cadence: { ...step.cadence, gap_days } })} /><span>days in between. The contact budget allows no less than 21 days and no more than 8.</span>
        </div>
      );
    case "follow_up": return <FollowUpEditor step={step} onChange={onChange} />;
    case "stop": return <StopEditor step={step} onChange={onChange} />;
  }
}

/** Several of a few: each is a switch, and the last one stays on. */
function Pick({ label, all, chosen, name, onChange }: { label: string; all: readonly string[]; chosen: string[]; name: (one: string) => string; onChange: (next: string[]) => void }) {
  return (
    <div className={css.pick} role="group" aria-label={label}>
      <span className={css.pickLabel} aria-hidden>{label}</span>
      {all.map((one) => {
        const on = chosen.includes(one);
        const last = on && chosen.length === 1;
        return <button key={one} type="button" className={css.chip} aria-pressed={on} disabled={last} title={last ? "One must stay" : undefined} onClick={() => onChange(on ? chosen.filter((other) => other !== one) : [...chosen, one])}>{on && <Icon name="check" size={12} />}{name(one)}</button>;
      })}
    </div>
  );
}

function Num({ label, value, min, max, onChange }: { label: string; value: number; min: number; max: number; onChange: (value: number) => void }) {
  return <input className={css.num} type="number" aria-label={label} min={min} max={max} value={value} onChange={(event) => onChange(Math.max(0, Math.min(max, Math.round(Number(event.target.value) || 0))))} onBlur={() => { if (value < min) onChange(min); }} />;
}

function Select({ label, value, options, name, onChange }: { label: string; value: string; options: readonly string[]; name: (one: string) => string; onChange: (value: string) => void }) {
  return <select className={css.select} aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>{(options.includes(value) ? options : [value, ...options]).map((one) => <option key={one} value={one}>{name(one)}</option>)}</select>;
}

function OffersEditor({ step, onChange }: { step: Step; onChange: Change }) {
  const put = (offers: Step["offers"]) => onChange({ ...step, offers });
  return (
    <>
      <Pick label="Offers, the first is preferred" all={CHOICES.incentives} chosen={step.offers.map((one) => one.incentive)} name={plain} onChange={(next) => put(next.map((incentive) => step.offers.find((one) => one.incentive === incentive) ?? { incentive, sizes: ["medium"] }))} />
      {step.offers.map((offer) => <Pick key={offer.incentive} label={`Sizes of ${plain(offer.incentive)}`} all={CHOICES.sizes} chosen={offer.sizes} name={plain} onChange={(sizes) => put(step.offers.map((one) => (one === offer ? { ...one, sizes } : one)))} />)}
    </>
  );
}

function FollowUpEditor({ step, onChange }: { step: Step; onChange: Change }) {
  const follow = step.follow_up;
  const put = (change: Partial<NonNullable<Step["follow_up"]>>) => follow && onChange({ ...step, follow_up: { ...follow, ...change } });
  return (
    <div className={css.line}>
      <Select label="Whether to remind" value={follow ? "yes" : "no"} options={["yes", "no"]} name={(one) => (one === "yes" ? "Remind them" : "Do not remind them")} onChange={(one) => onChange({ ...step, follow_up: one === "yes" ? { after_days: 7, tone: step.tones[0] ?? "brief", channel: step.channels[0] ?? "email", most: 1 } : null })} />
      {follow && (
        <>
          <span>after</span><Num label="Days until the reminder" value={follow.after_days} min={3} max={60} onChange={(after_days) => put({ after_days })} /><span>days without an answer,</span>
          <Select label="How many reminders" value={String(follow.most)} options={["1", "2"]} name={(one) => (one === "1" ? "once" : "up to twice")} onChange={(one) => put({ most: Number(one) })} />
          <Select label="Tone of the reminder" value={follow.tone} options={CHOICES.tones} name={(one) => TONES[one] ?? plain(one)} onChange={(tone) => put({ tone })} />
          <Select label="Channel of the reminder" value={follow.channel} options={step.channels} name={(one) => CHANNELS[one] ?? plain(one)} onChange={(channel) => put({ channel })} />
        </>
      )}
    </div>
  );
}

function StopEditor({ step, onChange }: { step: Step; onChange: Change }) {
  const has = (when: string) => step.stop.some((one) => one.when === when);
  const toggle = (when: string) => onChange({ ...step, stop: has(when) ? step.stop.filter((one) => one.when !== when) : [...step.stop, { when, n: when === "asks_without_share" ? 3 : 0 }] });
  const counted = step.stop.find((one) => one.when === "asks_without_share");
  return (
    <>
      <div className={css.pick} role="group" aria-label="When it stops">
        {Object.entries(STOPS).map(([when, text]) => <button key={when} type="button" className={css.chip} aria-pressed={has(when)} onClick={() => toggle(when)}>{has(when) && <Icon name="check" size={12} />}{text}</button>)}
      </div>
      {counted && <div className={css.line}><span>It stops after</span><Num label="Asks without a share" value={counted.n} min={1} max={20} onChange={(n) => onChange({ ...step, stop: step.stop.map((one) => (one === counted ? { ...one, n } : one)) })} /><span>asks without a share.</span></div>}
    </>
  );
}

function AudienceEditor({ step, onChange }: { step: Step; onChange: Change }) {
  const put = (which: "all" | "any", tests: Test[]) => onChange({ ...step, audience: { ...step.audience, [which]: tests } });
  const group = (which: "all" | "any", lead: string, add: string) => (
    <div className={css.tests} role="group" aria-label={lead}>
      {step.audience[which].length > 0 && <span className={css.pickLabel}>{lead}</span>}
      {step.audience[which].map((test, i) => (
        <TestEditor key={i} test={test} onChange={(next) => put(which, step.audience[which].flatMap((one, at) => (at === i ? (next ? [next] : []) : [one])))} />
      ))}
      <button type="button" className="btn small" onClick={() => put(which, [...step.audience[which], { fact: "seniority", op: "one_of", value: ["director", "vp"] }])}><Icon name="plus" size={13} />{add}</button>
    </div>
  );
  return <>{group("all", "All of these must hold", "Add a condition")}{group("any", "And at least one of these", "Add an alternative")}</>;
}

function TestEditor({ test, onChange }: { test: Test; onChange: (next: Test | null) => void }) {
  const kind = FACTS[test.fact]?.kind ?? "word";
  const ops = kind === "word" ? ["is", "one_of"] : kind === "yesno" ? ["is"] : ["at_least", "at_most", "is"];
  const fresh = (fact: string): Test => {
    const next = FACTS[fact]?.kind ?? "word";
    return next === "word" ? { fact, op: "is", value: "" } : next === "yesno" ? { fact, op: "is", value: true } : { fact, op: "at_least", value: 1 };
  };
  return (
    <div className={css.line}>
      <Select label="Fact" value={test.fact} options={Object.keys(FACTS)} name={(one) => FACTS[one]?.text ?? words(one)} onChange={(fact) => onChange(fresh(fact))} />
      {kind !== "yesno" && <Select label="Comparison" value={test.op} options={ops} name={(one) => OPS.find((op) => op.op === one)?.text ?? plain(one)} onChange={(op) => onChange({ ...test, op, value: op === "one_of" ? [String(test.value)].flat().filter(Boolean) : Array.isArray(test.value) ? (test.value[0] ?? "") : test.value })} />}
      {kind === "yesno" ? <Select label="Value" value={String(test.value)} options={["true", "false"]} name={(one) => (one === "true" ? "yes" : "no")} onChange={(one) => onChange({ ...test, value: one === "true" })} />
        : kind === "word" ? <input className={css.text} aria-label="Value" placeholder={test.op === "one_of" ? "director, vp" : "director"} defaultValue={Array.isArray(test.value) ? test.value.join(", ") : String(test.value)} onChange={(event) => onChange({ ...test, value: test.op === "one_of" ? event.target.value.split(",").map((one) => one.trim()).filter(Boolean) : event.target.value.trim() })} />
          : <input className={css.num} type="number" step="any" aria-label="Value" value={Number(test.value)} onChange={(event) => onChange({ ...test, value: Number(event.target.value) || 0 })} />}
      <button type="button" className="btn quiet square small" aria-label="Remove this condition" onClick={() => onChange(null)}><Icon name="trash-2" size={13} /></button>
    </div>
  );
}
