"""Programs: read as sentences, written as a draft, compared, published by two, taken back; the same as YAML."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from honeyguide import programs as terms
from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.learning import publishing
from honeyguide.programs import Program, Version, versions
from honeyguide.programs.catalogue import available, load, plain, problems, to_yaml
from honeyguide.programs.telling import changes_money, diff, sentences_of
from honeyguide.web.api.program_shapes import (
    DiffOut,
    DraftForm,
    FileForm,
    Name,
    Number,
    ProgramDetail,
    ProgramOut,
    PublishedOut,
    PublishForm,
    SavedOut,
    StateForm,
    TemplatesOut,
    VersionForm,
    WaitingOut,
    YamlOut,
    content_of,
    group_out,
    program_out,
    template_out,
    unplaced,
    version_out,
)
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging

router = APIRouter()
YAML_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/yaml": {"schema": {"type": "string"}}}}}
Reader = Annotated[Principal, needs("programs.read")]
Writer = Annotated[Principal, needs("programs.write")]
Confirmer = Annotated[Principal, needs("programs.confirm")]


@router.get("/api/programs", response_model=Listed[ProgramOut], responses=CSV_ANSWER)
async def program_list(who: Reader, page: Annotated[Page, Depends(paging)], state: str = "") -> Any:
    """Programs, their groups and offers, in plain sentences, the oldest first."""
    async with who.tx() as tx:
        found = [p for p in await terms.programs(tx) if state in ("", p.state)]
        after = page.key(tuple[int])
        rest = [p for p in found if after is None or p.id > after[0]][: page.fetch]
        rows = [ProgramOut(**(await _whole(tx, p))[0]) for p in rest]
    return page.answer(rows, lambda row: (int(row.id),), len(found), "programs")


async def _whole(tx: Tx, program: Program) -> tuple[dict[str, Any], Version | None, list[Version]]:
    """What a row shows, the draft, and every version."""
    draft, every = await versions.draft(tx, program), await versions.all_versions(tx, program)
    live = next((v for v in every if v.state == "live"), None)
    shown = live or draft or (every[0] if every else None)
    if shown is None:
        raise RuntimeError(f"the program {program.slug} has neither a version nor a draft")
    if live is not None:
        members = await terms.advocates_by_group(tx)
        groups = [
            group_out(g, await terms.offers(tx, g.id, every=True), members.get(g.id, 0))
            for g in await terms.groups(tx, program.id)
        ]
    else:
        groups = unplaced(shown.file)
    waiting = next((v for v in every if v.state == "waiting"), None)
    return program_out(program, shown.file, groups, draft, waiting), draft, every


@router.get("/api/program-templates")
async def program_templates(_: Reader) -> TemplatesOut:
    """The library: programs to start from, with what they say."""
    slugs = sorted(available(), key=lambda s: (s != "customer-referrals", s))
    return TemplatesOut(rows=[template_out(load(s)) for s in slugs])


@router.post("/api/programs")
async def create_program(body: FileForm, who: Writer) -> SavedOut:
    """A new program with this file as its draft. Nothing of it is in force."""
    async with who.tx() as tx:
        made = await versions.create_program(tx, content_of(body), who.actor, clock.now())
        return _saved(made.slug, await versions.version(tx, made, 1))


def _saved(slug: str, draft: Version) -> SavedOut:
    return SavedOut(slug=slug, version=draft.version, sentences=sentences_of(draft.file), problems=problems(draft.file))


@router.get("/api/programs/{program}")
async def program_detail(program: Name, who: Reader) -> ProgramDetail:
    """One program: the file that is being written, versions, and what waits for a second person."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        row, draft, every = await _whole(tx, found)
    live = next((v for v in every if v.state == "live"), None)
    waiting = next((v for v in every if v.state == "waiting"), None)
    shown = draft or waiting or live or every[0]
    return ProgramDetail(
        **row, file=plain(shown.file), draft_version=draft.version if draft else None, versions=[version_out(v) for v in every],
        pending=_waiting(waiting, live, who) if waiting else None, problems=problems(shown.file),
    )  # fmt: skip


def _waiting(waiting: Version, live: Version | None, who: Principal) -> WaitingOut:
    why = versions.why_not_confirm(waiting, who.actor)
    if why is None and not who.may("programs.confirm"):
        why = "Your role does not confirm what changes money."
    told = diff(live.file, waiting.file) if live else sentences_of(waiting.file)
    return WaitingOut(
        version=waiting.version,
        by=waiting.published_by,
        at=waiting.published_at,
        sentences=told,
        may_confirm=why is None,
        why_not=why,
    )


@router.put("/api/programs/{program}/draft")
async def save_draft(program: Name, body: DraftForm, who: Writer) -> SavedOut:
    """Keep what is being written, finished or not. It changes nothing that is in force."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        return _saved(
            program, await versions.save_draft(tx, found, content_of(body), who.actor, clock.now(), body.base)
        )


@router.delete("/api/programs/{program}/draft")
async def drop_draft(program: Name, who: Writer) -> PublishedOut:
    """Forget what is being written."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        await versions.drop_draft(tx, found, who.actor)
    return PublishedOut(state=found.state, version=found.version, sentence="The draft is gone.")


@router.get("/api/programs/{program}/diff")
async def program_diff(
    program: Name, who: Reader, before: Annotated[Number, Query()], after: Annotated[Number, Query()]
) -> DiffOut:
    """What differs between two versions, in sentences; version 0 is nothing at all."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        second = await versions.version(tx, found, after)
        first = await versions.version(tx, found, before) if before else None
    told = diff(first.file, second.file) if first else sentences_of(second.file)
    return DiffOut(
        before=before, after=after, sentences=told, money=changes_money(first.file if first else None, second.file)
    )


@router.get("/api/programs/{program}/yaml")
async def program_yaml(program: Name, who: Reader, version: Annotated[Number | None, Query()] = None) -> YamlOut:
    """A version as a file for a repository; the one in force (else the draft) unless told."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        wanted = await _wanted(tx, found, version)
    return YamlOut(version=wanted.version, yaml=to_yaml(wanted.file))


@router.get("/api/programs/{program}/file.yaml", response_class=Response, responses=YAML_FILE)
async def program_file(program: Name, who: Reader, version: Annotated[Number | None, Query()] = None) -> Response:
    """The same as a download."""
    async with who.tx() as tx:
        wanted = await _wanted(tx, await versions.find(tx, program), version)
    return Response(
        to_yaml(wanted.file), media_type="application/yaml",
        headers={"content-disposition": f'attachment; filename="{program}.yaml"', "cache-control": "no-store"},
    )  # fmt: skip


async def _wanted(tx: Tx, program: Program, number: int | None) -> Version:
    if number:
        return await versions.version(tx, program, number)
    found = await versions.live_version(tx, program) or await versions.draft(tx, program)
    return found or (await versions.all_versions(tx, program))[0]


@router.post("/api/programs/{program}/test")
async def try_out_program(program: Name, who: Writer) -> PublishedOut:
    """Freeze the draft as a version in test: it can be tried on the past and published as it is."""
    async with who.tx() as tx:
        return _published(await versions.try_out(tx, await versions.find(tx, program), who.actor, clock.now()))


@router.post("/api/programs/{program}/publish")
async def publish_program(program: Name, body: PublishForm, who: Writer) -> PublishedOut:
    """Put a draft, or a version in test, in force; where money changes, it waits for a second person."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        return _published(await publishing.publish(tx, found, body.version, who.actor, clock.now(), body.note))


@router.post("/api/programs/{program}/confirm")
async def confirm_program(program: Name, body: VersionForm, who: Confirmer) -> PublishedOut:
    """A second person puts a version that waits in force."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        return _published(await publishing.confirm(tx, found, body.version, who.actor, clock.now()))


@router.post("/api/programs/{program}/reject")
async def reject_program(program: Name, body: VersionForm, who: Writer) -> PublishedOut:
    """Take a version that waits back to a draft."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        return _published(await versions.withdraw(tx, found, body.version, who.actor, clock.now()))


@router.post("/api/programs/{program}/rollback")
async def rollback_program(program: Name, body: VersionForm, who: Writer) -> PublishedOut:
    """Put an older version in force again, as a new version; where money changes, a second person confirms."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        return _published(await publishing.roll_back(tx, found, body.version, who.actor, clock.now()))


@router.post("/api/programs/{program}/state")
async def change_state(program: Name, body: StateForm, who: Confirmer) -> PublishedOut:
    """Pause a program, take it up again, or end it for good."""
    async with who.tx() as tx:
        found = await versions.set_state(tx, await versions.find(tx, program), body.state, who.actor)
    return PublishedOut(state=found.state, version=found.version, sentence=f"The program is {found.state}.")


def _published(found: Version) -> PublishedOut:
    said = {
        "live": f"Version {found.version} is in force.",
        "waiting": f"Version {found.version} changes money: a second person confirms it.",
        "test": f"Version {found.version} is in test.",
        "draft": "It is a draft again.",
        "withdrawn": f"Version {found.version} was taken back.",
    }
    return PublishedOut(state=found.state, version=found.version, sentence=said[found.state])
