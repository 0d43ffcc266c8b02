import type { EarnForm, GroupForm, OfferForm } from "../../api/programs";
import { Icon } from "../../parts/icons";
import { Add, Amount, Drop, Line, Num, Tail, Text, Word } from "../../parts/inline";
import { SelfMenu } from "../../parts/menu";
import { ConditionsLine } from "./ConditionsLine";
import { addReward, linesOf, ruleFor, withEarn, withOffer, type RewardLine } from "./model";
import css from "./builder.module.css";
import { COMPANY_FACTS, FACTS, INCENTIVES, measure, offerWords, PERIODS, SIZES, triggerKey, triggerOf, WHEN, WHO_EARNS } from "./words";

type Change = (next: GroupForm) => void;
type Props = { group: GroupForm; number: number; of: number; currency: string; mayWrite: boolean; advocates: number | null; onChange: Change; onRemove: () => void; onMove: (step: number) => void; onEverybodyElse: () => void };

/** One group, as sentences: who belongs to it, and what they earn for what. */
export function GroupCard({ group, number, of, currency, mayWrite, advocates, onChange, onRemove, onMove, onEverybodyElse }: Props) {
  const rest = group.conditions.default === true;
  const menu = (id: string) => { if (id === "up") onMove(-1); else if (id === "down") onMove(1); else if (id === "rest") onEverybodyElse(); else onRemove(); };
  return (
    <section className={css.group} aria-label={group.name || `Group ${number}, without a name`}>
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
              conditions={group.conditions} facts={COMPANY_FACTS} mayWrite={mayWrite} currency={currency} lead="are those where" add={group.conditions.any?.length || group.conditions.all?.length ? "a condition" : "who belongs here"}
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
      {mayWrite && single && group.offers.length > 1 && <span className={css.away}><Drop label={`Remove ${single.label || "this reward"}`} onClick={() => onChange(withOffer(group, single, null, currency))} /></span>}
      <Line label="What is earned">
        {earn ? <Word label="Who is rewarded" value={earn.who} options={WHO_EARNS} disabled={!mayWrite} onChange={(who) => putEarn({ who })} /> : <span>They earn</span>}
        {line.offers.map((offer, i) => (
          <span key={offer.slug} style={{ display: "contents" }}>
            {i > 0 && <span className="muted">or</span>}
            <OfferWords offer={offer} currency={currency} mayWrite={mayWrite} many={line.offers.length > 1} onChange={(next) => onChange(withOffer(group, offer, next, currency))} />
            {mayWrite && line.offers.length > 1 && <Drop label={`Remove ${offer.label || "this reward"}`} onClick={() => onChange(withOffer(group, offer, null, currency))} />}
          </span>
        ))}
        <span>when</span>
        {earn || single ? (
          <Word label="What makes it due" value={trigger} options={WHEN} disabled={!mayWrite} onChange={(key) => { if (earn) putEarn({ when: triggerOf(key, earn) }); else if (single) { const made = ruleFor(group, single); const rule = made.earns?.[made.earns.length - 1]; if (rule) onChange(withEarn(made, rule, { ...rule, when: triggerOf(key, rule) })); } }} />
        ) : <b>{WHEN["stage:won"]}</b>}
        {earn && <ConditionsLine whatever conditions={earn.when.conditions ?? {}} facts={Object.keys(FACTS)} mayWrite={mayWrite} currency={currency} lead="and only if" onChange={(conditions) => putEarn({ when: { ...earn.when, conditions } })} />}
      </Line>
      {line.offers.length > 1 && <p className="small muted">Which of these is offered is chosen for each person.</p>}
      {earn && single && <Fine earn={earn} offer={single} others={group.offers.filter((one) => one !== single)} mayWrite={mayWrite} currency={currency} onEarn={putEarn} />}
      {!earn && single && mayWrite && <button className={`link small ${css.own}`} onClick={() => onChange(ruleFor(group, single))}>Conditions, parts, time limits</button>}
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
      <Word label="What is given" value={offer.incentive} options={INCENTIVES} disabled={off} onChange={(incentive) => onChange(other(incentive))} />
      {how === "share" && <><span>of</span><Num label="Percent" value={(offer.rate_bp ?? 0) / 100} min={0.01} max={100} step={0.01} disabled={off} onChange={(value) => onChange({ ...offer, rate_bp: Math.round(value * 100) })} /><span>% of what is paid</span></>}
      {how === "amount" && <><span>of</span><Amount label="Amount" value={offer.amount_minor ?? 0} currency={currency} disabled={off} onChange={(amount_minor) => onChange({ ...offer, amount_minor })} /></>}
      {how === "points" && <Num label="Points" value={offer.amount_minor ?? 0} disabled={off} onChange={(amount_minor) => onChange({ ...offer, amount_minor })} />}
      {how === "share" && (offer.cap_minor ? (
        <><Tail>, at most</Tail><Amount label="At most" value={offer.cap_minor} currency={currency} disabled={off} onChange={(cap_minor) => onChange({ ...offer, cap_minor })} />{mayWrite && <Drop label="Remove the limit" onClick={() => { const { cap_minor: _gone, ...kept } = offer; onChange(kept); }} />}</>
      ) : mayWrite && <Add onClick={() => onChange({ ...offer, cap_minor: 500_000 })}>at most</Add>)}
    </>
  );
}

/** What is rarely needed, drawn where it is there: again and again, in parts, only for a time, more from a certain customer on. */
function Fine({ earn, offer, others, mayWrite, currency, onEarn }: { earn: EarnForm; offer: OfferForm; others: OfferForm[]; mayWrite: boolean; currency: string; onEarn: (change: Partial<EarnForm>) => void }) {
  const off = !mayWrite;
  const tiers = earn.tiers ?? [];
  const share = measure(offer.incentive) === "share";
  const parts = earn.parts?.length ?? 0;
  const last = tiers[tiers.length - 1]?.from ?? 1;
  const money = measure(offer.incentive) !== "none";
  const more = [
    { id: "again", label: "Again with every payment", on: !earn.recurring, act: () => onEarn({ recurring: { months: 12 } }) },
    { id: "parts", label: "In yearly parts", on: parts < 2 && !earn.yearly_parts, act: () => onEarn({ parts: partsOf(3) }) },
    { id: "years", label: "One part for each year of the contract", on: parts < 2 && !earn.yearly_parts, act: () => onEarn({ yearly_parts: true }) },
    { id: "tiers", label: "More for those who bring many", on: money, act: () => onEarn({ tiers: [...tiers, share ? { from: last + 4, rate_bp: (offer.rate_bp ?? 1000) + 500 } : { from: last + 4, amount_minor: (offer.amount_minor ?? 0) * 2 }] }) },
    { id: "faster", label: "More for many in a short time", on: money && !earn.accelerator, act: () => onEarn({ accelerator: { customers: 5, per: "quarter", factor_bp: 15_000 } }) },
    { id: "limit", label: "A time to claim it in", on: !earn.expires_days, act: () => onEarn({ expires_days: 180 }) },
    { id: "instead", label: "Something else for those who may not take it", on: !earn.instead && others.length > 0, act: () => onEarn({ instead: others[0]?.slug ?? null }) },
  ].filter((one) => one.on);
  const put = (i: number, change: Partial<(typeof tiers)[number]> | null) => onEarn({ tiers: tiers.flatMap((one, at) => (at === i ? (change ? [{ ...one, ...change }] : []) : [one])) });
  return (
    <div className={css.fine}>
      {earn.recurring && <Line><span>It is earned again with every payment, for</span><Num label="Months" value={earn.recurring.months} min={1} max={120} disabled={off} onChange={(months) => onEarn({ recurring: { ...earn.recurring, months } })} /><span>months.</span>{mayWrite && <Drop label="Once only" onClick={() => onEarn({ recurring: null })} />}</Line>}
      {parts > 1 && <Line><span>It becomes due in</span><Word label="Parts" value={String(parts)} options={{ 2: "2 yearly parts", 3: "3 yearly parts", 4: "4 yearly parts", 5: "5 yearly parts" }} disabled={off} onChange={(next) => onEarn({ parts: partsOf(Number(next)) })} /><Tail>.</Tail>{mayWrite && <Drop label="All at once" onClick={() => onEarn({ parts: [] })} />}</Line>}
      {earn.yearly_parts && <Line><span>It becomes due in one part for each year of the contract.</span>{mayWrite && <Drop label="All at once" onClick={() => onEarn({ yearly_parts: false })} />}</Line>}
      {earn.accelerator && (
        <Line>
          <span>From customer number</span><Num label="From which customer of the period on" value={earn.accelerator.customers} min={2} max={100_000} disabled={off} onChange={(customers) => onEarn({ accelerator: { ...earn.accelerator, customers } })} /><span>of a</span>
          <Word label="Period" value={earn.accelerator.per ?? "quarter"} options={PERIODS} disabled={off} onChange={(per) => onEarn({ accelerator: { ...earn.accelerator, customers: earn.accelerator?.customers ?? 2, per } })} />
          <span>on it is multiplied by</span><Num label="Multiplied by" value={(earn.accelerator.factor_bp ?? 15_000) / 10_000} min={0.01} max={20} step={0.01} disabled={off} onChange={(factor) => onEarn({ accelerator: { ...earn.accelerator, customers: earn.accelerator?.customers ?? 2, factor_bp: Math.round(factor * 10_000) } })} /><Tail>.</Tail>
          {mayWrite && <Drop label="Without this" onClick={() => onEarn({ accelerator: null })} />}
        </Line>
      )}
      {(earn.instead || (mayWrite && others.length > 0 && earn.instead !== undefined && earn.instead !== null)) && (
        <Line><span>Whoever may not take it is given</span><Word label="Given instead" value={earn.instead ?? ""} options={Object.fromEntries(others.map((one) => [one.slug, one.label || offerWords(one, currency)]))} disabled={off} onChange={(instead) => onEarn({ instead })} /><Tail>.</Tail>{mayWrite && <Drop label="Nothing instead" onClick={() => onEarn({ instead: null })} />}</Line>
      )}
      {earn.expires_days ? <Line><span>It must be claimed within</span><Num label="Days to claim" value={earn.expires_days} min={1} max={3650} disabled={off} onChange={(expires_days) => onEarn({ expires_days })} /><span>days.</span>{mayWrite && <Drop label="No time limit" onClick={() => onEarn({ expires_days: null })} />}</Line> : null}
      {tiers.map((tier, i) => (
        <Line key={i}>
          <span>From customer number</span><Num label="From which customer on" value={tier.from} min={2} max={100_000} disabled={off} onChange={(from) => put(i, { from })} /><span>on it is</span>
          {share
            ? <><Num label="Percent from there on" value={(tier.rate_bp ?? 0) / 100} min={0.01} max={100} step={0.01} disabled={off} onChange={(value) => put(i, { rate_bp: Math.round(value * 100) })} /><span>%.</span></>
            : <><Amount label="Amount from there on" value={tier.amount_minor ?? 0} currency={currency} disabled={off} onChange={(amount_minor) => put(i, { amount_minor })} /><Tail>.</Tail></>}
          {mayWrite && <Drop label="Remove this step" onClick={() => put(i, null)} />}
        </Line>
      ))}
      {mayWrite && more.length > 0 && (
        <div><SelfMenu label="Add to this rule" className={css.more2} button={<><Icon name="plus" size={12} />more</>} choices={more.map(({ id, label }) => ({ id, label }))} onChoose={(id) => more.find((one) => one.id === id)?.act()} /></div>
      )}
    </div>
  );
}

/** Equal parts, a year apart; what does not divide lies in the first. */
function partsOf(n: number): EarnForm["parts"] {
  if (n < 2) return [];
  const each = Math.floor(10_000 / n);
  return Array.from({ length: n }, (_, i) => ({ share_bp: i === 0 ? 10_000 - each * (n - 1) : each, due_days: i * 365 }));
}
