"""The review queue: cases by what they could cost, and verdicts, which decide money and teach the weights."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from honeyguide import ledger
from honeyguide.core import normalise
from honeyguide.core.errors import BadInput, Forbidden, NotFound
from honeyguide.db import Tx, audit
from honeyguide.outcomes import tables as outcomes_tables
from honeyguide.outcomes.fraud import known_rows, tables, watching
from honeyguide.outcomes.fraud.evidence import REFUNDS, edges_of
from honeyguide.outcomes.fraud.loading import load
from honeyguide.outcomes.fraud.rings import hands
from honeyguide.outcomes.fraud.weights import Label, fit
from honeyguide.outcomes.terms import Finding

VERDICTS = ("fraud", "honest", "unsure")
MOST_AT_ONCE = 200
_MOST_LABELS = 5_000
_MOST_NEIGHBOURS = 50
_MOST_SETTLED = 200
KEPT_DAYS = 90  # a deal that stood so long was one
_GONE = ("reversed", "expired", "capped")
_KEPT_WEIGHT, _BACK_WEIGHT = 0.3, 0.2  # how much of a reviewer's word an outcome is worth


async def resolve(
    tx: Tx, referral_ids: Sequence[UUID], verdict: str, reason: str, actor: str, now: datetime
) -> list[tables.Stored]:
    """A reviewer's verdict on cases, all or none: `fraud` blocks their rewards, `honest` lifts the hold, `unsure` keeps it.

    An honest reward still waits for its hold period and the second person's approval. Saying the same again changes nothing.
    What was paid on a fraud is owed by the advocate. Raises NotFound when one is no case, Forbidden on a case about oneself,
    BadInput without a reason or too many at once.
    """
    ids = sorted(set(referral_ids))
    if verdict not in VERDICTS or not ids or len(ids) > MOST_AT_ONCE:
        raise BadInput("A verdict is fraud, honest or unsure, on 1 to 200 cases.")
    if not reason.strip():
        raise BadInput("A verdict needs a reason.", "The next one who looks reads it; the advocate may ask for it.")
    found = [await _may_decide(tx, i, actor) for i in ids]
    for case in found:
        if case.state != verdict or case.reason != reason.strip():
            await _decide(tx, case, verdict, reason.strip(), actor, now)
    await learn(tx, now)
    around = {n for case in found for n in await _neighbours(tx, case.referral_id)} if verdict != "unsure" else set()
    await watching.watch(tx, sorted(around - set(ids))[:_MOST_NEIGHBOURS], now)
    return [c for i in ids if (c := await tables.case(tx, i)) is not None]


async def _may_decide(tx: Tx, referral_id: UUID, actor: str) -> tables.Stored:
    case = await tables.case(tx, referral_id, lock=True)
    if case is None:
        raise NotFound("There is no such case.")
    mine = normalise.mailbox(actor)
    if mine and mine in (normalise.mailbox(case.advocate_email), normalise.mailbox(case.friend_email)):
        raise Forbidden("You cannot decide this case.", "It is about you: another person decides.")
    return case


async def _decide(tx: Tx, case: tables.Stored, verdict: str, reason: str, actor: str, now: datetime) -> None:
    standing = (await outcomes_tables.findings_of(tx, [case.referral_id])).get(case.referral_id, [])
    seen = sorted({f.rule for f in standing} | set(case.amounts) | {watching.RULE})
    await tables.decide_case(tx, case.referral_id, verdict, seen if verdict == "honest" else (), actor, reason, now)
    await tables.put_label(tx, case.referral_id, "reviewer", verdict, 1.0, case.amounts, actor, now)
    if verdict == "fraud":
        said = f"Reviewed by {actor}: {reason}"
        await outcomes_tables.put_findings(
            tx, case.referral_id, [Finding(watching.REVIEWED, "block", said, {"by": actor})], now
        )
        await _block(tx, case.referral_id, actor, reason, now)
    else:
        await outcomes_tables.drop_findings(tx, case.referral_id, [watching.REVIEWED])
    if verdict == "honest":
        for reward_id in await known_rows.rewards_of(tx, case.referral_id):
            reward = await ledger.reward(tx, reward_id)
            await ledger.ask_for_review(tx, reward_id, _without(reward.review, [f.reason for f in standing]))
    detail = {"verdict": verdict, "reason": reason, "probability": round(case.probability, 6)}
    await audit.write(tx, actor, "fraud.verdict", f"referral:{case.referral_id}", detail)


def _without(review: str, reasons: Sequence[str]) -> str:
    """What else somebody is to look at."""
    for reason in sorted(reasons, key=len, reverse=True):
        review = review.replace(reason, "")
    return " ".join(review.split())


async def _block(tx: Tx, referral_id: UUID, actor: str, reason: str, now: datetime) -> None:
    """Take its rewards back; what was paid is owed, and kept back from the next payout."""
    for reward_id in await known_rows.rewards_of(tx, referral_id):
        if (await ledger.reward(tx, reward_id)).state not in _GONE:
            said = f"Found to be fraud: {reason}"
            await ledger.reverse_reward(tx, reward_id, None, f"fraud:{referral_id}", said, actor, now)


async def _neighbours(tx: Tx, referral_id: UUID) -> list[UUID]:
    """The other referrals of the same hand: a verdict on one says something about them."""
    web = await load(tx, referral_id)
    if web is None:
        return []
    hand = hands(edges_of(web.around(str(referral_id)), web))
    mine = web.referrals[str(referral_id)].advocate.person
    of = hand.get(mine, mine)
    return [UUID(k.id) for k in web.referrals.values() if hand.get(k.advocate.person, k.advocate.person) == of]


async def learn(tx: Tx, now: datetime) -> int:
    """Fit the weights to all labels and keep them when they changed. Returns the version in force (0 = as stated)."""
    rows = await tables.labels(tx, _MOST_LABELS)
    before = await tables.newest(tx, "fraud_weights")
    if not rows:
        return before[0] if before else 0
    found = fit([Label(r["amounts"], r["verdict"] == "fraud", r["weight"]) for r in rows])
    body = msgspec.to_builtins(found)
    version = before[0] if before else 0
    if before is None or before[1] != body:
        version += 1
        await tables.insert_weights(tx, version, body, found.labels, now)
    return version


async def settle(tx: Tx, now: datetime) -> int:
    """Label what time decided: deals that stood for 90 days, and deals that were taken back. Returns how many were new.

    What was taken back is a weak sign, and the evidence it is judged by leaves refunds out: they would explain themselves.
    """
    ids = await known_rows.settled(tx, now - timedelta(days=KEPT_DAYS), _MOST_SETTLED)
    for referral_id in ids:
        risk = await watching.score(tx, referral_id, now)
        row = (await known_rows.referrals(tx, [referral_id]))[0]
        verdict, weight = ("fraud", _BACK_WEIGHT) if row["taken_back"] else ("honest", _KEPT_WEIGHT)
        amounts = {n: v for n, v in risk.amounts.items() if n not in REFUNDS}
        await tables.put_label(tx, referral_id, "outcome", verdict, weight, amounts, ledger.SYSTEM, now)
    if ids:
        await learn(tx, now)
    return len(ids)
