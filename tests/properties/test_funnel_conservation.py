"""Every input ends in exactly one place, whatever comes in what order: the log, a duplicate, a dead letter or a 4xx."""

import asyncio
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from honeyguide.core.ids import new_id
from honeyguide.db import Database, create_workspace
from honeyguide.funnel import Committer, create_source, dead_letters, source_totals
from honeyguide.web.doors import Doors
from tests.unit.funnel.doors import basic, call

# Few ids and few bodies, so that retries and reuse of ids are common.
_ITEMS = st.builds(
    lambda n, body: msgspec.json.encode({"type": "track", "messageId": f"m{n}", "event": body}),
    st.integers(0, 5), st.sampled_from(["a", "b", "\x00", "ü"]),
)  # fmt: skip
_ODD = st.sampled_from(
    [b"5", b"null", b'"x"', b"[]", b'{"event":"' + b"x" * 32_000 + b'"}', b'{"messageId":{"a":1}}', b"{}"]
)
_REQUESTS = st.lists(
    st.one_of(
        st.tuples(st.just("track"), _ITEMS),
        st.tuples(st.just("batch"), st.lists(_ITEMS | _ODD, max_size=8)),
        st.tuples(st.just("track"), st.sampled_from([b"[", b"", b"[1]", b"x" * 40_000])),
        st.tuples(st.just("batch"), st.just(b"nonsense")),
    ),
    max_size=12,
)


@settings(max_examples=25)
@given(requests=_REQUESTS, together=st.booleans())
def test_counters_add_up(dsn: str, requests: list[tuple[str, Any]], together: bool) -> None:
    asyncio.run(_check(dsn, requests, together))


async def _check(dsn: str, requests: list[tuple[str, Any]], together: bool) -> None:
    db = await Database.open(dsn, size=2)
    try:
        workspace = await create_workspace(db, f"p-{new_id().hex[:20]}", "Property")
        async with db.tx(workspace) as tx:
            _, key = await create_source(tx, "segment", "product")
        committers = [Committer(db), Committer(db)]  # two processes would have one each
        doors = [Doors(db, c) for c in committers]
        sent = [_send(doors[n % 2], key, path, body) for n, (path, body) in enumerate(requests)]
        counts = await asyncio.gather(*sent) if together else [await s for s in sent]
        for committer in committers:
            await committer.close()
        await _compare(db, workspace, requests, counts)
    finally:
        await db.close()


async def _send(door: Doors, key: str, path: str, body: Any) -> tuple[int, int]:
    """(inputs, refused)"""
    if isinstance(body, list):
        answer = await call(door, f"/v1/{path}", b'{"batch":[' + b",".join(body) + b"]}", basic(key))
        assert answer.status == 200
        return len(body), 0
    answer = await call(door, f"/v1/{path}", body, basic(key))
    assert answer.status in {200, 400, 413}
    return 1, int(answer.status != 200)


async def _compare(
    db: Database, workspace: int, requests: list[tuple[str, Any]], counts: list[tuple[int, int]]
) -> None:
    async with db.tx(workspace) as tx:
        total = (await source_totals(tx))[0]
        rows = await tx.rows("select message_id, body, derived_id from event_log where workspace_id = $1", workspace)
        letters = await dead_letters(tx, limit=1_000)
    found = {k: total[k] for k in ("accepted", "duplicate", "mismatch", "dead_letter", "refused")}
    assert sum(found.values()) == sum(n for n, _ in counts)
    assert found["refused"] == sum(r for _, r in counts)
    assert found["accepted"] == len(rows)
    assert len({r["message_id"] for r in rows}) == len(rows)
    assert found["dead_letter"] == sum(1 for x in letters if x.reason in {"not_an_object", "too_large"})
    assert found["mismatch"] == sum(x.attempts for x in letters if x.reason == "id_reuse")
    given_bodies = {b for _, body in requests for b in (body if isinstance(body, list) else [body])}
    assert {r["body"] for r in rows} <= given_bodies
    assert {x.body for x in letters} <= given_bodies
