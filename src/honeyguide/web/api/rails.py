"""Rails: which there are and how they are set up; what became of each payment; the tie-out of a day."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field, StringConstraints

from honeyguide import ledger
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.ids import new_token
from honeyguide.db import Database, Tx
from honeyguide.funnel.vault import Vault
from honeyguide.ledger import disburse, resolving
from honeyguide.ledger.rails_set_up import RailKind, RailRow, rails_of, set_rail
from honeyguide.ledger.tie_out import tie_out
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import In, Out

router = APIRouter()
_Name = Annotated[str, StringConstraints(pattern="^[a-z_]{2,40}$")]
_Value = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x1f]*$")]
State = Literal["promised", "unknown", "sent", "paid", "refused", "returned", "cancelled"]


class Paying(Protocol):
    """What rails do for the web; the app layer composes it."""

    def kinds(self) -> list[RailKind]: ...
    async def file(self, tx: Tx, payout_id: UUID, actor: str, now: datetime) -> ledger.Instruction: ...
    async def hear(
        self, db: Database, workspace_id: int, token: str, headers: dict[str, str], body: bytes, now: datetime
    ) -> int: ...


class RailOut(Out):
    """A rail. `secrets`: what it asks for; `ready`: they are entered. `hook`: the path for its provider's webhooks, shown once.

    `settings`: what it may be told, true for what it cannot pay without. `currencies`: empty when the provider's account decides.
    `sandbox`: the provider's address for trying, for the setting `base_url`.
    """

    rail: str
    sends: bool
    payee_kind: str
    incentives: list[str]
    secrets: list[str]
    set_up: bool
    enabled: bool
    ready: bool
    config: dict[str, Any]
    hook: str | None
    settings: dict[str, bool]
    currencies: list[str]
    sandbox: str


class RailSetUp(In):
    """Settings that may be shown, and secrets that are never shown again (left out: they stay). `hook`: make a webhook address."""

    config: dict[_Name, _Value] = Field(default_factory=dict)
    secrets: dict[_Name, Annotated[str, StringConstraints(min_length=1, max_length=2_000)]] | None = None
    enabled: bool = True
    hook: bool = False


class DisbursementOut(Out):
    """A payment to one advocate. `problem` says what a person should know. Amounts in minor units.

    `may_give_up_at`: for one nobody knows the end of, from when on it may be proposed to be given up.
    """

    id: str
    payout_id: str
    advocate_id: str
    advocate: str
    rail: str
    incentive: str
    currency: str
    gross_minor: int
    netted_minor: int
    amount_minor: int
    state: str
    provider_id: str
    reported_minor: int | None
    problem: str
    attempts: int
    promised_at: datetime
    asked_at: datetime | None
    settled_at: datetime | None
    may_give_up_at: datetime | None


class TieOutRow(Out):
    """A rail's day in one currency, in minor units: ours, theirs, the difference."""

    day: date
    rail: str
    currency: str
    payments: int
    ours_minor: int
    theirs_minor: int
    difference_minor: int
    unconfirmed: int
    open: int
    problems: int
    sentence: str


class TieOutDay(Out):
    """The tie-out of a day (UTC)."""

    rows: list[TieOutRow]


def paying(request: Request) -> Paying:
    """The rails of this installation. Raises NotFound where none are wired."""
    found: Paying | None = request.app.state.paying
    if found is None:
        raise NotFound("There are no rails here.")
    return found


def _out(kind: RailKind, row: RailRow | None, hook: str | None = None) -> RailOut:
    return RailOut(
        rail=kind.name, sends=kind.sends, payee_kind=kind.payee_kind, incentives=list(kind.incentives), secrets=list(kind.secrets),
        set_up=row is not None, enabled=row is not None and row.enabled, ready=not kind.secrets or bool(row and row.sealed),
        config=row.config if row else {}, hook=hook, settings=kind.settings, currencies=list(kind.currencies),
        sandbox=kind.sandbox,
    )  # fmt: skip


@router.get("/api/rails", response_model=Listed[RailOut], responses=CSV_ANSWER)
async def rails(
    request: Request, who: Annotated[Principal, needs("money.read")], page: Annotated[Page, Depends(paging)]
) -> Any:
    """Every rail there is, and how it is set up."""
    after = page.key(tuple[str])
    kinds = sorted(paying(request).kinds(), key=lambda k: k.name)
    async with who.tx() as tx:
        rows = {r.rail: r for r in await rails_of(tx)}
    shown = [_out(k, rows.get(k.name)) for k in kinds if after is None or k.name > after[0]]
    return page.answer(shown, lambda r: (r.rail,), len(kinds), "rails")


@router.put("/api/rails/{rail}")
async def put_rail(
    request: Request, rail: _Name, wanted: RailSetUp, who: Annotated[Principal, needs("rails.write")]
) -> RailOut:
    """Set a rail up or change it."""
    kind = next((k for k in paying(request).kinds() if k.name == rail), None)
    if kind is None:
        raise NotFound(f"There is no rail {rail!r}.")
    if unknown := sorted(set(wanted.secrets or {}) - set(kind.secrets)):
        raise BadInput(f"The rail asks for no {unknown[0]!r}.", f"It asks for: {', '.join(kind.secrets) or 'nothing'}.")
    vault = Vault.of(request.app.state.settings)
    token = new_token("hgw") if wanted.hook and kind.sends else ""
    async with who.tx() as tx:
        known = next(iter(await rails_of(tx, rail)), None)
        moved = known is not None and known.config.get("base_url") != wanted.config.get("base_url")
        held = {} if known is None or moved or not wanted.secrets else vault.open(known.sealed)
        sealed = vault.seal({**held, **wanted.secrets}) if wanted.secrets else None
        row = await set_rail(
            tx, rail, who.actor, clock.now(), sends=kind.sends, payee_kind=kind.payee_kind, config=dict(wanted.config),
            sealed=sealed, hook_token=token, enabled=wanted.enabled,
        )  # fmt: skip
    return _out(kind, row, f"/rail-hooks/{token}" if token else None)


def _payment(one: ledger.Disbursement) -> DisbursementOut:
    return DisbursementOut(
        id=str(one.id), payout_id=str(one.payout_id), advocate_id=str(one.advocate_id), advocate=one.advocate_name, rail=one.rail, incentive=one.incentive,
        currency=one.currency, gross_minor=one.gross_minor, netted_minor=one.netted_minor, amount_minor=one.amount_minor,
        state=one.state, provider_id=one.provider_id, reported_minor=one.reported_minor, problem=one.problem,
        attempts=one.attempts, promised_at=one.promised_at, asked_at=one.asked_at, settled_at=one.settled_at,
        may_give_up_at=one.asked_at + resolving.PATIENCE if one.state == "unknown" and one.asked_at else None,
    )  # fmt: skip


@router.get("/api/disbursements", response_model=Listed[DisbursementOut], responses=CSV_ANSWER)
async def disbursements(
    who: Annotated[Principal, needs("money.read")], page: Annotated[Page, Depends(paging)], state: State | None = None,
    rail: Annotated[str | None, Query(max_length=40, pattern="^[a-z_]+$")] = None, problem: bool = False,
) -> Any:  # fmt: skip
    """Payments, newest first; `problem`: only those a person should look at."""
    after = page.key(tuple[UUID])
    async with who.tx() as tx:
        found, total = await disburse.listed(tx, state, rail, after[0] if after else None, page.fetch, problem=problem)
    return page.answer([_payment(d) for d in found], lambda r: (r.id,), total, "payments")


@router.post("/api/disbursements/{disbursement_id}/ask-again")
async def ask_again(disbursement_id: UUID, who: Annotated[Principal, needs("payouts.request")]) -> DisbursementOut:
    """Ask the provider about a payment now, under the same key: what it has paid it does not pay again."""
    async with who.tx() as tx:
        return _payment(await resolving.ask_again(tx, disbursement_id, who.actor, clock.now()))


@router.get("/api/tie-out")
async def tied_out(
    who: Annotated[Principal, needs("money.read")], day: Annotated[date | None, Field(description="UTC; today when left out.")] = None
) -> TieOutDay:  # fmt: skip
    """A day by rail and currency: what our books say was paid, what the providers say, the difference."""
    async with who.tx() as tx:
        found = await tie_out(tx, day or clock.now().date())
    return TieOutDay(rows=[TieOutRow(**{f: getattr(t, f) for f in TieOutRow.model_fields}) for t in found])
