"""Pay by hand: export a CSV, pay at the bank, the billing system or the gift-card shop, enter the reference."""

from honeyguide.ledger import Instruction, Sheet, plain_reference, to_csv

_INCENTIVES = frozenset({"commission", "gift_card", "renewal_credit"})


class ManualRail:
    """Needs no account anywhere. Commission, gift card and renewal credit all go this way at first."""

    name = "manual"

    def accepts(self, incentive: str, currency: str = "", country: str = "") -> bool:
        """Everything that is worth money."""
        return incentive in _INCENTIVES

    def render(self, sheet: Sheet) -> Instruction:
        """A CSV, one line a reward, with the total."""
        return Instruction(f"payout-{sheet.payout_id}.csv", "text/csv; charset=utf-8", to_csv(sheet))

    def check_reference(self, reference: str) -> str:
        """Any printable text: banks differ."""
        return plain_reference(reference)
