"""The log: once per id, first body wins, every input counted in exactly one place."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from honeyguide.core.errors import Conflict, TooMuch, Unavailable
from honeyguide.core.ids import content_id
from honeyguide.db import Database, Line, change_settings
from honeyguide.funnel import (
    Broken,
    Committer,
    NewEvent,
    Source,
    Verdict,
    append,
    create_source,
    dead_letters,
    forget_old_ids,
    logged_events,
    renew_key,
    source_of_key,
    source_totals,
    tables,
)
from honeyguide.funnel.events import corrected_time, event_id

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def event(message_id: str, body: bytes = b"{}", received_at_s: int = 0, **other: object) -> NewEvent:
    at = AT + timedelta(seconds=received_at_s)
    return NewEvent("segment", "track", message_id, body, at, at, **other)  # type: ignore[arg-type]


async def make(db: Database, workspace: int, name: str = "product") -> Source:
    async with db.tx(workspace) as tx:
        return (await create_source(tx, "segment", name))[0]


async def totals(db: Database, workspace: int) -> dict[str, int]:
    async with db.tx(workspace) as tx:
        found = (await source_totals(tx))[0]
    return {v.value: found[v.value] for v in Verdict if found[v.value]}


async def test_first_body_wins_and_the_other_is_kept(db: Database, workspace: int) -> None:
    source = await make(db, workspace)
    async with db.tx(workspace) as tx:
        outcomes = await append(tx, source, [event("a", b"1"), event("a", b"1"), event("a", b"2"), event("b", b"1")])
    assert [o.verdict.value for o in outcomes] == ["accepted", "duplicate", "mismatch", "accepted"]
    async with db.tx(workspace) as tx:
        later = await append(tx, source, [event("a", b"1"), event("a", b"3"), event("a", b"3")])
        rows = await tx.rows("select message_id, body from event_log where workspace_id = $1 order by seq", workspace)
        letters = await dead_letters(tx)
    assert [o.verdict.value for o in later] == ["duplicate", "mismatch", "mismatch"]
    assert [(r["message_id"], r["body"]) for r in rows] == [("a", b"1"), ("b", b"1")]
    assert sorted((x.reason, x.body) for x in letters) == [("id_reuse", b"2"), ("id_reuse", b"3")]
    assert await totals(db, workspace) == {"accepted": 2, "duplicate": 2, "mismatch": 3}


async def test_an_id_that_names_a_version_is_no_misuse_of_it(db: Database, workspace: int) -> None:
    source = await make(db, workspace)
    ident = "contacts:7:2026-03-01T12:00:00Z"
    async with db.tx(workspace) as tx:
        outcomes = await append(
            tx,
            source,
            [event(ident, b"list page", versioned=True), event(ident, b"webhook", versioned=True), event(ident, b"x")],
        )
        later = await append(tx, source, [event(ident, b"again", versioned=True), event(ident + "1", b"new version")])
        bodies = await tx.rows("select body from event_log where workspace_id = $1 order by seq", workspace)
        letters = await dead_letters(tx)
    # what does not say it is a version is held to the rule of every other id
    assert [o.verdict.value for o in outcomes + later] == ["accepted", "duplicate", "mismatch", "duplicate", "accepted"]
    assert [r["body"] for r in bodies] == [b"list page", b"new version"]
    assert [x.body for x in letters] == [b"x"]
    assert await totals(db, workspace) == {"accepted": 2, "duplicate": 2, "mismatch": 1}


async def test_a_version_without_an_id_is_known_by_its_body(db: Database, workspace: int) -> None:
    source = await make(db, workspace)
    async with db.tx(workspace) as tx:
        outcomes = await append(tx, source, [event("", b"x", versioned=True), event("", b"y", versioned=True)])
    assert [o.verdict for o in outcomes] == [Verdict.ACCEPTED, Verdict.ACCEPTED]


async def test_ids_are_per_source_and_workspace(db: Database, workspace: int, other_workspace: int) -> None:
    one, two = await make(db, workspace), await make(db, workspace, "hubspot")
    theirs = await make(db, other_workspace)
    seen = set()
    for source in (one, two, theirs):
        async with db.tx(source.workspace_id) as tx:
            outcome = (await append(tx, source, [event("same")]))[0]
        assert outcome.verdict is Verdict.ACCEPTED
        seen.add(outcome.event_id)
    assert len(seen) == 3
    async with db.tx(other_workspace) as tx:
        assert await tx.value("select count(*) from event_log") == 1


async def test_without_an_id_one_is_derived(db: Database, workspace: int) -> None:
    source = await make(db, workspace)
    same = [event("", b"x"), event("", b"x"), event("", b"x", position=1)]
    async with db.tx(workspace) as tx:
        outcomes = await append(tx, source, same)
        flags = await tx.rows("select derived_id from event_log where workspace_id = $1", workspace)
    assert [o.verdict.value for o in outcomes] == ["accepted", "duplicate", "accepted"]
    assert [f["derived_id"] for f in flags] == [True, True]


async def test_ids_and_names_postgres_cannot_hold(db: Database, workspace: int) -> None:
    source = await make(db, workspace)
    odd = ["nul\x00", "x" * 5_000, "\x00" * 300]
    async with db.tx(workspace) as tx:
        outcomes = await append(tx, source, [NewEvent("segment", "k\x00" * 300, m, b"\x00", AT, AT) for m in odd])
    assert {o.verdict for o in outcomes} == {Verdict.ACCEPTED}
    assert len({o.event_id for o in outcomes}) == 3


async def test_two_writers_of_the_same_ids(db: Database, workspace: int) -> None:
    """Overlapping batches in opposite orders, at once: no dead-lock, each id once, every input counted."""
    source = await make(db, workspace)
    ids = [f"m{n}" for n in range(200)]

    async def write(order: list[str]) -> list[str]:
        async with db.tx(workspace) as tx:
            return [o.verdict.value for o in await append(tx, source, [event(i) for i in order])]

    found = await asyncio.gather(write(ids), write(ids[::-1]), write(ids[50:] + ids[:50]))
    assert Counter(v for one in found for v in one) == {"accepted": 200, "duplicate": 400}
    assert await totals(db, workspace) == {"accepted": 200, "duplicate": 400}


async def test_rolled_back_means_never_seen(db: Database, workspace: int) -> None:
    source = await make(db, workspace)

    async def fail_after_append() -> None:
        async with db.tx(workspace) as tx:
            await append(tx, source, [event("a")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_after_append()
    async with db.tx(workspace) as tx:
        assert (await append(tx, source, [event("a")]))[0].verdict is Verdict.ACCEPTED


def test_an_event_id_is_the_content_id_of_its_three_parts() -> None:
    for message_id in ("a", "ü" * 300, "", "with\x1fseparator"):
        made = event_id(7, 8, message_id)
        assert made == content_id("7", "8", message_id)
        assert str(made) == str(content_id("7", "8", message_id))
        assert hash(made) == hash(content_id("7", "8", message_id))


def test_clock_errors_are_corrected() -> None:
    hour = timedelta(hours=1)
    assert corrected_time(None, None, AT) == AT
    assert corrected_time(AT - hour, None, AT) == AT - hour
    assert corrected_time(AT + hour, AT + 2 * hour, AT) == AT - hour  # a clock two hours ahead
    assert corrected_time(AT + hour, None, AT) == AT  # never in the future
    assert corrected_time((AT - hour).replace(tzinfo=None), None, AT) == AT - hour
    assert corrected_time(datetime(1, 1, 1, tzinfo=UTC), AT, AT) == AT
    assert corrected_time(datetime.max.replace(tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), AT) == AT


async def test_group_commit_answers_each_caller_with_its_own(
    db: Database, workspace: int, committer: Committer
) -> None:
    source = await make(db, workspace)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(committer.submit(source, [event(f"m{n // 2}")])) for n in range(400)]
    verdicts = [t.result()[0].verdict for t in tasks]
    assert Counter(verdicts) == {Verdict.ACCEPTED: 200, Verdict.DUPLICATE: 200}
    assert all(t.result()[0].message_id == f"m{n // 2}" for n, t in enumerate(tasks))
    assert committer.held_bytes == 0


async def test_over_the_limit_is_429_and_nothing_is_lost(db: Database, workspace: int) -> None:
    source = await make(db, workspace)
    committer = Committer(db, queue_bytes=20_000)
    results = await asyncio.gather(
        *(committer.submit(source, [event(f"m{n}", b"x" * 1_000)]) for n in range(100)), return_exceptions=True
    )
    await committer.close()
    refused = [r for r in results if isinstance(r, TooMuch)]
    assert refused
    async with db.tx(workspace) as tx:
        stored = await tx.value("select count(*) from event_log where workspace_id = $1", workspace)
    assert stored == 100 - len(refused)


@pytest.mark.parametrize("wants", [NewEvent, Broken])
async def test_a_gone_database_is_503_for_everyone(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch, wants: type
) -> None:
    source = await make(db, workspace)
    committer = Committer(db)
    one = event("m") if wants is NewEvent else Broken("too_large", "why", b"raw", AT)

    def gone(*_: object, **__: object) -> object:
        raise Unavailable("PostgreSQL cannot be reached.")

    if wants is NewEvent:
        monkeypatch.setattr(db, "line", gone)
    else:
        monkeypatch.setattr(Line, "tx", gone)
    results = await asyncio.gather(*(committer.submit(source, [one]) for n in range(9)), return_exceptions=True)
    assert [type(r) for r in results] == [Unavailable] * 9
    assert committer.held_bytes == 0
    monkeypatch.undo()
    assert (await committer.submit(source, [event("m0")]))[0].verdict is Verdict.ACCEPTED
    await committer.close()
    with pytest.raises(Unavailable):
        await committer.submit(source, [event("late")])


async def test_one_bad_submission_does_not_take_the_others_with_it(
    db: Database, workspace: int, committer: Committer
) -> None:
    """Something PostgreSQL refuses (here a time of another type) ends as a dead letter; its neighbours are stored."""
    source = await make(db, workspace)
    bad = NewEvent("segment", "track", "bad", b"the bytes", AT, "yesterday")  # type: ignore[arg-type]
    good, broken, also = await asyncio.gather(
        committer.submit(source, [event("a")]), committer.submit(source, [bad]), committer.submit(source, [event("b")])
    )
    assert (good[0].verdict, also[0].verdict) == (Verdict.ACCEPTED, Verdict.ACCEPTED)
    assert broken[0].verdict is Verdict.DEAD_LETTER
    async with db.tx(workspace) as tx:
        assert [(x.reason, x.body) for x in await dead_letters(tx)] == [("cannot_be_stored", b"the bytes")]
    assert await totals(db, workspace) == {"accepted": 2, "dead_letter": 1}


async def test_a_failure_that_is_not_the_events_fault_is_503_and_makes_no_dead_letters(
    db: Database, workspace: int, committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database whose migration is missing, say: were these dead letters, a whole day would end there."""
    source = await make(db, workspace)
    monkeypatch.setattr(tables, "_APPEND", tables._APPEND.replace("append_events", "append_of_tomorrow"))
    results = await asyncio.gather(
        *(committer.submit(source, [event(f"m{n}")]) for n in range(5)), return_exceptions=True
    )
    assert [type(r) for r in results] == [Unavailable] * 5
    monkeypatch.undo()
    assert (await committer.submit(source, [event("m0")]))[0].verdict is Verdict.ACCEPTED
    assert await totals(db, workspace) == {"accepted": 1}


async def test_workspaces_commit_apart(
    db: Database, workspace: int, other_workspace: int, committer: Committer
) -> None:
    one, two = await make(db, workspace), await make(db, other_workspace)
    await asyncio.gather(*(committer.submit(s, [event(f"m{n}")]) for n in range(20) for s in (one, two)))
    for ws in (workspace, other_workspace):
        async with db.tx(ws) as tx:
            assert await tx.value("select count(*) from event_log") == 20


async def test_broken_inputs_are_counted_and_kept(db: Database, workspace: int, committer: Committer) -> None:
    source = await make(db, workspace)
    outcomes = await committer.submit(source, [event("a"), Broken("too_large", "why", b"raw", AT), event("a")])
    assert [o.verdict.value for o in outcomes] == ["accepted", "dead_letter", "duplicate"]
    await committer.refuse(source, 3)  # counted when it returns: a kill a moment later forgets nothing
    assert await totals(db, workspace) == {"accepted": 1, "dead_letter": 1, "duplicate": 1, "refused": 3}


async def test_a_source_name_is_taken_once(db: Database, workspace: int) -> None:
    await make(db, workspace, "HubSpot EU")
    with pytest.raises(Conflict):
        await make(db, workspace, "hubspot eu")
    async with db.tx(workspace) as tx:
        row = await tx.row("select * from source where workspace_id = $1", workspace)
    assert row is not None
    assert len(row["key_prefix"]) == 16  # the key itself is nowhere


async def test_a_renewed_key_replaces_the_old_one(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        source, old = await create_source(tx, "segment", "product")
    assert (await source_of_key(db, old, ttl_s=0)) == source
    async with db.tx(workspace) as tx:
        new = await renew_key(tx, source, "a secret")
    found = await source_of_key(db, new, ttl_s=0)
    assert found is not None
    assert (found.id, found.secret) == (source.id, "a secret")
    assert await source_of_key(db, old, ttl_s=0) is None
    assert await source_of_key(db, old[:20], ttl_s=0) is None


async def test_the_window_of_known_ids_is_a_setting_of_the_workspace(db: Database, workspace: int) -> None:
    source = await make(db, workspace)
    async with db.tx(workspace) as tx:
        await append(tx, source, [event(f"m{n}") for n in range(3)])
        assert await forget_old_ids(tx, AT + timedelta(days=390)) == 0
        await change_settings(tx, {"dedup_months": 0})
        assert await forget_old_ids(tx, AT + timedelta(days=4_000)) == 0
        await change_settings(tx, {"dedup_months": 1})
        assert await forget_old_ids(tx, AT + timedelta(days=40), limit=2) == 2
        assert await forget_old_ids(tx, AT + timedelta(days=40), limit=2) == 1


async def test_rows_are_found_by_their_ids_also_those_the_window_has_forgotten(db: Database, workspace: int) -> None:
    source = await make(db, workspace)
    async with db.tx(workspace) as tx:
        made = await append(tx, source, [event(f"m{n}", received_at_s=n) for n in range(40)])
        ids = [o.event_id for o in made if o.event_id is not None]
        assert await tables.forget_ids(tx, AT + timedelta(seconds=10), 100) == 10
        found = await logged_events(tx, [*ids[5:15], uuid4()])
    assert [r["message_id"] for r in found] == [f"m{n}" for n in range(5, 15)]


async def test_an_id_the_window_has_forgotten_may_come_again_and_both_rows_are_found(
    db: Database, workspace: int
) -> None:
    """The window of known ids is how rows are looked up; the log keeps what it has forgotten, and nothing hides it."""
    source = await make(db, workspace)
    async with db.tx(workspace) as tx:
        old = (await append(tx, source, [event("m", b"old"), event("other")]))[0]
        assert old.event_id is not None
        assert await tables.forget_ids(tx, AT + timedelta(seconds=1), 100) == 2
        alone = await tables.logged_event(tx, old.event_id)
        assert alone is not None
        assert alone["body"] == b"old"  # no dedup row: found in the log itself
        new = (await append(tx, source, [event("m", b"new", received_at_s=3_600)]))[0]
        assert (new.verdict, new.event_id) == (Verdict.ACCEPTED, old.event_id)
        assert (await append(tx, source, [event("m", b"new", received_at_s=3_700)]))[0].verdict is Verdict.DUPLICATE
        known = await logged_events(tx, [old.event_id])
        every = await tx.value(
            "select count(*) from event_log where workspace_id = $1 and event_id = $2", workspace, old.event_id
        )
    assert [r["body"] for r in known] == [b"new"]  # the id means the event of its window
    assert every == 2
