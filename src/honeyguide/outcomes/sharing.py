"""From stored touches to shares: what the pure rule is asked with, and what people decided instead."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide import programs
from honeyguide.core.ids import content_id
from honeyguide.db import Tx
from honeyguide.outcomes import credit_rows, tables, touch_rows
from honeyguide.outcomes.attribution import Channel, Converted, Held, Passed, Seen, Share, protected, settle
from honeyguide.outcomes.deal_rows import Candidate
from honeyguide.outcomes.deals import SALE, read_deal
from honeyguide.outcomes.policies import Policies, policies
from honeyguide.outcomes.terms import DealFact, Referral
from honeyguide.outcomes.touches import mailbox_digest
from honeyguide.programs import registrations
from honeyguide.programs.terms import Protection


class Ruling(Struct, frozen=True):
    """Whose a win is. `decided`: a person said so, and `why` are their words; otherwise the policy did."""

    shares: tuple[Share, ...]
    passed: tuple[Passed, ...] = ()
    touches: tuple[Seen, ...] = ()
    policy_version: int = 0
    decided: UUID | None = None


def conversion_id(workspace_id: int, deal: str) -> UUID:
    """A conversion's id: one per deal, for ever."""
    return content_id("conversion", str(workspace_id), deal)


async def rulings(
    tx: Tx, facts: Mapping[str, Sequence[DealFact]], candidates: Iterable[Candidate], referrals: Mapping[UUID, Referral],
    *, decided: bool = True,
) -> dict[str, Ruling]:  # fmt: skip
    """The ruling of every deal among these that was won, or paid where a program rewards payments. With `decided` False
    what people decided is left out of account.
    """
    by_deal: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        by_deal[one.deal].append(one)
    won = {d: w for d in by_deal if (w := read_deal(facts[d]).counted) is not None}
    if not won:
        return {}
    paying = Paying(tx)
    place = await policies(tx)
    seen = await _touches(tx, [r for r in referrals.values() if r.stage != "rejected"], place)
    anchors = _anchors({d: w.at for d, w in won.items()}, by_deal, referrals)
    said = await _decided(tx, list(won), referrals) if decided else {}
    kept = await registrations.protecting(tx, {str(r.id): r.friend_email for r in referrals.values()})
    found: dict[str, Ruling] = {}
    for deal, win in won.items():
        mine: list[Seen] = []
        for candidate in by_deal[deal]:
            mine += [_by(t, candidate.by_person) for t in seen.get(candidate.referral_id, [])]
        at = anchors[deal]
        policy = place.at(win.at)
        shares, passed = settle(mine, policy, Converted(conversion_id(tx.workspace_id, deal), at))
        held = await _held(tx, [p for c in by_deal[deal] for p in kept.get(str(c.referral_id), [])], at)
        if held is not None:  # a registration comes before every touch; people may still decide otherwise, below
            known_by = min(by_deal[deal], key=lambda c: (not c.by_person, c.referral_id)).referral_id
            shares, passed = protected(mine, held, known_by, Converted(conversion_id(tx.workspace_id, deal), at))
        ruled = policy.get(shares[0].program_id) if shares else None
        version = ruled.version if ruled is not None else 0
        ruling = Ruling(shares, passed, tuple(sorted(mine, key=lambda t: (t.at, t.id))), version)
        ruling = _instead(ruling, said.get(deal) or _of_customer(said, by_deal[deal]))
        # A payment a billing system tells is no win: it is anybody's only where a program rewards payments.
        if win.kind != "paid" or await paying.any(ruling.shares, referrals):
            found[deal] = ruling
    return found


class Paying:
    """Which programs reward payments, remembered while a batch is computed."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._known: dict[tuple[UUID, UUID], bool] = {}

    async def any(self, shares: Sequence[Share], referrals: Mapping[UUID, Referral]) -> bool:
        """Does one of these shares fall under a rule on payments, by the terms in force when the friend came?"""
        return any([await self._pays(s, referrals[s.referral_id]) for s in shares if s.referral_id in referrals])

    async def _pays(self, share: Share, referral: Referral) -> bool:
        key = (share.advocate_id, referral.id)
        if key not in self._known:
            advocate = await programs.advocate(self._tx, share.advocate_id)
            file = (await programs.terms_at(self._tx, advocate.program_id, referral.created_at)).file
            groups = await programs.groups(self._tx, advocate.program_id, retired=True)
            slug = next((g.slug for g in groups if g.id == advocate.group_id), "")
            self._known[key] = programs.rewards_payments(file, slug)
        return self._known[key]


async def _held(tx: Tx, kept: Sequence[Protection], at: datetime) -> Held | None:
    """The registration in force at a win, the first of several; its own dates decide, not when we heard of it."""
    able = [p for p in kept if p.since <= at < p.until]
    if not able:
        return None
    first = min(able, key=lambda p: (p.since, p.id))
    link = await programs.ensure_link(tx, await programs.advocate(tx, first.advocate_id))
    return Held(first.advocate_id, first.program_id, link.id, first.company, first.since, first.until)


def _by(touch: Seen, by_person: bool) -> Seen:
    return Seen(**{f: getattr(touch, f) for f in Seen.__struct_fields__ if f != "by_person"}, by_person=by_person)


def _anchors(
    won: Mapping[str, datetime], by_deal: Mapping[str, Sequence[Candidate]], referrals: Mapping[UUID, Referral]
) -> dict[str, datetime]:
    """The time a window is measured to: that of the win, for a payment that of the customer's first win or payment after
    signing up.

    A subscription goes on longer than a window; how long it earns is the program's to say.
    """
    first: dict[UUID, datetime] = {}
    for deal, at in won.items():
        for one in by_deal[deal]:
            referral = referrals.get(one.referral_id)
            if referral is not None and at >= referral.created_at:
                first[one.referral_id] = min(at, first.get(one.referral_id, at))
    anchors = dict(won)
    for deal, at in won.items():
        if deal.startswith(SALE):
            anchors[deal] = min([at, *(first[c.referral_id] for c in by_deal[deal] if c.referral_id in first)])
    return anchors


async def _touches(tx: Tx, referrals: Sequence[Referral], place: Policies) -> dict[UUID, list[Seen]]:
    """What counts as a touch of each referral's friend: the sign-up itself, and what the mailbox was touched by before."""
    own = await tables.touches_of(tx, [r.touch_id for r in referrals if r.touch_id is not None])
    friends: dict[str, list[Referral]] = defaultdict(list)
    found: dict[UUID, list[Seen]] = defaultdict(list)
    for referral in referrals:
        touch = own.get(referral.touch_id) if referral.touch_id else None
        coupon = touch is not None and touch.kind == "coupon"
        found[referral.id].append(
            Seen(
                id=referral.id, kind=touch.kind if touch else "code", at=referral.created_at, advocate_id=referral.advocate_id,
                referral_id=referral.id, link_id=referral.link_id, program_id=referral.program_id,
                channel="coupon" if coupon else place.channels.get(referral.program_id, "referral"),
            )
        )  # fmt: skip
        if referral.friend_email:
            friends[mailbox_digest(tx.workspace_id, referral.friend_email)].append(referral)
    for touch_ in await touch_rows.of_mailboxes(tx, sorted(friends)):
        theirs = friends[touch_.mailbox]
        mine = next((r for r in theirs if r.program_id == touch_.program_id), None)
        # After the sign-up nobody else can come between: a later link or claim is for people to judge.
        if touch_.at > max(r.created_at for r in theirs) or (mine and touch_.at > mine.created_at):
            continue
        holder = mine or theirs[0]
        found[holder.id].append(_seen(touch_, holder, place))
    return found


def _seen(touch: touch_rows.LinkTouch, holder: Referral, place: Policies) -> Seen:
    channel: Channel = "coupon" if touch.kind == "coupon" else place.channels.get(touch.program_id, "referral")
    return Seen(
        id=touch.id, kind=touch.kind, at=touch.at, advocate_id=touch.advocate_id, referral_id=holder.id, link_id=touch.link_id,
        program_id=touch.program_id, channel=channel, human=touch.agent != "scanner",
    )  # fmt: skip


async def _decided(tx: Tx, deals: Sequence[str], referrals: Mapping[UUID, Referral]) -> dict[str, Ruling]:
    """What people decided, by deal; and by `customer:<referral>` what holds for all a customer buys."""
    ids = {conversion_id(tx.workspace_id, deal): deal for deal in deals}
    said: dict[str, Ruling] = {}
    for row in await credit_rows.customer_decisions(tx, list(referrals)):
        said[f"customer:{row['referral_id']}"] = Ruling(shares_in(row["shares"]), decided=row["decision_id"])
    for conversion, rounds in (await credit_rows.decisions_of(tx, list(ids))).items():
        human = [r for r in rounds if r["kind"] != "rerun"]
        if human:
            said[ids[conversion]] = Ruling(shares_in(human[-1]["after"]), decided=human[-1]["id"])
    return said


def _of_customer(said: Mapping[str, Ruling], candidates: Sequence[Candidate]) -> Ruling | None:
    return next((r for c in candidates if (r := said.get(f"customer:{c.referral_id}"))), None)


def _instead(ruling: Ruling, decided: Ruling | None) -> Ruling:
    if decided is None:
        return ruling
    return Ruling(decided.shares, ruling.passed, ruling.touches, ruling.policy_version, decided.decided)


def shares_in(stored: Sequence[Mapping[str, Any]]) -> tuple[Share, ...]:
    """Shares as a decision keeps them."""
    return tuple(
        Share(
            UUID(s["advocate_id"]), UUID(s["referral_id"]), UUID(s["link_id"]), s["program_id"], UUID(s["touch_id"]),
            s["share_bp"], s["why"],
        )
        for s in stored
    )  # fmt: skip


def shares_out(shares: Sequence[Share]) -> list[dict[str, Any]]:
    """Shares for a decision to keep."""
    return [
        {
            "advocate_id": str(s.advocate_id), "referral_id": str(s.referral_id), "link_id": str(s.link_id),
            "program_id": s.program_id, "touch_id": str(s.touch_id), "share_bp": s.share_bp, "why": s.why,
        }
        for s in shares
    ]  # fmt: skip
