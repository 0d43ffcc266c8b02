"""Webhooks are signed as the vendors sign them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.core.errors import Unauthenticated
from honeyguide.demo import headers_for
from honeyguide.funnel.signatures import SignedRequest, verify_for
from tests.unit.demo.conftest import END


@given(
    st.sampled_from(["stripe", "zendesk", "segment:hubspot"]),
    st.binary(max_size=400),
    st.text("abcdef0123456789_", min_size=8),
)
def test_the_products_verifiers_accept_the_demos_signatures(door: str, body: bytes, secret: str) -> None:
    address, kind = "http://localhost:8600/hooks/key", door.removeprefix("segment:")
    headers = headers_for(door, secret, body, END, address)
    verify_for(kind, secret, SignedRequest(headers, body, "POST", address), END)
    with pytest.raises(Unauthenticated):
        verify_for(kind, secret, SignedRequest(headers, body + b" ", "POST", address), END)
    with pytest.raises(Unauthenticated):
        verify_for(kind, secret + "x", SignedRequest(headers, body, "POST", address), END)


def test_segment_doors_are_not_signed() -> None:
    assert headers_for("segment:product", "secret", b"{}", END) == {}
