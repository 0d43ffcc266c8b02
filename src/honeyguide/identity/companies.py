"""Companies as a hierarchy: parents and children as the sources tell them, and groups that share a domain.

Two companies a source keeps apart are never merged for a common domain; they are told as one group instead.
"""

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.identity.conflict_rows import Conflict
from honeyguide.identity.records import resolve
from honeyguide.identity.refusals import conflicts
from honeyguide.identity.stamps import stamped

_DEPTH = 10  # a chain of parents longer than this is a circle or a mistake
_MOST = 200


class CompanyGroup(Struct, frozen=True):
    """The top of a hierarchy, all companies in it (entities, the top included), and conflicts over shared domains."""

    top: int
    companies: list[int]
    shared: list[Conflict]


async def parent_of(tx: Tx, company: int) -> int | None:
    """The parent of a company (any record's id): what its records say last, by time then event. None without one."""
    said = await tx.rows(
        "select r.id, r.traits, r.said, p.parent_id from record r "
        "join company_parent p on p.workspace_id = r.workspace_id and p.record_id = r.id where r.workspace_id = $1 "
        "and r.entity_id = (select s.entity_id from record s where s.workspace_id = $1 and s.id = $2) order by r.id desc",
        tx.workspace_id, company,
    )  # fmt: skip
    parent, latest = None, ("", "")
    for row in said:  # of statements of one event that of the least record counts
        one = stamped(row["traits"], row["said"]).get("parent", {"t": "", "e": ""})
        if (one["t"], one["e"]) >= latest:
            parent, latest = row["parent_id"], (one["t"], one["e"])
    if parent is None:
        return None
    known = await resolve(tx, [parent, company])
    return None if known[parent] == known[company] else known[parent]


async def children_of(tx: Tx, company: int) -> list[int]:
    """The companies that name this one as their parent."""
    found: list[Row] = await tx.rows(
        "select distinct c.entity_id from record p "
        "join company_parent h on h.workspace_id = p.workspace_id and h.parent_id = p.id "
        "join record c on c.workspace_id = h.workspace_id and c.id = h.record_id "
        "where p.workspace_id = $1 "
        "and p.entity_id = (select s.entity_id from record s where s.workspace_id = $1 and s.id = $2) "
        "and c.entity_id <> p.entity_id order by c.entity_id limit $3",
        tx.workspace_id, company, _MOST,
    )  # fmt: skip
    return [r["entity_id"] for r in found]


async def group_of(tx: Tx, company: int) -> CompanyGroup:
    """The whole group a company belongs to: up to its top, then everything below (at most 200 companies)."""
    top = (await resolve(tx, [company]))[company]
    seen = {top}
    for _ in range(_DEPTH):
        above = await parent_of(tx, top)
        if above is None or above in seen:
            break
        seen.add(above)
        top = above
    found, level = dict.fromkeys([top]), [top]
    for _ in range(_DEPTH):
        below = [c for p in level for c in await children_of(tx, p)]
        level = [c for c in dict.fromkeys(below) if c not in found]
        found |= dict.fromkeys(level)
        if not level or len(found) >= _MOST:
            break
    mine = (await resolve(tx, [company]))[company]
    shared = [c for c in await conflicts(tx, entity=mine) if c.ns == "domain"]
    return CompanyGroup(top, list(found)[:_MOST], shared)
