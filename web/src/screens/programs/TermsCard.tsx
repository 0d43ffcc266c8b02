import type { ProgramForm } from "../../api/programs";
import { Amount, Line, Num, Tail, Word, Words } from "../../parts/inline";
import css from "./builder.module.css";
import { ConditionsLine } from "./ConditionsLine";
import { COMPANY_FACTS, MODELS, PRIORITIES } from "./words";

const CURRENCIES = Object.fromEntries(["EUR", "USD", "GBP", "CHF", "SEK", "DKK", "NOK", "PLN", "CAD", "AUD", "JPY"].map((one) => [one, one]));

/** What holds for every group: holding, the time a deal may take, who counts when several had a part. */
export function TermsCard({ form, mayWrite, onChange }: { form: ProgramForm; mayWrite: boolean; onChange: (next: ProgramForm) => void }) {
  const { terms } = form;
  const off = !mayWrite;
  const put = (change: Partial<ProgramForm["terms"]>) => onChange({ ...form, terms: { ...terms, ...change } });
  const attribution = form.attribution ?? { model: "last" };
  const credit = (change: Partial<NonNullable<ProgramForm["attribution"]>>) => onChange({ ...form, attribution: { ...attribution, ...change } });
  const priority = form.priority?.length === 3 ? form.priority : Object.keys(PRIORITIES);
  // Whoever is put in a place changes places with whoever had it.
  const rank = (place: number, key: string) => { const next = [...priority]; const from = next.indexOf(key); next[from] = next[place] ?? key; next[place] = key; onChange({ ...form, priority: next }); };
  const gifts = form.gift_policy ?? {};
  const gift = (change: NonNullable<ProgramForm["gift_policy"]>) => onChange({ ...form, gift_policy: { ...gifts, ...change } });
  const budget = typeof terms.budget_minor === "number" ? terms.budget_minor : null;
  return (
    <section className={css.terms} aria-label="For every group">
      <h2>For every group</h2>
      <Line><span>Amounts are in</span><Word label="Currency" value={terms.currency} options={CURRENCIES} disabled={off} onChange={(currency) => put({ currency })} /><Tail>. A deal counts when it is won within</Tail><Num label="Days in which a deal counts" value={terms.attribution_days} min={1} max={1095} disabled={off} onChange={(attribution_days) => put({ attribution_days })} /><span>days of the referral.</span></Line>
      <Line><span>A reward waits</span><Num label="Days a reward waits" value={terms.hold_days} max={365} disabled={off} onChange={(hold_days) => put({ hold_days })} /><span>days before it can be paid, so that a refund can still undo it.</span></Line>
      <Line><span>When several had a part in it, credit goes to</span><Word label="Who is credited" value={attribution.model} options={MODELS} disabled={off} onChange={(model) => credit({ model })} /><Tail>.</Tail>
        <Word label="Company" value={attribution.company_match === false ? "no" : "yes"} options={{ yes: "A colleague of the friend counts too.", no: "Only the friend themselves counts." }} disabled={off} onChange={(one) => credit({ company_match: one === "yes" })} />
      </Line>
      <details className={css.more} open={Boolean(form.eligibility) || Boolean(form.application) || budget !== null}>
        <summary>Who may take part, limits, gifts</summary>
        <div>
          <Line>
            <span>{form.eligibility?.all?.length || form.eligibility?.any?.length ? "" : "Every customer may take part."}</span>
            <ConditionsLine conditions={form.eligibility ?? {}} facts={[...COMPANY_FACTS, "seniority"]} mayWrite={mayWrite} currency={terms.currency} lead="Only those may take part where" add="only those where" onChange={(eligibility) => onChange({ ...form, eligibility: eligibility.all?.length || eligibility.any?.length ? eligibility : null })} />
          </Line>
          <Line>
            <Word label="Budget" value={budget === null ? "none" : "some"} options={{ none: "There is no limit on what this program may cost.", some: "It may cost at most" }} disabled={off} onChange={(one) => put({ budget_minor: one === "some" ? 5_000_000 : null })} />
            {budget !== null && <><Amount label="Budget" value={budget} currency={terms.currency} disabled={off} onChange={(budget_minor) => put({ budget_minor })} /><span>a year.</span></>}
          </Line>
          <Line>
            <Word label="How somebody takes part" value={form.application?.mode ?? "open"} options={{ open: "Whoever may take part is in at once.", application: "Whoever wants to take part applies, and somebody decides." }} disabled={off} onChange={(mode) => onChange({ ...form, application: mode === "open" ? null : { ...form.application, mode } })} />
          </Line>
          <Line>
            <span>Where several led to a sale, first comes</span>
            {[0, 1].map((place) => (
              <span key={place} style={{ display: "contents" }}>
                {place > 0 && <span>, then</span>}
                <Word label={place === 0 ? "Comes first" : "Comes second"} value={priority[place] ?? "referral"} options={Object.fromEntries(Object.entries(PRIORITIES).filter(([key]) => place === 0 || key !== priority[0]))} disabled={off} onChange={(key) => rank(place, key)} />
              </span>
            ))}
            <Tail>, then {PRIORITIES[priority[2] ?? "coupon"]}.</Tail>
          </Line>
          <Line>
            <span>People in the public service</span><Word label="Public service" value={gifts.public_sector ?? "refuse"} options={{ refuse: "are given nothing for themselves.", allow: "may be given what the rules say." }} disabled={off} onChange={(public_sector) => gift({ public_sector })} />
            <span>Nor are people in</span><Words label="Countries without gifts" value={gifts.no_gifts_countries ?? []} placeholder="no country" disabled={off} onChange={(no_gifts_countries) => gift({ no_gifts_countries: no_gifts_countries.map((one) => one.toUpperCase()) })} />
            <span>or at</span><Words label="Employers without gifts" value={gifts.employers ?? []} placeholder="no employer" disabled={off} onChange={(employers) => gift({ employers })} /><Tail>.</Tail>
          </Line>
          {Object.keys(gifts.limits_minor ?? {}).map((country) => (
            <Line key={country}><span>{country === "*" ? "Elsewhere" : `In ${country}`} one gift is worth at most</span><Amount label={`Most in ${country}`} value={gifts.limits_minor?.[country] ?? 0} currency={terms.currency} disabled={off} onChange={(minor) => gift({ limits_minor: { ...gifts.limits_minor, [country]: minor } })} /><Tail>.</Tail></Line>
          ))}
        </div>
      </details>
    </section>
  );
}
