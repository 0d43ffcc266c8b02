import type { Step, StepShown, Stop, Test } from "../../api/playbooks";
import { words } from "../../format";

/** The sentences a step consists of, in reading order; each is changed by controls of its own. */
export const FIELDS = ["when", "offers", "wording", "cadence", "follow_up", "stop"] as const;
export type Field = (typeof FIELDS)[number];

/** What each kind of moment means, as the end of "When ...". */
export const KINDS: Record<string, string> = {
  purchase_euphoria: "they have just bought", support_success: "our support has just helped them", product_milestone: "they reach a milestone in the product",
  renewal: "they have just renewed", praise: "they praise us", survey_promoter: "they give us a top score in a survey", usage_spike: "their use rises",
  anniversary: "it is an anniversary with us", job_change: "they start a new job",
};
export const TONES: Record<string, string> = { brief: "brief", warm: "warm", partner: "collegial", enthusiastic: "enthusiastic", formal: "formal" };
export const LENGTHS: Record<string, string> = { short: "in a few lines", full: "at full length" };
export const CHANNELS: Record<string, string> = { email: "by e-mail", inapp: "in the product" };

export const plain = (slug: string): string => words(slug).toLowerCase();
const named = (names: Record<string, string>) => (key: string) => names[key] ?? plain(key);
function listed(parts: readonly string[], join: string, comma = false): string {
  if (parts.length < 2) return parts[0] ?? "nothing";
  return `${parts.slice(0, -1).join(", ")}${comma || parts.length > 2 ? "," : ""} ${join} ${parts[parts.length - 1]}`;
}
const an = (text: string): string => `${/^[aeiou]/.test(text) ? "an" : "a"} ${text}`;

/** Facts a condition may speak of: how they read, and what is compared with. */
export const FACTS: Record<string, { text: string; kind: "number" | "word" | "yesno" | "count" }> = {
  seniority: { text: "the person's seniority", kind: "word" }, segment: { text: "the company's segment", kind: "word" }, plan: { text: "the company's plan", kind: "word" },
  industry: { text: "the company's industry", kind: "word" }, country: { text: "the company's country", kind: "word" }, employees: { text: "the number of employees", kind: "number" },
  partner: { text: "the company is a partner", kind: "yesno" }, strength: { text: "the moment's strength", kind: "number" }, praised: { text: "times they praised us", kind: "count" },
  complained: { text: "complaints", kind: "count" }, referred: { text: "people they referred", kind: "count" }, power_user: { text: "products they are a power user of", kind: "count" },
  past_asks: { text: "earlier asks", kind: "count" }, asks_without_share: { text: "asks since they last shared", kind: "count" }, days_since_ask: { text: "days since the last ask", kind: "number" },
  asks_this_year: { text: "asks in the last 365 days", kind: "count" }, tenure_years: { text: "years we know them", kind: "number" },
};
export const OPS: { op: string; text: string }[] = [{ op: "is", text: "is" }, { op: "one_of", text: "is one of" }, { op: "at_least", text: "at least" }, { op: "at_most", text: "at most" }];

/** What ends a step for a person. */
export const STOPS: Record<string, string> = {
  shared: "once they have shared their link", opted_out: "for good when they ask us to stop", complaint: "when they complain", incident: "while anything is open at their company",
  window_over: "when the moment's window ends", left_company: "when they leave the company", asks_without_share: "after some asks without a share",
};
const stopWords = (rule: Stop): string => (rule.when === "asks_without_share" ? `after ${rule.n} ${rule.n === 1 ? "ask" : "asks"} without a share` : (STOPS[rule.when] ?? plain(rule.when)));

const ROLES: Record<string, string> = { executive: "an executive", vp: "a vice president", director: "a director", manager: "a manager", individual: "an individual contributor" };
/** What a threshold on a count means, said as people say it: at least 1, none. */
const SAID: Record<string, [string, string]> = {
  praised: ["they have praised us before", "they have never praised us"], complained: ["they have complained", "they have no complaint on record"],
  referred: ["they have referred somebody before", "they have not referred anybody yet"], power_user: ["they are a power user", "they are no power user"],
  past_asks: ["they have been asked before", "they have never been asked"], asks_without_share: ["an ask went unanswered", "no ask went unanswered"],
  asks_this_year: ["they were asked this year", "they were not asked this year"],
};
function choice(value: Test["value"]): string {
  const told = [value].flat().map((one) => ROLES[String(one)] ?? String(one).replaceAll("_", " "));
  return `${told.slice(0, -1).join(", ")}${told.length > 1 ? " or " : ""}${told[told.length - 1] ?? ""}`;
}

/** One condition as a clause: "they are a director or a vice president". */
export function testWords({ fact, op, value }: Test): string {
  const text = FACTS[fact]?.text ?? plain(fact);
  const counted = FACTS[fact]?.kind === "count";
  if (fact === "partner") return value === true ? "the company is a partner" : "the company is not a partner";
  if (SAID[fact] && op === "at_least" && value === 1) return SAID[fact][0];
  if (SAID[fact] && op !== "at_least" && value === 0) return SAID[fact][1];
  if (fact === "seniority") return `they are ${choice(value)}`;
  const bound = op === "at_least" || op === "at_most";
  if (fact === "strength" && bound) return `the moment is ${op === "at_least" ? "strong" : "weak"} (${String(value)} or ${op === "at_least" ? "more" : "less"})`;
  if (bound) return counted ? `there ${value === 1 ? "is" : "are"} ${op.replace("_", " ")} ${String(value)} ${text}` : `${text} is ${op.replace("_", " ")} ${String(value)}`;
  return counted ? `there are exactly ${String(value)} ${text}` : `${text} is ${choice(value)}`;
}

function whom({ all, any }: Step["audience"]): string {
  const every = all.map(testWords).join(" and ");
  const said = any.map(testWords);
  const some = said.join(said.some((one) => one.includes(",")) ? ", or " : " or ");
  return every && some ? `${every}, and ${some}` : every || some;
}

const often = (times: number): string => (times === 1 ? "once" : times === 2 ? "twice" : `${times} times`);

/** A field of a step as the sentence a person reads, in the server's words: what is changed is not told by the server yet. */
export function sentence(step: Step, field: Field): string {
  switch (field) {
    case "when": {
      const audience = whom(step.audience);
      return `When ${listed(step.moments.map(named(KINDS)), "or")}: ask${audience && `, if ${audience}`}.`;
    }
    case "offers": return `Offer ${listed(step.offers.map((offer) => (offer.incentive === "beta_access" ? "beta access" : `a ${listed(offer.sizes, "or")} ${plain(offer.incentive)}`)), "or", true)}.`;
    case "wording": return `Write ${an(listed(step.tones.map(named(TONES)), "or"))} message, ${listed(step.lengths.map(named(LENGTHS)), "or")}, ${listed(step.channels.map(named(CHANNELS)), "or")}.`;
    case "cadence": return `Ask the same person at most ${step.cadence.per_year < 3 ? `${often(step.cadence.per_year)} a year` : `${step.cadence.per_year} times a year`}, with at least ${step.cadence.gap_days} days in between.`;
    case "follow_up": {
      const follow = step.follow_up;
      return follow ? `Without an answer, send ${an(named(TONES)(follow.tone))} reminder ${named(CHANNELS)(follow.channel)} after ${follow.after_days} days, ${often(follow.most)} at most.` : "Send no reminder.";
    }
    case "stop": return step.stop.length === 0 ? "It stops only where the guardrails stop it." : `It stops ${listed(step.stop.map(stopWords), "and")}.`;
  }
}

const SPOKEN: Record<string, Field> = { moments: "when", tones: "wording" };

/** A step as the server tells it; a field it does not speak of, in our words. */
export function told(shown: StepShown, field: Field): string {
  return shown.sentences.find((one) => (SPOKEN[one.fields[0] ?? ""] ?? one.fields[0]) === field)?.sentence ?? sentence(shown.form, field);
}

/** The sentences in which two versions of a step differ. */
export function changes(before: Step, after: Step): { field: Field; was: string; is: string }[] {
  return FIELDS.flatMap((field) => {
    const was = sentence(before, field);
    const is = sentence(after, field);
    return was === is ? [] : [{ field, was, is }];
  });
}
