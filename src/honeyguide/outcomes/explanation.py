"""A credit explained to both sides, and what a decision would change, worked out by making it and taking it back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core.errors import HoneyguideError
from honeyguide.core.money import money_text
from honeyguide.db import Row, Tx
from honeyguide.outcomes import court_rows, credit_rows, tables
from honeyguide.outcomes.attribution import AttributionPolicy, percent
from honeyguide.outcomes.court import Decision, Matter, decide, matter
from honeyguide.outcomes.deals import SALE, day, price_text, read_deal
from honeyguide.outcomes.giveback import given_back
from honeyguide.outcomes.lists import masked
from honeyguide.outcomes.policies import policies, policy_sentence
from honeyguide.outcomes.reasons import moment

_GONE = ("reversed", "expired", "capped")
_WHAT = {
    "click": "followed the link", "landing": "opened the page", "code": "gave the code", "coupon": "used the coupon",
    "email_hash": "had been invited by e-mail", "company": "works for a company the advocate named",
    "claim": "said afterwards who had sent them",
}  # fmt: skip


class Label(Struct, frozen=True):
    """A fact for people."""

    label: str
    value: str


class TouchTold(Struct, frozen=True):
    """A touch, whether it counted, and if not why."""

    id: UUID
    kind: str
    at: datetime
    advocate_id: UUID
    advocate: str
    what: str
    counted: bool
    why_not: str | None


class ShareTold(Struct, frozen=True):
    """An advocate's share as it stands; `amount_minor` is what of its rewards stands."""

    advocate_id: UUID
    advocate: str
    share_bp: int
    amount_minor: int
    currency: str
    why: str


class Explanation(Struct, frozen=True):
    """Why the credit of a conversion is whose it is: for its advocates, for the company, and the facts of both."""

    conversion_id: UUID
    for_advocate: str
    for_company: str
    facts: tuple[Label, ...]
    policy: str
    touches: tuple[TouchTold, ...]
    shares: tuple[ShareTold, ...]


class Change(Struct, frozen=True):
    """What an advocate would have of a conversion, before and after."""

    advocate_id: UUID
    advocate: str
    before_minor: int
    after_minor: int
    currency: str
    what: str


class Preview(Struct, frozen=True):
    """What a decision would change. `cost_minor` is what it costs the company more (less when negative)."""

    sentence: str
    changes: tuple[Change, ...]
    cost_minor: int
    currency: str
    warnings: tuple[str, ...]


async def explain_credit(tx: Tx, conversion_id: UUID) -> Explanation:
    """The reasons for a conversion's credit. Raises NotFound."""
    found = await matter(tx, conversion_id)
    rewards = await credit_rows.rewards_of(tx, conversion_id)
    everyone = {h.advocate_id for h in found.held} | {t.advocate_id for t in found.by_policy.touches}
    named = await court_rows.advocate_names(tx, sorted(everyone))
    names = {i: str(r["name"]) for i, r in named.items()}
    policy = await _policy(tx, found)
    findings = await tables.findings_of(tx, [found.conversion.referral_id])
    shares = tuple(
        ShareTold(
            h.advocate_id, names.get(h.advocate_id, ""), h.share_bp, _standing(rewards, h.advocate_id),
            found.conversion.currency, h.reason,
        )
        for h in found.held
    )  # fmt: skip
    return Explanation(
        conversion_id, _for_advocate(found, shares), _for_company(found, shares, rewards, findings.get(found.conversion.referral_id, [])),
        tuple(_facts(found)), policy_sentence(policy), tuple(_touches(found, names)), shares,
    )  # fmt: skip


async def _policy(tx: Tx, found: Matter) -> AttributionPolicy:
    place = (await policies(tx)).at(found.conversion.occurred_at)
    program = found.referrals[found.conversion.referral_id].program_id
    return place.get(program, AttributionPolicy())


def _standing(rewards: Sequence[Row], advocate_id: UUID) -> int:
    return sum(r["net_minor"] for r in rewards if r["advocate_id"] == advocate_id and r["state"] not in _GONE)


def _for_advocate(found: Matter, shares: Sequence[ShareTold]) -> str:
    """Without the friend's address: advocates read it."""
    deal = read_deal(found.facts)
    referral = found.referrals[found.conversion.referral_id]
    friend = referral.friend_name or masked(referral.friend_email)
    what = "A sale" if found.conversion.deal.startswith(SALE) else "A deal"
    happened = "won" if deal.won else "paid"
    said = f"{what} with {friend} was {happened} on {day(found.conversion.occurred_at)}."
    if not shares:
        return f"{said} Nobody has the credit."
    named = ", ".join(f"{s.advocate} {percent(s.share_bp)} %" for s in shares)
    rule = "A person decided this." if found.standing.decided else "The rule of the program decided this."
    out = [t for t in found.by_policy.passed if t.why]
    left = f" {len(out)} other {'touch' if len(out) == 1 else 'touches'} did not count." if out else ""
    back = given_back(found.facts, found.conversion.amount_minor, found.conversion.currency) if found.facts else None
    returned = f" {back.why}" if back and back.why and deal.counted else ""
    return f"{said} Credit: {named}. {rule}{left}{returned}".replace(
        referral.friend_email or "\0", masked(referral.friend_email)
    )


def _for_company(found: Matter, shares: Sequence[ShareTold], rewards: Sequence[Row], findings: Sequence[object]) -> str:
    conversion = found.conversion
    live = [r for r in rewards if r["state"] not in _GONE]
    cost = sum(r["net_minor"] for r in live)
    said = " ".join(s.why for s in shares) or "Nobody has the credit of this conversion."
    paid = (
        f" Rewards that stand: {len(live)}, {money_text(cost, live[0]['currency'])}." if live else " No reward stands."
    )
    held = " ".join(str(getattr(f, "reason", "")) for f in findings if getattr(f, "verdict", "") in ("hold", "block"))
    back = given_back(found.facts, conversion.amount_minor, conversion.currency) if found.facts else None
    returned = f" {back.why}" if back and back.why else ""
    return f"{said}{paid}{returned}{f' To look at: {held}' if held else ''}"


def _facts(found: Matter) -> list[Label]:
    conversion = found.conversion
    referral = found.referrals[conversion.referral_id]
    deal = read_deal(found.facts) if found.facts else None
    facts = [
        Label("Paid" if found.facts and not read_deal(found.facts).won else "Won", moment(conversion.occurred_at)),
        Label("Amount", price_text(conversion.amount_minor, conversion.currency)),
        Label("Signed up", moment(referral.created_at)),
        Label("Friend", referral.friend_email or referral.friend_name),
    ]
    if deal is not None:
        facts.insert(0, Label("Reported by", deal.ref))
    facts += [
        Label({"refunded": "Refund", "disputed": "Disputed", "dispute_lost": "Dispute lost", "dispute_won": "Dispute won",
               "lost": "Lost", "paid": "Paid"}[f.kind], f"{f.ref}, {moment(f.at)}")
        for f in found.facts if f.kind not in ("open", "won")
    ]  # fmt: skip
    return facts


def _touches(found: Matter, names: dict[UUID, str]) -> list[TouchTold]:
    why = {p.touch.id: p.why for p in found.by_policy.passed}
    credited = {s.touch_id for s in found.by_policy.shares}
    return [
        TouchTold(
            t.id, t.kind, t.at, t.advocate_id, names.get(t.advocate_id, ""), _WHAT.get(t.kind, t.kind), t.id in credited,
            None if t.id in credited else why.get(t.id, "Another touch of the same advocate stands for it."),
        )
        for t in found.by_policy.touches
    ]  # fmt: skip


async def preview(tx: Tx, conversion_id: UUID, decision: Decision, actor: str, now: datetime) -> Preview:
    """What `decide` would do, found by doing it and rolling it back: a preview cannot differ from the decision.

    Raises what `decide` raises for a decision that makes no sense; what would stop it later is a warning.
    """
    decision.check()
    found = await matter(tx, conversion_id)
    affected, warnings = [conversion_id], []
    before = await _money(tx, affected)
    after = before
    if decision.whole_customer:
        others = await court_rows.conversions_of_referrals(tx, list(found.referrals))
        affected += [c for c in others if c != conversion_id]
        before = await _money(tx, affected)
    await tx.run("savepoint court_preview")
    try:
        await decide(tx, conversion_id, decision, actor, now)
        after = await _money(tx, affected)
        warnings = await _refusals(tx, affected, decision)
    except HoneyguideError as problem:
        warnings, after = [problem.sentence()], before
    await tx.run("rollback to savepoint court_preview")
    changes = await _changes(tx, before, after)
    currency = changes[0].currency if changes else found.conversion.currency
    cost = sum(c.after_minor - c.before_minor for c in changes if c.currency == currency)
    if len({c.currency for c in changes}) > 1:
        warnings.append("Several currencies are concerned; the cost counts one of them.")
    return Preview(
        _sentence(decision, changes, cost, currency, len(affected)), tuple(changes), cost, currency, tuple(warnings)
    )


async def _money(tx: Tx, conversions: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
    found: dict[tuple[UUID, str], int] = {}
    for one in conversions:
        for reward in await credit_rows.rewards_of(tx, one):
            key = (reward["advocate_id"], reward["currency"])
            found[key] = found.get(key, 0) + (0 if reward["state"] in _GONE else reward["net_minor"])
    return found


async def _refusals(tx: Tx, conversions: Sequence[UUID], decision: Decision) -> list[str]:
    """Why somebody who is given credit would get no reward."""
    wanted = {p.advocate_id for p in decision.parts}
    held = await credit_rows.shares_of(tx, conversions)
    said = [h.reason for one in held.values() for h in one if h.advocate_id in wanted and "No reward:" in h.reason]
    return [reason[reason.index("No reward:") :] for reason in said]


async def _changes(tx: Tx, before: dict[tuple[UUID, str], int], after: dict[tuple[UUID, str], int]) -> list[Change]:
    keys = sorted(set(before) | set(after))
    names = await court_rows.advocate_names(tx, [k[0] for k in keys])
    changes = []
    for advocate_id, currency in keys:
        old, new = before.get((advocate_id, currency), 0), after.get((advocate_id, currency), 0)
        if old == new:
            continue
        what = (
            f"gets {money_text(new - old, currency)} more"
            if new > old
            else f"gives {money_text(old - new, currency)} back"
        )
        name = str(names[advocate_id]["name"]) if advocate_id in names else ""
        changes.append(Change(advocate_id, name, old, new, currency, f"{name} {what}."))
    return changes


def _sentence(decision: Decision, changes: Sequence[Change], cost: int, currency: str, conversions: int) -> str:
    if not changes:
        return "No money moves."
    over = f" over {conversions} conversions" if conversions > 1 else ""
    costs = f"It costs {money_text(cost, currency)} more." if cost > 0 else f"It saves {money_text(-cost, currency)}."
    end = costs if cost else "It costs nothing more."
    return f"{' '.join(c.what for c in changes)}{over and f' This is{over}.'} {end}"
