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

# What each may be told besides its secrets; without those marked true it cannot pay.
SETTINGS: dict[str, dict[str, bool]] = {
    "sepa": {"name": True, "iban": True, "bic": False},
    "nacha": {"routing": True, "bank": True, "company": True, "company_id": True, "sec": False},
    "tremendous": {"campaign_id": True, "funding_source_id": False},
    "tango": {"account": True, "customer": True, "utid": True},
}

# Where each provider lets one try without money. Stripe has one address: its test keys begin with sk_test_.
SANDBOXES: dict[str, str] = {
    "paypal": "https://api-m.sandbox.paypal.com", "tremendous": "https://testflight.tremendous.com",
    "tango": "https://integration-api.tangocard.com",
}  # fmt: skip

# Those that pay one currency only; the others pay what the account at the provider holds.
CURRENCIES: dict[str, tuple[str, ...]] = {"sepa": ("EUR",), "nacha": ("USD",)}

# Those that write files, made with the workspace's settings.
WRITING: dict[str, Callable[[Mapping[str, Any]], Rail]] = {
    "manual": lambda _: ManualRail(),
    "sepa": SepaRail,
    "nacha": NachaRail,
}

__all__ = [
    "CALLING",
    "CURRENCIES",
    "SANDBOXES",
    "SETTINGS",
    "WRITING",
    "Caller",
    "ManualRail",
    "NachaRail",
    "SepaRail",
    "transport",
]
