"""Whom a question means: names as they were said, looked up among the workspace's nodes. A name is data, never a pattern."""

import difflib
import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.graph import ask_rows
from honeyguide.graph.kinds import NODE_NAME
from honeyguide.graph.nodes import nodes

EXACT, BEGINS, CONTAINS = 3, 2, 1
_MAX = 25


class Ref(Struct, frozen=True):
    """A node an answer speaks of. `detail` tells two of one name apart."""

    id: int
    kind: str
    name: str
    detail: str = ""


class Match(Struct, frozen=True):
    """What a name leads to: one node, several (then it must be asked which), or none; and how well it fits."""

    refs: tuple[Ref, ...]
    level: int


_NOTHING = Match((), 0)


async def look_up(tx: Tx, text: str, kinds: Sequence[str], *, inside: bool = True) -> Match:
    """The nodes of these kinds a name means. `#123` is an id; "Ana of Acme" the Ana who works at Acme.

    `inside`: words inside names, e-mails and domains count, too; that reads every name where the others use an index.
    """
    name = text.strip().strip('"“”').strip()
    if not name:
        return _NOTHING
    if re.fullmatch(r"#\d{1,19}", name):
        return await _by_id(tx, int(name[1:]), kinds)
    found = _begins(name, await ask_rows.named(tx, name, kinds, _MAX))
    if not found.refs and len(name) >= 3:
        found = await _at_company(tx, name, kinds)
    if inside and not found.refs and len(name) >= 3:
        found = _contains(name, await ask_rows.containing(tx, name, kinds, _MAX))
    return found


async def nearest(tx: Tx, text: str, kinds: Sequence[str], limit: int = 3) -> list[Ref]:
    """Names like one that is not there (a slip of the pen), the likest first."""
    name = text.strip().casefold()
    rows = [r for n in (3, 2, 1) for r in await ask_rows.named(tx, name[:n], kinds, 300)] if name else []
    by_name = {r["name"].casefold(): ref_of(r) for r in rows}
    begun = {full[: len(name) + 1]: full for full in by_name}
    close = difflib.get_close_matches(name, [*by_name, *begun], limit * 2, 0.7)
    return list(dict.fromkeys(by_name[c if c in by_name else begun[c]] for c in close))[:limit]


async def some(tx: Tx, kind: str) -> Ref | None:
    """Any node of a kind, for an example."""
    rows = await ask_rows.named(tx, "", (kind,), 1)
    return ref_of(rows[0]) if rows else None


async def unmistakable(tx: Tx, refs: Sequence[Ref]) -> list[str]:
    """How to name each of several nodes of one name: with the company, by address, or by id."""
    found = await nodes(tx, [r.id for r in refs])
    homes = {i: str(n.props.get("company") or "") for i, n in found.items()}
    firms = await nodes(tx, {int(h) for h in homes.values() if h.isdigit()})
    said = []
    for r in refs:
        home = homes.get(r.id, "")
        firm = firms.get(int(home)) if home.isdigit() else None
        email = str(found[r.id].props.get("email") or "") if r.id in found else ""
        alone = sum(x.name == r.name and homes.get(x.id) == home for x in refs) == 1
        if alone and len({x.name for x in refs}) == len(refs):
            said.append(r.name)
        elif firm is not None and firm.name and alone:
            said.append(f"{r.name} at {firm.name}")
        else:
            said.append(email or f"#{r.id}")
    return said


def ref_of(row: Row) -> Ref:
    """A node as an answer names it."""
    return _ref(row["id"], NODE_NAME.get(row["node_kind"], "other"), row["name"], row["props"])


def _ref(ident: int, kind: str, name: str, props: dict[str, Any]) -> Ref:
    detail = next((str(props[p]) for p in ("title", "domain", "email", "status", "stage") if props.get(p)), "")
    return Ref(ident, kind, name or f"{kind} {ident}", detail)


async def _by_id(tx: Tx, ident: int, kinds: Sequence[str]) -> Match:
    if ident >= 2**63:
        return _NOTHING
    found = (await nodes(tx, [ident])).get(ident)
    if found is None or found.kind not in kinds:
        return _NOTHING
    return Match((_ref(found.id, found.kind, found.name or found.key, found.props),), EXACT)


def _begins(name: str, rows: Sequence[Row]) -> Match:
    said = name.casefold()
    exact = [ref_of(r) for r in rows if r["name"].casefold() == said]
    if exact:
        return Match(tuple(exact), EXACT)
    begins = [ref_of(r) for r in rows if not r["name"][len(name) : len(name) + 1].isalnum()]
    return Match(tuple(begins), BEGINS) if begins else _NOTHING


def _contains(name: str, rows: Sequence[Row]) -> Match:
    said = name.casefold()
    address = [r for r in rows if said in {str(r["props"].get(p) or "").casefold() for p in ("email", "domain")}]
    if address:
        return Match(tuple(ref_of(r) for r in address), EXACT)
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    found = [ref_of(r) for r in rows if word.search(r["name"])]
    return Match(tuple(found), CONTAINS) if found else _NOTHING


async def _at_company(tx: Tx, name: str, kinds: Sequence[str]) -> Match:
    """For "Ana Silva at Acme": the people of that name whose company it is."""
    if "persona" not in kinds:
        return _NOTHING
    for found in reversed(list(re.finditer(r" (?:at|of|from|in) ", name, re.IGNORECASE))):
        firm = _begins(name[found.end() :], await ask_rows.named(tx, name[found.end() :], ("company",), _MAX))
        if not firm.refs:
            continue
        ids = {str(c.id) for c in firm.refs}
        rows = await ask_rows.named(tx, name[: found.start()], ("persona",), _MAX)
        there = _begins(name[: found.start()], [r for r in rows if str(r["props"].get("company")) in ids])
        if there.refs:
            return there
    return _NOTHING
