"""Trying a version of a program on the past: read-only as to money, in short steps, resumable, kept to be looked at."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import to_builtins

from honeyguide import programs
from honeyguide.core.errors import BadInput, HoneyguideError, NotFound
from honeyguide.core.ids import new_id
from honeyguide.db import Database, Row, Tx
from honeyguide.learning import program_rows
from honeyguide.learning.program_rows import Run
from honeyguide.learning.simulating import Carried, Happened, Simulation, replay, told
from honeyguide.outcomes import known_rows
from honeyguide.outcomes.knowing import Around, around, receiver
from honeyguide.programs import Group, Program, ProgramFile
from honeyguide.programs.catalogue import plain, problems, read
from honeyguide.programs.earnings import months_after

__all__ = ["Run", "forget", "gift_facts", "simulate", "simulation", "start", "step"]
BATCH = 1_000
KEPT = 20


async def start(tx: Tx, program: Program, version: int, months: int, actor: str, now: datetime) -> UUID:
    """Promise a simulation of a version over the last months; `step` carries it out. Raises BadInput, NotFound."""
    if not 1 <= months <= 60:
        raise BadInput("A simulation goes back 1 to 60 months.")
    found = await programs.versions.version(tx, program, version)
    if wrong := problems(found.file):
        raise BadInput("The draft cannot be tried yet.", " ".join(wrong))
    scope = program.id if program.version else None
    run = Run(
        new_id(), program.id, version, plain(found.file), months, months_after(now, -months), now, "running", 0,
        await program_rows.count(tx, scope, now), {}, {}, "", actor, now,
    )  # fmt: skip
    await program_rows.add(tx, run)
    await program_rows.forget_old(tx, program.id, KEPT)
    return run.id


async def simulation(tx: Tx, program: Program, run_id: UUID) -> tuple[Run, Simulation | None]:
    """A simulation of this program, with what it found once it is done. Raises NotFound."""
    run = await program_rows.find(tx, run_id)
    if run is None or run.program_id != program.id:
        raise NotFound("There is no such simulation.")
    return run, (msgspec.convert(run.result, Simulation) if run.state == "done" else None)


async def step(db: Database, workspace_id: int, run_id: UUID | None = None) -> int:
    """Carry a simulation (this one, or the oldest) one batch on. Returns 0 when there is none to carry on."""
    async with db.tx(workspace_id) as tx:
        ident = run_id or await program_rows.oldest_running(tx)
        run = await program_rows.find(tx, ident, lock=True) if ident else None
        if run is None or run.state != "running":
            return 0
        await _one_batch(tx, run)
    return 1


async def _one_batch(tx: Tx, run: Run) -> None:
    try:
        program = await programs.program(tx, run.program_id)
        file = read(run.body)
        carried = msgspec.convert(run.progress, Carried)
        done = await _carry(tx, program, file, run, carried)
    except HoneyguideError as e:
        await program_rows.put(tx, run.id, "failed", run.done, {}, {}, e.sentence())
        return
    if done < BATCH:
        found = to_builtins(told(file, run.months, carried))
        await program_rows.put(tx, run.id, "done", run.done + done, {}, found, "")
    else:
        await program_rows.put(tx, run.id, "running", run.done + done, to_builtins(carried), {}, "")


async def simulate(tx: Tx, program: Program, file: ProgramFile, months: int, now: datetime) -> Simulation:
    """A file tried on the last months at once; writes nothing. For few facts, tests and the command line."""
    run = Run(
        new_id(),
        program.id,
        file.version,
        {},
        months,
        months_after(now, -months),
        now,
        "running",
        0,
        0,
        {},
        {},
        "",
        "",
        now,
    )
    carried = Carried()
    while await _carry(tx, program, file, run, carried) == BATCH:
        pass
    return told(file, months, carried)


async def _carry(tx: Tx, program: Program, file: ProgramFile, run: Run, carried: Carried) -> int:
    scope = program.id if program.version else None
    rows = await program_rows.facts(tx, scope, run.until, _position(carried.after), BATCH)
    for one in await _happened(tx, file, rows):
        replay(file, one, run.since, carried)
    if rows:
        last = rows[-1]
        carried.after = [last["at"].isoformat(), str(last["id"]), last["rank"], str(last["advocate_id"])]
    return len(rows)


def _position(after: Sequence[Any] | None) -> tuple[datetime, UUID, int, UUID] | None:
    if after is None:
        return None
    return datetime.fromisoformat(after[0]), UUID(after[1]), after[2], UUID(after[3])


async def _happened(tx: Tx, file: ProgramFile, rows: Sequence[Row]) -> list[Happened]:
    conversions = sorted({r["conversion_id"] for r in rows if r["conversion_id"]})
    referrals = sorted({r["referral_id"] for r in rows if r["referral_id"]})
    records = sorted({r["record_id"] for r in rows})
    before = await program_rows.paid(tx, conversions, file.terms.currency)
    findings = await program_rows.findings(tx, referrals)
    friends = {r["friend_record_id"] for r in rows if r["friend_record_id"]}
    parents = await programs.parents(tx, sorted({r["advocate_id"] for r in rows}))
    above = {p.parent_id: (await programs.advocate(tx, p.parent_id)).record_id for p in parents.values()}
    people = await known_rows.people(tx, sorted({*records, *friends, *above.values()}))
    edges = await known_rows.edges(tx, records)
    firms = await known_rows.companies(
        tx, sorted({r["friend_company_record_id"] for r in rows if r["friend_company_record_id"]})
    )
    groups = [Group(n, 0, g.slug, g.name, g.conditions, n) for n, g in enumerate(file.groups)]
    return [
        _one(
            r,
            groups,
            people.get(r["record_id"]),
            around(
                people.get(r["record_id"]),
                people.get(r["friend_record_id"] or 0),
                _parent_of(r, parents, above, people),
                firms.get(r["friend_company_record_id"] or 0),
                edges.get(r["record_id"], {}),
            ),
            findings,
            before,
            programs.earns_for_parent(file, parents.get(r["advocate_id"]), r["at"]),
        )
        for r in rows
    ]


def _parent_of(
    row: Row, parents: Mapping[UUID, programs.Parent], above: Mapping[UUID, int], people: Mapping[int, Row]
) -> Row | None:
    parent = parents.get(row["advocate_id"])
    return people.get(above[parent.parent_id]) if parent else None


def _one(
    row: Row, groups: Sequence[Group], known: Row | None, there: Around,
    findings: Mapping[UUID, list[Row]], before: Mapping[tuple[UUID, UUID], int], parent: bool,
) -> Happened:  # fmt: skip
    person: dict[str, Any] = dict(known["person"] or {}) if known else {}
    company: dict[str, Any] | None = dict(known["company"]) if known and known["company"] else None
    group = programs.choose_group(groups, programs.group_facts(person, company))
    return Happened(
        kind=row["kind"], stage=row["stage"], at=row["at"], advocate=str(row["advocate_id"]), name=row["name"], group_slug=group.slug,
        group_name=group.name, referral=str(row["referral_id"] or ""), share_bp=row["share_bp"], amount_minor=row["amount_minor"],
        currency=row["currency"], offered=row["offered"] or "", company=there.company,
        attributes=there.attributes, receivers=there.receivers, parent=parent,
        before_minor=before.get((row["conversion_id"], row["advocate_id"]), 0) if row["conversion_id"] else 0,
        held=tuple((f["verdict"], f["reason"]) for f in findings.get(row["referral_id"], [])),
    )  # fmt: skip


async def gift_facts(tx: Tx, record_id: int) -> dict[str, Any]:
    """What is known of a person and their employer that decides about gifts."""
    return receiver((await known_rows.people(tx, [record_id])).get(record_id))


async def forget(tx: Tx) -> int:
    """For an erasure: simulations name people, so none is kept."""
    return await program_rows.forget_all(tx)
