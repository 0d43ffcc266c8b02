import type { EarnForm, GroupForm, OfferForm } from "../../api/programs";
import { Icon } from "../../parts/icons";
import { Add, Amount, Drop, Line, Num, Text, Word } from "../../parts/inline";
import { SelfMenu } from "../../parts/menu";
import { ConditionsLine } from "./ConditionsLine";
import { addReward, linesOf, ruleFor, withEarn, withOffer, type RewardLine } from "./model";
import css from "./builder.module.css";
import { COMPANY_FACTS, FACTS, INCENTIVES, measure, SIZES, triggerKey, triggerOf, WHEN, WHO_EARNS } from "./words";

type Change = (next: GroupForm) => void;
type Props = { group: GroupForm; number: number; of: number; currency: string; mayWrite: boolean; advocates: number | null; onChange: Change; onRemove: () => void; onMove: (step: number) => void; onEverybodyElse: () => void };

/** One group, as sentences: who belongs to it, and what they earn for what. */
export function GroupCard({ group, number, of, currency, mayWrite, advocates, onChange, onRemove, onMove, onEverybodyElse }: Props) {
  const rest = group.conditions.default === true;
  const menu = (id: string) => { if (id === "up") onMove(-1); else if (id === "down") onMove(1); else if (id === "rest") onEverybodyElse(); else onRemove(); };
  return (
    <section className={css.group} aria-label={group.name || "New group"}>
      <header className={css.groupHead}>
        <span className={css.number} aria-hidden>{number}</span>
        <Line label="Name of the group"><span>Customers in</span><Text label="Name of the group" value={group.name} placeholder="name" bad={!group.name.trim()} disabled={!mayWrite} onChange={(name) => onChange({ ...group, name })} /></Line>
        <span className="grow" />
        {advocates !== null && <span className="small muted num">{advocates} {advocates === 1 ? "advocate" : "advocates"} today</span>}
        {mayWrite && (
          <SelfMenu
            label="This group" align="right" className="btn quiet square small" button={<><Icon name="menu" size={14} /><span className="sr">Options of {group.name || "this group"}</span></>} onChoose={menu}
            choices={[...(number > 1 ? [{ id: "up", label: "Move up" }] : []), ...(number < of && !rest ? [{ id: "down", label: "Move down" }] : []), ...(!rest ? [{ id: "rest", label: "Make it the one for everybody else" }] : []), ...(of > 1 && !rest ? [{ id: "remove", label: "Remove this group", tone: "bad" as const }] : [])]}
          />
        )}
      </header>
      <div className={css.groupBody}>
        <Line label="Who belongs here">
          {rest ? <span>are all those who fit no other group.</span> : (
            <ConditionsLine
              conditions={group.conditions} facts={COMPANY_FACTS} mayWrite={mayWrite} currency={currency} lead="are those where" add={group.conditions.any?.length || group.conditions.all?.length ? "or, and" : "who belongs here"}
              onChange={(conditions) => onChange({ ...group, conditions })}
            />
          )}
        </Line>
        {linesOf(group).map((line) => <Reward key={line.key || "open"} line={line} group={group} currency={currency} mayWrite={mayWrite} onChange={onChange} />)}
        {mayWrite && (
          <div className="row wrap">
            <Add onClick={() => onChange(addReward(group, "advocate", currency))}>a reward</Add>
            <Add onClick={() => onChange(addReward(group, "friend", currency))}>a reward for the friend</Add>
          </div>
        )}
      </div>
    </section>
  );
}

function Reward({ line, group, currency, mayWrite, onChange }: { line: RewardLine; group: GroupForm; currency: string; mayWrite: boolean; onChange: Change }) {
  const { earn } = line;
  const single = line.offers.length === 1 ? line.offers[0] : undefined;
  const putEarn = (change: Partial<EarnForm>) => earn && onChange(withEarn(group, earn, { ...earn, ...change }));
  const trigger = earn ? triggerKey(earn) : "stage:won";
  return (
    <div className={css.reward}>
      <Line label="What is earned">
        {earn ? <Word label="Who is rewarded" value={earn.who} options={WHO_EARNS} disabled={!mayWrite} onChange={(who) => putEarn({ who })} /> : <span>They earn</span>}
        {line.offers.map((offer, i) => (
          <span key={offer.slug} style={{ display: "contents" }}>
            {i > 0 && <span className="muted">or</span>}
            <OfferWords offer={offer} currency={currency} mayWrite={mayWrite} many={line.offers.length > 1} onChange={(next) => onChange(withOffer(group, offer, next, currency))} />
            {mayWrite && (line.offers.length > 1 || earn || group.offers.length > 1) && <Drop label={`Remove ${offer.label || "this reward"}`} onClick={() => onChange(withOffer(group, offer, null, currency))} />}
          </span>
        ))}
        <span>when</span>
        {earn || single ? (
          <Word label="What makes it due" value={trigger} options={WHEN} disabled={!mayWrite} onChange={(key) => { if (earn) putEarn({ when: triggerOf(key, earn) }); else if (single) { const made = ruleFor(group, single); const rule = made.earns?.[made.earns.length - 1]; if (rule) onChange(withEarn(made, rule, { ...rule, when: triggerOf(key, rule) })); } }} />
        ) : <b>{WHEN["stage:won"]}</b>}
        {earn && <ConditionsLine conditions={earn.when.conditions ?? {}} facts={Object.keys(FACTS)} mayWrite={mayWrite} currency={currency} lead="and only if" onChange={(conditions) => putEarn({ when: { ...earn.when, conditions } })} />}
      </Line>
      {line.offers.length > 1 && <p className="small muted">Which of these is offered is chosen for each person.</p>}
      {earn && single && <Fine earn={earn} offer={single} mayWrite={mayWrite} currency={currency} onEarn={putEarn} />}
      {!earn && single && mayWrite && <button className={`link small ${css.own}`} onClick={() => onChange(ruleFor(group, single))}>Add a condition, parts, or a time limit</button>}
    </div>
  );
}

function OfferWords({ offer, currency, mayWrite, many, onChange }: { offer: OfferForm; currency: string; mayWrite: boolean; many: boolean; onChange: (next: OfferForm) => void }) {
  const how = measure(offer.incentive);
  const off = !mayWrite;
  const other = (incentive: string): OfferForm => {
    const next = measure(incentive);
    const { rate_bp: _r, cap_minor: _c, amount_minor: _a, ...kept } = offer;
    return { ...kept, incentive, ...(next === "share" ? { rate_bp: offer.rate_bp ?? 1000 } : next === "none" ? {} : { amount_minor: offer.amount_minor ?? 10_000 }) };
  };
  return (
    <>
      {many && <Word label="Size" value={offer.size ?? "medium"} options={SIZES} disabled={off} onChange={(size) => onChange({ ...offer, size })} />}
      {how === "share" && <><Num label="Percent" value={(offer.rate_bp ?? 0) / 100} min={0.01} max={100} step={0.01} disabled={off} onChange={(value) => onChange({ ...offer, rate_bp: Math.round(value * 100) })} /><span>% as</span></>}
      <Word label="What is given" value={offer.incentive} options={INCENTIVES} disabled={off} onChange={(incentive) => onChange(other(incentive))} />
      {how === "amount" && <><span>of</span><Amount label="Amount" value={offer.amount_minor ?? 0} currency={currency} disabled={off} onChange={(amount_minor) => onChange({ ...offer, amount_minor })} /></>}
      {how === "points" && <Num label="Points" value={offer.amount_minor ?? 0} disabled={off} onChange={(amount_minor) => onChange({ ...offer, amount_minor })} />}
      {how === "share" && (offer.cap_minor ? (
        <><span>, at most</span><Amount label="At most" value={offer.cap_minor} currency={currency} disabled={off} onChange={(cap_minor) => onChange({ ...offer, cap_minor })} />{mayWrite && <Drop label="Remove the limit" onClick={() => { const { cap_minor: _gone, ...kept } = offer; onChange(kept); }} />}</>
      ) : mayWrite && <Add onClick={() => onChange({ ...offer, cap_minor: 500_000 })}>at most</Add>)}
    </>
  );
}

/** What is rarely needed: again and again, in parts, only for a time, more from a certain amount on. */
function Fine({ earn, offer, mayWrite, currency, onEarn }: { earn: EarnForm; offer: OfferForm; mayWrite: boolean; currency: string; onEarn: (change: Partial<EarnForm>) => void }) {
  const off = !mayWrite;
  const tiers = earn.tiers ?? [];
  const share = measure(offer.incentive) === "share";
  const parts = earn.parts?.length ?? 1;
  return (
    <div className={css.fine}>
      {(mayWrite || earn.recurring) && (
        <Line>
          <Word label="Once or again" value={earn.recurring ? "again" : "once"} options={{ once: "It is earned once per customer.", again: "It is earned with every payment" }} disabled={off} onChange={(next) => onEarn({ recurring: next === "again" ? { months: 12 } : null })} />
          {earn.recurring && <><span>for</span><Num label="Months" value={earn.recurring.months} min={1} max={120} disabled={off} onChange={(months) => onEarn({ recurring: { ...earn.recurring, months } })} /><span>months.</span></>}
        </Line>
      )}
      {(mayWrite || parts > 1) && (
        <Line>
          <span>It becomes due</span>
          <Word label="Parts" value={String(parts)} options={{ 1: "all at once", 2: "in 2 yearly parts", 3: "in 3 yearly parts", 4: "in 4 yearly parts", 5: "in 5 yearly parts" }} disabled={off} onChange={(next) => onEarn({ parts: partsOf(Number(next)) })} />
          <span>and</span>
          <Word label="Time to claim" value={earn.expires_days ? "some" : "none"} options={{ none: "never expires.", some: "must be claimed within" }} disabled={off} onChange={(next) => onEarn({ expires_days: next === "some" ? 180 : null })} />
          {earn.expires_days ? <><Num label="Days to claim" value={earn.expires_days} min={1} max={3650} disabled={off} onChange={(expires_days) => onEarn({ expires_days })} /><span>days.</span></> : null}
        </Line>
      )}
      {tiers.map((tier, i) => (
        <Line key={i}>
          <span>From the</span><Num label="From which customer on" value={tier.from} min={2} max={100_000} disabled={off} onChange={(from) => onEarn({ tiers: tiers.map((one, at) => (at === i ? { ...one, from } : one)) })} /><span>. customer on it is</span>
          {share
            ? <><Num label="Percent from there on" value={(tier.rate_bp ?? 0) / 100} min={0.01} max={100} step={0.01} disabled={off} onChange={(value) => onEarn({ tiers: tiers.map((one, at) => (at === i ? { ...one, rate_bp: Math.round(value * 100) } : one)) })} /><span>%.</span></>
            : <><Amount label="Amount from there on" value={tier.amount_minor ?? 0} currency={currency} disabled={off} onChange={(amount_minor) => onEarn({ tiers: tiers.map((one, at) => (at === i ? { ...one, amount_minor } : one)) })} /><span>.</span></>}
          {mayWrite && <Drop label="Remove this step" onClick={() => onEarn({ tiers: tiers.filter((_, at) => at !== i) })} />}
        </Line>
      ))}
      {mayWrite && measure(offer.incentive) !== "none" && <div><Add onClick={() => onEarn({ tiers: [...tiers, share ? { from: (tiers[tiers.length - 1]?.from ?? 1) + 4, rate_bp: (offer.rate_bp ?? 1000) + 500 } : { from: (tiers[tiers.length - 1]?.from ?? 1) + 4, amount_minor: (offer.amount_minor ?? 0) * 2 }] })}>more for those who bring many</Add></div>}
    </div>
  );
}

/** Equal parts, a year apart; what does not divide lies in the first. */
function partsOf(n: number): EarnForm["parts"] {
  if (n < 2) return [];
  const each = Math.floor(10_000 / n);
  return Array.from({ length: n }, (_, i) => ({ share_bp: i === 0 ? 10_000 - each * (n - 1) : each, due_days: i * 365 }));
}
