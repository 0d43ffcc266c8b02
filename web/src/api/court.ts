/** Who gets the credit for a conversion, why, and what a different decision would change. */
export type TouchRow = { id: string; kind: string; at: string; advocate: { id: string; name: string } | null; what: string; counted: boolean; why_not: string | null };
export type ShareRow = { advocate: { id: string; name: string }; share_bp: number; amount_minor: number; currency: string; why: string };
export type ConversionRow = {
  id: string;
  at: string;
  company: string;
  friend: string | null;
  kind: string;
  amount_minor: number;
  currency: string;
  credited: { id: string; name: string; share_bp: number }[];
  state: string;
  reason: string;
};
export type Claim = { id: string; conversion: string; side: string; by: string; at: string; text: string; state: string; answer: string };
export type Verdict = { id: string; at: string; by: string; kind: string; sentence: string };
export type ConversionDetail = ConversionRow & {
  for_advocate: string;
  for_company: string;
  facts: { label: string; value: string }[];
  policy: string;
  touches: TouchRow[];
  shares: ShareRow[];
  disputes: Claim[];
  decisions: Verdict[];
};
/** What a decision would move, before it is made. */
export type CourtPreview = {
  sentence: string;
  changes: { advocate: { id: string; name: string }; before_minor: number; after_minor: number; currency: string; what: string }[];
  cost_minor: number;
  currency: string;
  warnings: string[];
};
export type Decision = { kind: "keep" | "give" | "split" | "none"; shares: { advocate: string; share_bp: number }[]; reason: string; whole_customer: boolean };
