"""Signing webhooks the way the vendors do, so that the product's own verifiers accept them."""

import base64
import hmac
from datetime import datetime

from honeyguide.demo.event import HUBSPOT, STRIPE, ZENDESK, stamp, unix


def headers_for(door: str, secret: str, body: bytes, at: datetime, address: str = "") -> dict[str, str]:
    """The signature headers of a webhook sent to `address` at `at`; none for doors that do not sign."""
    if door == HUBSPOT:
        time = str(unix(at) * 1000)
        signed = f"POST{address}".encode() + body + time.encode()
        made = base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()
        return {"x-hubspot-signature-v3": made, "x-hubspot-request-timestamp": time}
    if door == STRIPE:
        time = str(unix(at))
        made = hmac.digest(secret.encode(), f"{time}.".encode() + body, "sha256").hex()
        return {"stripe-signature": f"t={time},v1={made}"}
    if door == ZENDESK:
        time = stamp(at)
        made = base64.b64encode(hmac.digest(secret.encode(), time.encode() + body, "sha256")).decode()
        return {"x-zendesk-webhook-signature": made, "x-zendesk-webhook-signature-timestamp": time}
    return {}
