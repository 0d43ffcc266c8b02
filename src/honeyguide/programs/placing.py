"""A version's groups and offers as rows. An offer somebody may have been asked with keeps its terms: others are another row."""

from datetime import datetime
from typing import Any

from honeyguide.db import Tx
from honeyguide.programs import tables, version_tables
from honeyguide.programs.file import GroupEntry, OfferEntry, ProgramFile
from honeyguide.programs.terms import Offer


async def place(tx: Tx, program_id: int, file: ProgramFile, at: datetime, *, first: bool) -> int:
    """Make the rows of a program say what the file says; how many advocates belong to another group now.

    Advocates of a group that is gone belong to the default group. `first`: there was no version before.
    """
    default = 0
    for position, entry in enumerate(file.groups):
        group_id = await version_tables.put_group(tx, program_id, entry, position)
        default = group_id if entry.conditions.default else default
        await _offers(tx, group_id, file.terms.currency, entry, at, first=first)
    return await version_tables.retire_groups(tx, program_id, [g.slug for g in file.groups], default, at)


async def _offers(tx: Tx, group_id: int, currency: str, entry: GroupEntry, at: datetime, *, first: bool) -> None:
    standing = {o.slug: o for o in await tables.offers(tx, group_id, every=True)}
    wanted = {o.slug: o for o in entry.offers}
    gone = [o.id for s, o in standing.items() if s not in wanted or _terms(wanted[s], currency) != _terms_of(o)]
    await version_tables.retire_offers(tx, gone, at)
    for position, offer in enumerate(entry.offers):
        role, former = role_of(entry, offer.slug), standing.get(offer.slug)
        if former is not None and former.id not in gone:
            await version_tables.place_offer(tx, former, offer, role, position)
        else:
            await version_tables.add_offer(tx, group_id, currency, offer, role, position, None if first else at)


def role_of(group: GroupEntry, slug: str) -> str:
    """Whom an offer is for; an advocate's is what an ask can offer for a referral."""
    rules = [r for r in group.earns if r.offer == slug]
    if any(r.who == "advocate" and not r.when.act for r in rules):
        return "advocate"
    if rules:
        return next((r.who for r in rules if r.who != "advocate"), "act")
    return "instead" if any(r.instead == slug for r in group.earns) else "advocate"


def _terms(entry: OfferEntry, currency: str) -> tuple[Any, ...]:
    return (entry.incentive, entry.amount_minor, entry.rate_bp, entry.cap_minor, currency)


def _terms_of(offer: Offer) -> tuple[Any, ...]:
    return (offer.incentive, offer.amount_minor, offer.rate_bp, offer.cap_minor, offer.currency)
