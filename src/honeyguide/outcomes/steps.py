"""The consumer's step: deals become stages, conversions, attributions and rewards, in any order of events."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide import programs
from honeyguide.core import clock
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Tx
from honeyguide.outcomes import credit_rows, deal_rows, sale_names, tables
from honeyguide.outcomes.claims import adopt
from honeyguide.outcomes.credit import credit, follow_up, main_share
from honeyguide.outcomes.deal_rows import Candidate, Conversion
from honeyguide.outcomes.deals import FROM_DEALS, Deal, Standing, fact_of, names_of, read_deal, stand
from honeyguide.outcomes.fraud import look
from honeyguide.outcomes.settling import settle, settle_later, told_twice
from honeyguide.outcomes.sharing import Ruling, rulings
from honeyguide.outcomes.terms import DealFact, Referral


class OutcomeChanges(Struct, frozen=True):
    """What a batch changed: the referrals it touched, and how many wins were credited."""

    referrals: list[UUID]
    credited: int


class _Board(Struct, frozen=True):
    """All deals that the touched referrals may belong to, and whose each win is."""

    facts: dict[str, list[DealFact]]
    candidates: dict[UUID, list[str]]
    rulings: dict[str, Ruling]
    owners: dict[str, set[UUID]]
    conversions: dict[str, Conversion]


async def step(tx: Tx, events: Sequence[CanonicalEvent]) -> OutcomeChanges:
    """Take a batch in, after identity and graph have. Deal facts are kept first; then every referral that a record of
    the batch may concern is computed anew from all facts, so order, repetition and late merges change nothing.
    """
    facts = {f.event_id: f for e in events if (f := fact_of(e)) is not None}
    if facts:
        spoken = {e.event_id: [r.id for r in e.records()] for e in events if e.event_id in facts}
        await deal_rows.insert_facts(tx, list(facts.values()), spoken)
        await sale_names.keep(tx, {facts[e.event_id].deal: names_of(e) for e in events if e.event_id in facts})
    records = {r.id for e in events for r in e.records()}
    deals = sorted({f.deal for f in facts.values()})
    if deals:  # a win may come without a person: whoever the deal's other events named is concerned too
        records |= set(await deal_rows.records_of_deals(tx, deals))
        await adopt(tx, deals, clock.now())
    touched = await deal_rows.referrals_of_records(tx, sorted(records)) if records else []
    if not touched:
        return OutcomeChanges([], 0)
    return await reconsider(tx, touched, clock.now(), told=deals)


async def reconsider(
    tx: Tx, referral_ids: Sequence[UUID], now: datetime, *, told: Sequence[str] = ()
) -> OutcomeChanges:
    """Compute these referrals anew from everything known about their deals, and those that share a deal with them.

    `told` are deals that something new was told of: what they earned is weighed anew.
    """
    found = await _candidates(tx, await tables.referrals_by_id(tx, referral_ids))
    rivals = {c.referral_id for c in found[1]}
    referrals = await tables.referrals_by_id(tx, sorted({*referral_ids, *rivals}), lock=True)
    windows = {p.id: p.terms.attribution_days for p in await programs.programs(tx)}
    board = await _board(tx, referrals, *found)
    for referral in referrals.values():
        if referral.stage == "rejected":
            continue
        deals = board.candidates.get(referral.id, [])
        own = {d for d in deals if referral.id in board.owners.get(d, ())}
        standing = stand(referral, [board.facts[d] for d in deals], own, windows[referral.program_id])
        await _write_standing(tx, referral, standing, now)
        await look(tx, referral.id, now)
    fresh = set((await sale_names.one_of(tx, told)).values())
    await told_twice(tx, list(board.facts), now)
    return OutcomeChanges(sorted(referral_ids), await _settle(tx, board, referrals, windows, fresh, now))


async def _settle(
    tx: Tx, board: _Board, referrals: dict[UUID, Referral], windows: dict[int, int], fresh: set[str], now: datetime
) -> int:
    """Credit every win and payment that is not credited yet, in the order of their times, and follow up those that are.

    One that turns up late, or under another amount, changes what came before those after it: they are weighed anew, those
    of its advocates' other customers as well.
    """
    credited, moved = 0, list[Conversion]()
    for deal in sorted((_read(board, d, referrals, windows) for d in board.rulings), key=_order):
        facts, conversion = board.facts[deal.deal], board.conversions.get(deal.deal)
        if conversion is not None:
            if moved or deal.deal in fresh:
                after = await settle(tx, conversion, deal, facts, referrals, now)
                moved += [after] if after != conversion else []
            findings = (await tables.findings_of(tx, [conversion.referral_id])).get(conversion.referral_id, [])
            await follow_up(tx, conversion, findings)
        elif board.rulings[deal.deal].shares:
            made = await credit(tx, deal, facts, board.rulings[deal.deal], referrals, now)
            credited, moved = credited + (made is not None), moved + ([made] if made else [])
    await settle_later(tx, moved, {c.id for c in board.conversions.values()}, windows, now)
    return credited


def _read(board: _Board, deal: str, referrals: dict[UUID, Referral], windows: dict[int, int]) -> Deal:
    """The deal with the amounts it grew to while the program still counts them."""
    conversion, shares = board.conversions.get(deal), board.rulings[deal].shares
    owner = conversion.referral_id if conversion else main_share(shares).referral_id if shares else None
    days = windows[referrals[owner].program_id] if owner in referrals else None
    return read_deal(board.facts[deal], days)


def _order(deal: Deal) -> tuple[datetime, str]:
    counted = deal.counted
    if counted is None:
        raise ValueError("only a deal that counts is settled")
    return counted.at, deal.deal


async def _candidates(tx: Tx, referrals: dict[UUID, Referral]) -> tuple[dict[str, list[DealFact]], list[Candidate]]:
    records = {r.friend_record_id for r in referrals.values()}
    records |= {r.friend_company_record_id for r in referrals.values() if r.friend_company_record_id is not None}
    deals = await deal_rows.deals_of_records(tx, sorted(records))
    return await deal_rows.facts_of_deals(tx, deals), await deal_rows.candidates(tx, deals)


async def _board(
    tx: Tx, referrals: dict[UUID, Referral], facts: dict[str, list[DealFact]], found: list[Candidate]
) -> _Board:
    conversions = await deal_rows.conversions_of_deals(tx, list(facts))
    held = await credit_rows.shares_of(tx, [c.id for c in conversions.values()])
    by_referral: dict[UUID, list[str]] = defaultdict(list)
    for one in found:
        by_referral[one.referral_id].append(one.deal)
    ruled = await rulings(tx, facts, found, referrals)
    owners = {d: {s.referral_id for s in r.shares} for d, r in ruled.items()}
    owners |= {
        d: {h.referral_id for h in held.get(c.id, [])} for d, c in conversions.items()
    }  # what was credited stays
    return _Board(facts, by_referral, ruled, owners, conversions)


async def _write_standing(tx: Tx, referral: Referral, standing: Standing, now: datetime) -> None:
    for reached in standing.reached:
        await tables.put_stage(tx, referral.id, reached.stage, reached.at, reached.event_id, reached.reason)
    await tables.drop_stages(tx, referral.id, ["signed_up", *(r.stage for r in standing.reached)])
    last = standing.now
    await tables.set_stage(
        tx, referral.id, last.stage if last else "signed_up", last.at if last else referral.created_at
    )
    await tables.drop_findings(tx, referral.id, sorted(set(FROM_DEALS) - {f.rule for f in standing.findings}))
    await tables.put_findings(tx, referral.id, standing.findings, now)
