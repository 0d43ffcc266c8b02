"""Why a credit is whose it is, in plain words. Pure."""

from datetime import datetime

from honeyguide.outcomes.attribution import Share, percent
from honeyguide.outcomes.deals import Deal, day, price_text
from honeyguide.outcomes.earning import Terms
from honeyguide.outcomes.terms import DealFact, Referral

_NAMED = {
    "email_hash": "had been invited by {name} by e-mail",
    "company": "works for a company that {name} had named",
    "claim": "said that {name} had sent them",
    "coupon": "used {name}'s coupon {link}",
    "code": "used {name}'s code {link}",
}


def moment(at: datetime) -> str:
    """`2 March 2026 at 08:55 UTC`."""
    return f"{day(at)} at {at:%H:%M} UTC"


def attribution_reason(
    referral: Referral, terms: Terms, deal: Deal, counted: DealFact, share: Share, window_days: int, decided: str = ""
) -> str:
    """Why this share of the credit goes to this advocate, naming link, click, sign-up and deal."""
    name = terms.advocate.name
    friend = referral.friend_email or referral.friend_name or "The friend"
    mine = share.advocate_id == referral.advocate_id
    came = f"{friend} {_came(terms, name) if mine else f'was touched by {name} (link {terms.link})'} and signed up on {moment(referral.created_at)}"
    days = (counted.at - referral.created_at).days
    said = (
        f"{came}; {counted.ref}{f' ({deal.name})' if deal.name else ''} was {'paid' if counted.kind == 'paid' else 'won'} on "
        f"{moment(counted.at)}, {days} days later "
        f"({price_text(deal.amount_minor, deal.currency)}). "
    )
    if decided:
        return f"{said}Decided by a person: {decided} {percent(share.share_bp)} % of the credit goes to {name}."
    if share.share_bp == 10_000 and share.why.startswith("Last touch"):
        return (
            f"{said}Last touch with a code within {window_days} days of the sign-up: the whole credit goes to {name}."
        )
    return f"{said}{share.why} {percent(share.share_bp)} % of the credit goes to {name}."


def _came(terms: Terms, name: str) -> str:
    touch = terms.touch
    if touch is not None and touch.kind in ("click", "landing"):
        return f"followed {name}'s link {terms.link} on {moment(touch.at)}"
    return _NAMED[touch.kind if touch is not None else "code"].format(name=name, link=terms.link)


def taken_back_reason(deal: Deal) -> str:
    """What the advocate reads when the deal did not stay won."""
    return f"{deal.ref} was reported lost{f' on {day(deal.lost_at)}' if deal.lost_at else ''} after it was won."
