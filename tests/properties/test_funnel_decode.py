"""Whatever arrives: a decoder answers with events of the vocabulary or says why not; the same row gives the same events."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.funnel import Undecodable, decode
from honeyguide.funnel.decode import DECODERS, fields
from honeyguide.funnel.decode.mapping import parse_mapping
from honeyguide.funnel.decode.vocabulary import KINDS, NAMES
from tests.unit.funnel.rows import row, source

# Keys the decoders look at, so that random payloads reach their branches with values of every type.
_KEYS = st.sampled_from([
    "type", "event", "userId", "anonymousId", "groupId", "previousId", "traits", "properties", "context", "name", "email", "company",
    "id", "object", "data", "previous_attributes", "items", "price", "quantity", "unit_amount", "amount", "currency", "customer",
    "detail", "requester", "requester_id", "organization", "organization_id", "domain_names", "comment", "body", "author", "score",
    "satisfaction_rating", "tags_added", "deal", "stage", "amount_minor", "feature", "n", "seats", "externalIds", "merged", "kept",
    "kind", "at", "person", "props", "mapping", "row", "joined", "hs_merged_object_ids", "phone", "title", "lines", "parent", "time",
])  # fmt: skip
_TEXTS = st.one_of(
    st.text(max_size=30), st.sampled_from([n for names in NAMES.values() for n in names] + list(KINDS)),
    st.sampled_from(["ana@acme.de", "zen:event-type:ticket.created", "customer.subscription.updated", "invoice.paid", "EUR", "2026-01-01"]),
)  # fmt: skip
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), _TEXTS)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS | st.text(max_size=8), inner, max_size=8),
    max_leaves=12,
)
_PAYLOADS = st.dictionaries(_KEYS, _JSON, max_size=10)
_CALLS = st.sampled_from(
    ["identify", "track", "page", "screen", "group", "alias", "unknown", "zen:event-type:ticket.rated"]
)
_MAPPING = msgspec.to_builtins(parse_mapping("source: x\nfiles: {a.csv: {id: id, time: at, person: {id: email}, events: [{kind: custom}]}}").files["a.csv"])  # fmt: skip


def _decoded(form: str, kind: str, body: bytes) -> Any:
    try:
        return decode(row(body, form=form, kind=kind), source("product", mappings={"a": _MAPPING}))
    except Undecodable:
        return None


@given(_PAYLOADS, _CALLS)
def test_every_json_object_is_read(payload: dict[str, Any], kind: str) -> None:
    body = msgspec.json.encode(payload)
    for form in DECODERS:
        events = _decoded(form, kind, body)
        assert events == _decoded(form, kind, body)
        if form in {"segment", "stripe", "zendesk", "webhook"}:
            assert events
        for event in events or ():
            assert event.kind in KINDS
            assert len(event.text) <= fields.TEXT_MAX
            for name, value in event.props.items():
                if name.endswith("_minor"):
                    assert type(value) is int or form in {"canonical", "import"} or event.kind == "custom"
            written = msgspec.json.encode(event)  # what later stages store as JSON
            if form != "canonical":
                kept = msgspec.json.encode([event.props, event.text, event.person, event.company])
                # Without escaped backslashes: a text that spells the escape holds no NUL.
                assert b"\\u0000" not in kept.replace(b"\\\\", b""), written


@given(st.binary(max_size=200), _CALLS)
def test_any_bytes_are_read_or_refused_with_a_reason(body: bytes, kind: str) -> None:
    for form in DECODERS:
        _decoded(form, kind, body)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=2))
def test_money_is_exact(amount: Any) -> None:
    """Two decimals in, the exact number of cents out: as text, and as the float a JSON client sends."""
    cents = int(amount * 100)
    assert fields.minor_units(str(amount), "EUR") == cents
    if abs(amount) < 10**10:
        assert fields.minor_units(float(amount), "EUR") == cents
    assert fields.minor_units(cents, "JPY") == cents


@given(_JSON)
def test_single_values_never_fail(value: Any) -> None:
    for read in (fields.text, fields.whole, fields.number, fields.truth, fields.currency, fields.instant, fields.scalar, fields.mapping, fields.sequence):  # fmt: skip
        read(value)
    at = fields.instant(value)
    assert at is None or at.tzinfo is not None
