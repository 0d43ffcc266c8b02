import type { Conditions, EarnForm, GroupForm, OfferForm, ProgramForm, Test } from "../../api/programs";
import { money, words } from "../../format";

/** What a program can be, as it is said. */
export const KINDS: Record<string, string> = {
  refer_a_friend: "Refer a friend", partner_commission: "Partner commission", deal_registration: "Deal registration", advocacy: "Advocacy", second_tier: "Partners who bring partners",
};
export const WHO: Record<string, string> = { advocate: "whoever referred", friend: "the friend", parent: "whoever brought them in" };
export const WHO_EARNS: Record<string, string> = { advocate: "They earn", friend: "The friend gets", parent: "Whoever brought them in earns" };

export const INCENTIVES: Record<string, string> = {
  commission: "a share", renewal_credit: "a credit on the next renewal", account_credit: "a credit on the account", gift_card: "a gift card", coupon: "a discount",
  beta_access: "early access", co_marketing: "money for joint marketing", donation: "a donation in their name", points: "points", custom: "something of your own",
};
/** Which of them have an amount, a share, or neither. */
export const measure = (incentive: string): "share" | "amount" | "points" | "none" => (incentive === "commission" ? "share" : incentive === "points" ? "points" : incentive === "beta_access" ? "none" : "amount");

/** What makes a reward due: a stage of the referral, an act, or any event. */
export const WHEN: Record<string, string> = {
  "stage:won": "a friend's deal is won", "stage:qualified": "a friend becomes a qualified lead", "stage:signed_up": "a friend signs up", "stage:renewed": "a friend's contract is renewed",
  "event:invoice.paid": "a friend pays an invoice", "act:review": "they publish a review", "act:case_study": "they take part in a case study", "act:reference_call": "they give a reference call", "act:speaking": "they speak at an event", "act:content": "they write about us", "act:introduction": "they introduce somebody",
};
export const triggerKey = ({ when }: EarnForm): string => (when.act ? `act:${when.act}` : when.event ? `event:${when.event}` : `stage:${when.stage ?? "won"}`);
export function triggerOf(key: string, before: EarnForm): EarnForm["when"] {
  const [kind = "stage", ...rest] = key.split(":");
  const { act: _a, stage: _s, event: _e, ...kept } = before.when;
  return { ...kept, [kind]: rest.join(":") };
}

export const SIZES: Record<string, string> = { small: "small", medium: "usual", large: "large" };
export const PRIORITIES: Record<string, string> = { referral: "a customer who recommends", affiliate: "a partner's link", coupon: "a code" };
export const PERIODS: Record<string, string> = { month: "month", quarter: "quarter", year: "year" };
export const MODELS: Record<string, string> = { last: "the last one before the friend came", first: "the first one", position: "mostly the first and the last", split: "everybody in equal parts" };

/** What a condition may speak of, and how it is compared. */
export const FACTS: Record<string, { text: string; kind: "word" | "number" | "yesno" }> = {
  segment: { text: "the company's segment", kind: "word" }, employees: { text: "the number of employees", kind: "number" }, plan: { text: "the company's plan", kind: "word" },
  industry: { text: "the company's industry", kind: "word" }, country: { text: "the company's country", kind: "word" }, partner: { text: "the company", kind: "yesno" },
  amount: { text: "the deal's amount", kind: "number" }, contract_months: { text: "the months of the contract", kind: "number" }, product: { text: "the product bought", kind: "word" }, payment_number: { text: "the number of the payment", kind: "number" }, customer_number: { text: "the number of the customer", kind: "number" }, seniority: { text: "the person's seniority", kind: "word" },
};
/** Groups are told apart by facts of the company alone. */
export const COMPANY_FACTS = ["segment", "employees", "plan", "industry", "country", "partner"];
export const OPS: Record<string, Record<string, string>> = {
  word: { is: "is", is_not: "is not", one_of: "is one of", none_of: "is none of", contains: "contains" }, number: { at_least: "is at least", at_most: "is at most", is: "is exactly" }, yesno: { is: "is" },
};
export const factKind = (fact: string): "word" | "number" | "yesno" => FACTS[fact]?.kind ?? "word";

const either = (parts: string[], join: string): string => (parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} ${join} ${parts[parts.length - 1]}`);

export function testWords({ fact, op, value, all, any }: Test): string {
  if (!fact) return `(${conditionWords({ all, any })})`;
  const known = FACTS[fact];
  const text = known?.text ?? words(fact).toLowerCase();
  if (known?.kind === "yesno") return `${text} ${value === true ? "is" : "is not"} a ${fact}`;
  return `${text} ${OPS[factKind(fact)]?.[op] ?? op.replaceAll("_", " ")} ${Array.isArray(value) ? either(value, "or") : String(value)}`;
}
export function conditionWords(conditions: Conditions | undefined): string {
  const all = (conditions?.all ?? []).map(testWords).join(" and ");
  const any = either((conditions?.any ?? []).map(testWords), "or");
  return all && any ? `${all}, and ${any}` : all || any;
}

/** An offer as the middle of a sentence: "a gift card of €100". */
export function offerWords(offer: OfferForm | undefined, currency: string): string {
  if (!offer) return "nothing yet";
  const what = INCENTIVES[offer.incentive] ?? words(offer.incentive).toLowerCase();
  switch (measure(offer.incentive)) {
    case "none": return what;
    case "points": return `${offer.amount_minor ?? 0} points`;
    case "share": return `${(offer.rate_bp ?? 0) / 100}% of what is paid${offer.cap_minor ? `, at most ${money(offer.cap_minor, currency)}` : ""}`;
    case "amount": return `${what} of ${money(offer.amount_minor ?? 0, currency)}`;
  }
}

export function earnWords(earn: EarnForm, offer: OfferForm | undefined, currency: string): string {
  const only = conditionWords(earn.when.conditions);
  const more = [
    earn.recurring ? `again for ${earn.recurring.months} months` : "",
    earn.parts && earn.parts.length > 1 ? `in ${earn.parts.length} parts` : "",
    earn.expires_days ? `to be claimed within ${earn.expires_days} days` : "",
  ].filter(Boolean);
  return `${WHO_EARNS[earn.who] ?? "They earn"} ${offerWords(offer, currency)} when ${WHEN[triggerKey(earn)] ?? words(triggerKey(earn))}${only ? `, if ${only}` : ""}${more.length ? `, ${more.join(", ")}` : ""}.`;
}

/** What is missing before a program can be tried: in words, with the group it belongs to. */
export function missing(form: ProgramForm): string[] {
  const found: string[] = [];
  const empty = (test: Test): boolean => (test.fact ? test.value === "" || (Array.isArray(test.value) && test.value.length === 0) : [...(test.all ?? []), ...(test.any ?? [])].some(empty));
  if (!form.name.trim()) found.push("The program needs a name.");
  if (form.groups.length === 0) found.push("It needs at least one group.");
  if (form.groups.length > 0 && form.groups.every((group) => !group.conditions.default)) found.push("Say which group takes everybody else.");
  for (const group of form.groups) {
    const name = group.name.trim() || "A group without a name";
    if (!group.name.trim()) found.push("A group needs a name.");
    if (!group.conditions.default && !(group.conditions.all?.length || group.conditions.any?.length)) found.push(`${name}: say who belongs to it.`);
    if (group.offers.length === 0) found.push(`${name}: say what is earned.`);
    for (const test of [...(group.conditions.all ?? []), ...(group.conditions.any ?? [])]) if (empty(test)) found.push(`${name}: a condition has no value yet.`);
    for (const offer of group.offers) if ((measure(offer.incentive) === "amount" && !offer.amount_minor) || (measure(offer.incentive) === "share" && !offer.rate_bp)) found.push(`${name}: an amount is missing.`);
  }
  return [...new Set(found)];
}

/** A word for addresses and keys, made of a name; `taken` keeps it single. */
export function slugOf(name: string, taken: string[] = []): string {
  const base = name.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40) || "new";
  let slug = base;
  for (let n = 2; taken.includes(slug); n++) slug = `${base}-${n}`;
  return slug;
}

export const offerOf = (group: GroupForm, slug: string): OfferForm | undefined => group.offers.find((one) => one.slug === slug);
