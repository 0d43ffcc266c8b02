"""The record of the experts (table expert_track), and the decisions it is made of."""

from datetime import date, datetime

from msgspec import Struct

from honeyguide.db import Row, Tx

OWNED = ("expert_track",)


class Track(Struct, frozen=True):
    """How an expert has done in a segment and stage (both empty: everywhere), as judged on a day.

    `brier`: mean squared error of its forecasts, over `forecasts` decisions that did what it favoured. `dissents`: how
    often it favoured something else than the panel. `regret`: referrals per decision the best expert would have had more.
    `lift`, `lower`, `upper`: referrals per decision of following it, minus what ran; always valid. `refused` says why
    there is no such estimate. `effective`: how many decisions the log is worth for it.
    """

    expert: str
    segment: str
    stage: str
    day: date
    at: datetime
    opinions: int
    forecasts: int
    brier: float | None
    dissents: int
    regret: float | None
    lift: float | None
    lower: float | None
    upper: float | None
    effective: float
    refused: str


_TRACK = ", ".join(Track.__struct_fields__)


async def decided(tx: Tx, until: datetime, days: int, limit: int) -> list[Row]:
    """Treated decisions with a choice and with opinions, made by `until`, the newest first; did the person share in time?"""
    return await tx.rows(
        "with chosen as (select d.id, d.at, p.entity_id as persona, d.action, d.propensity, d.distribution, d.arm_cluster, d.weight, "
        "d.context->'experts' as experts, d.context->'words' as words from decision d "
        "left join record p on p.workspace_id = $1 and p.id = d.record_id where d.workspace_id = $1 and d.arm = 'treated' "
        "and d.at <= $2 and jsonb_array_length(d.legal_actions) > 1 and jsonb_typeof(d.context->'experts') = 'array' "
        "order by d.at desc, d.id limit $4) "
        "select c.*, exists (select 1 from referral f join advocate a on a.workspace_id = $1 and a.id = f.advocate_id "
        "join record r on r.workspace_id = $1 and r.id = a.record_id where f.workspace_id = $1 and r.entity_id = c.persona "
        "and f.stage <> 'rejected' and f.created_at >= c.at and f.created_at < c.at + make_interval(days => $3)) as came "
        "from chosen c order by c.at desc, c.id",
        tx.workspace_id, until, days, limit,
    )  # fmt: skip


async def save(tx: Tx, row: Track) -> None:
    """Keep a record; judged again on the same day it is replaced."""
    places = ", ".join(f"${n}" for n in range(2, 2 + len(Track.__struct_fields__)))
    fresh = ", ".join(
        f"{n} = excluded.{n}" for n in Track.__struct_fields__ if n not in ("expert", "segment", "stage", "day")
    )
    await tx.run(
        f"insert into expert_track (workspace_id, {_TRACK}) values ($1, {places}) "
        f"on conflict (workspace_id, expert, segment, stage, day) do update set {fresh}",
        tx.workspace_id, *(getattr(row, n) for n in Track.__struct_fields__),
    )  # fmt: skip


async def newest(tx: Tx, expert: str | None = None) -> list[Track]:
    """The newest record per expert, segment and stage."""
    found = await tx.rows(
        f"select distinct on (expert, segment, stage) {_TRACK} from expert_track where workspace_id = $1 "
        "and ($2::text is null or expert = $2) order by expert, segment, stage, day desc",
        tx.workspace_id, expert,
    )  # fmt: skip
    return [Track(**dict(r)) for r in found]


async def series(tx: Tx, expert: str, after: tuple[date, str, str] | None, limit: int) -> list[Track]:
    """Every record of an expert, the newest first, after the given place."""
    day, segment, stage = after or (None, "", "")
    found = await tx.rows(
        f"select {_TRACK} from expert_track where workspace_id = $1 and expert = $2 and ($3::date is null or day < $3 "
        "or (day = $3 and (segment, stage) > ($4, $5))) order by day desc, segment, stage limit $6",
        tx.workspace_id, expert, day, segment, stage, limit,
    )  # fmt: skip
    return [Track(**dict(r)) for r in found]


async def count(tx: Tx, expert: str) -> int:
    """How many records an expert has."""
    found: int = await tx.value(
        "select count(*) from expert_track where workspace_id = $1 and expert = $2", tx.workspace_id, expert
    )
    return found


async def trail(tx: Tx, expert: str) -> int:
    """On how many days an expert was judged off-policy, everywhere together, without being refused."""
    found: int = await tx.value(
        "select count(*) from expert_track where workspace_id = $1 and expert = $2 and segment = '' and stage = '' "
        "and refused = '' and lift is not null",
        tx.workspace_id, expert,
    )  # fmt: skip
    return found
