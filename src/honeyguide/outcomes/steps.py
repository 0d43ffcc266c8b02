"""The consumer's step: deals become stages, conversions, attributions and rewards, in any order of events."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from honeyguide import programs
from honeyguide.core import clock
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Tx
from honeyguide.outcomes import deal_rows, tables
from honeyguide.outcomes.credit import credit, follow_up
from honeyguide.outcomes.deal_rows import Candidate, Conversion
from honeyguide.outcomes.deals import FROM_DEALS, Standing, fact_of, read_deal, stand
from honeyguide.outcomes.fraud import look
from honeyguide.outcomes.terms import DealFact, Referral


class OutcomeChanges(Struct, frozen=True):
    """What a batch changed: the referrals it touched, and how many wins were credited."""

    referrals: list[UUID]
    credited: int


class _Board(Struct, frozen=True):
    """All deals that the touched referrals may belong to, and who owns each."""

    facts: dict[str, list[DealFact]]
    candidates: dict[UUID, list[str]]
    owner: dict[str, UUID]
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
        records |= set(await deal_rows.records_of_deals(tx, sorted({f.deal for f in facts.values()})))
    touched = await deal_rows.referrals_of_records(tx, sorted(records)) if records else []
    if not touched:
        return OutcomeChanges([], 0)
    return await reconsider(tx, touched, clock.now())


async def reconsider(tx: Tx, referral_ids: Sequence[UUID], now: datetime) -> OutcomeChanges:
    """Compute these referrals anew from everything known about their deals."""
    referrals = await tables.referrals_by_id(tx, referral_ids, lock=True)
    windows = {p.id: p.terms.attribution_days for p in await programs.programs(tx)}
    board = await _board(tx, referrals, windows)
    credited = 0
    for referral in referrals.values():
        if referral.stage == "rejected":
            continue
        deals = board.candidates.get(referral.id, [])
        own = {d for d in deals if board.owner.get(d) == referral.id}
        standing = stand(referral, [board.facts[d] for d in deals], own, windows[referral.program_id])
        await _write_standing(tx, referral, standing, now)
        await look(tx, referral.id, now)
        findings = (await tables.findings_of(tx, [referral.id])).get(referral.id, [])
        for deal in standing.wins:
            if deal.deal in board.conversions:
                await follow_up(tx, referral, deal, findings, now)
            else:
                await credit(tx, referral, deal, findings, now)
                credited += 1
    return OutcomeChanges(sorted(referrals), credited)


async def _board(tx: Tx, referrals: dict[UUID, Referral], windows: dict[int, int]) -> _Board:
    records = {r.friend_record_id for r in referrals.values()}
    records |= {r.friend_company_record_id for r in referrals.values() if r.friend_company_record_id is not None}
    deals = await deal_rows.deals_of_records(tx, sorted(records))
    facts = await deal_rows.facts_of_deals(tx, deals)
    found = await deal_rows.candidates(tx, deals)
    others = await tables.referrals_by_id(tx, sorted({c.referral_id for c in found} - set(referrals)))
    known = {**referrals, **others}
    conversions = await deal_rows.conversions_of_deals(tx, deals)
    by_referral: dict[UUID, list[str]] = defaultdict(list)
    by_deal: dict[str, list[Candidate]] = defaultdict(list)
    for one in found:
        by_referral[one.referral_id].append(one.deal)
        by_deal[one.deal].append(one)
    owner = {d: c.referral_id for d, c in conversions.items()}
    for deal, candidates in by_deal.items():
        chosen = None if deal in owner else choose_owner(facts[deal], candidates, known, windows)
        if chosen:
            owner[deal] = chosen
    return _Board(facts, by_referral, owner, conversions)


def choose_owner(
    facts: Sequence[DealFact], candidates: Sequence[Candidate], referrals: dict[UUID, Referral], windows: dict[int, int]
) -> UUID | None:
    """Whose win it is: the friend on the deal before a colleague of theirs, then the last sign-up before the win."""
    won = read_deal(facts).won
    if won is None:
        return None
    able = []
    for candidate in candidates:
        referral = referrals[candidate.referral_id]
        closes = referral.created_at + timedelta(days=windows[referral.program_id])
        if referral.stage != "rejected" and referral.created_at <= won.at <= closes:
            able.append((candidate.by_person, referral.created_at, referral.id))
    return max(able)[2] if able else None


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
