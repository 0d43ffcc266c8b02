"""The port to whatever carries money: a bank, a gift-card shop, the billing system."""

from typing import Protocol

from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.ledger.sheets import Sheet

_MOST_REFERENCE = 200


class Instruction(Struct, frozen=True):
    """What a rail hands to the person who pays."""

    file_name: str
    media_type: str
    body: bytes


class Rail(Protocol):
    """A way to pay. It never decides amounts: it renders what the ledger approved and checks what comes back."""

    @property
    def name(self) -> str:
        """The name a payout is stored under."""

    def accepts(self, incentive: str) -> bool:
        """Can it pay this kind of incentive?"""

    def render(self, sheet: Sheet) -> Instruction:
        """The payout as this rail takes it. Every line and the total are in it; the same sheet gives the same bytes."""

    def check_reference(self, reference: str) -> str:
        """The proof of payment in its normal form. Raises BadInput when it cannot be one."""


def plain_reference(reference: str) -> str:
    """A bank's reference, trimmed. Raises BadInput when it is empty, too long or holds control characters."""
    text = " ".join(reference.split())
    if not text or len(text) > _MOST_REFERENCE or not text.isprintable():
        raise BadInput(
            "Marking a payout as paid needs the bank's reference.",
            f"It is 1 to {_MOST_REFERENCE} printable characters.",
        )
    return text
