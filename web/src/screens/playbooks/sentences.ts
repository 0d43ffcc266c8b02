import type { Step, Stop, Test } from "../../api/playbooks";
import { percent, words } from "../../format";
import { MOMENTS } from "../../parts/ui";

/** The sentences a step consists of, in reading order; each is changed by controls of its own. */
export const FIELDS = ["moments", "audience", "offers", "wording", "cadence", "follow_up", "stop"] as const;
export type Field = (typeof FIELDS)[number];

export const listed = (parts: readonly string[], join = "or"): string => (parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} ${join} ${parts[parts.length - 1]}`);
export const momentName = (kind: string): string => (MOMENTS[kind]?.name ?? words(kind)).toLowerCase();
export const plain = (slug: string): string => words(slug).toLowerCase();
const channelName = (channel: string): string => (channel === "inapp" ? "in the app" : channel === "email" ? "by e-mail" : `by ${plain(channel)}`);

/** Facts a condition may speak of: how they read, and whether a number or a word is compared. */
export const FACTS: Record<string, { text: string; kind: "number" | "word" | "yesno" | "count" }> = {
  seniority: { text: "their seniority", kind: "word" }, segment: { text: "their company's segment", kind: "word" }, plan: { text: "their company's plan", kind: "word" },
  industry: { text: "their company's industry", kind: "word" }, country: { text: "their company's country", kind: "word" }, employees: { text: "their company's number of employees", kind: "number" },
  partner: { text: "their company is a partner", kind: "yesno" }, strength: { text: "the moment's strength", kind: "number" }, praised: { text: "times they praised us", kind: "count" },
  complained: { text: "complaints", kind: "count" }, referred: { text: "people they referred", kind: "count" }, power_user: { text: "products they use heavily", kind: "count" },
  past_asks: { text: "earlier asks", kind: "count" }, asks_without_share: { text: "asks since they last shared", kind: "count" }, days_since_ask: { text: "days since the last ask", kind: "number" },
  asks_this_year: { text: "asks in the last 365 days", kind: "count" }, tenure_years: { text: "years we know them", kind: "number" },
};
export const OPS: { op: string; text: string }[] = [{ op: "is", text: "is" }, { op: "one_of", text: "is one of" }, { op: "at_least", text: "at least" }, { op: "at_most", text: "at most" }];

/** What ends a step for a person. */
export const STOPS: Record<string, string> = {
  shared: "once they have shared their link", opted_out: "for good when they ask us to stop", complaint: "when they complain", incident: "while anything is open at their company",
  window_over: "when the moment's window ends", left_company: "when they leave the company", asks_without_share: "after asks without a share",
};
export const stopWords = (rule: Stop): string => (rule.when === "asks_without_share" ? `after ${rule.n} ${rule.n === 1 ? "ask" : "asks"} without a share` : (STOPS[rule.when] ?? plain(rule.when)));

/** One condition as a clause: "their seniority is director or VP". */
export function testWords(test: Test): string {
  const known = FACTS[test.fact];
  const text = known?.text ?? plain(test.fact);
  const value = Array.isArray(test.value) ? listed(test.value.map((one) => one.replaceAll("_", " "))) : String(test.value).replaceAll("_", " ");
  if (known?.kind === "yesno") return test.value === true ? text : "their company is not a partner";
  if (known?.kind === "count") return test.op === "is" ? (Number(test.value) === 0 ? `there are no ${text}` : `there are exactly ${value} ${text}`) : `there are ${plain(test.op)} ${value} ${text}`;
  return test.op === "at_least" || test.op === "at_most" ? `${text} is ${plain(test.op)} ${value}` : `${text} is ${value}`;
}

function audienceWords({ all, any }: Step["audience"]): string {
  if (all.length === 0 && any.length === 0) return "Ask everybody who has such a moment.";
  const every = listed(all.map(testWords), "and");
  const some = listed(any.map(testWords));
  return `Ask only when ${every && some ? `${every}, and ${some}` : every || some}.`;
}

/** A field of a step as the sentence a person reads. */
export function sentence(step: Step, field: Field): string {
  switch (field) {
    case "moments": return `When there is ${listed(step.moments.map((kind) => `${/^[aeiou]/.test(momentName(kind)) ? "an" : "a"} “${momentName(kind)}” moment`))}:`;
    case "audience": return audienceWords(step.audience);
    case "offers": return `Offer ${listed(step.offers.map((offer) => `${plain(offer.incentive)} (${listed(offer.sizes)})`))}.`;
    case "wording": return `Write ${listed(step.tones.map(plain))}, ${listed(step.lengths.map(plain))}, ${listed(step.channels.map(channelName))}.`;
    case "cadence": return `Leave at least ${step.cadence.gap_days} days between two asks, and ask at most ${step.cadence.per_year} ${step.cadence.per_year === 1 ? "time" : "times"} a year.`;
    case "follow_up": return step.follow_up ? `Without an answer after ${step.follow_up.after_days} days, remind them ${step.follow_up.most === 1 ? "once" : "up to twice"}, ${plain(step.follow_up.tone)}, ${channelName(step.follow_up.channel)}.` : "Do not remind them.";
    case "stop": return step.stop.length === 0 ? "It stops only where the guardrails stop it." : `Stop ${step.stop.map(stopWords).join("; ")}.`;
  }
}

/** What a step is expected to bring, with how unsure that is and where it comes from. */
export const expectedWords = (lift: Step["lift"]): string => `${percent(lift.mean)} of those asked, between ${percent(lift.low)} and ${percent(lift.high)}`;

/** The sentences in which two versions of a step differ. */
export function changes(before: Step, after: Step): { field: Field; was: string; is: string }[] {
  return FIELDS.flatMap((field) => {
    const was = sentence(before, field);
    const is = sentence(after, field);
    return was === is ? [] : [{ field, was, is }];
  });
}
