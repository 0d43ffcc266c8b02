"""The props of each canonical kind, out of the properties of a tracked event. Money becomes integer minor units."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from honeyguide.funnel.decode import engagements, fields
from honeyguide.funnel.decode.fields import currency, first_text, minor_units, number, scalar, snake, whole

Props = dict[str, Any]
_PROPS_MAX = 60
_AMOUNTS = ("amount", "total", "revenue", "value", "mrr", "price")
_TEXTS = ("text", "body", "comment", "note", "message", "message_body", "feedback", "review_body")
_RATINGS = {"good": 5, "bad": 1, "great": 5, "okay": 3, "ok": 3, "offered": None, "unoffered": None}
# Segment's e-commerce spec: an order without a currency is in US dollars.
_DEFAULT_CURRENCY = "USD"


@lru_cache(maxsize=8_192)
def slug(name: str) -> str:
    """A product's or feature's key: `Reporting API` becomes `reporting-api`."""
    return re.sub(r"[^\w]+", "-", name.lower()).strip("-_")[:80]


def props_of(kind: str, name: str, given: Props, product: str) -> Props:
    """The documented props of `kind`. `product` is what the event is about when it does not say so itself."""
    return _BUILDERS.get(kind, _custom)(name, given, product)


def text_of(given: Props) -> str:
    """The free text a person wrote, if any: untrusted."""
    return first_text(given, _TEXTS, fields.TEXT_MAX)


def subject_id(given: Props, noun: str) -> str:
    """The id of the deal, ticket, order ... under its usual spellings: `deal_id`, `dealId`, `deal`, `id`."""
    return first_text(given, (noun, f"{noun}_id", f"{noun}Id", f"{noun}_number", "id", "hs_object_id"))


def _money(given: Props) -> Props:
    code = currency(given.get("currency")) or _DEFAULT_CURRENCY
    minor = whole(given.get("amount_minor"))
    if minor is None:
        found = next((given[n] for n in _AMOUNTS if given.get(n) is not None), None)
        minor = None if found is None else minor_units(found, code)
    return {} if minor is None else {"amount_minor": minor, "currency": code}


def _product(given: Props, default: str) -> Props:
    name = first_text(given, ("product", "product_name", "productName", "app", "trial_plan_name", "plan")) or default
    key = slug(name)
    return {"product": key} if key == name else {"product": key, "product_name": name}


def _some(**values: Any) -> Props:
    return {k: v for k, v in values.items() if v not in (None, "")}


def _signup(_: str, g: Props, __: str) -> Props:
    return _some(
        link_code=first_text(g, ("link_code", "linkCode", "referral_code", "referralCode")),
        referral_id=first_text(g, ("referral_id", "referralId")),
    )


def _feature(_: str, g: Props, product: str) -> Props:
    name = first_text(g, ("feature", "feature_name", "featureName", "name"))
    key = slug(name) or "unnamed"
    times = whole(g.get("n", g.get("count", g.get("usage_count", 1))))
    named = {} if key == name else {"feature_name": name}
    return {**_product(_without_plan(g), product), "feature": key, **named, "n": max(times or 1, 1)}


def _milestone(_: str, g: Props, product: str) -> Props:
    name = first_text(g, ("milestone", "milestone_name", "name"))
    value = g.get("value", g.get("count"))
    return {**_product(_without_plan(g), product), **_some(milestone=name or "unnamed", value=scalar(value))}


def _without_plan(g: Props) -> Props:
    return {k: v for k, v in g.items() if k not in ("plan", "trial_plan_name")}


def _trial(_: str, g: Props, product: str) -> Props:
    return _product(g, product)


def _months(g: Props) -> int | None:
    """For how many months a deal's contract runs, where it says so in whole months."""
    told = first_text(g, ("contract_months", "contractMonths", "contract_term_months", "term_months"))
    return int(told) if told.isascii() and told.isdigit() and 0 < int(told[:6]) <= 1_200 else None


def _deal(_: str, g: Props, __: str) -> Props:
    product = first_text(g, ("product", "product_name"))
    return _some(
        deal=subject_id(g, "deal") or first_text(g, ("opportunity_id", "opportunityId")),
        name=first_text(g, ("deal_name", "dealname", "dealName", "name")),
        stage=_stage(g),
        owner=first_text(g, ("owner", "owner_id", "hubspot_owner_id", "owner_email")),
        product=slug(product),
        contract_months=_months(g),
        reason=first_text(g, ("reason", "lost_reason", "closed_lost_reason")),
        **_money(g),
    )


def _stage(g: Props) -> str:
    return first_text(g, ("stage", "deal_stage", "dealstage", "dealStage", "new_stage"))


def stage_of(given: Props) -> str:
    """The stage a deal event speaks of."""
    return _stage(given)


def _subscription(_: str, g: Props, product: str) -> Props:
    return {
        **_product(_without_plan(g), product),
        **_some(
            subscription=subject_id(g, "subscription"),
            plan=first_text(g, ("plan", "plan_name", "plan_tier")),
            seats=whole(g.get("seats", g.get("quantity"))),
            seats_before=whole(g.get("seats_before", g.get("previous_seats"))),
            since=_since(g),
            reason=first_text(g, ("reason", "cancellation_reason")),
            **_money(g),
        ),
    }


def _since(g: Props) -> str | None:
    """When a contract began that is told of later."""
    raw = next((g[n] for n in ("since", "started_at", "start_date", "startDate") if g.get(n) not in (None, "")), None)
    found = fields.instant(raw) if raw is not None else None
    return found.isoformat() if found else None


def _invoice(_: str, g: Props, __: str) -> Props:
    return _some(invoice=subject_id(g, "invoice"), **_money(g))


def _order(_: str, g: Props, __: str) -> Props:
    return _some(order=subject_id(g, "order"), **_money(g))


def _order_step(_: str, g: Props, __: str) -> Props:
    return _some(
        order=subject_id(g, "order") or first_text(g, ("checkout_id", "checkoutId")),
        reason=first_text(g, ("reason", "cancel_reason", "cancellation_reason")),
        **_money(g),
    )


def _paid_back(noun: str, g: Props) -> Props:
    """A refund, dispute or failed charge: its own id, what it is about, how much and why."""
    names = (noun, f"{noun}_id", f"{noun}Id")
    return _some(
        **{noun: first_text(g, names)},
        order=first_text(g, ("order", "order_id", "orderId")),
        invoice=first_text(g, ("invoice", "invoice_id", "invoiceId")),
        reason=first_text(g, ("reason", "failure_message", "failure_code")),
        status=first_text(g, ("status", "outcome")).lower() if noun == "dispute" else "",
        **_money(g),
    )


def _refund(_: str, g: Props, __: str) -> Props:
    return _paid_back("refund", g)


def _dispute(_: str, g: Props, __: str) -> Props:
    return _paid_back("dispute", g)


def _charge(_: str, g: Props, __: str) -> Props:
    return _paid_back("charge", g)


def _ticket(_: str, g: Props, __: str) -> Props:
    comment = first_text(g, ("comment",), fields.TEXT_MAX)
    return _some(
        ticket=subject_id(g, "ticket") or first_text(g, ("case_id", "caseId")),
        subject=first_text(g, ("subject", "title")),
        priority=first_text(g, ("priority",)).lower(),
        score=rating(g.get("score", g.get("rating"))),
        comment=comment,
    )


def rating(value: Any) -> int | None:
    """A support rating on our scale of 1 to 5; `good` is 5 and `bad` is 1."""
    if isinstance(value, str) and value.lower() in _RATINGS:
        return _RATINGS[value.lower()]
    found = number(value)
    return None if found is None or not 1 <= found <= 5 else round(found)


def _survey(name: str, g: Props, __: str) -> Props:
    survey = first_text(g, ("survey", "survey_name", "survey_id", "surveyId")) or slug(name)
    score = number(g.get("score", g.get("rating", g.get("nps"))))
    top = number(g.get("scale_max", g.get("max")))
    if top is None and score is not None:
        top = 10 if "nps" in f"{survey} {name}".lower() or score > 5 else 5
    whole_score = int(score) if score is not None and score == int(score) else score
    return _some(
        survey=survey, score=whole_score, scale_max=None if top is None else int(top),
        comment=first_text(g, ("comment", "feedback", "text"), fields.TEXT_MAX),
    )  # fmt: skip


def _consent(name: str, g: Props, __: str) -> Props:
    said = fields.truth(g.get("state", g.get("granted")))
    if said is None:
        said = fields.key_of(name) == "subscribed"
    channel = first_text(g, ("channel",)).lower() or "email"
    return {"channel": channel, "state": "granted" if said else "withdrawn"}


def _departed(_: str, g: Props, __: str) -> Props:
    return _some(
        left_company_ref=first_text(g, ("left_company_ref", "left_company", "company_id", "companyId", "company"))
    )


def _merged(_: str, __: Props, ___: str) -> Props:
    return {}


def _custom(name: str, g: Props, _: str) -> Props:
    kept: Props = {}
    for key, value in g.items():
        own = snake(key)
        if own and own not in kept and (found := scalar(value)) is not None and len(kept) < _PROPS_MAX:
            kept[own] = found
    kept["name"] = name
    return kept


_BUILDERS: dict[str, Callable[[str, Props, str], Props]] = {
    "signup.completed": _signup,
    "feature.used": _feature,
    "usage.milestone": _milestone,
    **dict.fromkeys(("trial.started", "trial.ended", "trial.converted"), _trial),
    "survey.answered": _survey,
    "consent.changed": _consent,
    "persona.departed": _departed,
    "records.merged": _merged,
    "purchase.completed": _order,
    **dict.fromkeys(("deal.created", "deal.stage_changed", "deal.won", "deal.lost"), _deal),
    **dict.fromkeys(
        (
            "subscription.started", "subscription.renewed", "subscription.expanded", "subscription.contracted",
            "subscription.paused", "subscription.resumed", "subscription.cancelled",
        ),
        _subscription,
    ),
    **dict.fromkeys(("order.created", "order.cancelled", "order.fulfilled", "checkout.started"), _order_step),
    "refund.issued": _refund,
    **dict.fromkeys(("dispute.opened", "dispute.closed"), _dispute),
    "charge.failed": _charge,
    **dict.fromkeys(("invoice.paid", "invoice.payment_failed"), _invoice),
    **dict.fromkeys(
        ("ticket.opened", "ticket.commented", "ticket.escalated", "ticket.solved", "ticket.rated", "ticket.reopened"),
        _ticket,
    ),
    **dict.fromkeys(("persona.identified", "company.identified", "record.deleted", "record.restored"), _merged),
    **engagements.BUILDERS,
}  # fmt: skip
