import type { Tone } from "../../parts/ui";

/** What became of a payment, as far as it is known. */
export const PAYMENTS: Record<string, { name: string; tone: Tone; text: string }> = {
  promised: { name: "To be sent", tone: "plain", text: "approved, not asked for yet" },
  unknown: { name: "Not known yet", tone: "warn", text: "the provider has not said; it is asked again and never sent twice" },
  sent: { name: "Sent", tone: "info", text: "the provider has taken it" },
  paid: { name: "Paid", tone: "good", text: "the provider says it arrived" },
  refused: { name: "Refused", tone: "bad", text: "the provider said no: nothing was paid" },
  returned: { name: "Came back", tone: "bad", text: "it was paid and came back" },
  cancelled: { name: "Cancelled", tone: "plain", text: "nothing was paid" },
};
