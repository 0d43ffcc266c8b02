"""Which attributes conditions can speak of in this workspace: what its companies, people and graph are known to have.

A name nobody has is no error (a source may bring it tomorrow), but whoever writes a condition is told.
"""

from collections.abc import Iterable

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.graph.kinds import EDGE_NAME, NODE
from honeyguide.learning import program_rows
from honeyguide.programs import ProgramFile
from honeyguide.programs.conditions import COMPANY, DEAL, NUMBERS, PERSON, leaves
from honeyguide.programs.terms import Condition, Conditions
from honeyguide.programs.wording import phrase

SAMPLE = 5_000


class Attribute(Struct, frozen=True):
    """A name a condition can use. `seen`: how many of the nodes looked at have it; None for what comes with a deal."""

    name: str
    words: str
    kind: str
    seen: int | None
    examples: tuple[str, ...]


async def attributes(tx: Tx) -> list[Attribute]:
    """Every attribute that exists here, the plain names first."""
    firms = {r["key"]: r for r in await program_rows.properties(tx, NODE["company"], SAMPLE)}
    people = {r["key"]: r for r in await program_rows.properties(tx, NODE["persona"], SAMPLE)}
    found = [
        Attribute(
            n,
            phrase(n),
            "number" if n in NUMBERS else "yesno" if n == "partner" else "word",
            _seen(rows, n),
            _values(rows, n),
        )
        for names, rows in ((COMPANY, firms), (PERSON, people))
        for n in names
    ]
    found += [Attribute(n, phrase(n), "number" if n in NUMBERS else "word", None, ()) for n in DEAL]
    for owner, rows, personal in (("company", firms, False), ("person", people, True), ("advocate", people, True)):
        found += [
            Attribute(
                f"{owner}.{key}", phrase(f"{owner}.{key}"), "number" if r["number"] else "word", r["n"],
                () if personal else tuple(r["examples"]),
            )
            for key, r in rows.items()
            if owner != "company" or key not in COMPANY
        ]  # fmt: skip
    for row in await program_rows.edge_kinds(tx, SAMPLE, NODE["persona"]):
        name = EDGE_NAME.get(row["kind"])
        if name:
            found.append(Attribute(f"graph.{name}", phrase(f"graph.{name}"), "number", row["n"], ()))
    return found


def _seen(rows: dict[str, Row], name: str) -> int:
    return rows[name]["n"] if name in rows else 0


def _values(rows: dict[str, Row], name: str) -> tuple[str, ...]:
    return tuple(rows[name]["examples"]) if name in rows and name in COMPANY else ()


def unknown(known: Iterable[Attribute], conditions: Conditions | Condition | None) -> list[str]:
    """Sentences about names in the conditions that nothing in this workspace has."""
    there = {a.name for a in known if a.seen is None or a.seen > 0}
    return [
        f"Nothing here has {phrase(name)} yet, so the condition never holds."
        for name in dict.fromkeys(c.fact for c in leaves(conditions))
        if name not in there and not name.startswith("event.")
    ]


def unknown_in(known: Iterable[Attribute], file: ProgramFile) -> list[str]:
    """The same for a whole file."""
    all_known, found = list(known), []
    for group in file.groups:
        for conditions in (group.conditions, *(r.when.conditions for r in group.earns)):
            found += [f"{group.name}: {s}" for s in unknown(all_known, conditions)]
    for wanted in (file.eligibility, file.application.auto_approve if file.application else None):
        found += unknown(all_known, wanted)
    return list(dict.fromkeys(found))
