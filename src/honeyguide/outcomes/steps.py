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
from honeyguide.outcomes import credit_rows, deal_rows, tables
from honeyguide.outcomes.claims import adopt
from honeyguide.outcomes.credit import credit, follow_up
from honeyguide.outcomes.deal_rows import Candidate, Conversion
from honeyguide.outcomes.deals import FROM_DEALS, Standing, fact_of, read_deal, stand
from honeyguide.outcomes.fraud import look
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
    records = {r.id for e in events for r in e.records()}
    if facts:  # a win may come without a person: whoever the deal's other events named is concerned too
        deals = sorted({f.deal for f in facts.values()})
        records |= set(await deal_rows.records_of_deals(tx, deals))
        await adopt(tx, deals, clock.now())
    touched = await deal_rows.referrals_of_records(tx, sorted(records)) if records else []
    if not touched:
        return OutcomeChanges([], 0)
    return await reconsider(tx, touched, clock.now())


async def reconsider(tx: Tx, referral_ids: Sequence[UUID], now: datetime) -> OutcomeChanges:
    """Compute these referrals anew from everything known about their deals, and those that share a deal with them."""
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
    return OutcomeChanges(sorted(referral_ids), await _settle(tx, board, referrals, now))


async def _settle(tx: Tx, board: _Board, referrals: dict[UUID, Referral], now: datetime) -> int:
    """Credit every win that is not credited yet, in the order of their times, and follow up those that are."""
    credited = 0
    for deal in sorted(
        (read_deal(board.facts[d]) for d in board.rulings), key=lambda d: (d.won.at if d.won else now, d.deal)
    ):
        facts, conversion = board.facts[deal.deal], board.conversions.get(deal.deal)
        if conversion is not None:
            findings = (await tables.findings_of(tx, [conversion.referral_id])).get(conversion.referral_id, [])
            await follow_up(tx, conversion, facts, findings, now)
        elif board.rulings[deal.deal].shares:
            credited += await credit(tx, deal, facts, board.rulings[deal.deal], referrals, now)
    return credited


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
