"""Webhook signatures: one verifier over a table of schemes.

Signatures are compared as the text they are sent as, in constant time, so every changed bit fails; where a scheme
signs a time, older or newer than its tolerance fails. docs/reference/webhooks.md lists the schemes.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import unquote

from msgspec import Struct

from honeyguide.core.errors import Unauthenticated
from honeyguide.funnel.decode.fields import instant

TOLERANCE_S = 300


class SignedRequest(Struct, frozen=True):
    """What a signature can cover. Header names are lower case; `url` is the full address as the sender called it."""

    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    url: str = ""


Digest = Callable[[bytes, bytes], bytes]


class Scheme(Struct, frozen=True):
    """One way of signing: where the signature stands, what it covers, and how it is made and written."""

    header: str
    covers: Callable[[SignedRequest, str], bytes]
    digest: Digest
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    time_header: str = ""
    also: tuple[str, ...] = ()
    list_of: Literal["", "pairs", "versions", "several"] = ""
    whsec: bool = False


def _sha256(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _sha1(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha1")


def _plain_sha256(key: bytes, message: bytes) -> bytes:
    return hashlib.sha256(key + message).digest()


def _body(r: SignedRequest, _: str) -> bytes:
    return r.body


def _time_dot_body(r: SignedRequest, time: str) -> bytes:
    return time.encode() + b"." + r.body


def _time_body(r: SignedRequest, time: str) -> bytes:
    return time.encode() + r.body


def _version_time_body(r: SignedRequest, time: str) -> bytes:
    return b"v0:" + time.encode() + b":" + r.body


def _id_time_body(r: SignedRequest, time: str) -> bytes:
    ident = r.headers.get("webhook-id") or r.headers.get("svix-id") or ""
    return f"{ident}.{time}.".encode() + r.body


def _method_url_body(r: SignedRequest, _: str) -> bytes:
    return f"{r.method}{r.url}".encode() + r.body


def _method_url_body_time(r: SignedRequest, time: str) -> bytes:
    return f"{r.method}{_hubspot_url(r.url)}".encode() + r.body + time.encode()


def _hubspot_url(url: str) -> str:
    """HubSpot signs the address with these characters decoded, and nothing after `?` changed otherwise."""
    path, mark, query = url.partition("?")
    for code in ("%3A", "%2F", "%3F", "%40", "%21", "%24", "%27", "%28", "%29", "%2A", "%2C", "%3B"):
        path = path.replace(code, unquote(code)).replace(code.lower(), unquote(code))
    return path + mark + query


SCHEMES: dict[str, Scheme] = {
    "stripe": Scheme("stripe-signature", _time_dot_body, _sha256, list_of="pairs"),
    "honeyguide": Scheme("x-honeyguide-signature", _time_dot_body, _sha256, list_of="pairs"),
    "standard-webhooks": Scheme(
        "webhook-signature", _id_time_body, _sha256, "base64", time_header="webhook-timestamp",
        also=("webhook-id",), list_of="versions", whsec=True,
    ),
    "svix": Scheme(
        "svix-signature", _id_time_body, _sha256, "base64", time_header="svix-timestamp", also=("svix-id",),
        list_of="versions", whsec=True,
    ),
    "hubspot-v1": Scheme("x-hubspot-signature", _body, _plain_sha256),
    "hubspot-v2": Scheme("x-hubspot-signature", _method_url_body, _plain_sha256),
    "hubspot-v3": Scheme(
        "x-hubspot-signature-v3", _method_url_body_time, _sha256, "base64", time_header="x-hubspot-request-timestamp"
    ),
    "zendesk": Scheme(
        "x-zendesk-webhook-signature", _time_body, _sha256, "base64",
        time_header="x-zendesk-webhook-signature-timestamp",
    ),
    "intercom": Scheme("x-hub-signature", _body, _sha1, prefix="sha1="),
    "shopify": Scheme("x-shopify-hmac-sha256", _body, _sha256, "base64"),
    "github": Scheme("x-hub-signature-256", _body, _sha256, prefix="sha256="),
    "segment": Scheme("x-signature", _body, _sha1),
    "pagerduty": Scheme("x-pagerduty-signature", _body, _sha256, prefix="v1=", list_of="several"),
    "customerio": Scheme("x-cio-signature", _version_time_body, _sha256, time_header="x-cio-timestamp"),
}  # fmt: skip
# Which schemes a source of a kind may use; the first whose header is present counts, so nobody can choose a weaker
# one while the sender uses the strongest.
OF_KIND: dict[str, tuple[str, ...]] = {
    "stripe": ("stripe",),
    "zendesk": ("zendesk",),
    "hubspot": ("hubspot-v3", "hubspot-v2", "hubspot-v1"),
    "intercom": ("intercom",),
    "shopify": ("shopify",),
    "github": ("github",),
    "segment-webhook": ("segment",),
    "segment": ("segment", "honeyguide"),
    "pagerduty": ("pagerduty",),
    "customerio": ("customerio",),
    "standard-webhooks": ("standard-webhooks", "svix"),
    "webhook": ("honeyguide", "standard-webhooks", "svix"),
}


def verify_for(kind: str, secret: str, request: SignedRequest, now: datetime) -> None:
    """Check a request by the schemes of its source's kind. Raises Unauthenticated with the reason."""
    names = OF_KIND.get(kind, ("honeyguide",))
    if "x-hubspot-signature-v3" not in request.headers and kind == "hubspot":
        names = ("hubspot-v1",) if request.headers.get("x-hubspot-signature-version", "v1") == "v1" else ("hubspot-v2",)
    chosen = next((n for n in names if SCHEMES[n].header in request.headers), names[0])
    verify(chosen, secret, request, now)


def verify(scheme: str, secret: str, request: SignedRequest, now: datetime) -> None:
    """Check a request's signature. Raises Unauthenticated that says what is wrong, never what would be right."""
    s = SCHEMES[scheme]
    given = request.headers.get(s.header, "")
    missing = [h for h in (s.header, s.time_header, *s.also) if h and not request.headers.get(h)]
    if missing:
        raise _bad(f"The header {missing[0]} is missing.")
    time, signatures = _parts(s, given, request.headers.get(s.time_header, ""))
    if (s.time_header or s.list_of == "pairs") and not _recent(time, now):
        raise _bad(f"It was signed more than {TOLERANCE_S} seconds from now, or carries no time.")
    expected = _expected(s, secret, request, time)
    matched = False
    for signature in signatures:  # every one is compared, so that time tells nothing about which matched
        matched |= hmac.compare_digest(signature.encode("utf-8", "replace"), expected)
    if not matched:
        raise _bad("The signature does not fit the body.")


def _parts(s: Scheme, given: str, time: str) -> tuple[str, list[str]]:
    if s.list_of == "pairs":
        pairs = [part.partition("=") for part in given.split(",")]
        return next((v for k, _, v in pairs if k == "t"), ""), [v for k, _, v in pairs if k == "v1"]
    if s.list_of == "versions":
        return time, [part[3:] for part in given.split(" ") if part.startswith("v1,")]
    if s.list_of == "several":  # one per secret while the sender changes it
        parts = [part.strip() for part in given.split(",")]
        return time, [part[len(s.prefix) :] for part in parts if part.startswith(s.prefix)]
    return time, [given[len(s.prefix) :]] if given.startswith(s.prefix) else []


def _expected(s: Scheme, secret: str, request: SignedRequest, time: str) -> bytes:
    made = s.digest(_key(s, secret), s.covers(request, time))
    return made.hex().encode() if s.encoding == "hex" else base64.b64encode(made)


def _key(s: Scheme, secret: str) -> bytes:
    if not s.whsec:
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError) as e:
        raise _bad("The source's secret is not base64, which this scheme asks for.") from e


def _recent(time: str, now: datetime) -> bool:
    if not time.isascii():
        return False
    at = instant(int(time)) if time.isdigit() and len(time) < 16 else instant(time)
    return at is not None and abs((now.astimezone(UTC) - at).total_seconds()) <= TOLERANCE_S


def _bad(detail: str) -> Unauthenticated:
    return Unauthenticated(
        "The webhook's signature is not valid.", detail,
        advice="Check that the source's signing secret is the sender's current one.", code="bad_signature",
    )  # fmt: skip
