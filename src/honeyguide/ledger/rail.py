"""The port to whatever carries money: a bank, a gift-card shop, the billing system.

A rail that writes files renders a payout; a rail that calls answers with what it knows, and no more: an answer that did
not come is `Unknown`, never a failure. The ledger decides amounts and what an answer means; a rail decides neither.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.ledger.sheets import Sheet

_MOST_REFERENCE = 200


class Instruction(Struct, frozen=True):
    """What a rail hands to the person who pays."""

    file_name: str
    media_type: str
    body: bytes


class Order(Struct, frozen=True):
    """One payment to be made. `account` is where it goes, opened (IBAN, PayPal mail, Stripe id); amounts in minor units.

    `asked_at` is when this key was first sent to the provider.
    """

    id: UUID
    amount_minor: int
    currency: str
    incentive: str
    label: str
    name: str
    email: str
    account: Mapping[str, Any]
    provider_id: str = ""
    asked_at: datetime | None = None

    @property
    def key(self) -> str:
        """What the provider knows this payment by: the same for every try, and for no other payment."""
        return f"hg-{self.id}"


class Sent(Struct, frozen=True):
    """The provider has taken it. `paid`: it is final at once. `reported_minor`: the amount it says, None when it says none."""

    provider_id: str
    paid: bool = False
    reported_minor: int | None = None


class Refused(Struct, frozen=True):
    """The provider said no, for certain: nothing was or will be paid under this key."""

    reason: str


class Unknown(Struct, frozen=True):
    """There is no answer one can rely on. It is asked again under the same key, not before `wait_s` seconds."""

    reason: str
    wait_s: int = 0


Answer = Sent | Refused | Unknown
Standing = Literal["absent", "sent", "paid", "refused", "returned", "unknown"]


class Status(Struct, frozen=True):
    """What the provider says about a payment when asked. `absent`: it says it has never seen the key."""

    standing: Standing
    provider_id: str = ""
    reported_minor: int | None = None
    reason: str = ""
    wait_s: int = 0


class Notice(Struct, frozen=True):
    """A webhook, checked: its own id, what it is about (our key or the provider's id), and its kind."""

    id: str
    kind: str
    key: str = ""
    provider_id: str = ""


class Rail(Protocol):
    """A rail that writes files. It renders what the ledger approved and checks what comes back."""

    @property
    def name(self) -> str:
        """The name a payout is stored under."""

    def accepts(self, incentive: str, currency: str = "", country: str = "") -> bool:
        """Can it pay this kind of incentive, in this currency, there? Empty: whichever."""

    def render(self, sheet: Sheet) -> Instruction:
        """The payout as this rail takes it. Every line and the total are in it; the same sheet gives the same bytes."""

    def check_reference(self, reference: str) -> str:
        """The proof of payment in its normal form. Raises BadInput when it cannot be one."""


class CallRail(Protocol):
    """A rail that calls a provider. `payee_kind`: the account it needs; `interval_ms`: least milliseconds between two calls."""

    name: str
    payee_kind: str
    interval_ms: int

    def accepts(self, incentive: str, currency: str = "", country: str = "") -> bool:
        """Can it pay this kind of incentive, in this currency, there? Empty: whichever."""

    async def send(self, order: Order) -> Answer:
        """Ask the provider to pay, under the order's key. Never raises for what the network or the provider does."""

    async def look(self, order: Order) -> Status:
        """Ask what became of it, without paying. Never raises for what the network or the provider does."""

    def notices(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Notice]:
        """What a webhook tells of. Raises Unauthenticated when its signature does not fit, BadInput when it is no notice."""


def plain_reference(reference: str) -> str:
    """A bank's reference, trimmed. Raises BadInput when it is empty, too long or holds control characters."""
    text = " ".join(reference.split())
    if not text or len(text) > _MOST_REFERENCE or not text.isprintable():
        raise BadInput(
            "Marking a payout as paid needs the bank's reference.",
            f"It is 1 to {_MOST_REFERENCE} printable characters.",
        )
    return text
