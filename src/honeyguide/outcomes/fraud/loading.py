"""Reads what lies around a referral into an index, step by step, never more than the limits of `known` allow."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from honeyguide.core import normalise
from honeyguide.db import Tx
from honeyguide.outcomes.fraud import known_rows
from honeyguide.outcomes.fraud.conduct import LEAST
from honeyguide.outcomes.fraud.known import HARD, MOST_PER_STEP, MOST_REFERRALS, Known, Mark, Party, Surroundings, Usual

_HOPS = 3


class Loaded(Surroundings):
    """An index with the rows it was made from."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, Any] = {}
        self.names: dict[str, tuple[str, str]] = {}


def person_key(entity: int) -> str:
    """How a person is named in graphs."""
    return f"p{entity}"


async def load(tx: Tx, referral_id: UUID) -> Loaded | None:
    """The referral and what lies around it; None when there is none."""
    web = Loaded()
    wanted: list[UUID] = [referral_id]
    people: set[int] = set()
    for _ in range(_HOPS):
        rows = await known_rows.referrals(tx, wanted) if wanted else []
        fresh = await _take(tx, web, rows)
        seen = {int(r["advocate_person"]) for r in rows} | {int(r["friend_person"]) for r in rows} | fresh
        new = sorted(seen - people)
        people |= seen
        if not new or len(web.referrals) >= MOST_REFERRALS:
            break
        found = await known_rows.referrals_of_people(tx, new[:MOST_REFERRALS], MOST_PER_STEP)
        wanted = [i for i in found if str(i) not in web.referrals][: MOST_REFERRALS - len(web.referrals)]
    if str(referral_id) not in web.referrals:
        return None
    usual = await known_rows.usual(tx, web.rows[str(referral_id)]["program_id"], LEAST)
    web.usual = Usual(float(usual["price_minor"]), max(float(usual["days"]), 0.01)) if usual else None
    await _tie(tx, web, str(referral_id))
    return web


async def _take(tx: Tx, web: Loaded, rows: Sequence[Any]) -> set[int]:
    """Put referrals into the index with their marks; returns people who share a hard mark with somebody in it."""
    advocates, friends = {r["advocate_id"] for r in rows}, {r["id"] for r in rows}
    used: dict[tuple[str, UUID], list[Mark]] = {}
    for m in await known_rows.marks(tx, sorted(advocates), sorted(friends)):
        used.setdefault((m["side"], m["owner"]), []).append(Mark(m["kind"], m["digest"]))
    for r in rows:
        one = _known(r, used.get(("advocate", r["advocate_id"]), ()), used.get(("friend", r["id"]), ()))
        web.add(one)
        web.rows[one.id] = r
        for party in (one.advocate, one.friend):
            web.names[party.person] = (party.name, party.email)
    return await _users(tx, web, sorted({m for found in used.values() for m in found}))


async def _users(tx: Tx, web: Loaded, marks: Sequence[Mark]) -> set[int]:
    if not marks:
        return set()
    rows = await known_rows.users(tx, [m.kind for m in marks], [m.digest for m in marks], MOST_PER_STEP)
    for r in rows:
        person = person_key(r["person"])
        web.saw(Mark(r["kind"], r["digest"]), person, normalise.work_domain(r["email"] or ""))
        web.names.setdefault(person, (r["name"] or "", r["email"] or ""))
    hard = [r for r in rows if r["kind"] in HARD and not web.is_office(Mark(r["kind"], r["digest"]))]
    return {int(r["person"]) for r in hard}


def _known(r: Any, advocate: Iterable[Mark], friend: Iterable[Mark]) -> Known:
    return Known(
        id=str(r["id"]),
        advocate=Party(
            person=person_key(r["advocate_person"]), email=r["advocate_email"], name=r["advocate_name"],
            company=normalise.work_domain(r["advocate_email"]), marks=tuple(advocate),
        ),
        friend=Party(
            person=person_key(r["friend_person"]), email=r["friend_email"], name=r["friend_name"],
            company=normalise.work_domain(r["friend_email"]), marks=tuple(friend),
        ),
        at=r["created_at"].timestamp(), amount_minor=r["stake_minor"] or 0,
        price_minor=int(r["price_minor"] or 0), won_at=r["won_at"].timestamp() if r["won_at"] else None,
        open_deal=r["open_deal"], taken_back=r["taken_back"] if r["wins"] else None, verdict=r["verdict"],
    )  # fmt: skip


async def _tie(tx: Tx, web: Loaded, referral_id: str) -> None:
    """Whether the two were acquainted before, for the one referral that is judged."""
    one, row = web.referrals[referral_id], web.rows[referral_id]
    tied = await known_rows.tied(tx, int(row["advocate_person"]), int(row["friend_person"]))
    if tied:  # not known as acquainted is not known to be strangers
        web.referrals[referral_id] = msgspec.structs.replace(one, ties=1)
