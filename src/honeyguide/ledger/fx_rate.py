"""A rate of exchange. Pure."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core.money import exponent


class Rate(Struct, frozen=True):
    """One unit of `base` is numerator / denominator units of `quote`, from `at` on."""

    id: UUID
    base: str
    quote: str
    numerator: int
    denominator: int
    source: str
    at: datetime

    def convert(self, minor: int) -> int:
        """Minor units of the base as minor units of the quote, rounded towards zero: no cent is made out of nothing."""
        up, down = exponent(self.quote), exponent(self.base)
        value: int = abs(minor) * self.numerator * 10**up // (self.denominator * 10**down)
        return value if minor >= 0 else -value
