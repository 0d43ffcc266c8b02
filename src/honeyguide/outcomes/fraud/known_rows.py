"""SQL that reads what lies around a referral: people, what they share, what became of their referrals."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from honeyguide.db import Row, Tx


async def referrals(tx: Tx, ids: Sequence[UUID]) -> list[Row]:
    """Referrals with both people (by today's identity), what is at stake, what became of it, and what reviewers said."""
    return await tx.rows(
        "select r.id, r.advocate_id, r.link_id, r.program_id, r.friend_email, r.friend_name, r.created_at, coalesce(a.name, '') as advocate_name, "
        "coalesce(a.email, '') as advocate_email, coalesce(ra.entity_id, a.record_id, 0) as advocate_person, "
        "coalesce(rf.entity_id, r.friend_record_id) as friend_person, k.stake_minor, k.currency, k.wins, k.price_minor, k.won_at, "
        "exists (select 1 from fraud_finding o where o.workspace_id = r.workspace_id and o.referral_id = r.id "
        "and o.rule = 'open_opportunity') as open_deal, "
        "exists (select 1 from fraud_finding f where f.workspace_id = r.workspace_id and f.referral_id = r.id "
        "and f.rule = 'deal_taken_back') as taken_back, coalesce(l.verdict, '') as verdict "
        "from referral r left join advocate a on a.workspace_id = r.workspace_id and a.id = r.advocate_id "
        "left join record ra on ra.workspace_id = r.workspace_id and ra.id = a.record_id "
        "left join record rf on rf.workspace_id = r.workspace_id and rf.id = r.friend_record_id "
        "left join fraud_label l on l.workspace_id = r.workspace_id and l.referral_id = r.id and l.source = 'reviewer' "
        "left join lateral (select count(distinct c.id) as wins, max(c.amount_minor) as price_minor, min(c.occurred_at) as won_at, sum(w.amount_minor)::bigint as stake_minor, max(w.currency) as currency "
        "from conversion c left join reward w on w.workspace_id = c.workspace_id and w.conversion_id = c.id "
        "where c.workspace_id = r.workspace_id and c.referral_id = r.id) k on true "
        "where r.workspace_id = $1 and r.id = any($2::uuid[]) order by r.created_at, r.id",
        tx.workspace_id, list(ids),
    )  # fmt: skip


async def referrals_of_people(tx: Tx, people: Sequence[int], most: int) -> list[UUID]:
    """The newest referrals these people (entities, or records nobody resolved) made or came by, so many for each."""
    rows = await tx.rows(
        "with them as materialized (select p.id as person, r.id as record from unnest($2::bigint[]) as p (id) "
        "join record r on r.workspace_id = $1 and r.entity_id = p.id union select id, id from unnest($2::bigint[]) as q (id)), "
        "found as (select t.person, f.id, f.created_at from them t join advocate a on a.workspace_id = $1 and a.record_id = t.record "
        "join referral f on f.workspace_id = $1 and f.advocate_id = a.id union "
        "select t.person, f.id, f.created_at from them t join referral f on f.workspace_id = $1 and f.friend_record_id = t.record) "
        "select distinct id from (select id, row_number() over (partition by person order by created_at desc, id) as place from found) x "
        "where place <= $3 order by id",
        tx.workspace_id, list(people), most,
    )  # fmt: skip
    return [r["id"] for r in rows]


async def marks(tx: Tx, advocates: Sequence[UUID], friends: Sequence[UUID]) -> list[Row]:
    """What these advocates and referred friends used."""
    return await tx.rows(
        "select side, owner, kind, digest from fraud_mark where workspace_id = $1 and ((side = 'advocate' and owner = any($2::uuid[])) "
        "or (side = 'friend' and owner = any($3::uuid[]))) order by side, owner, kind, digest",
        tx.workspace_id, list(advocates), list(friends),
    )  # fmt: skip


async def users(tx: Tx, kinds: Sequence[str], digests: Sequence[str], most: int) -> list[Row]:
    """Who uses each of these marks (at most so many owners of each, the earliest), with the address that tells the employer."""
    return await tx.rows(
        "select m.kind, m.digest, m.side, m.owner, coalesce(r.entity_id, a.record_id, f.friend_record_id) as person, "
        "coalesce(a.email, f.friend_email) as email, coalesce(a.name, f.friend_name) as name "
        "from unnest($2::text[], $3::text[]) as t (kind, digest) "
        "join lateral (select x.* from fraud_mark x where x.workspace_id = $1 and x.kind = t.kind and x.digest = t.digest "
        "order by x.at, x.owner limit $4) m on true "
        "left join advocate a on m.side = 'advocate' and a.workspace_id = $1 and a.id = m.owner "
        "left join referral f on m.side = 'friend' and f.workspace_id = $1 and f.id = m.owner "
        "left join record r on r.workspace_id = $1 and r.id = coalesce(a.record_id, f.friend_record_id) "
        "where coalesce(a.record_id, f.friend_record_id) is not null order by m.kind, m.digest, m.at, m.owner",
        tx.workspace_id, list(kinds), list(digests), most,
    )  # fmt: skip


async def referrals_of_mark(tx: Tx, kind: str, digest: str, *, both: bool, most: int) -> list[UUID]:
    """The newest referrals in which somebody holds this mark (`both`: friend and advocate), if two or more hold it at all."""
    rows = await tx.rows(
        "with u as materialized (select side, owner from fraud_mark where workspace_id = $1 and kind = $2 and digest = $3 "
        "order by at desc, side, owner limit 500), near as (select r.id, r.created_at, r.advocate_id from referral r where r.workspace_id = $1 "
        "and r.advocate_id in (select owner from u where side = 'advocate') union select r.id, r.created_at, r.advocate_id from referral r "
        "where r.workspace_id = $1 and r.id in (select owner from u where side = 'friend')) "
        "select n.id from near n where (select count(*) from u) > 1 and (not $4 or (n.id in (select owner from u where side = 'friend') "
        "and n.advocate_id in (select owner from u where side = 'advocate'))) order by n.created_at desc, n.id limit $5",
        tx.workspace_id, kind, digest, both, most,
    )  # fmt: skip
    return [r["id"] for r in rows]


async def numbers(tx: Tx, referral_id: UUID) -> list[Row]:
    """The telephone numbers on record of a referral's two people, each with everybody on record who has it and their address."""
    return await tx.rows(
        "with side as (select 'advocate' as side, a.id as owner, a.record_id as record from referral f join advocate a "
        "on a.workspace_id = f.workspace_id and a.id = f.advocate_id where f.workspace_id = $1 and f.id = $2 union all "
        "select 'friend', f.id, f.friend_record_id from referral f where f.workspace_id = $1 and f.id = $2), "
        "own as (select distinct s.side, s.owner, i.value from side s join record r on r.workspace_id = $1 and r.id = s.record "
        "join record k on k.workspace_id = $1 and k.entity_id = r.entity_id join identifier i on i.workspace_id = $1 "
        "and i.record_id = k.id and i.kind = 'persona' and i.ns = 'phone') "
        "select o.side, o.owner, o.value, h.person, h.email from own o join lateral (select distinct r.entity_id as person, "
        "(select min(e.value) from identifier e where e.workspace_id = $1 and e.record_id = r.id and e.ns = 'email') as email "
        "from identifier p join record r on r.workspace_id = $1 and r.id = p.record_id where p.workspace_id = $1 and p.kind = 'persona' "
        "and p.ns = 'phone' and p.value = o.value limit 60) h on true order by o.side, o.owner, o.value, h.person, h.email",
        tx.workspace_id, referral_id,
    )  # fmt: skip


async def tied(tx: Tx, one: int, other: int) -> bool:
    """Did the sources know the two as acquainted (colleagues, introduced) or of one employer before?"""
    return bool(
        await tx.value(
            "select exists (select 1 from edge e where e.workspace_id = $1 and e.kind = any($4::int[]) "
            "and ((e.src = $2 and e.dst = $3) or (e.src = $3 and e.dst = $2))) or exists (select 1 from edge x join edge y "
            "on y.workspace_id = x.workspace_id and y.dst = x.dst and y.kind = 1 where x.workspace_id = $1 and x.kind = 1 "
            "and x.src = $2 and y.src = $3)",
            tx.workspace_id, one, other, list(ACQUAINTED),
        )
    )  # fmt: skip


ACQUAINTED = (3, 4, 21)  # reports_to, colleague_of, introduced


async def takings(tx: Tx, advocate_id: UUID, program_id: int) -> Row | None:
    """Wins and how many of them were taken back: the advocate's and the program's."""
    return await tx.row(
        "select count(*) filter (where r.advocate_id = $2) as won, count(*) filter (where r.advocate_id = $2 and b.back) as taken_back, "
        "count(*) as program_won, count(*) filter (where b.back) as program_taken_back from conversion c "
        "join referral r on r.workspace_id = c.workspace_id and r.id = c.referral_id left join lateral (select true as back "
        "from fraud_finding f where f.workspace_id = c.workspace_id and f.referral_id = r.id and f.rule = 'deal_taken_back') b on true "
        "where c.workspace_id = $1 and r.program_id = $3",
        tx.workspace_id, advocate_id, program_id,
    )  # fmt: skip


async def usual(tx: Tx, program_id: int, least: int) -> Row | None:
    """Price and days to the win in the middle of a program's wins; None for too few."""
    row = await tx.row(
        "select count(*) as n, percentile_disc(0.5) within group (order by c.amount_minor) as price_minor, percentile_cont(0.5) "
        "within group (order by extract(epoch from c.occurred_at - r.created_at) / 86400) as days from conversion c join referral r "
        "on r.workspace_id = c.workspace_id and r.id = c.referral_id where c.workspace_id = $1 and r.program_id = $2 and c.amount_minor > 0",
        tx.workspace_id, program_id,
    )  # fmt: skip
    return row if row is not None and row["n"] >= least else None


async def visits(tx: Tx, link_id: UUID, until: datetime, days: float) -> Row | None:
    """Who followed a link in the days before: visitors that are no known machines, and employers of those who signed up."""
    since = until - timedelta(days=days)
    return await tx.row(
        "select (select count(distinct t.visitor) from touch t where t.workspace_id = $1 and t.link_id = $2 and t.at >= $3 and t.at <= $4 "
        "and t.agent <> 'scanner') as visitors, (select count(distinct split_part(r.friend_email, '@', 2)) from referral r "
        "where r.workspace_id = $1 and r.link_id = $2 and r.created_at >= $3 and r.created_at <= $4) as companies",
        tx.workspace_id, link_id, since, until,
    )  # fmt: skip


async def hosts(tx: Tx, link_id: UUID, until: datetime, days: float) -> list[Row]:
    """The sites visitors of a link came from, the commonest first."""
    return await tx.rows(
        "select t.referrer_host as host, count(distinct t.visitor) as n from touch t where t.workspace_id = $1 and t.link_id = $2 "
        "and t.at >= $3 and t.at <= $4 and t.agent <> 'scanner' and t.referrer_host <> '' group by t.referrer_host order by 2 desc, 1 limit 50",
        tx.workspace_id, link_id, until - timedelta(days=days), until,
    )  # fmt: skip


async def pace(tx: Tx, advocate_id: UUID, until: datetime) -> Row | None:
    """An advocate's sign-ups in the day before, in the 90 days before that, and since when there were any."""
    day, past = until - timedelta(days=1), until - timedelta(days=91)
    return await tx.row(
        "select count(*) filter (where r.created_at >= $3 and r.created_at < $5) as last_day, "
        "count(*) filter (where r.created_at < $3 and r.created_at >= $4) as before, a.created_at as since from advocate a "
        "left join referral r on r.workspace_id = a.workspace_id and r.advocate_id = a.id and r.created_at >= $4 and r.created_at < $5 "
        "where a.workspace_id = $1 and a.id = $2 group by a.created_at",
        tx.workspace_id, advocate_id, day, past, until,
    )  # fmt: skip


async def currency(tx: Tx) -> str:
    """The workspace's currency: what is at stake is told in it before a reward says otherwise."""
    found: str = await tx.value("select currency from workspace where id = $1", tx.workspace_id)
    return found


async def own_domains(tx: Tx) -> list[str]:
    """The addresses of this workspace's operators: their domains are ours."""
    rows = await tx.rows("select distinct email from operator where workspace_id = $1", tx.workspace_id)
    return [r["email"] for r in rows]


async def rewards_of(tx: Tx, referral_id: UUID) -> list[UUID]:
    """The rewards its wins earned the referral's own advocate, friend and parent; not those of others who share the credit."""
    rows = await tx.rows(
        "select distinct w.id from referral r join attribution a on a.workspace_id = r.workspace_id and a.referral_id = r.id "
        "join conversion c on c.workspace_id = a.workspace_id and c.id = a.conversion_id "
        "join reward w on w.workspace_id = a.workspace_id and w.conversion_id = a.conversion_id and (case "
        "when w.beneficiary = 'advocate' then w.advocate_id = r.advocate_id else c.referral_id = r.id end) "
        "where r.workspace_id = $1 and r.id = $2 order by w.id",
        tx.workspace_id, referral_id,
    )  # fmt: skip
    return [r["id"] for r in rows]


async def referrals_of_owner(tx: Tx, side: str, owner: UUID, most: int) -> list[UUID] | None:
    """The referrals a mark of this owner speaks of, the newest; None when there is no such advocate or referral."""
    if side == "friend":
        known = await tx.value("select id from referral where workspace_id = $1 and id = $2", tx.workspace_id, owner)
        return [known] if known else None
    if await tx.value("select id from advocate where workspace_id = $1 and id = $2", tx.workspace_id, owner) is None:
        return None
    rows = await tx.rows(
        "select id from referral where workspace_id = $1 and advocate_id = $2 order by created_at desc, id limit $3",
        tx.workspace_id, owner, most,
    )  # fmt: skip
    return [r["id"] for r in rows]


async def settled(tx: Tx, before: datetime, most: int) -> list[UUID]:
    """Referrals whose first win is that old and that no outcome label speaks of yet."""
    rows = await tx.rows(
        "select c.referral_id, min(c.occurred_at) as at from conversion c where c.workspace_id = $1 and not exists (select 1 from fraud_label l "
        "where l.workspace_id = c.workspace_id and l.referral_id = c.referral_id and l.source = 'outcome') "
        "group by c.referral_id having min(c.occurred_at) < $2 order by 2, 1 limit $3",
        tx.workspace_id, before, most,
    )  # fmt: skip
    return [r["referral_id"] for r in rows]
