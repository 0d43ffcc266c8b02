"""Taking part in programs: applications, acts with their proof, registered deals, and who brought a partner in."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends
from msgspec import structs
from pydantic import BaseModel, Field

from honeyguide import programs
from honeyguide.core import clock
from honeyguide.core.money import Money
from honeyguide.db import Row, Tx
from honeyguide.outcomes.acts import review_act
from honeyguide.outcomes.joining import apply_as
from honeyguide.programs import bounties, partners, registrations, versions
from honeyguide.web.api.participants import facts_of_act
from honeyguide.web.api.program_shapes import Name
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads.participants import named
from honeyguide.web.shapes import In, Moment, Out, Words

router = APIRouter()
Reader = Annotated[Principal, needs("referrals.read")]
Writer = Annotated[Principal, needs("programs.write")]
Payer = Annotated[Principal, needs("rewards.decide")]
Shown = TypeVar("Shown", bound=BaseModel)
_FactName = Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9_.]+$")]
Fact = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] | int | bool
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class ApplicationOut(Out):
    """Somebody who wants to take part. `reason` is what they read when it was a no."""

    id: str
    name: str
    email: str
    answers: list[str]
    state: str
    reason: str
    decided_by: str
    applied_at: datetime
    decided_at: datetime | None
    advocate_id: str | None


class SubmissionOut(Out):
    """An act of advocacy with its proof."""

    id: str
    bounty: str
    advocate_id: str
    advocate: str
    email: str
    number: int
    proof: str
    state: str
    reason: str
    decided_by: str
    submitted_at: datetime
    decided_at: datetime | None


class RegistrationOut(Out):
    """A registered deal. Nobody else is credited for the company while it is open and protected."""

    id: str
    advocate_id: str
    advocate: str
    email: str
    company: str
    domain: str
    contact: str
    contact_email: str
    amount_minor: int | None
    currency: str
    state: str
    stage: str
    registered_at: datetime
    protected_until: datetime
    expires_at: datetime


class MoveOut(Out):
    """A step of a registered deal."""

    number: int
    state: str
    stage: str
    actor: str
    reason: str
    at: datetime


class MovesOut(Out):
    """The history of a registered deal, oldest first."""

    rows: list[MoveOut]


class ParentOut(Out):
    """Who brought an advocate in."""

    advocate_id: str
    parent_id: str
    since: datetime


class DecisionForm(In):
    """Yes or no; a no needs a reason the person will read."""

    verdict: Literal["approved", "rejected"]
    reason: Words = ""


class ApplyForm(In):
    """Somebody who wants to take part. `facts`: what is known of their company (country, employees), by the program's words."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    email: Annotated[str, Field(max_length=254)]
    answers: Annotated[list[Words], Field(max_length=20)] = Field(default_factory=list)
    facts: Annotated[dict[_FactName, Fact], Field(max_length=30)] = Field(default_factory=dict)


class ApplicationForm(In):
    """Yes or no; a no needs a reason the person will read. `group`: the group they join, instead of the first one that fits them."""

    verdict: Literal["approved", "rejected"]
    reason: Words = ""
    group: Annotated[str, Field(max_length=100)] = ""


class SubmitForm(In):
    """An act handed in for an advocate."""

    bounty: Annotated[str, Field(max_length=100)]
    advocate_id: UUID
    proof: Words = ""


class RegisterForm(In):
    """A deal registered for a partner."""

    advocate_id: UUID
    company: Annotated[str, Field(min_length=1, max_length=200)]
    domain: Annotated[str, Field(max_length=253)]
    contact: Annotated[str, Field(max_length=200)] = ""
    contact_email: Annotated[str, Field(max_length=254)] = ""
    amount_minor: Annotated[int, Field(ge=0, le=2**53)] | None = None
    currency: Currency = "EUR"


class StageForm(In):
    """The stage a registered deal is in now."""

    stage: Annotated[str, Field(max_length=100)]
    reason: Words = ""


class ParentForm(In):
    """Who brought the advocate in."""

    parent_id: UUID


async def _listed(
    who: Principal, program: str, table: str, state: str, page: Page, make: Callable[[dict[str, Any]], Shown], at: str
) -> Any:
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        key = page.key(tuple[Moment, UUID])
        rows = [dict(r) for r in await programs.partners.page(tx, table, found.id, state or None, key, page.fetch)]
        total = await programs.partners.counted(tx, table, found.id, state or None)
        if table != "program_application":
            rows = await named(tx, rows)
    return page.answer([make(r) for r in rows], lambda row: (getattr(row, at), UUID(getattr(row, "id"))), total, table)  # noqa: B009


def _plain(row: Any, kind: type[Shown]) -> Shown:
    keyed = isinstance(row, Row | dict)
    values = {n: row[n] if keyed else getattr(row, n) for n in kind.model_fields}
    return kind(**{n: str(v) if isinstance(v, UUID) else v for n, v in values.items()})


async def _with_name(tx: Tx, row: Any, kind: type[Shown]) -> Shown:
    return _plain((await named(tx, [structs.asdict(row)]))[0], kind)


@router.get("/api/programs/{program}/applications", response_model=Listed[ApplicationOut], responses=CSV_ANSWER)
async def applications(program: Name, who: Reader, page: Annotated[Page, Depends(paging)], state: str = "") -> Any:
    """Who wants to take part, the newest first."""
    return await _listed(
        who, program, "program_application", state, page, lambda r: _plain(r, ApplicationOut), "applied_at"
    )


@router.post("/api/programs/{program}/applications")
async def apply(program: Name, body: ApplyForm, who: Writer) -> ApplicationOut:
    """Note that somebody wants to take part; the program's rules let them in, turn them away or have them wait."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        made = await apply_as(tx, found, body.name, body.email, body.answers, body.facts, clock.now())
    return _plain(made, ApplicationOut)


@router.post("/api/applications/{application_id}/decide")
async def decide_application(application_id: UUID, body: ApplicationForm, who: Writer) -> ApplicationOut:
    """Say yes or no to somebody who applied."""
    async with who.tx() as tx:
        found = await partners.decide(tx, application_id, body.verdict, body.reason, who.actor, clock.now(), body.group)
    return _plain(found, ApplicationOut)


@router.get("/api/programs/{program}/submissions", response_model=Listed[SubmissionOut], responses=CSV_ANSWER)
async def submissions(program: Name, who: Reader, page: Annotated[Page, Depends(paging)], state: str = "") -> Any:
    """Acts of advocacy with their proofs, the newest first."""
    return await _listed(
        who, program, "bounty_submission", state, page, lambda r: _plain(r, SubmissionOut), "submitted_at"
    )


@router.post("/api/programs/{program}/submissions")
async def submit_act(program: Name, body: SubmitForm, who: Writer) -> SubmissionOut:
    """Hand in an act for an advocate. The same proof again is the same submission."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        advocate = await programs.advocate(tx, body.advocate_id)
        made = await bounties.submit(tx, found, body.bounty, advocate, body.proof, clock.now())
        return await _with_name(tx, made, SubmissionOut)


@router.post("/api/submissions/{submission_id}/review")
async def review_submission(submission_id: UUID, body: DecisionForm, who: Payer) -> SubmissionOut:
    """Say yes or no to an act; a yes issues its reward, once."""
    async with who.tx() as tx:
        facts = await facts_of_act(tx, submission_id)
        done = await review_act(tx, submission_id, body.verdict, body.reason, who.actor, clock.now(), facts)
        return await _with_name(tx, done, SubmissionOut)


@router.get("/api/programs/{program}/registrations", response_model=Listed[RegistrationOut], responses=CSV_ANSWER)
async def registered_deals(program: Name, who: Reader, page: Annotated[Page, Depends(paging)], state: str = "") -> Any:
    """Registered deals, the newest first."""
    return await _listed(
        who, program, "deal_registration", state, page, lambda r: _plain(r, RegistrationOut), "registered_at"
    )


@router.post("/api/programs/{program}/registrations")
async def register(program: Name, body: RegisterForm, who: Writer) -> RegistrationOut:
    """Register a deal for a partner. By the same partner again it is the one there is."""
    amount = Money(body.amount_minor, body.currency) if body.amount_minor is not None else None
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        advocate = await programs.advocate(tx, body.advocate_id)
        made = await registrations.register_deal(
            tx, found, advocate, body.company, body.domain, clock.now(), amount=amount, contact=body.contact,
            contact_email=body.contact_email,
        )  # fmt: skip
        return await _with_name(tx, made, RegistrationOut)


@router.post("/api/registrations/{registration_id}/decide")
async def decide_registration(registration_id: UUID, body: DecisionForm, who: Writer) -> RegistrationOut:
    """Accept a registered deal, or say no with a reason."""
    async with who.tx() as tx:
        made = await registrations.accept_deal(
            tx, registration_id, body.verdict == "approved", body.reason, who.actor, clock.now()
        )
        return await _with_name(tx, made, RegistrationOut)


@router.post("/api/registrations/{registration_id}/stage")
async def move_registration(registration_id: UUID, body: StageForm, who: Writer) -> RegistrationOut:
    """Move a registered deal to another stage."""
    async with who.tx() as tx:
        made = await registrations.stage_deal(tx, registration_id, body.stage, who.actor, body.reason, clock.now())
        return await _with_name(tx, made, RegistrationOut)


@router.get("/api/registrations/{registration_id}/moves")
async def registration_moves(registration_id: UUID, who: Reader) -> MovesOut:
    """Every step of a registered deal."""
    async with who.tx() as tx:
        return MovesOut(rows=[_plain(r, MoveOut) for r in await registrations.history(tx, registration_id)])


@router.post("/api/advocates/{advocate_id}/parent")
async def set_parent(advocate_id: UUID, body: ParentForm, who: Writer) -> ParentOut:
    """Note who brought an advocate in; that is set once."""
    async with who.tx() as tx:
        found = await programs.set_parent(tx, advocate_id, body.parent_id, who.actor, clock.now())
    return ParentOut(advocate_id=str(advocate_id), parent_id=str(found.parent_id), since=found.since)
