"""What reading a text by a hosted model costs: estimated before it is spent, counted after."""

import ipaddress
import math
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from msgspec import Struct
from pydantic_ai.messages import ModelResponse
from pydantic_ai.usage import RequestUsage

from honeyguide.core.errors import BadInput
from honeyguide.inference.contract import Usage

_MILLION = 1_000_000
# Letters a token stands for, on the low side: an estimate shall not be less than the bill (English has about 4).
_BYTES_PER_TOKEN = 3
TOKENS_PER_ANSWER = 60  # a label, a quote of up to 40 tokens, and the braces around them


class Price(Struct, frozen=True):
    """Millionths of the currency unit for a million tokens, read and written."""

    read: int
    written: int

    def cost(self, tokens_in: int, tokens_out: int) -> int:
        """In millionths of the currency unit, rounded up."""
        return math.ceil((tokens_in * self.read + tokens_out * self.written) / _MILLION)


def tokens_of(text: str) -> int:
    """Tokens of a text, on the high side."""
    return len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN + 1


def price_of(setting: str, vendor: str, model: str, base_url: str) -> Price:
    """The price of a model: as set, as the client's price list has it, 0 on this machine. Raises BadInput when unknown."""
    if setting:
        return _parsed(setting)
    if base_url and _is_here(base_url):
        return Price(0, 0)
    try:
        return Price(_listed(vendor, model, read=_MILLION), _listed(vendor, model, written=_MILLION))
    except LookupError as e:
        raise BadInput(
            f"The price of {model} is not known.", "Nothing is spent at an unknown price.",
            advice="Set HONEYGUIDE_HOSTED_PRICE to what a million tokens cost, read/written, for example 0.25/2.00.",
        ) from e  # fmt: skip


def _parsed(setting: str) -> Price:
    try:
        read, written = (Decimal(part) for part in setting.split("/"))
        if not (0 <= read < _MILLION and 0 <= written < _MILLION):
            raise ValueError(setting)
    except (ValueError, InvalidOperation) as e:
        raise BadInput(f"HONEYGUIDE_HOSTED_PRICE is {setting!r}.", "It takes two prices, for example 0.25/2.00.") from e
    return Price(int(read * _MILLION), int(written * _MILLION))


def _listed(vendor: str, model: str, *, read: int = 0, written: int = 0) -> int:
    usage = RequestUsage(input_tokens=read, output_tokens=written)
    cost = ModelResponse(parts=[], usage=usage, model_name=model, provider_name=vendor).cost()
    return int(cost.total_price * _MILLION)


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shares(total: Usage, count: int) -> Sequence[Usage]:
    """A cost split over `count` answers so that the parts add up to it."""

    def part(whole: int, n: int) -> int:
        return whole // count + (1 if n < whole % count else 0)

    return [
        Usage(part(total.tokens_in, n), part(total.tokens_out, n), total.cpu_ms / count, part(total.cost_micros, n))
        for n in range(count)
    ]
