"""Erase a person: nothing that names them is left in the tables, nothing new is kept, the books stay as they are (C16).

In this order, so that a run that is killed can be run again: the person's identifiers are gathered from every record
that is the same persona, and suppressed; rows of the log that are about them lose their content, rows that mention them
lose the mention; what was answered about their words, and about words that named them, goes; their dead letters go; decisions about them
lose their context; then every other text of the workspace is scrubbed, derived tables, messages and the audit included; personal phrases of asks to them go. Numbers are not touched: amounts, and who is owed what under which account, remain.
A replay is asked for at the end: until a worker has done it, what is derived still counts events that are now empty.

The time is that of reading the log once. Copies outside the database (backups, the server's own WAL until it is
recycled) are the operator's: docs/how-to/backup.md.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from honeyguide import decisions, funnel, outcomes, programs
from honeyguide.db import Database, Row, Tx, audit, cursors
from honeyguide.decisions.messages import forget_phrases
from honeyguide.funnel import fingerprints, suppression_tables
from honeyguide.funnel.fingerprints import Named
from honeyguide.inference import forgetting
from honeyguide.inference.reviews import REVIEWED
from honeyguide.learning import simulation
from honeyguide.ledger.payees import forget_payees
from honeyguide.outcomes import fraud

BATCH = 2_000
_NAME_MIN = 5  # a full name of two words and five letters; a first name alone is anybody's
_ERASED = "[erased]"
_json = msgspec.json.Decoder()


class Erased(Struct, frozen=True):
    """What an erasure did: rows of the log emptied and rewritten, letters removed, other texts scrubbed."""

    suppression_id: int
    replay_id: int
    emptied: int
    rewritten: int
    letters: int
    scrubbed: int


class _Person(Struct):
    """What names a person: identifiers in the spellings they are looked for by, and words as they are written."""

    named: set[Named]
    words: set[str]
    records: set[int]
    digests: frozenset[str] = frozenset()

    def pattern(self) -> str:
        r"""The words as one regular expression that PostgreSQL and Python read alike, the longest first; empty without any.

        Whole words only: Anna Li is not in Joanna Lindt. In JSON's own text a line break is a letter, `\\n`, after which a
        word begins, too.
        """
        ordered = sorted(self.words, key=lambda w: (-len(w), w))
        words = "|".join(re.sub(r"\s+", r"\\s+", re.sub(r"([^\w\s])", r"\\\1", word)) for word in ordered)
        return rf"(?:(?<!\w)|(?<=\\[nrtbf]))(?:{words})(?!\w)" if words else ""


async def erase(db: Database, workspace_id: int, identifiers: Sequence[Named], actor: str, reason: str) -> Erased:
    """Erase the person with these identifiers. Raises BadInput when they can name nobody."""
    async with db.tx(workspace_id) as tx:
        person = await _gathered(tx, identifiers)
        person.digests = frozenset(str(d) for d in await forgetting.digests_of(tx, person.records))
        made = await funnel.suppress(tx, [*identifiers, *sorted(person.named)], actor, reason)
    emptied, rewritten = await _log(db, workspace_id, person, made.id)
    async with db.tx(workspace_id) as tx:
        letters = await _letters(tx, person)
        await forget_phrases(tx, person.records)
        await fraud.forget(tx, sorted(person.records))
        await forget_payees(tx, sorted(person.records))
        await outcomes.forget_touches(tx, [value for ns, value in sorted(person.named) if ns == "email"])
        await programs.partners.forget(
            tx, sorted(person.records), [v for ns, v in sorted(person.named) if ns == "email"]
        )
        await simulation.forget(tx)
        words = person.pattern()
        await decisions.erase(tx, made.id, sorted(person.records))
        scrubbed = await suppression_tables.scrub(tx, made.id, words) if words else 0
        replay = await funnel.start_replay(tx, actor, dry=False)
        counts = {"emptied": emptied, "rewritten": rewritten, "letters": letters, "scrubbed": scrubbed}
        await audit.write(tx, actor, "person.erase", f"suppression:{made.id}", counts)
    return Erased(made.id, replay.id, emptied, rewritten, letters, scrubbed)


async def _gathered(tx: Tx, identifiers: Sequence[Named]) -> _Person:
    """Everything the records of the same persona are known by."""
    named = {one for ns, value in identifiers for one in fingerprints.plain(ns, value)}
    words = {value.strip() for _, value in identifiers if len(value.strip()) >= _NAME_MIN}
    rows = await tx.rows(
        "with met as (select i.record_id as id from identifier i join unnest($2::text[], $3::text[]) as t (ns, value) "
        "on i.ns = t.ns and ltrim(i.value, '+') = ltrim(t.value, '+') where i.workspace_id = $1 and i.kind = 'persona' "
        "union select r.id from record r join unnest($2::text[], $3::text[]) as t (ns, value) "
        "on 'record:' || r.source = t.ns and r.ext_id = t.value where r.workspace_id = $1 and r.kind = 'persona') "
        "select r.id, r.source, r.ext_id, r.traits from record r where r.workspace_id = $1 and r.kind = 'persona' "
        "and r.entity_id in (select k.entity_id from record k join met m on m.id = k.id where k.workspace_id = $1)",
        tx.workspace_id, [ns for ns, _ in named], [value for _, value in named],
    )  # fmt: skip
    known = await tx.rows(
        "select ns, value from identifier where workspace_id = $1 and record_id = any($2::bigint[])",
        tx.workspace_id, [row["id"] for row in rows],
    )  # fmt: skip
    for row in known:
        named.update(fingerprints.plain(row["ns"], row["value"]))
        if row["ns"] in ("email", "phone") or row["ns"].startswith("external:"):
            words.add(row["value"])
    for row in rows:
        named.update(fingerprints.plain(f"record:{row['source']}", row["ext_id"]))
        words |= _written(row["traits"], row["ext_id"])
    return _Person(named, {w for w in words if len(w) >= _NAME_MIN}, {row["id"] for row in rows})


def _written(traits: Any, ext_id: str) -> set[str]:
    """The names, addresses and numbers in a record's traits, and its id where that is one."""
    found: set[str] = set()
    for name in ("name", "email", "phone"):
        value = _value(traits.get(name)) if isinstance(traits, dict) else ""
        if value and (name != "name" or " " in value):
            found.add(value)
    bare = ext_id.partition(":")[2] or ext_id
    if "@" in bare:
        found.add(bare)
    return found


def _value(trait: Any) -> str:
    """A trait's text, bare or beside the time it was said (`v`)."""
    inner = trait.get("v") if isinstance(trait, dict) else trait
    return inner.strip() if isinstance(inner, str) else ""


async def _log(db: Database, workspace_id: int, person: _Person, erasure: int) -> tuple[int, int]:
    held: dict[int, Any] = {lane: {"last_xid": "0", "last_seq": 0} for lane in cursors.READ_ORDER}
    emptied = rewritten = 0
    pattern = _compiled(person)
    while True:
        async with db.tx(workspace_id) as tx:
            rows = await cursors.read(tx, held, BATCH)
            if not rows:
                return emptied, rewritten
            reader = await funnel.open_reader(tx)
            about = [row for row in rows if _is_about(row, reader, person)]
            ids = {row["event_id"] for row in about}
            mentions = [
                (row, body) for row in rows if row["event_id"] not in ids and (body := _without(row["body"], pattern))
            ]
            emptied += await suppression_tables.redact(tx, [(r["event_id"], r["received_at"]) for r in about])
            changed = [(r["event_id"], r["received_at"], body) for r, body in mentions]
            read = [row["event_id"] for row in about] + [row["event_id"] for row, _ in mentions]
            await forgetting.forget(tx, read, person.records)
            rewritten += await suppression_tables.rewrite(tx, erasure, changed)
        held[rows[-1]["lane"]] = {"last_xid": rows[-1]["at_xid"], "last_seq": rows[-1]["seq"]}


def _compiled(person: _Person) -> "re.Pattern[str]":
    return re.compile(person.pattern() or r"(?!)", re.IGNORECASE)


def _is_about(row: Row, reader: funnel.Reader, person: _Person) -> bool:
    try:
        events = reader.events(row)
    except funnel.PutAside:
        events = []
    if any(e.kind == REVIEWED and str(e.props.get("digest")) in person.digests for e in events):
        return True  # what was decided about their words
    named = fingerprints.named_in(row["body"], events) | fingerprints.named_in(row["message_id"].encode(), ())
    return bool(named & person.named)


def _without(body: bytes, pattern: "re.Pattern[str]") -> bytes | None:
    """The body without the words, None when it has none of them."""
    try:
        said = _json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        text = body.decode("latin-1")
        left = pattern.sub(_ERASED, text)
        return left.encode("latin-1", "replace") if left != text else None
    left = _scrubbed(said, pattern)
    return msgspec.json.encode(left) if left != said else None


def _scrubbed(value: Any, pattern: "re.Pattern[str]") -> Any:
    if isinstance(value, str):
        return pattern.sub(_ERASED, value)
    if isinstance(value, dict):
        return {pattern.sub(_ERASED, k): _scrubbed(v, pattern) for k, v in value.items()}
    return [_scrubbed(v, pattern) for v in value] if isinstance(value, list) else value


async def _letters(tx: Tx, person: _Person) -> int:
    pattern, removed, after = _compiled(person), 0, None
    while letters := await funnel.dead_letters(tx, funnel.Filter(None), after=after, limit=500):
        found = [
            one.id for one in letters
            if fingerprints.named_in(one.body, ()) & person.named
            or pattern.search(one.body.decode("utf-8", "replace")) or _without(one.body, pattern)
        ]  # fmt: skip
        removed += await suppression_tables.forget_letters(tx, found)
        after = letters[-1].id
    return removed
