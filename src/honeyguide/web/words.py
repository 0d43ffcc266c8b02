"""How kinds and states are told to people: pure tables of words."""

_FACTS = {
    "works_at": "Works at {other}",
    "holds_role": "Holds the role {other}",
    "reports_to": "Reports to {other}",
    "colleague_of": "Works with {other}",
    "influences": "Influences {other}",
    "champion_of": "Champions {other}",
    "blocks": "Holds back {other}",
    "uses": "Uses {other}",
    "power_user_of": "Is a power user of {other}",
    "adopted": "Adopted {other}",
    "bought": "Bought {other}",
    "subscribed_to": "Subscribed to {other}",
    "renewed": "Renewed {other}",
    "opened": "Opened {other}",
    "resolved_for": "Was helped: {other}",
    "praised": "Praised {other}",
    "complained_of": "Complained about {other}",
    "evaluated": "Evaluated {other}",
    "interested_in": "Showed interest in {other}",
    "referred": "Referred {other}",
    "introduced": "Introduced {other}",
    "attended": "Attended {other}",
    "member_of": "Belongs to {other}",
    "similar_to": "Is similar to {other}",
    "owns_account": "Owns the account {other}",
}
_STAGES = {
    "signed_up": "Signed up",
    "qualified": "In talks with the team",
    "won": "Became a customer",
    "lost": "Did not become a customer",
    "rejected": "Does not count",
}
_REWARDS = {
    "pending": "Earned, not due yet",
    "held": "Earned, on hold",
    "review": "Earned, being checked",
    "approved": "Approved, on hold",
    "payable": "Approved, to be paid",
    "in_payout": "Being paid",
    "paid": "Paid",
    "reversed": "Taken back",
    "expired": "Not claimed in time",
    "capped": "Nothing was left to give",
}


def fact(kind: str, other: str) -> str:
    """One fact as a line of a timeline."""
    return _FACTS.get(kind, "Connected with {other}").format(other=other or "something unnamed")


def stage_text(stage: str) -> str:
    """A referral's stage."""
    return _STAGES.get(stage, stage)


def reward_text(state: str) -> str:
    """A reward's state."""
    return _REWARDS.get(state, state)


def action_label(action: str, legal: object) -> str:
    """The label a decision gave its action, or the action's own words."""
    for one in legal if isinstance(legal, list) else []:
        if isinstance(one, dict) and one.get("action") == action and one.get("label"):
            return str(one["label"])
    if action in ("", "wait", "silence", "none", "no_ask"):
        return "Stay silent"
    return action.replace("|", " · ").replace("_", " ").replace("-", " ").capitalize()
