"""What a conversion earns: the terms the advocate was asked under, and what they make of the deal (`programs.weigh`)."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from honeyguide import programs
from honeyguide.db import Tx
from honeyguide.outcomes import credit_rows, deal_rows, tables
from honeyguide.outcomes.attribution import Share
from honeyguide.outcomes.credit_rows import Before
from honeyguide.outcomes.deal_rows import AskOfAdvocate, Conversion
from honeyguide.outcomes.deals import SALE, Deal
from honeyguide.outcomes.terms import Referral, Touch
from honeyguide.programs.file import GroupEntry, OfferEntry
from honeyguide.programs.rules import Period

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


async def terms_of(tx: Tx, referral: Referral, share: Share) -> Terms:
    """The terms that were in force when the friend came, and the offer of the last ask before that."""
    advocate = await programs.advocate(tx, share.advocate_id)
    link = await tables.link_code(tx, share.link_id)  # also when it was switched off since
    ask = await deal_rows.ask_before(tx, advocate.record_id, referral.created_at)
    program = await programs.program(tx, advocate.program_id)
    groups = await programs.groups(tx, program.id)
    offers = {g.id: await programs.offers(tx, g.id) for g in groups}
    mine = {o.slug: o for o in offers.get(advocate.group_id, [])}
    asked = next((o.slug for o in mine.values() if ask is not None and o.id == ask.offer_id), "")
    own = referral.touch_id if share.advocate_id == referral.advocate_id else None
    touches = await tables.touches_of(tx, [own] if own else [])
    slug = next((g.slug for g in groups if g.id == advocate.group_id), "")
    return Terms(
        link, advocate, program, _file(program, groups, offers), slug, mine, touches.get(own) if own else None, ask, asked,
        referral.friend_name or referral.friend_email,
    )  # fmt: skip


def _file(
    program: programs.Program, groups: Sequence[programs.Group], offers: dict[int, list[programs.Offer]]
) -> programs.ProgramFile:
    """The program as it stands, as a file."""
    entries = [
        GroupEntry(
            g.slug, g.name, g.conditions,
            [OfferEntry(o.slug, o.label, o.incentive, o.amount_minor, o.rate_bp, o.cap_minor, o.size) for o in offers.get(g.id, [])],
        )
        for g in groups
    ]  # fmt: skip
    return programs.ProgramFile(program.slug, program.name, program.version, program.terms, entries)


async def weighed(tx: Tx, terms: Terms, conversion: Conversion, deal: Deal, share: Share) -> programs.Weighed:
    """What the share of a conversion earns, and what it does not and why."""
    before = await credit_rows.before(tx, conversion, share.advocate_id, terms.file.terms.currency)
    fact = programs.Fact(
        kind="stage", stage="won", at=conversion.occurred_at, amount_minor=deal.amount_minor, currency=deal.currency,
        number=before.payments + 1, customer_since=before.since, offered=terms.offered, share_bp=share.share_bp,
    )  # fmt: skip
    so_far = programs.SoFar(
        customers=before.customers, revenue_minor=before.revenue_minor, in_period=_in_period(before, conversion.occurred_at),
        parent=False,
    )  # fmt: skip
    found = programs.weigh(terms.file, terms.group, fact, so_far)
    if not conversion.deal.startswith(SALE):
        return found
    paid = programs.weigh(terms.file, terms.group, _as_payment(fact), so_far)
    won = tuple(e for e in found.earned if before.payments == 0 or (e.rule == programs.PLAIN and _is_share(terms, e)))
    again = [
        programs.NotEarned(e.rule, e.role, e.offer_slug, "No reward: the customer earned it with an earlier payment.")
        for e in found.earned if e not in won
    ]  # fmt: skip
    return programs.Weighed((*won, *paid.earned), (*found.passed, *again, *paid.passed))


def _as_payment(fact: programs.Fact) -> programs.Fact:
    values = {f: getattr(fact, f) for f in programs.Fact.__struct_fields__ if f not in ("kind", "stage")}
    return programs.Fact(kind="invoice.paid", **values)


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
