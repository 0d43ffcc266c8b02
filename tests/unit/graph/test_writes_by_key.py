"""A batch reads what it is about, however much is stored and whatever the planner knows: work stays linear.

Tables of a first import have no statistics yet. A join planned for empty tables then reads all rows of the workspace for
each key: nobody notices on small data, and ten thousand events take minutes.
"""

import random
from datetime import timedelta

from honeyguide import graph, identity
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx
from tests.properties.worlds import START, company, domain, email, event, persona

_EVENTS, _BATCH = 4_000, 200
_READ = (
    "select coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint from pg_stat_xact_user_tables "
    "where relname ~ '^(record|identifier|identity_|company_|merge_log|node|assertion|edge)'"
)


def _event(rng: random.Random, n: int, first: int, people: int) -> CanonicalEvent:
    k = first + rng.randrange(people)
    source = rng.choice(["hubspot", "product"])
    who = persona(source, f"{source}-{k}", email(f"p{k}@c{k // 8}.io"), name=f"Person {k}")
    firm = company(source, f"c{k // 8}", domain(f"c{k // 8}.io"), name=f"C{k // 8}")
    kind = rng.choice(["feature.used", "ticket.opened", "deal.created", "persona.identified", "persona.departed"])
    at = START + timedelta(minutes=n)
    return event(n, kind, at, who, firm, product="crm", feature="api", ticket=f"T{n}", deal=f"D{k}")


async def _take_in(tx: Tx, events: list[CanonicalEvent]) -> None:
    await graph.step(tx, events, await identity.step(tx, events))


async def test_a_batch_reads_no_more_when_more_is_stored(db: Database, workspace: int) -> None:
    """On tables without statistics: the rows a batch reads, when little and when four times as much is stored."""
    rng = random.Random(5)
    read = []
    for start in range(0, _EVENTS, _BATCH):
        # Ever new people, so that a batch is about as many of them as the one before.
        batch = [_event(rng, n, n // _BATCH * 40, 60) for n in range(start, start + _BATCH)]
        async with db.tx(workspace) as tx:
            before = await tx.value(_READ)
            await _take_in(tx, batch)
            read.append(await tx.value(_READ) - before)
    early, late = sum(read[4:8]), sum(read[-4:])  # the first few fill tables of a page, where any plan will do
    assert 0 < late < 1.5 * early, read
