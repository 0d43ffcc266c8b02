"""Who takes part in programs, and what a person should know before they say yes: advocates, what waits, one application, one act."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from honeyguide import programs
from honeyguide.db import Tx
from honeyguide.learning import simulation
from honeyguide.outcomes.acts import worth_of
from honeyguide.programs import bounties, partners, versions
from honeyguide.programs.wording import in_sentence
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads import participants as reads
from honeyguide.web.shapes import Out

router = APIRouter()
Reader = Annotated[Principal, needs("referrals.read")]


class MemberOut(Out):
    """An advocate of a program: what they are found by, and whether they accepted its terms."""

    id: str
    name: str
    email: str
    program_id: int
    program: str
    program_name: str
    group: str
    group_name: str
    accepted: bool


class WaitingOut(Out):
    """How much of a program waits for a person."""

    program: str
    name: str
    state: str
    applications: int
    submissions: int
    registrations: int


class AllWaiting(Out):
    """Every program, the one where most waits first; `total` over all."""

    rows: list[WaitingOut]
    total: int


class AnswerOut(Out):
    """A question of the program and what was answered."""

    question: str
    answer: str


class KnownOut(Out):
    """Something that was known of whoever applied, when they did."""

    name: str
    value: str


class GroupChoice(Out):
    """A group somebody may join."""

    slug: str
    name: str
    because: str = Field(description="Why they belong here by the program's rules; empty for the other groups.")


class ApplicationDetail(Out):
    """What to read before saying yes or no. `eligible`: why they may take part or not; `reasons`: the program's own for a no."""

    id: str
    answers: list[AnswerOut]
    known: list[KnownOut]
    eligible: bool
    eligible_why: str
    groups: list[GroupChoice]
    reasons: list[str]


class WorthOut(Out):
    """Something a yes gives; `minor` is 0 where no money is meant."""

    label: str
    incentive: str
    minor: int
    currency: str
    how: str


class SubmissionDetail(Out):
    """What to read before saying yes or no to an act. `gives`: what a yes gives; `refused`: why something is not given."""

    id: str
    name: str
    about: str
    proof_kind: str
    gives: list[WorthOut]
    refused: list[str]


@router.get("/api/program-advocates", response_model=Listed[MemberOut], responses=CSV_ANSWER)
async def program_advocates(
    who: Reader, page: Annotated[Page, Depends(paging)],
    q: Annotated[str, Query(max_length=200, description="Words in the name or the address.")] = "",
    program: Annotated[str, Query(max_length=100, description="A program's slug.")] = "",
) -> Any:  # fmt: skip
    """Advocates of programs by name."""
    text, key = q.replace("\x00", "").strip(), page.key(tuple[str, UUID])
    async with who.tx() as tx:
        of = (await versions.find(tx, program)).id if program else None
        found = await reads.advocates(tx, text, of, key, page.fetch)
        total = await reads.count_advocates(tx, text, of)
    rows = [
        MemberOut(
            id=str(r["id"]), name=r["name"], email=r["email"], program_id=r["program_id"], program=r["program"],
            program_name=r["program_name"], group=r["group_slug"], group_name=r["group_name"], accepted=r["accepted"],
        )
        for r in found
    ]  # fmt: skip
    return page.answer(rows, lambda row: (row.name.lower(), UUID(row.id)), total, "advocates of programs")


@router.get("/api/taking-part")
async def what_waits(who: Reader) -> AllWaiting:
    """What waits for a person in each program: applications, acts, registered deals."""
    async with who.tx() as tx:
        found = await reads.waiting(tx)
    rows = [
        WaitingOut(
            program=r["slug"], name=r["name"], state=r["state"], applications=r["applications"],
            submissions=r["submissions"], registrations=r["registrations"],
        )
        for r in found
    ]  # fmt: skip
    return AllWaiting(rows=rows, total=sum(r.applications + r.submissions + r.registrations for r in rows))


@router.get("/api/applications/{application_id}")
async def application_detail(application_id: UUID, who: Reader) -> ApplicationDetail:
    """An application as one reads it before deciding."""
    async with who.tx() as tx:
        found = await partners.application(tx, application_id)
        program = await programs.program(tx, found.program_id)
        file = (await programs.terms_at(tx, program.id, found.applied_at)).file
        groups = await programs.groups(tx, program.id)
    asked = file.application.questions if file.application else []
    why_not = partners.why_not_eligible(file, found.facts)
    fits = programs.choose_group(groups, found.facts)
    if why_not is None and file.eligibility is not None:
        why = f"They may take part: {in_sentence(file.eligibility, file.terms.currency)}."
    else:
        why = why_not or "Everybody may take part in this program."
    return ApplicationDetail(
        id=str(found.id),
        answers=[AnswerOut(question=asked[n] if n < len(asked) else "", answer=a) for n, a in enumerate(found.answers)],
        known=[KnownOut(name=k, value=_value(v)) for k, v in sorted(found.facts.items())],
        eligible=why_not is None, eligible_why=why,
        groups=[GroupChoice(slug=g.slug, name=g.name, because=fits.reason if g.slug == fits.slug else "") for g in groups],
        reasons=list(file.application.reasons) if file.application else [],
    )  # fmt: skip


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@router.get("/api/submissions/{submission_id}")
async def submission_detail(submission_id: UUID, who: Reader) -> SubmissionDetail:
    """An act as one reads it before deciding: what was asked for, and what a yes gives."""
    async with who.tx() as tx:
        found = await bounties.submission(tx, submission_id)
        file = (await programs.terms_at(tx, found.program_id, found.submitted_at)).file
        gives, refused = await worth_of(tx, submission_id, await facts_of_act(tx, submission_id))
    bounty = next(b for b in file.bounties if b.slug == found.bounty)
    return SubmissionDetail(
        id=str(found.id), name=bounty.name, about=bounty.about, proof_kind=bounty.proof, refused=refused,
        gives=[
            WorthOut(label=w.label, incentive=w.incentive, minor=w.minor, currency=w.currency, how=w.how) for w in gives
        ],
    )  # fmt: skip


async def facts_of_act(tx: Tx, submission_id: UUID) -> dict[str, Any]:
    """What is known of an act's advocate that decides about gifts. Raises NotFound."""
    advocate = await programs.advocate(tx, await bounties.advocate_of(tx, submission_id))
    return await simulation.gift_facts(tx, advocate.record_id)
