"""What identity refused to join, in words people understand.

A conflict is derived like everything here: the same evidence gives the same open conflicts in any order. One that no
longer holds is closed, not deleted.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from honeyguide.core.ids import content_id
from honeyguide.db import Tx
from honeyguide.identity import conflict_rows
from honeyguide.identity.classes import MOST_RECORDS, RECORD_MOST, in_words, limit
from honeyguide.identity.clusters import Refusal
from honeyguide.identity.conflict_rows import ABOUT_RECORDS, Conflict, Key

# Of several refusals of one value the gravest is told.
_GRAVITY = (
    "money",
    "separated",
    "shared",
    "size",
    "source",
    "limit",
    "other_name",
    "duplicate",
    "ambiguous",
    "crowd",
    "overfull",
    "same_name",
)
_PLURAL = {"persona": "people", "company": "companies"}


async def conflicts(
    tx: Tx,
    kind: str | None = None,
    state: str = "open",
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
    *,
    entity: int | None = None,
) -> list[Conflict]:
    """Conflicts, newest first. `state` is open or closed; `after` is (opened_at, id) of the last one seen."""
    return await conflict_rows.page(tx, kind, state, after, limit, entity)


async def count_conflicts(tx: Tx, kind: str | None = None, state: str = "open") -> int:
    """How many conflicts there are."""
    return await conflict_rows.count(tx, kind, state)


async def settle(
    tx: Tx,
    refusals: Iterable[tuple[str, Refusal]],
    entity: Mapping[int, int],
    asked: Collection[Key],
    reached: Collection[int],
    at: datetime,
) -> None:
    """Make the open conflicts of what was just clustered those that hold now."""
    wanted = told(refusals, entity, at)
    some, about_records = await conflict_rows.any_open(tx)
    known: dict[Key, Conflict] = {}
    if some:
        known = await conflict_rows.standing(tx, set(asked) | wanted.keys(), reached if about_records else ())
    news = [c for key, c in wanted.items() if key not in known or _says(known[key]) != _says(c)]
    await conflict_rows.write(tx, news)
    await conflict_rows.close(tx, known.keys() - wanted.keys(), at)


def told(refusals: Iterable[tuple[str, Refusal]], entity: Mapping[int, int], at: datetime) -> dict[Key, Conflict]:
    """The conflicts these refusals are, by key."""
    found: dict[Key, tuple[str, Refusal]] = {}
    for kind, refusal in refusals:
        key = (kind, refusal.ns, refusal.value)
        if key not in found or _gravity(refusal) < _gravity(found[key][1]):
            found[key] = (kind, refusal)
    return {
        key: Conflict(
            id=content_id("conflict", *key), entity_kind=kind, kind=r.kind, ns=r.ns, value=r.value, records=list(r.records),
            entities=sorted({entity[i] for i in r.records}), detail=r.detail, sentence=sentence(kind, r),
            money=r.kind == "money", state="open", opened_at=at, closed_at=None,
        )
        for key, (kind, r) in found.items()
    }  # fmt: skip


def sentence(kind: str, r: Refusal) -> str:
    """What was refused and why, for people."""
    many, n = _PLURAL[kind], len(r.records)
    what = _what(kind, r)
    return {
        "shared": f"{what} is on {n} records that are not one {kind}"
        + (f": {r.detail} itself keeps several of them apart." if r.detail else ", by their names and addresses.")
        + " It counts as shared and joins nobody.",
        "other_name": f"{what} also stands under names that are not its owner's. Those records were left apart.",
        "duplicate": f"{r.detail} knows the same {kind} more than once, with {what}. Merge them there, or join them here.",
        "separated": f"{what} would join {many} a person has separated.",
        "money": "Two records that money is tied to were already one when it came to them. Nothing was split: "
        "separate them if they are two people, or link them to confirm."
        if r.detail == "joined"
        else f"{what} would join two accounts that are paid, or both sides of a referral. A person has to decide.",
        "limit": f"{what} would give one {kind} more than {_most(r)} {in_words(r.detail)}. It joins nobody.",
        "source": f"{what} would join {many} whom the source {r.detail} keeps apart. It joins nobody."
        if kind == "persona"
        else f"{what} would join {many} that the source {r.detail} keeps apart. It joins nobody.",
        "size": f"{what} would make one {kind} of more than {MOST_RECORDS} records. It joins nobody.",
        "ambiguous": f"{what} points to several {many} at once, so it is no evidence for any.",
        "crowd": f"{what} is on so many records that it names nobody.",
        "overfull": f"One record carries {r.detail} e-mail addresses; more than {RECORD_MOST} are not one person's. None counts.",
        "same_name": f"{n} records are called {r.value}. A name alone joins nothing: look whether they are one.",
    }[r.kind]


def _what(kind: str, r: Refusal) -> str:
    if r.ns in ABOUT_RECORDS:
        return f"A link between two {_PLURAL[kind]}"
    if r.ns == "merge":
        return "A merge in the source"
    return f"The {r.ns.split(':')[0].replace('_', ' ')} {r.value}"


def _most(r: Refusal) -> int:
    return limit(r.detail)


def _gravity(refusal: Refusal) -> int:
    return _GRAVITY.index(refusal.kind)


def _says(c: Conflict) -> tuple[object, ...]:
    return c.kind, sorted(c.records), sorted(c.entities), c.detail, c.sentence, c.money
