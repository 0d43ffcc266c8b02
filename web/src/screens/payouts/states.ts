/** What each state of a reward means, as a person would say it. */
export const STATE_WORDS: Record<string, { name: string; text: string }> = {
  pending: { name: "Not due yet", text: "earned, but a date or a stage has not come" },
  held: { name: "Held", text: "waits for its hold to end" },
  review: { name: "Look first", text: "somebody has to look before it moves on" },
  approved: { name: "Approved", text: "a second person has approved it" },
  payable: { name: "Payable", text: "may go into a payout" },
  in_payout: { name: "In a payout", text: "on its way" },
  paid: { name: "Paid", text: "the money has left" },
  reversed: { name: "Taken back", text: "a refund or a decision undid it" },
  void: { name: "Taken back", text: "a refund or a decision undid it" },
  expired: { name: "Expired", text: "it was not claimed in time" },
  capped: { name: "Over the limit", text: "earned when the budget was used up: nothing was posted" },
};
