"""Accounts and the lines of a transfer: what may be posted at all. Pure; amounts are integer minor units."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core.errors import BadInput, Conflict
from honeyguide.core.money import money_text

# Least balance of a new account; None = may go below zero. A budget account exists only where a budget was set,
# otherwise rewards are drawn on `expense`. `allowance` counts down what one advocate may still earn on one
# offer (its floor is the cap, negated) against `allowed`. `owed` is at or below zero: what an advocate was paid and
# has to give back. `exchange` holds both sides of a change of currency.
FLOORS: dict[str, int | None] = {
    "expense": None, "budget": 0, "held": 0, "available": 0, "in_payout": 0, "paid": 0, "allowance": 0, "allowed": None,
    "owed": None, "exchange": None,
}  # fmt: skip
_MOST_MINOR = 10**15  # far over any B2B payout, far under bigint even when a million of them are summed
_MOST_KEY = 300


class Account(Struct, frozen=True, order=True):
    """Where money stands: a kind, whose it is (`program:3`, `advocate:<id>`), and its currency."""

    kind: str
    owner: str
    currency: str

    def __str__(self) -> str:
        return f"{self.kind} {self.owner} {self.currency}"


class Line(Struct, frozen=True, order=True):
    """One posting: so many minor units into (positive) or out of (negative) an account."""

    account: Account
    amount_minor: int


class Draft(Struct, frozen=True):
    """A transfer to be posted under a key that is used once and for ever."""

    key: str
    kind: str
    memo: str
    lines: tuple[Line, ...]
    reversal_of: UUID | None = None
    rate_id: UUID | None = None


class Transfer(Struct, frozen=True):
    """A transfer as it stands in the books."""

    id: UUID
    key: str
    kind: str
    memo: str
    at: datetime
    lines: tuple[Line, ...]
    reversal_of: UUID | None = None
    rate_id: UUID | None = None


class OverFloor(Conflict):
    """The account would fall below its floor: not enough money, budget or allowance."""

    def __init__(self, account: Account, balance_minor: int, floor_minor: int, change_minor: int) -> None:
        self.account = account
        left = money_text(balance_minor - floor_minor, account.currency)
        asked = money_text(-change_minor, account.currency)
        title = {
            "budget": f"The budget of {account.owner} has {left} left; {asked} was asked for.",
            "allowance": f"The cap of {account.owner} leaves {left}; {asked} was asked for.",
        }.get(account.kind, f"The account '{account}' holds {left}; {asked} was asked for.")
        super().__init__(title, "Nothing was posted.", code="over_floor")


def check_draft(draft: Draft) -> None:
    """Refuse what can never be posted. Raises BadInput that names the fault."""
    if not draft.key or len(draft.key) > _MOST_KEY:
        raise BadInput(f"A transfer needs a key of 1 to {_MOST_KEY} characters.")
    if len(draft.lines) < 2:
        raise BadInput(
            f"The transfer {draft.key} has fewer than two lines.", "Money comes from somewhere and goes somewhere."
        )
    sums: dict[str, int] = {}
    seen: set[Account] = set()
    for line in draft.lines:
        _check_line(draft.key, line)
        if line.account in seen:
            raise BadInput(
                f"The transfer {draft.key} names the account '{line.account}' twice.", "One line per account."
            )
        seen.add(line.account)
        sums[line.account.currency] = sums.get(line.account.currency, 0) + line.amount_minor
    for currency, total in sums.items():
        if total:
            raise BadInput(
                f"The transfer {draft.key} does not sum to zero: {money_text(total, currency)} is left over."
            )


def _check_line(key: str, line: Line) -> None:
    amount = line.amount_minor
    if type(amount) is not int:
        raise BadInput(f"The transfer {key} has the amount {amount!r}.", "Amounts are whole minor units (cents).")
    if amount == 0 or abs(amount) > _MOST_MINOR:
        raise BadInput(f"The transfer {key} has the amount {amount}.", f"A line is not zero and at most {_MOST_MINOR}.")
    account = line.account
    if account.kind not in FLOORS:
        raise BadInput(f"There is no kind of account {account.kind!r}.", f"Kinds: {', '.join(FLOORS)}.")
    if len(account.currency) != 3 or not account.currency.isalpha() or not account.currency.isupper():
        raise BadInput(f"{account.currency!r} is not a currency.", "Use ISO 4217, such as EUR.")


def net_changes(drafts: list[Draft]) -> dict[Account, int]:
    """What a batch of transfers adds to each account, in minor units."""
    changes: dict[Account, int] = {}
    for draft in drafts:
        for line in draft.lines:
            changes[line.account] = changes.get(line.account, 0) + line.amount_minor
    return changes


def same_lines(one: tuple[Line, ...], other: tuple[Line, ...]) -> bool:
    """Do two transfers move the same money, whatever the order of their lines?"""
    return sorted(one) == sorted(other)
