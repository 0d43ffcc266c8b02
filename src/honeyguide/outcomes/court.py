"""The attribution court: somebody says the credit is wrong, somebody looks at what would change, somebody decides.

A decision never edits money: what no longer holds is reversed and what holds now is issued anew, under permanent keys
that name the decision's round. Every decision is appended with the shares before and after; the newest one of a
conversion stands, also when facts are computed anew. `rerun` applies the policies in force to what was credited, in
the order of the conversions, and leaves alone what people decided: twice is the same as once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from honeyguide import ledger, programs
from honeyguide.core.errors import BadInput, Forbidden, NotFound
from honeyguide.core.ids import content_id, new_id
from honeyguide.db import Tx, audit
from honeyguide.ledger.states import same_person
from honeyguide.outcomes import court_rows, credit_rows, deal_rows, tables
from honeyguide.outcomes.attribution import WHOLE, Share, percent
from honeyguide.outcomes.credit import Case, award, main_share
from honeyguide.outcomes.credit_rows import Held
from honeyguide.outcomes.deal_rows import Conversion
from honeyguide.outcomes.deals import read_deal
from honeyguide.outcomes.reversing import take_back
from honeyguide.outcomes.sharing import Ruling, rulings, shares_out
from honeyguide.outcomes.terms import DealFact, Referral

Kind = Literal["keep", "give", "split", "none"]
Side = Literal["advocate", "company", "operator"]
_MOST_WORDS = 2_000


class Part(Struct, frozen=True):
    """An advocate and their basis points."""

    advocate_id: UUID
    share_bp: int


class Decision(Struct, frozen=True, kw_only=True):
    """What is decided: keep it, give it to one, split it, or give it to nobody. With `whole_customer` it holds for
    everything this customer has bought (backfill) and will buy.
    """

    kind: Kind
    parts: tuple[Part, ...] = ()
    reason: str = ""
    whole_customer: bool = False

    def check(self) -> None:
        """Raises BadInput when it cannot be done."""
        if not self.reason.strip():
            raise BadInput("A decision needs a reason.", "Both sides will read it.")
        parts, total = len(self.parts), sum(p.share_bp for p in self.parts)
        if len({p.advocate_id for p in self.parts}) != parts or any(p.share_bp <= 0 for p in self.parts):
            raise BadInput("Every advocate stands once in a decision, with a part of more than nothing.")
        wanted = {"keep": parts == 0, "none": parts == 0, "give": parts == 1, "split": parts >= 2}[self.kind]
        if not wanted or (parts and total != WHOLE):
            raise BadInput(
                f"The decision {self.kind!r} does not go with these parts.",
                "`give` names one advocate, `split` two or more, and the parts sum to 10,000 basis points.",
            )


class Matter(Struct, frozen=True):
    """A conversion with everything that speaks for one or another."""

    conversion: Conversion
    facts: tuple[DealFact, ...]
    referrals: dict[UUID, Referral]
    by_policy: Ruling
    standing: Ruling
    held: tuple[Held, ...]
    round: int


class Moved(Struct, frozen=True):
    """What a decision did to one conversion: the decision's id, and the shares before and after."""

    conversion_id: UUID
    decision_id: UUID
    before: tuple[Share, ...]
    after: tuple[Share, ...]


async def matter(tx: Tx, conversion_id: UUID, *, lock: bool = False) -> Matter:
    """Everything about a conversion. Raises NotFound."""
    conversion = await court_rows.conversion(tx, conversion_id, lock=lock)
    if conversion is None:
        raise NotFound("There is no such conversion.")
    facts = await deal_rows.facts_of_deals(tx, [conversion.deal])
    found = await deal_rows.candidates(tx, [conversion.deal])
    ids = sorted({c.referral_id for c in found} | {conversion.referral_id})
    referrals = await tables.referrals_by_id(tx, ids)
    by_policy = await rulings(tx, facts, found, referrals, decided=False)
    standing = await rulings(tx, facts, found, referrals)
    held = (await credit_rows.shares_of(tx, [conversion_id])).get(conversion_id, [])
    rounds = (await credit_rows.decisions_of(tx, [conversion_id])).get(conversion_id, [])
    return Matter(
        conversion, tuple(facts.get(conversion.deal, next(iter(facts.values()), ()))), referrals, by_policy.get(conversion.deal, Ruling(())),
        standing.get(conversion.deal, Ruling(())), tuple(held), len(rounds),
    )  # fmt: skip


async def dispute(
    tx: Tx, conversion_id: UUID, side: Side, by: str, claim: str, now: datetime, advocate_id: UUID | None = None
) -> UUID:
    """Say that the credit of a conversion is wrong. The same words by the same person again are the same dispute.

    Raises BadInput without words, NotFound.
    """
    words = claim.strip()[:_MOST_WORDS]
    if not words:
        raise BadInput("A dispute says in words what is wrong.")
    if await court_rows.conversion(tx, conversion_id) is None:
        raise NotFound("There is no such conversion.")
    ident = content_id("dispute", str(tx.workspace_id), str(conversion_id), by, words)
    values = {
        "id": ident, "conversion_id": conversion_id, "side": side, "raised_by": by, "advocate_id": advocate_id, "claim": words,
        "opened_at": now,
    }  # fmt: skip
    if await court_rows.insert_dispute(tx, values):
        await audit.write(
            tx, by, "credit.disputed", f"conversion:{conversion_id}", {"dispute": str(ident), "side": side}
        )
    return ident


async def decide(tx: Tx, conversion_id: UUID, decision: Decision, actor: str, now: datetime) -> list[Moved]:
    """Decide whose a conversion is (with `whole_customer`: all of the customer's). Rewards that no longer hold are
    reversed, those that hold now are issued and wait for a second person.

    Raises BadInput, NotFound, Forbidden (nobody decides for themselves).
    """
    decision.check()
    first = await matter(tx, conversion_id, lock=True)
    await _not_for_oneself(tx, first, decision, actor)
    moved = [await _decide_one(tx, first, decision, actor, now)]
    if decision.whole_customer:
        friends = [r.id for r in first.referrals.values()]
        others = [c for c in await court_rows.conversions_of_referrals(tx, friends) if c != conversion_id]
        moved += [await _decide_one(tx, await matter(tx, c, lock=True), decision, actor, now) for c in others]
        for referral_id in sorted(friends):
            await credit_rows.insert_customer_decision(
                tx, referral_id, moved[0].decision_id, shares_out(moved[0].after), now
            )
    return moved


async def rerun(
    tx: Tx, program_id: int | None, since: datetime, actor: str, now: datetime, *, dry: bool = False
) -> list[Moved]:
    """Apply the policies in force, and what people decided, to every conversion since then; returns what moves.

    With `dry` nothing does. Deterministic: again, without anything new, moves nothing.
    """
    moved: list[Moved] = []
    for one in await court_rows.conversions_since(tx, program_id, since):
        found = await matter(tx, one.id, lock=not dry)
        if _parts(found.standing.shares) == _held_parts(found.held):
            continue
        if dry:
            moved.append(Moved(one.id, one.id, _as_shares(found), found.standing.shares))
            continue
        words = "Attributed anew by the policy in force."
        moved.append(await _move(tx, found, found.standing, ("rerun", words, actor, ""), now))
    return moved


async def _not_for_oneself(tx: Tx, found: Matter, decision: Decision, actor: str) -> None:
    concerned = {p.advocate_id for p in decision.parts} | {h.advocate_id for h in found.held}
    for row in (await court_rows.advocate_names(tx, sorted(concerned))).values():
        if same_person(actor, row["email"]):
            raise Forbidden("You cannot decide about your own credit.", "Another person decides.")


async def _decide_one(tx: Tx, found: Matter, decision: Decision, actor: str, now: datetime) -> Moved:
    shares = _as_shares(found) if decision.kind == "keep" else await _shares(tx, found, decision)
    ruling = Ruling(shares, policy_version=found.by_policy.policy_version)
    said = (decision.kind, decision.reason.strip(), actor, decision.reason.strip())
    moved = await _move(tx, found, ruling, said, now)
    state = "rejected" if _parts(moved.before) == _parts(moved.after) else "accepted"
    await court_rows.close_disputes(tx, found.conversion.id, state, decision.reason.strip(), now)
    return moved


async def _shares(tx: Tx, found: Matter, decision: Decision) -> tuple[Share, ...]:
    """The decision's parts as shares: through the advocate's own referral of this customer where there is one."""
    names = await court_rows.advocate_names(tx, [p.advocate_id for p in decision.parts])
    shares = []
    for part in decision.parts:
        if part.advocate_id not in names:
            raise NotFound("There is no such advocate.")
        own = next((r for r in found.referrals.values() if r.advocate_id == part.advocate_id), None)
        link = await court_rows.link_of_advocate(tx, part.advocate_id)
        if own is None and link is None:
            advocate = await programs.advocate(tx, part.advocate_id)
            made = await programs.ensure_link(tx, advocate)
            link_id, program_id = made.id, advocate.program_id
        else:
            link_id = own.link_id if own else link["id"]  # type: ignore[index]
            program_id = own.program_id if own else link["program_id"]  # type: ignore[index]
        referral_id = own.id if own else found.conversion.referral_id
        why = f"{percent(part.share_bp)} % by decision."
        shares.append(Share(part.advocate_id, referral_id, link_id, program_id, referral_id, part.share_bp, why))
    return tuple(shares)


async def _move(tx: Tx, found: Matter, ruling: Ruling, said: tuple[str, str, str, str], now: datetime) -> Moved:
    """Reverse what no longer holds, issue what holds now, append the decision."""
    kind, reason, actor, decided = said
    conversion, before, number = found.conversion, _as_shares(found), found.round + 1
    decision_id = new_id()
    kept = _parts(before) & _parts(ruling.shares)
    if _parts(before) != _parts(ruling.shares):
        await _reverse(
            tx, conversion, {a for a, _ in kept}, (f"decision:{number}", f"Attributed anew: {reason}"), actor, now
        )
        await credit_rows.drop_shares(tx, conversion.id)
        for held in found.held:
            if (held.advocate_id, held.share_bp) in kept:
                await credit_rows.insert_share(tx, held)
        fresh = tuple(s for s in ruling.shares if (s.advocate_id, s.share_bp) not in kept)
        deal = read_deal(found.facts)
        case = Case(conversion, deal, found.facts, number, decided, actor if kind != "rerun" else None)
        await award(tx, case, fresh, main_share(ruling.shares) if ruling.shares else None, ruling, found.referrals, now)
        if ruling.shares:
            await credit_rows.set_referral(tx, conversion.id, main_share(ruling.shares).referral_id)
    values = {
        "id": decision_id, "conversion_id": conversion.id, "round": number, "kind": kind, "before": shares_out(before),
        "after": shares_out(ruling.shares), "reason": reason, "actor": actor, "decided_at": now,
    }  # fmt: skip
    await credit_rows.insert_decision(tx, values)
    await audit.write(
        tx, actor, f"credit.{kind}", f"conversion:{conversion.id}", {"decision": str(decision_id), "reason": reason}
    )
    return Moved(conversion.id, decision_id, before, ruling.shares)


async def _reverse(
    tx: Tx, conversion: Conversion, keep: set[UUID], why: tuple[str, str], actor: str, now: datetime
) -> None:
    key, reason = why
    brought = {p.parent_id for p in (await programs.parents(tx, sorted(keep))).values()}
    for reward in await credit_rows.rewards_of(tx, conversion.id, lock=True):
        stays = {"advocate": keep, "parent": brought}.get(reward["role"])
        if stays is None or reward["advocate_id"] in stays:
            continue
        await take_back(tx, reward, reason, key, now, actor or ledger.SYSTEM)


def _parts(shares: Sequence[Share]) -> set[tuple[UUID, int]]:
    return {(s.advocate_id, s.share_bp) for s in shares}


def _held_parts(held: Sequence[Held]) -> set[tuple[UUID, int]]:
    return {(h.advocate_id, h.share_bp) for h in held}


def _as_shares(found: Matter) -> tuple[Share, ...]:
    """The standing shares as the pure rule writes them."""
    return tuple(
        Share(
            h.advocate_id, h.referral_id, h.link_id,
            found.referrals[h.referral_id].program_id if h.referral_id in found.referrals else 0, h.referral_id, h.share_bp,
            h.reason,
        )
        for h in found.held
    )  # fmt: skip
