import type { ConversionRow } from "../../api/court";
import { percent } from "../../format";

export const STATES: Record<string, string> = { credited: "Credited", shared: "Shared", disputed: "Disputed", decided: "Decided", none: "No credit" };
export const TOUCHES: Record<string, string> = { click: "Clicked the link", landing: "Opened the page", code: "Named the code", email: "Known by e-mail", email_hash: "Known by e-mail", company: "Same company", company_match: "Same company", claim: "Said so themselves", signup: "Signed up", lead: "Became a lead" };

export function creditWords(credited: ConversionRow["credited"]): string {
  if (credited.length === 0) return "Nobody";
  if (credited.length === 1) return credited[0]?.name ?? "";
  return credited.map((one) => `${one.name} ${percent(one.share_bp / 10_000, 0)}`).join(", ");
}

/** The rule that decided: the last sentence. The way there is told where there is room for it. */
export const shortReason = (reason: string): string => reason.split(/(?<=[.;])\s+(?=[A-Z])/).filter(Boolean).pop() ?? reason;

/** What a touch's kind says already is not said twice. */
export const moreThanKind = (what: string): string => (/^(followed the link|opened the page|named the code|signed up)$/i.test(what.trim()) ? "" : what);
