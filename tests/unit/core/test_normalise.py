"""One spelling per identity; None for what names nobody."""

import pytest

from honeyguide.core import normalise


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ana@Example.COM", "ana@example.com"),
        (" <mailto:ana@example.com> ", "ana@example.com"),
        ("mailto:ana@example.com", "ana@example.com"),
        ("Ana.B+news@GoogleMail.com", "anab@gmail.com"),
        ("ana+x@outlook.com", "ana@outlook.com"),
        ("ana.b@outlook.com", "ana.b@outlook.com"),
        ("ana+x@acme.io", "ana+x@acme.io"),
        ("ana@müller.de", "ana@xn--mller-kva.de"),
        ("null@acme.io", None),
        ("+tag@gmail.com", None),
        (".ana@acme.io", None),
        ("a..b@acme.io", None),
        ("ana@acme", None),
        ("ana@10.0.0.1", None),
        ("ana acme@acme.io", None),
        ("", None),
        ("anonymous", None),
    ],
)
def test_email(value: str, expected: str | None) -> None:
    assert normalise.email(value) == expected


def test_email_is_idempotent() -> None:
    for value in ("Ana.B+x@googlemail.com", "ana+x@acme.io", "ana@müller.de", "o'neil@acme.co.uk"):
        once = normalise.email(value)
        assert once is not None
        assert normalise.email(once) == once


def test_mailbox_drops_every_tag() -> None:
    assert normalise.mailbox("ana+friend@acme.io") == "ana@acme.io"
    assert normalise.mailbox("ana@acme.io") == "ana@acme.io"
    assert normalise.mailbox("nonsense") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://www.mail.acme.co.uk:8080/path?q=1#x", "acme.co.uk"),
        ("ACME.io.", "acme.io"),
        ("a.myshopify.com", "a.myshopify.com"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("server.local", None),
        ("eu.acme.example", "acme.example"),
        ("co.uk", None),
        ("10.0.0.1", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_registrable_domain(value: str, expected: str | None) -> None:
    assert normalise.registrable_domain(value) == expected


def test_work_domain_is_of_companies_only() -> None:
    assert normalise.work_domain("ana@eu.acme.co.uk") == "acme.co.uk"
    assert normalise.work_domain("ana@gmx.de") is None
    assert normalise.work_domain("ana@yahoo.co.uk") is None
    assert normalise.work_domain("nonsense") is None


@pytest.mark.parametrize("value", ["info@x.io", "Support+eu@x.io", "no-reply@x.io", "billing2@x.io", "sales.team@x.io"])
def test_role_inboxes(value: str) -> None:
    assert normalise.is_role_inbox(value) is (value != "sales.team@x.io")


@pytest.mark.parametrize("value", ["ana@x.io", "infosys@x.io", "hilda@x.io", "it.ana@x.io"])
def test_people_are_no_role_inboxes(value: str) -> None:
    assert not normalise.is_role_inbox(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("+49 (0)30 123456 ext. 9", "+4930123456"),
        ("0049 30 123456", "+4930123456"),
        ("(555) 123-4567", "5551234567"),
        ("tel:+1-555-123-4567", "+15551234567"),
        ("0000000", None),
        ("call me", None),
        ("12", None),
        ("+12345678901234567", None),
    ],
)
def test_phone(value: str, expected: str | None) -> None:
    assert normalise.phone(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Acme Söhne GmbH & Co. KG", "acme sohne"),
        ("ACME, Inc.", "acme"),
        ("Foo B.V.", "foo"),
        ("Mærsk A/S", "mærsk"),
        ("Globex S.p.A.", "globex"),
        ("AG", "ag"),
        ("Johnson & Johnson", "johnson johnson"),
        ("---", None),
    ],
)
def test_company_name(value: str, expected: str | None) -> None:
    assert normalise.company_name(value) == expected


@pytest.mark.parametrize(
    "value", ["", " ", "null", "NULL", "Anonymous", "0", "0000-0000", "--", "-1", "aaaaaa", "11111111"]
)
def test_blocked(value: str) -> None:
    assert normalise.is_blocked(value)


@pytest.mark.parametrize("value", ["anna", "42", "11111", "u_1", "ana@x.io", "Δ17"])
def test_not_blocked(value: str) -> None:
    assert not normalise.is_blocked(value)
