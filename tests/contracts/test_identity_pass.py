"""The background pass on a real store: events in, personas joined or asked about, answers kept, money never touched."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from honeyguide import identity
from honeyguide.app import road
from honeyguide.core.errors import Conflict, NotFound
from honeyguide.core.terms import RecordRef
from honeyguide.db import Database
from honeyguide.identity import background
from tests.properties.worlds import company, domain, email, event, persona, phone

AT = datetime(2026, 3, 1, tzinfo=UTC)


def one(source: str, ext_id: str, name: str, mail: str = "", number: str = "", **traits: str) -> RecordRef:
    signs = ([email(mail)] if mail else []) + ([phone(number)] if number else [])
    more = {k: v for k, v in {"name": name, "email": mail, "phone": number, **traits}.items() if v}
    return persona(source, ext_id, *signs, **more)


ROBERT = one("hubspot", "1", "Robert Trellwitz", "robert.trellwitz@orbex.io", "+493055512345", title="Head of Data", company="Orbex GmbH", country="de", city="Berlin")  # fmt: skip
BOB = one("events", "77", "Bob Trellwitz", "bob.trellwitz@gmail.com", "+493055512345", title="Head of Data", company="Orbex", country="de", city="Berlin")  # fmt: skip
JUNIOR = one("zendesk", "9", "Robert Trellwitz Jr", "r.trellwitz@orbex.io", title="Sales", company="Orbex GmbH", country="de", city="Berlin")  # fmt: skip
STRANGER = one("stripe", "5", "Mona Okafor", "mona@okafor.example", "+33155500011", company="Okafor SARL", country="fr", city="Lyon")  # fmt: skip
# Same rare name, nothing else in common: nobody can know.
DOUBTFUL = one("stripe", "6", "Robert Trellwitz", "rt@fastlane.io", company="Fastlane Inc", country="us", city="Austin")  # fmt: skip
WORLD = (ROBERT, BOB, JUNIOR, STRANGER, DOUBTFUL)


async def take_in(db: Database, workspace: int, *people: RecordRef, start: int = 0, at: datetime = AT) -> None:
    events = [event(start + n, "persona.identified", at + timedelta(minutes=n), p) for n, p in enumerate(people)]
    async with db.tx(workspace) as tx:
        await identity.step(tx, events)


async def entities(db: Database, workspace: int, *people: RecordRef) -> list[int]:
    async with db.tx(workspace) as tx:
        found = await identity.resolve(tx, [p.id for p in people])
    return [found[p.id] for p in people]


async def open_pairs(db: Database, workspace: int, state: str = "open") -> dict[frozenset[int], background.Proposal]:
    async with db.tx(workspace) as tx:
        return {frozenset((p.a.id, p.b.id)): p for p in await background.proposals(tx, state)}


async def test_a_nickname_with_the_same_phone_and_title_joins_and_strangers_do_not(
    db: Database, workspace: int
) -> None:
    await take_in(db, workspace, *WORLD)
    assert len(set(await entities(db, workspace, *WORLD))) == 5
    _, persons = await background.identify(db, workspace)
    await road.catch_up(db, workspace)
    assert persons.joined == 1
    robert, bob, junior, stranger, doubtful = await entities(db, workspace, *WORLD)
    assert robert == bob
    assert len({robert, junior, stranger, doubtful}) == 4
    auto = await open_pairs(db, workspace, "auto")
    (why,) = auto.values()
    assert {why.a.id, why.b.id} == {ROBERT.id, BOB.id}
    assert why.actor == "background pass"
    assert "the first names are a nickname and its full form" in why.sentence
    assert "same phone" in why.sentence.lower()
    assert {s.field: s.verdict for s in why.because}["surname"] == "agree"


async def test_the_worker_does_not_carry_the_heavy_libraries() -> None:
    """They would cost the worker more memory than the rest of the product."""
    script = "import sys, json, honeyguide.app.worker; print(json.dumps([m for m in ('splink', 'duckdb', 'pyarrow', 'pandas') if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout) == []


async def test_an_undone_join_stays_undone(db: Database, workspace: int) -> None:
    await take_in(db, workspace, *WORLD)
    await background.identify(db, workspace)
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        await identity.separate(tx, [ROBERT.id], [BOB.id], "ana", "two people")
    await road.catch_up(db, workspace)
    robert, bob = await entities(db, workspace, ROBERT, BOB)
    assert robert != bob
    for _ in range(2):
        await background.identify(db, workspace, complete=True)
        await road.catch_up(db, workspace)
        robert, bob = await entities(db, workspace, ROBERT, BOB)
        assert robert != bob


async def test_what_money_is_tied_to_on_both_sides_waits_for_a_person(db: Database, workspace: int) -> None:
    await take_in(db, workspace, ROBERT, BOB)
    async with db.tx(workspace) as tx:
        await identity.protect(tx, ROBERT.id, "payee", "account-1", AT)
        await identity.protect(tx, BOB.id, "payee", "account-2", AT)
    _, persons = await background.identify(db, workspace)
    await road.catch_up(db, workspace)
    assert persons.joined == 0
    asked = await open_pairs(db, workspace)
    held = asked[frozenset((ROBERT.id, BOB.id))]
    assert held.money
    assert "money" in held.guard.lower()
    assert held.probability > 0.95
    async with db.tx(workspace) as tx:  # a person may
        await background.accept(tx, held.id, "ana", "one and the same, two accounts")
    await road.catch_up(db, workspace)
    robert, bob = await entities(db, workspace, ROBERT, BOB)
    assert robert == bob


async def test_money_that_came_while_the_pass_was_thinking_holds_too(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take_in(db, workspace, ROBERT, BOB)
    think = background.job._think  # what the process brings back is from before

    async def and_meanwhile(*args: Any) -> Any:
        found = await think(*args)
        async with db.tx(workspace) as tx:
            await identity.protect(tx, ROBERT.id, "referrer", "r-1", AT)
            await identity.protect(tx, BOB.id, "referee", "r-1", AT)
        return found

    monkeypatch.setattr(background.job, "_think", and_meanwhile)
    _, persons = await background.identify(db, workspace)
    await road.catch_up(db, workspace)
    assert persons.joined == 0
    assert (await open_pairs(db, workspace))[frozenset((ROBERT.id, BOB.id))].money


async def test_only_what_changed_is_looked_at_again(db: Database, workspace: int) -> None:
    crowd = [
        one("hubspot", f"c{n}", f"Person{chr(97 + n)} Crowd{chr(97 + n)}son", f"p{n}@crowd{n}.io") for n in range(12)
    ]
    await take_in(db, workspace, *crowd, ROBERT, STRANGER)
    _, first = await background.identify(db, workspace)
    assert first.complete
    assert first.changed == 14
    _, again = await background.identify(db, workspace)
    assert (again.changed, again.report) == (0, None)
    await take_in(db, workspace, BOB, start=100)
    async with db.tx(workspace) as tx:  # the road moved on
        await tx.run("update identity_pass set upto = -1 where workspace_id = $1", workspace)
    _, third = await background.identify(db, workspace)
    assert (third.changed, third.complete, third.joined) == (1, False, 1)
    await road.catch_up(db, workspace)
    robert, bob = await entities(db, workspace, ROBERT, BOB)
    assert robert == bob


async def test_questions_are_answered_once_and_close_themselves(db: Database, workspace: int) -> None:
    twin = one("zendesk", "t", "Robert Trellwitz", "robert.trellwitz@orbex.example", country="de", city="Berlin")
    await take_in(db, workspace, ROBERT, JUNIOR, twin)
    async with db.tx(workspace) as tx:
        for p in (ROBERT, twin):
            await identity.protect(tx, p.id, "payee", str(p.id), AT)
    await background.identify(db, workspace)
    asked = await open_pairs(db, workspace)
    question = asked[frozenset((ROBERT.id, twin.id))]
    async with db.tx(workspace) as tx:
        answered, _ = await background.reject(tx, question.id, "ana", "father and son")
    assert answered.state == "rejected"
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        with pytest.raises(Conflict):
            await background.accept(tx, question.id, "ben")
        with pytest.raises(NotFound):
            await background.accept(tx, UUID(int=0), "ben")
    await background.identify(db, workspace, complete=True)
    assert frozenset((ROBERT.id, twin.id)) not in await open_pairs(db, workspace)
    assert frozenset((ROBERT.id, twin.id)) in await open_pairs(db, workspace, "rejected")


async def test_a_question_whose_records_became_one_is_stale(db: Database, workspace: int) -> None:
    await take_in(db, workspace, ROBERT, BOB)
    async with db.tx(workspace) as tx:
        for p in (ROBERT, BOB):
            await identity.protect(tx, p.id, "payee", str(p.id), AT)
    await background.identify(db, workspace)
    assert len(await open_pairs(db, workspace)) == 1
    async with db.tx(workspace) as tx:
        await identity.link(tx, [ROBERT.id, BOB.id], "ana", "the same")
    await road.catch_up(db, workspace)
    await background.identify(db, workspace)
    assert await open_pairs(db, workspace) == {}
    assert len(await open_pairs(db, workspace, "stale")) == 1


async def test_companies_are_asked_about(db: Database, workspace: int) -> None:
    a = company(
        "hubspot",
        "1",
        domain("orbexware.io"),
        name="Orbexware GmbH",
        domain="orbexware.io",
        country="de",
        city="Berlin",
    )
    b = company(
        "stripe",
        "2",
        domain("orbexware.de"),
        name="Orbexware Group",
        domain="orbexware.de",
        country="de",
        city="Berlin",
    )
    c = company(
        "stripe", "3", domain("fastlane.io"), name="Fastlane Inc", domain="fastlane.io", country="us", city="Austin"
    )
    async with db.tx(workspace) as tx:
        await identity.step(tx, [event(n, "company.identified", AT, company=x) for n, x in enumerate((a, b, c))])
    firms, _ = await background.identify(db, workspace)
    assert firms.joined == 0
    (asked,) = (await open_pairs(db, workspace)).values()
    assert asked.kind == "company"
    assert {asked.a.id, asked.b.id} == {a.id, b.id}
    assert "domain name under another ending" in asked.sentence


async def test_a_failed_pass_is_told_and_everything_is_looked_at_again(db: Database, workspace: int) -> None:
    await take_in(db, workspace, ROBERT, BOB)
    with pytest.raises(Exception, match="identity pass failed"):
        await background.identify(db, workspace, python="/bin/false")
    _, persons = await background.identify(db, workspace)
    assert persons.joined == 1


async def test_a_dry_run_writes_nothing(db: Database, workspace: int) -> None:
    await take_in(db, workspace, ROBERT, BOB)
    _, persons = await background.identify(db, workspace, dry_run=True)
    assert persons.joined == 1
    async with db.tx(workspace) as tx:
        for state in ("open", "auto"):
            assert await background.count_proposals(tx, state) == 0
    await road.catch_up(db, workspace)
    robert, bob = await entities(db, workspace, ROBERT, BOB)
    assert robert != bob
