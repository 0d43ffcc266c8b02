"""Schema drift is an entry in the catalogue, never a failure; mapping versions say who read what."""

import time
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.app import road
from honeyguide.app.replay import replay
from honeyguide.db import Database
from honeyguide.funnel import Source, catalogue, mappings
from honeyguide.funnel.sources import change_settings, load_sources
from tests.unit.funnel.carrying import NOW, count, product, send, track

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=25,
)


@given(_VALUES)
def test_any_json_has_a_shape_that_depends_on_no_order(value: Any) -> None:
    paths = catalogue.paths_of(value)
    assert catalogue.fingerprint(paths) == catalogue.fingerprint(catalogue.paths_of(_turned(value)))
    assert msgspec.json.decode(catalogue._listed(paths)) is not None


def _turned(value: Any) -> Any:
    """The same object with its keys in another order."""
    if isinstance(value, dict):
        return {k: _turned(v) for k, v in reversed(value.items())}
    return [_turned(v) for v in value] if isinstance(value, list) else value


def test_a_shape_is_paths_and_types_not_values() -> None:
    def mark(value: Any) -> bytes:
        return catalogue.fingerprint(catalogue.paths_of(value))

    assert mark({"a": 1, "b": [{"c": "x"}]}) == mark({"b": [{"c": "y"}, {"c": "z"}], "a": 2.5})
    assert mark({"a": 1}) != mark({"a": "1"})
    assert mark({"a": 1}) != mark({"a": None})
    assert mark({"a": {}}) != mark({"a": []})
    by_id = {"users": {"8f14e45f-ceea-467f-9575-1b1f3d4c2a10": {"n": 1}, "91": {"n": 2}, "ana@acme.example": {"n": 3}}}
    assert catalogue.paths_of(by_id) == {("users.*.n", "number")}
    deep: Any = "x"
    for _ in range(500):
        deep = {"d": deep}
    assert len(catalogue.paths_of(deep)) == 1
    assert len(catalogue.paths_of({f"k{'x' * (n % 50)}{n}": n for n in range(5_000)})) == catalogue.PATHS_MAX


async def test_new_shapes_are_entries_with_counts_and_nothing_fails(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    await send(db, workspace, source, track("a", feature="x"), track("b", feature="y"))
    await send(db, workspace, source, track("c", feature="x", plan="pro"), after_s=2 * 86_400)
    await send(db, workspace, source, b"{not json", b'{"type":"track","a\\u0000b":"x"}', after_s=5)
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        found = await catalogue.shapes(tx, source.id, NOW + timedelta(days=3))
        later = await catalogue.shapes(tx, source.id, NOW + timedelta(days=30))
    assert sorted((s.n, s.new) for s in found) == [(1, False), (1, True), (2, False)]
    drifted = next(s for s in found if s.new)
    assert "properties.plan" in [p.path for p in drifted.paths]
    assert drifted.first_seen_at == NOW + timedelta(days=2)
    assert not any(s.new for s in later)
    assert await count(db, workspace, "dead_letter") == 1  # only what is no JSON; the odd keys went on
    async with db.tx(workspace) as tx:
        assert (await catalogue.cost(tx, NOW + timedelta(days=3)))[source.id][0] == 5


async def test_a_replay_counts_the_same_again(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    await send(db, workspace, source, *[track(f"m{n}", feature="x", **_one(f"p{n % 3}")) for n in range(30)])
    await road.catch_up(db, workspace)

    async def all_of() -> Any:
        async with db.tx(workspace) as tx:
            return await catalogue.shapes(tx, source.id, NOW), await catalogue.cost(tx, NOW)

    before = await all_of()
    assert (await replay(db, workspace)).same
    assert await all_of() == before
    assert sum(s.n for s in before[0]) == 30


async def test_endless_shapes_are_counted_together(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    names = [f"key{chr(97 + n % 26)}{'x' * (n // 26)}" for n in range(catalogue.SHAPES_MAX + 50)]
    many = [track(name, **_one(name)) for name in names]
    for start in range(0, len(many), 100):
        await send(db, workspace, source, *many[start : start + 100])
        await road.catch_up(db, workspace)
    assert await count(db, workspace, "shape") <= catalogue.SHAPES_MAX + 1
    async with db.tx(workspace) as tx:
        found = await catalogue.shapes(tx, source.id, NOW)
    assert sum(s.n for s in found) == len(many)
    assert next(s for s in found if s.fingerprint == catalogue.REST.hex()).n == 50


def test_a_fingerprint_is_cheap() -> None:
    """Roughly: it must not be felt beside the 500 us a row may cost on the road."""
    body = msgspec.json.encode(track("m", feature="x", plan="pro", seats=4, tags=["a", "b"], nested={"a": {"b": 1}}))
    catalogue._print(body)
    started = time.process_time()
    for _ in range(2_000):
        catalogue._print(body)
    assert (time.process_time() - started) / 2_000 < 100e-6


async def test_the_version_that_read_a_row_is_known(db: Database, workspace: int) -> None:
    source = await product(db, workspace, "files", "import")
    mapping = {"id": "id", "time": "at", "events": [{"kind": "custom", "at": "at"}], "name": "rows"}
    await _map(db, workspace, {"mappings": {"rows": mapping}})
    await send(db, workspace, source, _row("1"), _row("2"), form="import")
    await road.catch_up(db, workspace)
    await _map(db, workspace, {"mappings": {"rows": {**mapping, "currency": "EUR"}}})
    await send(db, workspace, source, _row("3"), form="import")
    await road.catch_up(db, workspace)
    await _map(db, workspace, {"mappings": {"rows": mapping}})  # and back: no third version
    await send(db, workspace, source, _row("4"), form="import")
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        versions = await mappings.versions(tx, source.id)
        readers = await mappings.readers(tx, source.id)
        rows = await tx.rows(
            "select lane, xid::text as xid, seq, message_id from event_log where workspace_id = $1 order by seq",
            workspace,
        )
    assert [(v.version, v.n) for v in versions] == [(2, 1), (1, 3)]
    assert versions[0].definition["mappings"]["rows"]["currency"] == "EUR"
    read_by = [readers.version_of(r["lane"], int(r["xid"]), r["seq"]) for r in rows]
    assert read_by == [1, 1, 2, 1]
    async with db.tx(workspace) as tx:
        idents = await tx.rows("select event_id from event_log where workspace_id = $1 order by seq", workspace)
        by_id = await mappings.read_by(tx, [r["event_id"] for r in idents])
    assert [by_id[r["event_id"]] for r in idents] == read_by
    assert (await replay(db, workspace)).same
    async with db.tx(workspace) as tx:
        versions = await mappings.versions(tx, source.id)
    assert [(v.version, v.n) for v in versions] == [(2, 0), (1, 4)]  # the log was read again by what is in force


def _one(name: str) -> dict[str, Any]:
    return {name: 1}


def _row(ident: str) -> dict[str, Any]:
    return {"messageId": ident, "mapping": "rows", "row": {"id": ident, "at": "2026-02-01"}, "joined": {}}


async def _map(db: Database, workspace: int, settings: dict[str, Any]) -> None:
    async with db.tx(workspace) as tx:
        (source,) = [s for s in (await load_sources(tx)).values() if s.kind == "import"]
        await change_settings(tx, source, settings)


def test_the_decoders_are_part_of_a_version(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(1, 1, "segment", "product", "", NOW)
    before = mappings.mapping_of(source)[0]
    monkeypatch.setattr(mappings, "decoders_digest", lambda: "another release")
    mappings._mapping.cache_clear()
    assert mappings.mapping_of(source)[0] != before
    mappings._mapping.cache_clear()
