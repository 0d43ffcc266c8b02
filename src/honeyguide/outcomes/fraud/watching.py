"""Looks at a referral with all that is known around it: findings, risk, a case for the review queue, a hold on its rewards."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from honeyguide import ledger
from honeyguide.core.errors import NotFound
from honeyguide.core.money import Money, money_text
from honeyguide.db import Tx
from honeyguide.outcomes import tables as outcomes_tables
from honeyguide.outcomes.fraud import known_rows, later, loading, tables
from honeyguide.outcomes.fraud.judging import Risk, assess
from honeyguide.outcomes.fraud.numbers import telephones
from honeyguide.outcomes.fraud.policy import Policy, policy, under
from honeyguide.outcomes.fraud.weights import Weights, stated
from honeyguide.outcomes.terms import Finding

RULE = "ring"  # the finding of the score
REVIEWED = "reviewed"  # the finding of a reviewer's verdict


async def weights(tx: Tx) -> Weights:
    """The newest weights; the stated ones before anything was learned."""
    found = await tables.newest(tx, "fraud_weights")
    return msgspec.convert(found[1], Weights) if found else stated()


async def findings_of(tx: Tx, referral_id: UUID) -> list[Finding]:
    """What the rules found about a referral, the gravest first."""
    return (await outcomes_tables.findings_of(tx, [referral_id])).get(referral_id, [])


async def score(tx: Tx, referral_id: UUID, now: datetime) -> Risk:
    """The risk of a referral as known now; nothing is written. Raises NotFound."""
    web = await loading.load(tx, referral_id)
    if web is None:
        raise NotFound("There is no such referral.")
    rules = await policy(tx)
    found = await _findings(tx, web, referral_id, rules, now)
    return assess(web, str(referral_id), await weights(tx), rules.costs, found)


async def _findings(tx: Tx, web: loading.Loaded, referral_id: UUID, rules: Policy, now: datetime) -> list[Finding]:
    """What the rules said at the sign-up and what the later ones say today, as the policy wants them."""
    standing = (await outcomes_tables.findings_of(tx, [referral_id])).get(referral_id, [])
    today = await later.findings(tx, web, str(referral_id), now)
    names = {f.rule for f in today} | later.RULES_LATER | {RULE}
    return under(rules, [f for f in standing if f.rule not in names] + today)


async def look(tx: Tx, referral_id: UUID, now: datetime) -> Risk | None:
    """Look at a referral anew and keep what was found: findings, its case, and the reason on rewards that are still held.

    Idempotent: the same facts again change nothing. None when there is no such referral.
    """
    rules = await policy(tx)
    await telephones(tx, referral_id, rules, now)
    web = await loading.load(tx, referral_id)
    if web is None:
        return None
    found = await _findings(tx, web, referral_id, rules, now)
    risk = assess(web, str(referral_id), await weights(tx), rules.costs, found)
    before = await tables.case(tx, referral_id, lock=True)
    currency = web.rows[str(referral_id)]["currency"] or await known_rows.currency(tx)
    if risk.hold and not _settled(before, set(risk.amounts)):
        found.append(_finding(risk, currency))
    await _keep_findings(tx, referral_id, rules, found, now)
    stake = web.referrals[str(referral_id)].amount_minor
    await _keep_case(tx, referral_id, risk, Money(stake, currency), found, before, now)
    await hold_rewards(tx, referral_id)
    return risk


def _settled(before: tables.Stored | None, evidence: set[str]) -> bool:
    """Did a reviewer call it honest with this evidence before them?"""
    return before is not None and before.state == "honest" and evidence <= set(before.seen)


def _finding(risk: Risk, currency: str) -> Finding:
    why = " ".join(risk.reasons) or "The evidence together is enough."
    said = f"Likely fraud ({risk.probability:.0%}, {money_text(risk.expected_loss_minor, currency)} at risk): {why}"
    evidence = {
        "probability": round(risk.probability, 6),
        "threshold": round(risk.threshold, 6),
        "shape": risk.subgraph["shape"],
    }
    return Finding(RULE, "hold", said, evidence)


async def _keep_findings(tx: Tx, referral_id: UUID, rules: Policy, found: Sequence[Finding], now: datetime) -> None:
    standing = {f.rule for f in (await outcomes_tables.findings_of(tx, [referral_id])).get(referral_id, [])}
    off = {rule for rule, doing in rules.rules.items() if doing == "off"}
    gone = (standing & (later.RULES_LATER | {RULE} | off)) - {f.rule for f in found}
    await outcomes_tables.drop_findings(tx, referral_id, sorted(gone))
    await outcomes_tables.put_findings(tx, referral_id, found, now)


async def _keep_case(
    tx: Tx, referral_id: UUID, risk: Risk, stake: Money, found: Sequence[Finding], before: tables.Stored | None, now: datetime
) -> None:  # fmt: skip
    holding = [f for f in found if f.verdict == "hold" and f.rule != REVIEWED]
    if before is None and not holding:
        return
    values = {
        "referral_id": referral_id, "held": bool(holding), "probability": risk.probability, "threshold": risk.threshold,
        "stake_minor": stake.minor, "expected_loss_minor": risk.expected_loss_minor, "currency": stake.currency,
        "shape": risk.subgraph["shape"], "reasons": [f.reason for f in holding] or list(risk.reasons), "amounts": risk.amounts,
        "subgraph": risk.subgraph,
    }  # fmt: skip
    state = _state(before, holding, set(risk.amounts))
    if before is None or _differs(before, values, state):
        await tables.put_case(tx, values, state, now)


def _state(before: tables.Stored | None, holding: Sequence[Finding], evidence: set[str]) -> str:
    if before is None:
        return "open"
    if before.state == "fraud":
        return "fraud"
    names = {f.rule for f in holding} | evidence
    if before.state == "honest":
        return "honest" if not holding or names <= set(before.seen) else "open"
    if before.state == "unsure":
        return "unsure"
    return "open" if holding else "closed"


def _differs(before: tables.Stored, values: dict[str, object], state: str) -> bool:
    return before.state != state or any(getattr(before, name) != value for name, value in values.items())


async def hold_rewards(tx: Tx, referral_id: UUID) -> None:
    """Write the reasons to look first onto rewards of this referral that are still held."""
    standing = (await outcomes_tables.findings_of(tx, [referral_id])).get(referral_id, [])
    text = " ".join(f.reason for f in standing if f.verdict in ("hold", "block") and f.rule != "deal_taken_back")
    for reward_id in await known_rows.rewards_of(tx, referral_id):
        if text:
            await ledger.ask_for_review(tx, reward_id, text)


async def watch(tx: Tx, referral_ids: Sequence[UUID], now: datetime) -> int:
    """Look at several referrals, as after a new mark or a verdict. Returns how many are held."""
    held = 0
    for referral_id in sorted(set(referral_ids)):
        risk = await look(tx, referral_id, now)
        held += risk is not None and risk.hold
    return held
