"""Signature schemes: published examples pass; any flipped bit, stale time or missing header fails."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.core.errors import Unauthenticated
from honeyguide.funnel.signatures import OF_KIND, SCHEMES, SignedRequest, verify, verify_for

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ....").decode()
BODY = '{"hello":"wörld","n":1}'.encode()
URL = "https://hooks.example.com/hooks/abc%3Adef?x=%3A1"
SECONDS = str(int(NOW.timestamp()))


def _hex(secret: str, message: bytes, algorithm: str = "sha256") -> str:
    return hmac.new(secret.encode(), message, algorithm).hexdigest()


def _b64(secret: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(secret, message, "sha256").digest()).decode()


def signed(scheme: str, body: bytes = BODY, now: datetime = NOW) -> dict[str, str]:
    """Headers as the vendor's documentation says they are made, computed here on its own."""
    seconds, millis = str(int(now.timestamp())), str(int(now.timestamp() * 1000))
    iso = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    raw = base64.b64decode(SECRET.removeprefix("whsec_"))
    both = {"stripe": "stripe-signature", "honeyguide": "x-honeyguide-signature"}
    if scheme in both:
        made = _hex(SECRET, seconds.encode() + b"." + body)
        return {both[scheme]: f"t={seconds},v1={made},v0={'0' * 64}"}
    if scheme in {"standard-webhooks", "svix"}:
        p = "webhook" if scheme == "standard-webhooks" else "svix"
        made = _b64(raw, f"msg_1.{seconds}.".encode() + body)
        return {f"{p}-id": "msg_1", f"{p}-timestamp": seconds, f"{p}-signature": f"v1,AAAA v1,{made}"}
    if scheme == "hubspot-v1":
        return {"x-hubspot-signature": hashlib.sha256(SECRET.encode() + body).hexdigest()}
    if scheme == "hubspot-v2":
        made = hashlib.sha256(SECRET.encode() + b"POST" + URL.encode() + body).hexdigest()
        return {"x-hubspot-signature": made, "x-hubspot-signature-version": "v2"}
    if scheme == "hubspot-v3":
        plain = "https://hooks.example.com/hooks/abc:def?x=%3A1"
        made = _b64(SECRET.encode(), b"POST" + plain.encode() + body + millis.encode())
        return {"x-hubspot-signature-v3": made, "x-hubspot-request-timestamp": millis}
    if scheme == "zendesk":
        made = _b64(SECRET.encode(), iso.encode() + body)
        return {"x-zendesk-webhook-signature": made, "x-zendesk-webhook-signature-timestamp": iso}
    if scheme == "customerio":
        made = _hex(SECRET, b"v0:" + seconds.encode() + b":" + body)
        return {"x-cio-signature": made, "x-cio-timestamp": seconds}
    return {
        "pagerduty": {"x-pagerduty-signature": "v1=" + _hex(SECRET, body)},
        "intercom": {"x-hub-signature": "sha1=" + _hex(SECRET, body, "sha1")},
        "shopify": {"x-shopify-hmac-sha256": _b64(SECRET.encode(), body)},
        "github": {"x-hub-signature-256": "sha256=" + _hex(SECRET, body)},
        "segment": {"x-signature": _hex(SECRET, body, "sha1")},
    }[scheme]


def request(scheme: str) -> SignedRequest:
    return SignedRequest(signed(scheme), BODY, "POST", URL)


TIMED = [s for s, made in SCHEMES.items() if made.time_header or made.list_of == "pairs"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_valid_signature_passes(scheme: str) -> None:
    verify(scheme, SECRET, request(scheme), NOW)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_flipped_bit_of_the_body_fails(scheme: str) -> None:
    for n in range(len(BODY) * 8):
        body = bytearray(BODY)
        body[n // 8] ^= 1 << (n % 8)
        with pytest.raises(Unauthenticated):
            verify(scheme, SECRET, SignedRequest(signed(scheme), bytes(body), "POST", URL), NOW)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_flipped_bit_of_the_signature_and_its_time_fails(scheme: str) -> None:
    good = signed(scheme)
    timed = {SCHEMES[scheme].header, SCHEMES[scheme].time_header, *SCHEMES[scheme].also} & set(good)
    for name in timed:
        decoys = good[name].find(",v0=") if scheme in {"stripe", "honeyguide"} else -1
        start = len("v1,AAAA ") if scheme in {"standard-webhooks", "svix"} and "signature" in name else 0
        end = decoys if decoys > 0 else len(good[name])
        for n in range(start * 7, end * 7):
            value = bytearray(good[name].encode())
            value[n // 7] ^= 1 << (n % 7)
            headers = {**good, name: value.decode("latin-1")}
            with pytest.raises(Unauthenticated):
                verify(scheme, SECRET, SignedRequest(headers, BODY, "POST", URL), NOW)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_missing_header_fails(scheme: str) -> None:
    needed = {SCHEMES[scheme].header, SCHEMES[scheme].time_header, *SCHEMES[scheme].also} - {""}
    for name in needed:
        headers = {k: v for k, v in signed(scheme).items() if k != name}
        with pytest.raises(Unauthenticated) as found:
            verify(scheme, SECRET, SignedRequest(headers, BODY, "POST", URL), NOW)
        assert name in found.value.detail


def test_one_of_several_signatures_is_enough() -> None:
    """PagerDuty signs with the old and the new secret while one replaces the other."""
    both = f"v1={_hex('old secret', BODY)}, {signed('pagerduty')['x-pagerduty-signature']}"
    verify("pagerduty", SECRET, SignedRequest({"x-pagerduty-signature": both}, BODY, "POST", URL), NOW)
    with pytest.raises(Unauthenticated):
        verify("pagerduty", "third", SignedRequest({"x-pagerduty-signature": both}, BODY, "POST", URL), NOW)


@pytest.mark.parametrize("scheme", TIMED)
def test_a_stale_time_fails(scheme: str) -> None:
    for shift in (-301, 301, 86_400):
        with pytest.raises(Unauthenticated):
            verify(scheme, SECRET, request(scheme), NOW + timedelta(seconds=shift))
    verify(scheme, SECRET, request(scheme), NOW + timedelta(seconds=299))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_secret_fails(scheme: str) -> None:
    other = "whsec_" + base64.b64encode(b"another secret of thirty-two byte").decode()
    with pytest.raises(Unauthenticated):
        verify(scheme, other, request(scheme), NOW)


@pytest.mark.parametrize("scheme", ["hubspot-v2", "hubspot-v3"])
def test_method_and_address_are_covered(scheme: str) -> None:
    for method, url in (("PUT", URL), ("POST", URL + "1"), ("POST", URL.replace("https", "http"))):
        with pytest.raises(Unauthenticated):
            verify(scheme, SECRET, SignedRequest(signed(scheme), BODY, method, url), NOW)


def test_published_examples(shared_path: Callable[[str], Path]) -> None:
    vectors = json.loads(shared_path("vectors/signatures/vectors.json").read_text())
    assert len(vectors) == 4
    for v in vectors:
        body = v["body"].encode()
        scheme = v["scheme"].removesuffix("-v1") if v["scheme"].startswith("standard") else v["scheme"]
        now = NOW
        headers = {"x-hubspot-signature": v["signature"]}
        if scheme == "standard-webhooks":
            headers = {"webhook-id": v["id"], "webhook-timestamp": v["timestamp"], "webhook-signature": v["signature"]}
            now = datetime.fromtimestamp(int(v["timestamp"]), UTC)
        verify(scheme, v["secret"], SignedRequest(headers, body, v.get("method", "POST"), v.get("url", "")), now)
        for n in range(len(body) * 8):
            flipped = bytearray(body)
            flipped[n // 8] ^= 1 << (n % 8)
            with pytest.raises(Unauthenticated):
                verify(scheme, v["secret"], SignedRequest(headers, bytes(flipped), v.get("method", "POST"), v.get("url", "")), now)  # fmt: skip


@pytest.mark.parametrize("kind", OF_KIND)
def test_a_source_accepts_only_schemes_of_its_kind(kind: str) -> None:
    for scheme in SCHEMES:
        headers = signed(scheme)
        if scheme in OF_KIND[kind]:
            verify_for(kind, SECRET, SignedRequest(headers, BODY, "POST", URL), NOW)
        else:
            with pytest.raises(Unauthenticated):
                verify_for(kind, SECRET, SignedRequest(headers, BODY, "POST", URL), NOW)


@given(st.dictionaries(st.sampled_from([h for s in SCHEMES.values() for h in (s.header, s.time_header)]), st.text()))
def test_rubbish_headers_are_refused_never_an_error(headers: dict[str, str]) -> None:
    for kind in OF_KIND:
        with pytest.raises(Unauthenticated):
            verify_for(kind, SECRET, SignedRequest(headers, BODY, "POST", URL), NOW)
