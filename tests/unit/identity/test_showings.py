"""What a record remembers of its identifiers spares work and never hides news."""

import random
from datetime import timedelta
from typing import Any

import pytest

from honeyguide import identity
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, create_workspace
from honeyguide.identity.showings import digest_of, is_known, remembered
from honeyguide.identity.stamps import said_of, stamped, values_of
from tests.properties.worlds import START, email, event, persona, phone


async def _take_in(db: Database, workspace: int, *events: CanonicalEvent) -> identity.IdentityChanges:
    async with db.tx(workspace) as tx:
        return await identity.step(tx, events)


async def _signs(db: Database, workspace: int) -> list[Any]:
    async with db.tx(workspace) as tx:
        found = await tx.rows(
            "select ns, value, class, first_seen_at from identifier where workspace_id = $1 order by ns, value",
            workspace,
        )
    return [tuple(r) for r in found]


def test_a_showing_is_known_from_the_moment_after_it_was_stored() -> None:
    one = digest_of(b"one")
    known = remembered(b"", [(one, START)])
    assert is_known(known, one, START + timedelta(microseconds=1))
    assert not is_known(known, one, START)  # of two events at one time the lesser id is the first showing
    assert not is_known(known, one, START - timedelta(days=1))
    assert not is_known(known, digest_of(b"other"), START + timedelta(days=1))
    assert not is_known(b"", one, START)


def test_the_oldest_showings_make_room_and_an_earlier_one_replaces_its_own() -> None:
    digests = [digest_of(bytes([n])) for n in range(6)]
    known = b""
    for d in digests:
        known = remembered(known, [(d, START)])
    later = START + timedelta(days=1)
    assert [is_known(known, d, later) for d in digests] == [False, False, True, True, True, True]
    again = remembered(known, [(digests[5], START - timedelta(days=9))])
    assert len(again) == len(known)
    assert is_known(again, digests[5], START - timedelta(days=8))


def test_stamps_apart_from_values_are_the_same_traits_and_one_text() -> None:
    rng = random.Random(3)
    for _ in range(50):
        names = rng.sample(["name", "email", "größe", 'quo"te', "a b"], rng.randrange(6))
        traits = {
            n: {"v": rng.choice([1, "x", [True], 2.5]), "t": f"2026-01-0{rng.randrange(1, 4)}", "e": "e1"}
            for n in names
        }
        other = dict(reversed(traits.items()))
        assert said_of(traits) == said_of(other)
        assert stamped(values_of(traits), said_of(traits)) == traits


async def test_an_earlier_showing_of_what_is_known_moves_the_first_sight(db: Database, workspace: int) -> None:
    who = persona("hubspot", "1", email("ana@acme.io"), phone("+49301"))
    day = timedelta(days=1)
    for n, at in ((1, START + day), (2, START + 2 * day), (3, START - day), (4, START + 3 * day)):
        await _take_in(db, workspace, event(n, "persona.identified", at, who))
    assert await _signs(db, workspace) == [
        ("email", "ana@acme.io", "strong", START - day), ("phone", "+49301", "weak", START - day),
    ]  # fmt: skip


async def test_one_more_identifier_among_known_ones_still_joins(db: Database, workspace: int) -> None:
    old = persona("zendesk", "9", email("ana@acme.io"))
    bare, full = (
        persona("hubspot", "1", phone("+49301")),
        persona("hubspot", "1", phone("+49301"), email("ana@acme.io")),
    )
    await _take_in(db, workspace, event(1, "persona.identified", START, old))
    for n in range(2, 5):
        await _take_in(db, workspace, event(n, "feature.used", START + timedelta(days=n), bare))
    changes = await _take_in(db, workspace, event(5, "feature.used", START + timedelta(days=5), full))
    assert changes.entity[full.id] == old.id


async def test_what_is_remembered_differs_by_order_and_what_is_stored_does_not(db: Database) -> None:
    rng = random.Random(8)
    ways = [
        persona("hubspot", "1", *rng.sample([email("a@b.io"), email("c@d.io"), phone("+49301")], k), name=f"n{k}")
        for k in (1, 2, 3, 2, 1)
    ]
    events = [event(n, "feature.used", START + timedelta(hours=rng.randrange(9)), rng.choice(ways)) for n in range(40)]
    stored = set()
    for turn in range(4):
        workspace = await create_workspace(db, f"showings-{turn}", "Order")
        rng.shuffle(events)
        for start in range(0, 40, turn * 5 + 1):
            await _take_in(db, workspace, *events[start : start + turn * 5 + 1])
        async with db.tx(workspace) as tx:
            stored.add(tuple(sorted((await identity.digest(tx)).items())))
    assert len(stored) == 1


@pytest.mark.parametrize("value", [True, 1, 1.0, "1"])
async def test_a_value_of_another_type_is_news(db: Database, workspace: int, value: object) -> None:
    await _take_in(db, workspace, event(1, "persona.identified", START, persona("hubspot", "1", seats="0")))
    changes = await _take_in(
        db, workspace, event(2, "persona.identified", START + timedelta(days=1), persona("hubspot", "1", seats=value))
    )
    assert changes.touched
    async with db.tx(workspace) as tx:
        (profile,) = (await identity.profiles(tx, changes.touched)).values()
    assert profile.values() == {"seats": value}
