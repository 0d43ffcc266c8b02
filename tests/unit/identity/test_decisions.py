"""Decisions, money and companies on the store: what a person reads and what stays as it was."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from honeyguide import funnel, graph, identity
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.db import Database, Tx
from honeyguide.graph.kinds import EDGE
from tests.properties.worlds import START, company, domain, email, event, persona, phone


async def take(tx: Tx, events: Sequence[CanonicalEvent]) -> None:
    await graph.step(tx, events, await identity.step(tx, events))


async def decided(tx: Tx, made: UUID) -> None:
    row = await tx.row("select * from event_log where workspace_id = $1 and event_id = $2", tx.workspace_id, made)
    assert row is not None
    await take(tx, funnel.decode(row, (await funnel.load_sources(tx))[row["source_id"]]))


def seen(*refs: RecordRef, first: int = 1, at: datetime = START) -> list[CanonicalEvent]:
    return [
        event(first + n, f"{r.kind}.identified", at + timedelta(days=n), *((r,) if r.kind == "persona" else (None, r)))
        for n, r in enumerate(refs)
    ]


async def groups(tx: Tx, *refs: RecordRef) -> set[frozenset[int]]:
    now = await identity.resolve(tx, [r.id for r in refs])
    return {frozenset(r for r, e in now.items() if e == entity) for entity in now.values()}


def ana(source: str, ext_id: str = "1", address: str = "ana@acme.io", name: str = "Ana Lopez") -> RecordRef:
    return persona(source, ext_id, email(address), name=name)


async def test_the_eldest_record_gives_the_id_and_retired_ids_stay_good(db: Database, workspace: int) -> None:
    a, b, c = ana("crm"), ana("desk"), ana("shop", address="ana@web.de")
    async with db.tx(workspace) as tx:
        await take(tx, seen(a, b, c))
        assert await identity.resolve(tx, [a.id, b.id, c.id]) == {a.id: a.id, b.id: a.id, c.id: c.id}
        await decided(tx, await identity.link(tx, [b.id, c.id], "mara", "told me so"))
        assert set((await identity.resolve(tx, [a.id, b.id, c.id])).values()) == {a.id}
        assert [r.id for r in await identity.records_of(tx, c.id)] == [a.id, b.id, c.id]
        by = {r.id: r.because for r in await identity.records_of(tx, a.id)}
        assert by[c.id] == "linked by mara: told me so"
        assert (await identity.merges(tx, c.id))[0]["survivor"] == a.id
        assert set(await graph.nodes(tx, [a.id, b.id, c.id])) == {a.id, b.id, c.id}
        await decided(tx, await identity.separate(tx, [a.id], [b.id, c.id], "mara", "two after all"))
        assert await identity.resolve(tx, [a.id, b.id, c.id]) == {a.id: a.id, b.id: b.id, c.id: b.id}


async def test_the_latest_decision_about_a_pair_counts_whatever_arrives_first(db: Database, workspace: int) -> None:
    a, b = ana("crm"), ana("desk", address="other@beta.io")
    pairs = [[str(a.id), str(b.id)]]
    later = event(90, "identity.separated", START + timedelta(days=9), source="honeyguide", pairs=pairs, actor="m")
    earlier = event(91, "identity.linked", START + timedelta(days=8), source="honeyguide", pairs=pairs, actor="m")
    async with db.tx(workspace) as tx:
        await take(tx, [later])  # about records nobody has seen yet
        await take(tx, seen(a, b))
        await take(tx, [earlier])
        assert len(await groups(tx, a, b)) == 2
        await take(tx, [event(92, "identity.linked", START + timedelta(days=10), source="honeyguide", pairs=pairs)])
        assert len(await groups(tx, a, b)) == 1


async def test_nobody_elses_event_and_no_nonsense_decides(db: Database, workspace: int) -> None:
    a, b = ana("crm"), ana("desk", address="other@beta.io")
    good = [[str(a.id), str(b.id)]]
    async with db.tx(workspace) as tx:
        await take(tx, seen(a, b))
        await take(tx, [event(80, "identity.linked", START, source="crm", pairs=good)])
        for n, bad in enumerate(
            ([["x", "y"]], "1-2", [[str(a.id)]], [[str(a.id), str(a.id)]], [[str(2**70), "1"]], None)
        ):
            await take(tx, [event(81 + n, "identity.linked", START, source="honeyguide", pairs=bad)])
        assert len(await groups(tx, a, b)) == 2


async def test_what_cannot_be_said_is_refused(db: Database, workspace: int, other_workspace: int) -> None:
    a, b, firm = ana("crm"), ana("desk", address="other@beta.io"), company("crm", "9", domain("acme.io"))
    async with db.tx(workspace) as tx:
        await take(tx, seen(a, b, firm))
        for refused in ([a.id], [a.id, a.id], [a.id, firm.id]):
            with pytest.raises(BadInput):
                await identity.link(tx, refused, "m", "")
        with pytest.raises(NotFound):
            await identity.link(tx, [a.id, 17], "m", "")
        for left, right in (([], [b.id]), ([a.id], [a.id, b.id])):
            with pytest.raises(BadInput):
                await identity.separate(tx, left, right, "m", "")
    async with db.tx(other_workspace) as tx:
        with pytest.raises(NotFound):
            await identity.link(tx, [a.id, b.id], "m", "")


async def test_a_source_cannot_take_our_name(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for name in ("Honeyguide", "honeyguide!"):
            with pytest.raises(BadInput):
                await funnel.create_source(tx, "webhook", name)


async def test_a_switchboard_lets_go_of_what_it_had_joined(db: Database, workspace: int) -> None:
    """Two records joined by a telephone fall apart when the same source shows it on a second person; a row says so."""
    number = phone("+4930123")
    a, b, c = persona("crm", "1", number), persona("desk", "1", number), persona("crm", "2", number)
    async with db.tx(workspace) as tx:
        await take(tx, seen(a, b))
        assert len(await groups(tx, a, b)) == 1
        assert await identity.conflicts(tx) == []
        await take(tx, seen(c, first=9))
        assert len(await groups(tx, a, b, c)) == 3
        (row,) = await identity.conflicts(tx, "shared")
        assert (row.ns, row.value, set(row.entities)) == ("phone", "+4930123", {a.id, b.id, c.id})
        assert "crm itself keeps several of them apart" in row.sentence
        assert [r.because for r in await identity.records_of(tx, a.id)] == [""]


async def test_a_conflict_closes_when_it_no_longer_holds_and_opens_again(db: Database, workspace: int) -> None:
    a, b = ana("crm", "1", name="Ana"), ana("crm", "2", name="Bob")
    async with db.tx(workspace) as tx:
        await take(tx, seen(a, b))
        (first,) = await identity.conflicts(tx)
        assert (first.kind, first.state, await identity.count_conflicts(tx)) == ("shared", "open", 1)
        await take(tx, [event(50, "records.merged", START + timedelta(days=5), a, others=(b,), kept="1")])
        assert await identity.conflicts(tx) == []
        (closed,) = await identity.conflicts(tx, state="closed")
        assert closed.id == first.id
        assert closed.closed_at is not None
        await decided(tx, await identity.separate(tx, [a.id], [b.id], "mara", ""))
        assert {c.kind for c in await identity.conflicts(tx)} == {"separated", "shared"}


async def test_money_before_the_merge_waits_for_a_person(db: Database, workspace: int) -> None:
    a, b = ana("crm"), ana("desk")
    async with db.tx(workspace) as tx:
        await identity.protect(tx, a.id, "referrer", "R", START)
        await identity.protect(tx, b.id, "referee", "R", START)
        await take(tx, seen(a, b))
        assert len(await groups(tx, a, b)) == 2
        (row,) = await identity.conflicts(tx)
        assert (row.kind, row.money, set(row.entities)) == ("money", True, {a.id, b.id})
        await decided(tx, await identity.link(tx, [a.id, b.id], "mara", "she referred herself"))
        assert len(await groups(tx, a, b)) == 1
        assert await identity.conflicts(tx) == []


async def test_money_after_the_merge_splits_nobody_and_says_so(db: Database, workspace: int) -> None:
    a, b = ana("crm"), ana("desk")
    async with db.tx(workspace) as tx:
        await take(tx, seen(a, b))
        await identity.protect(tx, a.id, "payee", "A", START)
        assert await identity.conflicts(tx) == []
        await identity.protect(tx, b.id, "payee", "B", START)
        await identity.protect(tx, b.id, "payee", "B", START)
        assert len(await groups(tx, a, b)) == 1
        (row,) = await identity.conflicts(tx)
        assert (row.kind, row.money, row.detail) == ("money", True, "joined")
        await take(tx, seen(a, b, first=20, at=START + timedelta(days=40)))  # nothing later splits them either
        assert len(await groups(tx, a, b)) == 1
        await decided(tx, await identity.separate(tx, [a.id], [b.id], "mara", ""))
        assert len(await groups(tx, a, b)) == 2


async def test_a_subsidiary_belongs_to_its_parent_and_a_shared_domain_merges_neither(
    db: Database, workspace: int
) -> None:
    top = company("crm", "1", domain("acme.com"), name="Acme Holding")
    french = company("crm", "2", domain("acme.com"), name="Acme France", parent="1")
    shop = company("crm", "3", name="Acme Shop", parent="2")
    mailed = company("desk", "domain:acme.com", domain("acme.com"))
    async with db.tx(workspace) as tx:
        await take(tx, seen(shop, french, top, mailed))  # children before their parents are known
        assert len(await groups(tx, top, french, shop, mailed)) == 4
        assert await identity.parent_of(tx, shop.id) == french.id
        assert await identity.parent_of(tx, top.id) is None
        assert await identity.children_of(tx, top.id) == [french.id]
        group = await identity.group_of(tx, shop.id)
        assert (group.top, set(group.companies)) == (top.id, {top.id, french.id, shop.id})
        assert [c.value for c in (await identity.group_of(tx, french.id)).shared] == ["acme.com"]
        edges = await tx.rows(
            "select src, dst from edge where workspace_id = $1 and kind = $2", workspace, EDGE["member_of"]
        )
        assert {(e["src"], e["dst"]) for e in edges} == {(shop.id, french.id), (french.id, top.id)}


async def test_companies_in_a_circle_end(db: Database, workspace: int) -> None:
    a, b = company("crm", "1", name="A", parent="2"), company("crm", "2", name="B", parent="1")
    async with db.tx(workspace) as tx:
        await take(tx, seen(a, b))
        assert set((await identity.group_of(tx, a.id)).companies) == {a.id, b.id}


async def test_pages_and_mailbox_providers_are_no_domains_of_companies(db: Database, workspace: int) -> None:
    a, b = (
        company(s, "1", domain("https://www.facebook.com/acme"), name=n) for s, n in (("crm", "Acme"), ("desk", "Beta"))
    )
    c, d = (
        company(s, "2", domain("acme.myshopify.com" if s == "crm" else "beta.myshopify.com")) for s in ("crm", "desk")
    )
    async with db.tx(workspace) as tx:
        await take(tx, seen(a, b, c, d))
        assert len(await groups(tx, a, b, c, d)) == 4
