"""Loading: through the real door into the real log, and against servers that misbehave."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec
import pytest
import uvicorn

from honeyguide import funnel
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Unavailable
from honeyguide.db import Database
from honeyguide.demo import Credentials, DemoEvent, Office, Story, change_state, generate, load, read_state, run_live
from honeyguide.demo.wire import Wire
from honeyguide.web.doors import Doors
from tests.unit.demo.conftest import END, SEED
from tests.unit.demo.fakes import Answer, Asked, FakeServer

OK: Answer = (200, {"content-type": "application/json"}, b'{"success":true}')
KEYS = Credentials(
    {"hubspot": "k-hubspot", "product": "k-product", "stripe": "k-stripe"},
    {"hubspot": "s-hubspot", "stripe": "s-stripe"},
)


@contextlib.asynccontextmanager
async def real_door(db: Database) -> AsyncIterator[str]:
    """The product's ingest door on a socket of its own."""
    committer = funnel.Committer(db)
    server = uvicorn.Server(
        uvicorn.Config(Doors(db, committer), port=0, log_level="error", access_log=False, lifespan="off")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        await committer.close()


async def credentials(db: Database, workspace: int) -> Credentials:
    found = Credentials({})
    async with db.tx(workspace) as tx:
        for kind, name in (("segment", "product"), ("stripe", "stripe")):
            secret = f"whsec_{name}" if kind != "segment" else None
            _, found.write_keys[name] = await funnel.create_source(tx, kind, name, secret)
            if secret:
                found.secrets[name] = secret
    return found


def pushed() -> Iterator[DemoEvent]:
    """What the senders push; the rest is fetched."""
    return (e for e in generate(SEED, END, 0.1) if e.door in ("segment:product", "stripe"))


async def counted(db: Database, workspace: int) -> dict[str, int]:
    async with db.tx(workspace) as tx:
        rows = await tx.rows(
            "select outcome, sum(n)::bigint as n from ingest_count where workspace_id = $1 group by outcome", workspace
        )
    return {r["outcome"]: r["n"] for r in rows}


async def test_history_enters_the_log_once_however_often_it_is_loaded(db: Database, workspace: int) -> None:
    events = list(islice(pushed(), 1_500))
    keys = await credentials(db, workspace)
    seen: list[tuple[int, int]] = []
    async with real_door(db) as url:
        done = await load(url, keys, events, lambda n, total: seen.append((n, total)))
        assert await counted(db, workspace) == {"accepted": len(events)}
        await load(url, keys, events)
    assert await counted(db, workspace) == {"accepted": len(events), "duplicate": len(events)}
    assert done.events == len(events)
    assert done.requests < len(events)
    assert seen[-1] == (len(events), len(events))
    async with db.tx(workspace) as tx:
        late = await tx.value(
            "select count(*) from event_log where workspace_id = $1 and abs(extract(epoch from event_time - $2)) < 1",
            workspace, events[700].at,
        )  # fmt: skip
    assert late >= 1


async def test_a_wrong_key_and_a_wrong_secret_are_told_in_the_servers_words(db: Database, workspace: int) -> None:
    keys = await credentials(db, workspace)
    paid = [e for e in pushed() if e.door == "stripe"][:1]
    used = [e for e in pushed() if e.door == "segment:product"][:1]
    async with real_door(db) as url:
        with pytest.raises(BadInput) as bad_secret:
            await load(url, Credentials(keys.write_keys, {"stripe": "another"}), paid)
        with pytest.raises(BadInput) as bad_key:
            await load(url, Credentials({"product": "hgw_nobody"}), used)
    assert "signature" in bad_secret.value.sentence()
    assert "write key" in bad_key.value.sentence()
    assert (await counted(db, workspace)).get("accepted", 0) == 0


async def test_a_busy_server_gets_the_same_ids_again() -> None:
    events = list(islice(pushed(), 300))
    refusals = 0

    def answer(asked: Asked) -> Answer:
        nonlocal refusals
        if len(server.asked) % 3 == 1 and refusals < 4:
            refusals += 1
            return (429 if refusals % 2 else 503, {"retry-after": "0"}, b"{}")
        return OK

    async with FakeServer(answer) as server:
        await load(server.url, KEYS, events)
    assert refusals == 4
    sent = [msgspec.json.decode(a.body) for a in server.asked]
    ids = [i["messageId"] for s in sent if "batch" in s for i in s["batch"]] + [s["id"] for s in sent if "id" in s]
    assert set(ids) == {e.message_id for e in events}
    assert len(ids) > len(events)


async def test_connections_are_kept_and_chunked_answers_are_read() -> None:
    def answer(_: Asked) -> Answer:
        return (200, {"transfer-encoding": "chunked"}, b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")

    async with FakeServer(answer) as server, Wire(server.url, 2) as wire:
        bodies = [(await wire.send("GET", "/x")).body for _ in range(6)]
    assert bodies == [b"hello world"] * 6
    assert server.connections == 1


async def test_a_server_that_stays_away_is_named() -> None:
    async with Wire("http://127.0.0.1:9", 1) as wire:
        with pytest.raises(Unavailable, match="did not answer"):
            await wire.patiently("GET", "/health", patience_s=0.3)
    with pytest.raises(BadInput, match="no web address"):
        Wire("localhost:8600")


async def live_ids(story: Story, folder: Path, many: int) -> list[str]:
    taken: list[bytes] = []

    def answer(asked: Asked) -> Answer:
        taken.append(asked.body)
        return OK

    async with FakeServer(answer) as server:
        assert await run_live(server.url, KEYS, folder, story, Office("t"), events_max=many) == many
    sent = [one for one in map(msgspec.json.decode, taken) if isinstance(one, dict)]  # HubSpot's notices are lists
    times = [item["timestamp"] for one in sent for item in one.get("batch", ())]
    assert times
    assert all(abs((clock.now() - datetime.fromisoformat(t)).total_seconds()) < 60 for t in times)
    return [one["batch"][0]["messageId"] if "batch" in one else one["id"] for one in sent]


async def test_the_live_story_happens_now_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    story = Story(SEED, END, 0.1)
    change_state(tmp_path, pace=60_000, total=10, loaded=10)
    first = await live_ids(story, tmp_path, 40)
    reached = read_state(tmp_path).live_until
    second = await live_ids(story, tmp_path, 40)
    assert read_state(tmp_path).live_until > reached
    assert not read_state(tmp_path).running
    assert read_state(tmp_path).loaded == 10
    assert min(len(first), len(second)) > 20
    assert len(set(first + second)) == len(first) + len(second)


async def test_a_pace_of_zero_pauses_the_live_story(tmp_path: Path) -> None:
    change_state(tmp_path, pace=0)
    stop = asyncio.Event()
    async with FakeServer(lambda _: OK) as server:
        running = asyncio.create_task(
            run_live(server.url, KEYS, tmp_path, Story(SEED, END, 0.1), Office("t"), until=stop)
        )
        await asyncio.sleep(1.2)
        assert read_state(tmp_path).running
        stop.set()
        assert await running == 0
    assert server.asked == []
