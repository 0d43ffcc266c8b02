"""Versions of a program: written as a draft, tried, published, confirmed by a second person where money changes, taken back.

A version's file never changes, and an offer somebody was asked with keeps its terms for ever: another version's offer is
another row. A referral is paid by the version that was in force when the friend came (`terms_at`).
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, structs, to_builtins

from honeyguide.core import normalise
from honeyguide.core.errors import BadInput, Conflict, Forbidden, NotFound
from honeyguide.db import Tx, audit
from honeyguide.programs import placing, tables, version_tables
from honeyguide.programs.catalogue import plain, read
from honeyguide.programs.checking import problems
from honeyguide.programs.file import ProgramFile
from honeyguide.programs.telling import changes_money, diff
from honeyguide.programs.terms import Group, Offer, Program
from honeyguide.programs.version_tables import DraftRow, VersionRow

LIBRARY = "library"


class Version(Struct, frozen=True, kw_only=True):
    """A version with its file. `state`: draft, test, waiting, live, replaced, withdrawn."""

    program_id: int
    version: int
    state: str
    file: ProgramFile
    based_on: int
    money: bool
    authors: tuple[str, ...]
    created_at: datetime
    note: str = ""
    published_by: str = ""
    published_at: datetime | None = None
    confirmed_by: str = ""
    live_from: datetime | None = None
    live_until: datetime | None = None


def same_person(one: str, other: str) -> bool:
    """Are two operators' addresses one mailbox? Case and a `+tag` do not make another person."""
    return (normalise.mailbox(one) or one.strip().casefold()) == (normalise.mailbox(other) or other.strip().casefold())


async def find(tx: Tx, slug: str) -> Program:
    """The program of this name. Raises NotFound."""
    found = await tables.program_by_slug(tx, slug)
    if found is None:
        raise NotFound(f"There is no program {slug!r}.")
    return found


async def create_program(tx: Tx, file: ProgramFile, actor: str, at: datetime) -> Program:
    """A new program with this file as its draft; nothing of it is in force. Raises Conflict when the name is taken."""
    slug = _slug(file.slug)
    terms = structs.replace(file.terms, kind=file.kind)
    made = await version_tables.add_program(tx, slug, file.name, "draft", terms, 0, at)
    if made is None:
        raise Conflict(f"There is a program {slug!r} already.", advice="Choose another name.", code="name_taken")
    await version_tables.put_draft(tx, DraftRow(made, plain(file), 0, [actor], at))
    await audit.write(tx, actor, "program.created", f"program:{slug}", {"name": file.name})
    return await tables.program(tx, made)


def _slug(slug: str) -> str:
    if not (0 < len(slug) <= 60 and slug.isascii() and slug.replace("-", "").isalnum() and slug == slug.lower()):
        raise BadInput(
            f"{slug!r} cannot be a program's short name.", advice="Small letters, digits and dashes, at most 60."
        )
    return slug


async def all_versions(tx: Tx, program: Program) -> list[Version]:
    """Every version that was tried or published, the newest first. A program from before versions has the one it is."""
    found = [_of(r) for r in await version_tables.versions(tx, program.id)]
    return found or ([await _as_it_is(tx, program)] if program.version else [])


async def version(tx: Tx, program: Program, number: int) -> Version:
    """One version; the number after the newest is the draft. Raises NotFound."""
    for one in await all_versions(tx, program):
        if one.version == number:
            return one
    found = await draft(tx, program)
    if found is not None and found.version == number:
        return found
    raise NotFound(f"The program {program.slug!r} has no version {number}.")


async def draft(tx: Tx, program: Program) -> Version | None:
    """What is being written, under the number it will have; None when nothing is."""
    row = await version_tables.draft(tx, program.id)
    if row is None:
        return None
    newest = max([program.version, *(v.version for v in await version_tables.versions(tx, program.id))])
    return Version(
        program_id=program.id, version=newest + 1, state="draft", file=_numbered(read(row.body), program, newest + 1),
        based_on=row.based_on, money=False, authors=tuple(row.authors), created_at=row.changed_at,
    )  # fmt: skip


def _numbered(file: ProgramFile, program: Program, number: int) -> ProgramFile:
    return structs.replace(file, slug=program.slug, version=number)


async def live_version(tx: Tx, program: Program) -> Version | None:
    """What is in force, or was until the program was paused or ended; None when nothing ever was."""
    return next((v for v in await all_versions(tx, program) if v.state == "live"), None)


async def terms_at(tx: Tx, program_id: int, at: datetime) -> Version:
    """The version in force at a time: what a referral made then is paid by. Before the first, the first.

    Raises NotFound when nothing of the program was ever in force.
    """
    row = await version_tables.in_force_at(tx, program_id, at)
    if row is not None:
        return _of(row)
    program = await tables.program(tx, program_id)
    if not program.version:
        raise NotFound(f"Nothing of the program {program.slug!r} was ever in force.")
    return await _as_it_is(tx, program)


async def save_draft(
    tx: Tx, program: Program, file: ProgramFile, actor: str, at: datetime, base: int | None = None
) -> Version:
    """Keep what is being written; it binds nobody and may be unfinished. `base`: the version it was made from.

    Raises Conflict when another version was put in force since.
    """
    await version_tables.lock(tx, program.id)
    program = await tables.program(tx, program.id)
    if base is not None and base != program.version:
        raise Conflict(
            f"Somebody published {program.name!r} in the meantime.",
            f"You started from version {base}, in force is {program.version}.", advice="Open the program again.",
        )  # fmt: skip
    former = await version_tables.draft(tx, program.id)
    authors = list(dict.fromkeys([*(former.authors if former else []), actor]))
    body = plain(structs.replace(file, slug=program.slug))
    await version_tables.put_draft(tx, DraftRow(program.id, body, program.version, authors, at))
    if program.state == "draft" and not program.version and file.name.strip():
        terms = structs.replace(file.terms, kind=file.kind, library=program.terms.library)
        await version_tables.set_program(tx, program.id, file.name, "draft", terms, 0)
    kept = await draft(tx, await tables.program(tx, program.id))
    if kept is None:
        raise RuntimeError("a draft vanished while it was kept")
    return kept


async def drop_draft(tx: Tx, program: Program, actor: str) -> None:
    """Forget what is being written."""
    await version_tables.drop_draft(tx, program.id)
    await audit.write(tx, actor, "program.draft_dropped", f"program:{program.slug}", {})


async def try_out(tx: Tx, program: Program, actor: str, at: datetime) -> Version:
    """Freeze the draft as a version in test: it can be simulated and published as it is. Raises BadInput, NotFound."""
    await version_tables.lock(tx, program.id)
    frozen = await _frozen(tx, program, await draft(tx, program), at)
    if program.state == "draft":
        await version_tables.set_state(tx, program.id, "test")
    await audit.write(tx, actor, "program.test", f"program:{program.slug}", {"version": frozen.version})
    return frozen


async def _frozen(tx: Tx, program: Program, made: Version | None, at: datetime) -> Version:
    if made is None:
        raise NotFound(f"There is no draft of {program.slug!r}.")
    if found := problems(made.file):
        raise BadInput("The draft cannot be published yet.", " ".join(found))
    await _remember(tx, program)
    row = VersionRow(
        program_id=program.id, version=made.version, state="test", body=plain(made.file), based_on=made.based_on, money=True,
        authors=list(made.authors), created_at=at,
    )  # fmt: skip
    await version_tables.add_version(tx, row)
    await version_tables.drop_draft(tx, program.id)
    return _of(row)


async def _remember(tx: Tx, program: Program) -> None:
    """A program from before versions: what it is becomes its first stored version."""
    if program.version and not await version_tables.versions(tx, program.id):
        now = await _as_it_is(tx, program)
        await store_live(tx, program.id, now.file, program.version, LIBRARY, program.created_at)


async def store_live(tx: Tx, program_id: int, file: ProgramFile, number: int, author: str, at: datetime) -> None:
    """A version that is in force from the beginning (installed, not published)."""
    await version_tables.add_version(
        tx,
        VersionRow(
            program_id=program_id, version=number, state="live", body=plain(structs.replace(file, version=number)), based_on=0,
            money=True, authors=[author], created_at=at, published_by=author, published_at=at, confirmed_by=author, live_from=at,
        ),
    )  # fmt: skip


async def publish(tx: Tx, program: Program, number: int, actor: str, at: datetime, note: str = "") -> Version:
    """Put a draft or a version in test in force; where money changes, it waits for a second person (`confirm_publish`).

    Publishing again what waits, or is in force, changes nothing. Raises BadInput with every problem, NotFound, Conflict.
    """
    await version_tables.lock(tx, program.id)
    program = await tables.program(tx, program.id)
    wanted = await version(tx, program, number)
    if wanted.state in ("waiting", "live"):
        return wanted
    if wanted.state not in ("draft", "test"):
        raise Conflict(
            f"Version {number} was {wanted.state} already.", advice="Go back to it, which makes a new version of it."
        )
    _in_time(program, wanted)
    if any(v.state == "waiting" for v in await all_versions(tx, program)):
        raise Conflict("Another version waits for a second person.", advice="Confirm it, or take it back to a draft.")
    now = await live_version(tx, program)
    if wanted.state == "draft":
        wanted = await _frozen(tx, program, wanted, at)
    money = changes_money(now.file if now else None, wanted.file)
    await version_tables.publish(tx, program.id, number, actor, at, " ".join(note.split())[:500], money)
    told = {"version": number, "changes": _changes(now, wanted)[:20], "money": money}
    await audit.write(tx, actor, "program.published", f"program:{program.slug}", told)
    if not money:
        await _put_in_force(tx, program, wanted, "", at)
    return await version(tx, await tables.program(tx, program.id), number)


def _in_time(program: Program, wanted: Version) -> None:
    if wanted.based_on != program.version:
        raise Conflict(
            f"Version {wanted.version} was written before version {program.version} was put in force.",
            advice="Save the draft again, then publish it.",
        )


def _changes(before: Version | None, after: Version) -> list[str]:
    return diff(before.file, after.file) if before is not None else ["The first version of the program."]


def why_not_confirm(found: Version, actor: str) -> str | None:
    """Why this person may not confirm a version, or None."""
    if "@" not in actor:
        return "A person who is signed in confirms what changes money, not a key or a command."
    if same_person(actor, found.published_by):
        return "You published it yourself; another person confirms it."
    return None


async def confirm_publish(tx: Tx, program: Program, number: int, actor: str, at: datetime) -> Version:
    """A second person puts a waiting version in force. Again by the same person it changes nothing.

    Raises Forbidden for the person who published it, Conflict when it does not wait, NotFound.
    """
    await version_tables.lock(tx, program.id)
    program = await tables.program(tx, program.id)
    found = await version(tx, program, number)
    if found.state == "live" and found.confirmed_by and same_person(found.confirmed_by, actor):
        return found
    if found.state != "waiting":
        raise Conflict(f"Version {number} does not wait for anybody.", f"It is {found.state}.")
    if why := why_not_confirm(found, actor):
        raise Forbidden("You cannot confirm this version.", why)
    _in_time(program, found)
    await _put_in_force(tx, program, found, actor, at)
    await audit.write(tx, actor, "program.confirmed", f"program:{program.slug}", {"version": number})
    return await version(tx, await tables.program(tx, program.id), number)


async def withdraw(tx: Tx, program: Program, number: int, actor: str, at: datetime) -> Version:
    """Take a version in test or waiting back to a draft. Raises Conflict, NotFound."""
    await version_tables.lock(tx, program.id)
    found = await version(tx, program, number)
    if found.state not in ("waiting", "test"):
        raise Conflict(f"Version {number} does not wait for anybody.", f"It is {found.state}.")
    await version_tables.withdraw(tx, program.id, number)
    await audit.write(tx, actor, "program.withdrawn", f"program:{program.slug}", {"version": number})
    if await version_tables.draft(tx, program.id) is None:
        return await save_draft(tx, program, found.file, actor, at)
    return structs.replace(found, state="withdrawn")


async def roll_back(tx: Tx, program: Program, number: int, actor: str, at: datetime) -> Version:
    """Put an older version in force again, as a new version; where money changes, a second person confirms. The draft stays.

    Raises BadInput when it is in force already, Conflict, NotFound.
    """
    await version_tables.lock(tx, program.id)
    program = await tables.program(tx, program.id)
    wanted = await version(tx, program, number)
    if number == program.version or wanted.state == "draft":
        raise BadInput(f"Version {number} is {'a draft' if wanted.state == 'draft' else 'in force already'}.")
    if wanted.live_from is None:
        raise Conflict(f"Version {number} was never in force.", advice="Publish it instead.")
    await _remember(tx, program)
    newest = (await version_tables.versions(tx, program.id))[0].version
    row = VersionRow(
        program_id=program.id, version=newest + 1, state="test", body=plain(structs.replace(wanted.file, version=newest + 1)),
        based_on=program.version, money=True, authors=[actor], created_at=at,
    )  # fmt: skip
    await version_tables.add_version(tx, row)
    return await publish(tx, program, newest + 1, actor, at, f"Back to version {number}.")


async def set_state(tx: Tx, program: Program, state: str, actor: str) -> Program:
    """Pause a live program, take a paused one up again, or end one for good. Raises Conflict."""
    await version_tables.lock(tx, program.id)
    program = await tables.program(tx, program.id)
    if program.state == state:
        return program
    legal = {("live", "paused"), ("paused", "live"), ("live", "ended"), ("paused", "ended")}
    if (program.state, state) not in legal:
        raise Conflict(f"A program that is {program.state} cannot become {state}.")
    await version_tables.set_state(tx, program.id, state)
    await audit.write(tx, actor, f"program.{state}", f"program:{program.slug}", {})
    return await tables.program(tx, program.id)


async def _put_in_force(tx: Tx, program: Program, made: Version, confirmed_by: str, at: datetime) -> None:
    file = made.file
    await version_tables.go_live(tx, program.id, made.version, confirmed_by, at)
    terms = structs.replace(file.terms, kind=file.kind, library=program.terms.library)
    state = program.state if program.state in ("paused", "ended") else "live"
    await version_tables.set_program(tx, program.id, file.name, state, terms, made.version)
    moved = await placing.place(tx, program.id, file, at, first=not program.version)
    if moved:
        await audit.write(tx, made.published_by, "program.moved", f"program:{program.slug}", {"advocates": moved})


def _of(row: VersionRow) -> Version:
    values = {f: getattr(row, f) for f in row.__struct_fields__ if f not in ("body", "authors")}
    return Version(**values, file=read(row.body), authors=tuple(row.authors))


async def _as_it_is(tx: Tx, program: Program) -> Version:
    """The version a program from before versions is: what its rows say."""
    groups = await tables.groups(tx, program.id)
    offers = {g.id: await tables.offers(tx, g.id, every=True) for g in groups}
    return Version(
        program_id=program.id, version=program.version, state="live", file=file_of(program, groups, offers), based_on=0,
        money=True, authors=(LIBRARY,), created_at=program.created_at, published_by=LIBRARY, confirmed_by=LIBRARY,
        live_from=program.created_at,
    )  # fmt: skip


def file_of(program: Program, groups: Sequence[Group], offers: dict[int, list[Offer]]) -> ProgramFile:
    """A program's rows as a file."""
    source = {
        "slug": program.slug, "name": program.name, "version": program.version, "terms": to_builtins(program.terms),
        "kind": program.terms.kind or "refer_a_friend",
        "groups": [
            {
                "slug": g.slug, "name": g.name, "conditions": to_builtins(g.conditions),
                "offers": [
                    {
                        "slug": o.slug, "label": o.label, "incentive": o.incentive, "amount_minor": o.amount_minor,
                        "rate_bp": o.rate_bp, "cap_minor": o.cap_minor, "size": o.size,
                    }
                    for o in offers.get(g.id, [])
                ],
            }
            for g in groups
        ],
    }  # fmt: skip
    return read(source)
