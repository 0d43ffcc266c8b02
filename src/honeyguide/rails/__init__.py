"""Plug-ins that pay: each implements a port of `ledger` (`Rail` writes files, `CallRail` calls). None knows another.

Those that call are made for one workspace with its secrets and a `Caller`, which decides where may be called.
"""

from collections.abc import Callable, Mapping
from typing import Any

from honeyguide.ledger import Rail
from honeyguide.rails import paypal, stripe, tango, tremendous
from honeyguide.rails.calling import Caller, transport
from honeyguide.rails.manual import ManualRail
from honeyguide.rails.nacha import NachaRail
from honeyguide.rails.sepa import SepaRail

# What each calling rail is called, how it is made, where its provider is, and the secrets it asks for.
CALLING: dict[str, tuple[type[Any], str, tuple[str, ...]]] = {
    "stripe_transfer": (stripe.StripeTransfer, stripe.BASE, ("api_key", "webhook_secret")),
    "stripe_credit": (stripe.StripeCredit, stripe.BASE, ("api_key", "webhook_secret")),
    "stripe_coupon": (stripe.StripeCoupon, stripe.BASE, ("api_key", "webhook_secret")),
    "paypal": (paypal.PayPal, paypal.BASE, ("client_id", "client_secret")),
    "tremendous": (tremendous.Tremendous, tremendous.BASE, ("api_key", "webhook_secret")),
    "tango": (tango.Tango, tango.BASE, ("platform_name", "platform_key")),
}

# Those that write files, made with the workspace's settings.
WRITING: dict[str, Callable[[Mapping[str, Any]], Rail]] = {
    "manual": lambda _: ManualRail(),
    "sepa": SepaRail,
    "nacha": NachaRail,
}

__all__ = ["CALLING", "WRITING", "Caller", "ManualRail", "NachaRail", "SepaRail", "transport"]
