"""What a conversion earns: the terms the advocate was asked under, and what they make of the deal (`programs.weigh`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, structs

from honeyguide import programs
from honeyguide.db import Tx
from honeyguide.outcomes import credit_rows, deal_rows, tables
from honeyguide.outcomes.attribution import Share
from honeyguide.outcomes.credit_rows import Before
from honeyguide.outcomes.deal_rows import AskOfAdvocate, Conversion
from honeyguide.outcomes.deals import Deal
from honeyguide.outcomes.knowing import Around, around_credit, months_of, of_event
from honeyguide.outcomes.terms import Referral, Touch
from honeyguide.programs.conditions import leaves
from honeyguide.programs.file import OfferEntry
from honeyguide.programs.rules import EarnRule, Period

_PERIODS: tuple[Period, ...] = ("month", "quarter", "year")


class Terms(Struct, frozen=True):
    """What the credit is computed from, fetched once per share. `offers` are the group's, by their short names."""

    link: str
    advocate: programs.Advocate
    program: programs.Program
    file: programs.ProgramFile
    group: str
    offers: dict[str, programs.Offer]
    touch: Touch | None
    ask: AskOfAdvocate | None
    offered: str
    friend: str
    around: Around
    parent: programs.Parent | None = None


async def terms_of(tx: Tx, referral: Referral, share: Share) -> Terms:
    """The version that was in force when the friend came; an offer the advocate was asked with before keeps its terms."""
    advocate = await programs.advocate(tx, share.advocate_id)
    link = await tables.link_code(tx, share.link_id)  # also when it was switched off since
    ask = await deal_rows.ask_before(tx, advocate.record_id, referral.created_at)
    program = await programs.program(tx, advocate.program_id)
    file = (await programs.terms_at(tx, program.id, referral.created_at)).file
    rows = await programs.offers(tx, advocate.group_id, retired=True)
    asked = next((o for o in rows if ask is not None and o.id == ask.offer_id), None)
    group = next((g.slug for g in await programs.groups(tx, program.id) if g.id == advocate.group_id), "")
    if asked is not None:
        file = _with_offer(file, group, asked)
    own = referral.touch_id if share.advocate_id == referral.advocate_id else None
    touches = await tables.touches_of(tx, [own] if own else [])
    parent = (await programs.parents(tx, [advocate.id])).get(advocate.id)
    above = await programs.advocate(tx, parent.parent_id) if parent else None
    return Terms(
        link, advocate, program, file, group, _offers(file, group, rows), touches.get(own) if own else None, ask,
        asked.slug if asked else "", referral.friend_name or referral.friend_email,
        await around_credit(tx, referral, advocate, above), parent,
    )  # fmt: skip


def _entry(offer: programs.Offer) -> OfferEntry:
    return OfferEntry(
        offer.slug, offer.label, offer.incentive, offer.amount_minor, offer.rate_bp, offer.cap_minor, offer.size
    )


def _with_offer(file: programs.ProgramFile, slug: str, offer: programs.Offer) -> programs.ProgramFile:
    """The file with this offer in the group, in place of a later one of its name."""
    groups = []
    for group in file.groups:
        if group.slug == slug:
            here = any(o.slug == offer.slug for o in group.offers)
            offers = [_entry(offer) if o.slug == offer.slug else o for o in group.offers]
            groups.append(structs.replace(group, offers=offers if here else [*offers, _entry(offer)]))
        else:
            groups.append(group)
    return structs.replace(file, groups=groups)


def _offers(file: programs.ProgramFile, slug: str, rows: Sequence[programs.Offer]) -> dict[str, programs.Offer]:
    """The stored offer behind each of the group's: the one of the same terms, else the newest of the name."""
    found: dict[str, programs.Offer] = {}
    for entry in next((g.offers for g in file.groups if g.slug == slug), []):
        named = [o for o in rows if o.slug == entry.slug]
        same = [o for o in named if _entry(o) == entry]
        if named:
            found[entry.slug] = max(same or named, key=lambda o: o.id)
    return found


async def weighed(
    tx: Tx, terms: Terms, conversion: Conversion, deal: Deal, share: Share, said: Mapping[str, Any]
) -> programs.Weighed:
    """What the share of a conversion earns, and what it does not and why. A win and a payment are two facts: rules on the
    stage `won` see the one, rules on `invoice.paid` the other. `said`: what its events told (`knowing.told_of`).
    """
    won = await _won(tx, terms, conversion, deal, share, said) if deal.won is not None else programs.Weighed((), ())
    paid = await _paid(tx, terms, conversion, deal, share, said) if deal.is_payment else programs.Weighed((), ())
    return programs.Weighed((*won.earned, *paid.earned), (*won.passed, *paid.passed))


async def _won(
    tx: Tx, terms: Terms, conversion: Conversion, deal: Deal, share: Share, said: Mapping[str, Any]
) -> programs.Weighed:
    before = await credit_rows.before(tx, conversion, share.advocate_id, terms.file.terms.currency, "win")
    found = _weigh(terms, before, _fact("stage", terms, conversion, deal, share, before, said))
    if not deal.is_payment or before.number == 0:
        return found
    # Of a shop's sales a fixed amount that no rule names is earned with the first, a share with each.
    kept = tuple(e for e in found.earned if e.rule != programs.PLAIN or _is_share(terms, e))
    again = [
        programs.NotEarned(e.rule, e.role, e.offer_slug, "No reward: the customer earned it with an earlier payment.")
        for e in found.earned if e not in kept
    ]  # fmt: skip
    return programs.Weighed(kept, (*found.passed, *again))


async def _paid(
    tx: Tx, terms: Terms, conversion: Conversion, deal: Deal, share: Share, said: Mapping[str, Any]
) -> programs.Weighed:
    before = await credit_rows.before(tx, conversion, share.advocate_id, terms.file.terms.currency, "payment")
    return _weigh(terms, before, _fact(programs.PAYMENT, terms, conversion, deal, share, before, said))


def _fact(
    kind: str, terms: Terms, conversion: Conversion, deal: Deal, share: Share, before: Before, said: Mapping[str, Any]
) -> programs.Fact:
    around = terms.around
    return programs.Fact(
        kind=kind, stage="won" if kind == "stage" else "", at=conversion.occurred_at, amount_minor=deal.amount_minor,
        currency=deal.currency, number=before.number + 1, customer_since=before.since, offered=terms.offered,
        share_bp=share.share_bp, company=around.company, attributes=around.attributes | of_event(said),
        receivers=around.receivers, contract_months=months_of(said),
    )  # fmt: skip


def _weigh(terms: Terms, before: Before, fact: programs.Fact) -> programs.Weighed:
    so_far = programs.SoFar(
        customers=before.customers, revenue_minor=before.revenue_minor, in_period=_in_period(before, before.since or fact.at),
        parent=programs.earns_for_parent(terms.file, terms.parent, fact.at),
    )  # fmt: skip
    return programs.weigh(terms.file, terms.group, fact, so_far)


async def over(tx: Tx, terms: Terms, conversion: Conversion, deal: Deal, share: Share) -> set[str]:
    """The rules this conversion comes too late for by its number or time, whatever else they ask for."""
    found: set[str] = set()
    group = next((g for g in terms.file.groups if g.slug == terms.group), None)
    kinds: list[tuple[credit_rows.Kind, str, bool]] = [
        ("win", "stage", deal.won is not None), ("payment", programs.PAYMENT, deal.is_payment)
    ]  # fmt: skip
    for kind, name, there in kinds:
        if group is None or not there:
            continue
        before = await credit_rows.before(tx, conversion, share.advocate_id, terms.file.terms.currency, kind)
        fact = _fact(name, terms, conversion, deal, share, before, {})
        wanted = [
            r for r in programs.rules_of(group, fact) if (r.when.event == name or (r.when.stage and name == "stage"))
        ]
        found |= {r.slug for r in wanted if not programs.in_time(r, fact) or _counts(r)}
    return found


def looks_back(file: programs.ProgramFile) -> bool:
    """Does any rule depend on what the advocate had brought before?"""
    return any(r.tiers or r.accelerator or _counts(r) for g in file.groups for r in g.earns)


def _counts(rule: EarnRule) -> bool:
    """Does the rule ask for a customer's or payment's number?"""
    return any(c.fact in ("payment_number", "customer_number") for c in leaves(rule.when.conditions))


def _is_share(terms: Terms, earning: programs.Earning) -> bool:
    offer = terms.offers.get(earning.offer_slug)
    return offer is not None and offer.rate_bp > 0


def _in_period(before: Before, at: datetime) -> dict[Period, int]:
    """How many of the advocate's earlier customers were won in the month, quarter and year of a time."""
    begins: dict[Period, datetime] = {
        "month": at.replace(day=1, hour=0, minute=0, second=0, microsecond=0),
        "quarter": at.replace(month=(at.month - 1) // 3 * 3 + 1, day=1, hour=0, minute=0, second=0, microsecond=0),
        "year": at.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0),
    }
    return {p: sum(1 for won in before.won if won >= begins[p]) for p in _PERIODS}
