"""Which event names of other systems mean which canonical kind. Names are compared without case and punctuation.

docs/reference/events.md lists the kinds with their props; a test keeps the two in step.
"""

from honeyguide.funnel.decode.fields import key_of

KINDS = (
    "persona.identified", "company.identified", "persona.departed", "records.merged", "signup.completed",
    "feature.used", "usage.milestone", "trial.started",
    "deal.created", "deal.stage_changed", "deal.won", "deal.lost",
    "subscription.started", "subscription.renewed", "subscription.expanded", "subscription.cancelled",
    "invoice.paid", "invoice.payment_failed", "purchase.completed",
    "ticket.opened", "ticket.commented", "ticket.escalated", "ticket.solved", "ticket.rated", "ticket.reopened",
    "survey.answered", "consent.changed", "custom",
    "identity.linked", "identity.separated",
    "trial.ended", "trial.converted",
    "subscription.contracted", "subscription.paused", "subscription.resumed",
    "charge.failed", "refund.issued", "dispute.opened", "dispute.closed",
    "order.created", "order.cancelled", "order.fulfilled", "checkout.started",
    "meeting.booked", "meeting.held", "meeting.missed", "call.made", "sales_email.sent", "sales_email.received", "account_note.added",
    "account_task.created", "account_task.completed", "form.submitted", "churn.risk_raised", "record.deleted", "record.restored",
    "edge.confirmed", "edge.refuted", "edge.corrected", "edge.withdrawn", "inference.reviewed",
)  # fmt: skip
# What only Honeyguide itself writes: no name of another system's event may mean it.
OURS = frozenset({
    "identity.linked", "identity.separated", "edge.confirmed", "edge.refuted", "edge.corrected", "edge.withdrawn",
    "inference.reviewed",
})  # fmt: skip

# canonical kind -> names it goes by (the name spelled like the kind always counts: "deal.won", "Deal Won").
NAMES: dict[str, tuple[str, ...]] = {
    "signup.completed": ("Signed Up", "User Signed Up", "User Registered", "Registration Completed"),
    "company.identified": ("Account Created", "Company Updated", "Account Updated"),
    "persona.departed": ("Contact Departed", "Contact Left Company", "Person Left Company", "Account Removed User"),
    "records.merged": ("Contact Merged", "Contacts Merged", "Company Merged", "Companies Merged"),
    "feature.used": ("Feature Used", "Feature Usage", "Used Feature"),
    "usage.milestone": ("Milestone Reached", "Usage Milestone Reached", "Milestone Completed"),
    "trial.started": ("Trial Started", "Free Trial Started"),
    "deal.created": ("Deal Created", "Opportunity Created"),
    "deal.stage_changed": ("Deal Stage Changed", "Deal Updated", "Opportunity Stage Changed"),
    "deal.won": ("Deal Won", "Deal Closed Won", "Opportunity Won"),
    "deal.lost": ("Deal Lost", "Deal Closed Lost", "Opportunity Lost"),
    "subscription.started": ("Subscription Started", "Subscription Created"),
    "subscription.renewed": ("Subscription Renewed", "Contract Renewed"),
    "subscription.expanded": ("Subscription Expanded", "Subscription Upgraded", "Seats Added", "Plan Upgraded"),
    "subscription.cancelled": ("Subscription Cancelled", "Subscription Canceled"),
    "invoice.paid": ("Invoice Paid", "Invoice Payment Succeeded"),
    "invoice.payment_failed": ("Invoice Payment Failed", "Payment Failed"),
    "purchase.completed": ("Order Completed", "Completed Order", "Purchase Completed"),
    "ticket.opened": ("Ticket Created", "Support Ticket Created", "Ticket Opened", "Case Created"),
    "ticket.commented": ("Ticket Commented", "Ticket Comment Added", "Ticket Replied"),
    "ticket.escalated": ("Ticket Escalated", "Case Escalated"),
    "ticket.solved": ("Ticket Solved", "Ticket Resolved", "Ticket Closed", "Case Closed"),
    "ticket.rated": ("Ticket Rated", "Support Rated", "CSAT Submitted"),
    "ticket.reopened": ("Ticket Reopened", "Support Ticket Reopened", "Case Reopened"),
    "survey.answered": ("Survey Answered", "Survey Submitted", "Survey Completed", "NPS Submitted", "NPS Answered"),
    "consent.changed": ("Consent Changed", "Unsubscribed", "Subscribed", "Email Opted Out"),
    "trial.ended": ("Trial Ended", "Trial Expired"),
    "trial.converted": ("Trial Converted", "Trial Upgraded"),
    "subscription.contracted": (
        "Subscription Contracted",
        "Subscription Downgraded",
        "Seats Removed",
        "Plan Downgraded",
    ),
    "subscription.paused": ("Subscription Paused",),
    "subscription.resumed": ("Subscription Resumed", "Subscription Reactivated"),
    "charge.failed": ("Charge Failed",),
    "refund.issued": ("Refund Issued", "Refund Created", "Order Refunded", "Charge Refunded"),
    "dispute.opened": ("Dispute Opened", "Dispute Created", "Chargeback Opened"),
    "dispute.closed": ("Dispute Closed", "Chargeback Closed"),
    "order.created": ("Order Created", "Order Placed"),
    "order.cancelled": ("Order Cancelled", "Order Canceled"),
    "order.fulfilled": ("Order Fulfilled", "Order Shipped"),
    "checkout.started": ("Checkout Started", "Checkout Created"),
    "meeting.booked": ("Meeting Booked", "Meeting Scheduled", "Demo Booked", "Demo Scheduled"),
    "meeting.held": ("Meeting Held", "Meeting Completed", "Meeting Attended", "Demo Completed"),
    "meeting.missed": ("Meeting Missed", "Meeting Canceled", "Meeting Cancelled", "Meeting No Show"),
    "call.made": ("Call Made", "Call Completed", "Call Logged"),
    "sales_email.received": ("Sales Email Replied",),
    "form.submitted": ("Form Submitted", "Form Submission"),
    "churn.risk_raised": ("Churn Risk Raised", "Churn Risk Detected", "Account At Risk", "Customer At Risk"),
}
_BY_KEY = {key_of(kind): kind for kind in KINDS if kind not in OURS} | {
    key_of(name): kind for kind, names in NAMES.items() for name in names
}
_WON = frozenset({"closedwon", "won"})
_LOST = frozenset({"closedlost", "lost"})


def kind_of(name: str, stage: str = "") -> str:
    """The canonical kind of an event name; `custom` when it is none of ours.

    A deal that changed into a closing stage is won or lost, whatever the event is called.
    """
    kind = _BY_KEY.get(key_of(name), "custom")
    if kind == "deal.stage_changed" and stage:
        key = key_of(stage)
        return "deal.won" if key in _WON else "deal.lost" if key in _LOST else kind
    return kind
