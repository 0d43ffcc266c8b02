"""The books: balances, transfers with their lines, and the outside check."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from honeyguide import ledger as books
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads import money
from honeyguide.web.shapes import Out

router = APIRouter()


class Verified(Out):
    """What the outside checker found."""

    ok: bool
    checked_at: datetime
    sentence: str
    problems: list[str]
    transfers: int
    postings: int
    head: str
    links: int


class AccountOut(Out):
    """An account and what stands in it."""

    id: str
    kind: str
    owner: str
    owner_name: str
    currency: str
    balance_minor: int


class LedgerOut(Out):
    """The books, checked a moment ago."""

    verified: Verified
    accounts: list[AccountOut]


class LineOut(Out):
    """One posting."""

    account: str
    owner: str
    currency: str
    amount_minor: int


class TransferOut(Out):
    """A transfer; its lines sum to zero per currency."""

    transfer_id: str
    key: str
    kind: str
    memo: str
    at: datetime
    lines: list[LineOut]


@router.get("/api/ledger")
async def ledger(who: Annotated[Principal, needs("ledger.read")]) -> LedgerOut:
    """Balances, and the result of checking every posting again."""
    async with who.tx() as tx:
        report = await books.verify(tx)
        accounts = await books.accounts(tx)
    return LedgerOut(
        verified=Verified(
            ok=report.ok,
            checked_at=report.checked_at,
            sentence=report.sentence,
            problems=report.problems,
            transfers=report.transfers,
            postings=report.postings,
            head=report.head,
            links=report.links,
        ),
        accounts=[
            AccountOut(
                id=str(a.id), kind=a.kind, owner=a.owner, owner_name=a.owner_name, currency=a.currency,
                balance_minor=a.balance_minor,
            )
            for a in accounts
        ],
    )  # fmt: skip


@router.get("/api/ledger/postings", response_model=Listed[TransferOut], responses=CSV_ANSWER)
async def postings(
    who: Annotated[Principal, needs("ledger.read")],
    page: Annotated[Page, Depends(paging)],
    account: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Any:
    """Transfers with their lines, newest first: all, or those that touch one account."""
    after = page.key(tuple[UUID])
    async with who.tx() as tx:
        found = await books.postings(tx, account, str(after[0]) if after else None, page.fetch)
        total = await money.count_transfers(tx, account)
    rows = [
        TransferOut(
            transfer_id=str(t.id), key=t.key, kind=t.kind, memo=t.memo, at=t.at,
            lines=[
                LineOut(account=line.account.kind, owner=line.account.owner, currency=line.account.currency,
                        amount_minor=line.amount_minor)
                for line in t.lines
            ],
        )
        for t in found
    ]  # fmt: skip
    return page.answer(rows, lambda row: (row.transfer_id,), total, "postings")
