"""Conversions as people look for them: whose each is, in what state the credit stands, and disputes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.outcomes import court_rows, credit_rows
from honeyguide.outcomes.aliases import like
from honeyguide.outcomes.deals import SALE

STATES = ("credited", "disputed", "decided", "none")


class Wanted(Struct, frozen=True):
    """Which conversions: of a program, of an advocate, in a state (`disputed`, `decided`, `shared`, `none`), by words."""

    program_id: int | None = None
    advocate_id: UUID | None = None
    state: str | None = None
    words: str | None = None


class Credited(Struct, frozen=True):
    """An advocate with their basis points."""

    advocate_id: UUID
    advocate: str
    share_bp: int


class Docketed(Struct, frozen=True):
    """A conversion in a list. `kind` is `sale` or `deal`; `state` one of `STATES`."""

    id: UUID
    at: datetime
    company: str
    friend: str
    kind: str
    deal: str
    amount_minor: int
    currency: str
    credited: tuple[Credited, ...]
    state: str
    reason: str


async def conversions(
    tx: Tx, wanted: Wanted, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[Docketed]:
    """Conversions, newest first."""
    rows = await court_rows.conversions(
        tx, wanted.program_id, wanted.advocate_id, wanted.state, like(wanted.words), after, limit
    )
    return await _docketed(tx, rows)


async def count_conversions(tx: Tx, wanted: Wanted) -> int:
    """How many there are."""
    return await court_rows.count_conversions(
        tx, wanted.program_id, wanted.advocate_id, wanted.state, like(wanted.words)
    )


async def docketed(tx: Tx, conversion_id: UUID) -> Docketed | None:
    """One conversion."""
    row = await court_rows.listed(tx, conversion_id)
    return (await _docketed(tx, [row]))[0] if row else None


async def _docketed(tx: Tx, rows: Sequence[Row]) -> list[Docketed]:
    held = await credit_rows.shares_of(tx, [r["id"] for r in rows])
    names = await court_rows.advocate_names(tx, sorted({h.advocate_id for one in held.values() for h in one}))
    found = []
    for r in rows:
        shares = held.get(r["id"], [])
        credited = tuple(
            Credited(h.advocate_id, str(names[h.advocate_id]["name"]) if h.advocate_id in names else "", h.share_bp)
            for h in shares
        )
        state = (
            "disputed" if r["open_disputes"] else "none" if not shares else "decided" if r["decisions"] else "credited"
        )
        found.append(
            Docketed(
                r["id"], r["occurred_at"], r["company"], r["friend_name"] or r["friend_email"],
                "sale" if r["deal"].startswith(SALE) else "deal", r["deal"], r["amount_minor"], r["currency"], credited, state,
                " ".join(h.reason for h in shares) or "Nobody has the credit.",
            )
        )  # fmt: skip
    return found


class Claim(Struct, frozen=True):
    """A dispute as people read it."""

    id: UUID
    conversion_id: UUID
    side: str
    by: str
    at: datetime
    text: str
    state: str
    answer: str


class Verdict(Struct, frozen=True):
    """A decision as people read it."""

    id: UUID
    at: datetime
    by: str
    kind: str
    sentence: str


async def claims_of(tx: Tx, conversion_id: UUID) -> list[Claim]:
    """The disputes about a conversion, oldest first."""
    return [_claim(r) for r in await court_rows.disputes_of(tx, conversion_id)]


async def claims(tx: Tx, state: str | None, after: tuple[datetime, UUID] | None = None, limit: int = 50) -> list[Claim]:
    """Disputes, newest first."""
    return [_claim(r) for r in await court_rows.disputes(tx, state, after, limit)]


async def count_claims(tx: Tx, state: str | None) -> int:
    """How many there are."""
    return await court_rows.count_disputes(tx, state)


def _claim(r: Row) -> Claim:
    return Claim(
        r["id"], r["conversion_id"], r["side"], r["raised_by"], r["opened_at"], r["claim"], r["state"], r["answer"]
    )


async def verdicts_of(tx: Tx, conversion_id: UUID) -> list[Verdict]:
    """What was decided about a conversion, oldest first."""
    rounds = (await credit_rows.decisions_of(tx, [conversion_id])).get(conversion_id, [])
    ids = {UUID(s["advocate_id"]) for r in rounds for s in r["after"]}
    names = await court_rows.advocate_names(tx, sorted(ids))
    return [Verdict(r["id"], r["decided_at"], r["actor"], r["kind"], _sentence(r, names)) for r in rounds]


def _sentence(row: Row, names: dict[UUID, Row]) -> str:
    parts = [
        f"{names[UUID(s['advocate_id'])]['name'] if UUID(s['advocate_id']) in names else 'somebody'} {s['share_bp'] / 100:g} %"
        for s in row["after"]
    ]
    return f"{', '.join(parts) or 'Nobody'}: {row['reason']}"


async def names_of(tx: Tx, advocates: set[UUID]) -> dict[UUID, str]:
    """The names of advocates."""
    return {i: str(r["name"]) for i, r in (await court_rows.advocate_names(tx, sorted(advocates))).items()}
