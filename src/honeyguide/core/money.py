"""Money is an integer of minor units and a currency, never a float."""

from msgspec import Struct

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
# ISO 4217 exponents that are not 2.
_EXPONENTS = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0,
    "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "VND": 0, "VUV": 0,
    "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip


class Money(Struct, frozen=True):
    """An amount in minor units (cents) of one currency (ISO 4217, upper case)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"not an ISO 4217 currency: {self.currency!r}")

    def __str__(self) -> str:
        return money_text(self.minor, self.currency)


def exponent(currency: str) -> int:
    """How many decimal places the currency has (2 unless ISO 4217 says otherwise)."""
    return _EXPONENTS.get(currency.upper(), 2)


def share_bp(minor: int, bp: int) -> int:
    """`bp` basis points of `minor`, rounded down: we never pay a cent that was not earned."""
    return minor * bp // 10_000


def money_text(minor: int, currency: str) -> str:
    """For people: `€1,500`, `€12.50`, `-$3.05`, `CHF 20`."""
    places = exponent(currency)
    whole, fraction = divmod(abs(minor), 10**places)
    text = f"{whole:,}" + (f".{fraction:0{places}d}" if fraction else "")
    symbol = _SYMBOLS.get(currency.upper())
    sign = "-" if minor < 0 else ""
    return f"{sign}{symbol}{text}" if symbol else f"{sign}{currency.upper()} {text}"
