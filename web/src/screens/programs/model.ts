import type { Conditions, EarnForm, GroupForm, OfferForm, ProgramForm, Test } from "../../api/programs";
import { offerWords, slugOf } from "./words";

/** One line of a group: what makes it due, and what may be given. Without a rule it is a won deal that pays. */
export type RewardLine = { key: string; earn: EarnForm | null; offers: OfferForm[] };

/** The reward lines of a group: each rule with its offer, then the offers no rule names, of which one is chosen per person. */
export function linesOf(group: GroupForm): RewardLine[] {
  const rules = group.earns ?? [];
  // What stands in for another is offered by that rule alone.
  const named = new Set(rules.flatMap((one) => [one.offer, one.instead ?? ""]));
  const lines: RewardLine[] = rules.map((earn) => ({ key: earn.slug, earn, offers: group.offers.filter((one) => one.slug === earn.offer) }));
  const loose = group.offers.filter((one) => !named.has(one.slug));
  return loose.length > 0 ? [...lines, { key: "", earn: null, offers: loose }] : lines;
}

/** Puts a group in place of the one before. */
export const withGroup = (form: ProgramForm, at: number, group: GroupForm | null): ProgramForm => ({ ...form, groups: form.groups.flatMap((one, i) => (i === at ? (group ? [group] : []) : [one])) });

export function withOffer(group: GroupForm, before: OfferForm, next: OfferForm | null, currency: string): GroupForm {
  const offers = group.offers.flatMap((one) => (one === before ? (next ? [{ ...next, label: labelOf(next, currency) }] : []) : [one]));
  return next ? { ...group, offers } : { ...group, offers, earns: group.earns?.filter((one) => one.offer !== before.slug) };
}

/** What an advocate reads on the offer. A label somebody wrote by hand in the file stays until the offer changes. */
export const labelOf = (offer: OfferForm, currency: string): string => { const text = offerWords(offer, currency).replace(/^an? /, ""); return text.charAt(0).toUpperCase() + text.slice(1); };

export const withEarn = (group: GroupForm, before: EarnForm, next: EarnForm): GroupForm => ({ ...group, earns: (group.earns ?? []).map((one) => (one === before ? next : one)) });

/** A further reward of a group, with a rule of its own. */
export function addReward(group: GroupForm, who: "advocate" | "friend" | "parent", currency: string): GroupForm {
  const taken = group.offers.map((one) => one.slug);
  const offer: OfferForm = { slug: slugOf(`${group.slug}-${who === "friend" ? "friend" : "reward"}`, taken), label: "", incentive: who === "friend" ? "account_credit" : "gift_card", amount_minor: 10_000 };
  const earn: EarnForm = { slug: slugOf(`${who}-${offer.slug}`, (group.earns ?? []).map((one) => one.slug)), when: { stage: "won" }, who, offer: offer.slug };
  return { ...group, offers: [...group.offers, { ...offer, label: labelOf(offer, currency) }], earns: [...(group.earns ?? []), earn] };
}

/** A rule of its own for what was due on a won deal only. */
export function ruleFor(group: GroupForm, offer: OfferForm, who = "advocate"): GroupForm {
  return { ...group, earns: [...(group.earns ?? []), { slug: slugOf(`${who}-${offer.slug}`, (group.earns ?? []).map((one) => one.slug)), when: { stage: "won" }, who, offer: offer.slug }] };
}

export function addGroup(form: ProgramForm): ProgramForm {
  const slug = slugOf("new-group", form.groups.map((one) => one.slug));
  const fresh: GroupForm = { slug, name: "", conditions: form.groups.length === 0 ? { default: true } : { any: [{ fact: "segment", op: "one_of", value: [] }] }, offers: [{ slug: "gift-card", label: labelOf({ slug: "", label: "", incentive: "gift_card", amount_minor: 10_000 }, form.terms.currency), incentive: "gift_card", amount_minor: 10_000 }] };
  const last = form.groups[form.groups.length - 1];
  // Whoever fits no other group stays last.
  return { ...form, groups: last?.conditions.default ? [...form.groups.slice(0, -1), fresh, last] : [...form.groups, fresh] };
}

export function freshTest(fact: string): Test {
  if (fact === "partner") return { fact, op: "is", value: true };
  if (fact === "employees" || fact === "amount" || fact === "contract_months") return { fact, op: "at_least", value: fact === "employees" ? 500 : fact === "amount" ? 1_000_000 : 12 };
  return { fact, op: "one_of", value: [] };
}

/** The same conditions, without the empty lists a file does not need. */
export function tidy({ all = [], any = [], default: everybody }: Conditions): Conditions {
  if (everybody) return { default: true };
  return { ...(all.length ? { all } : {}), ...(any.length ? { any } : {}) };
}
