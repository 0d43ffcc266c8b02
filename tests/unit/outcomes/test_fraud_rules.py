"""Each rule against what cheats would try, and against the honest who look like them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from honeyguide.outcomes.fraud import RULES, Case, code_leak, examine, likeness, refund_rate, velocity
from honeyguide.outcomes.fraud.case import Pace, Payee, Shared, Takings, Visits
from honeyguide.outcomes.fraud.disposable_domain import DOMAINS, is_disposable

AT = datetime(2026, 3, 2, tzinfo=UTC)
HONEST: dict[str, Any] = {
    "advocate_name": "Maya Ortiz", "advocate_email": "maya.ortiz@customer.example", "advocate_entity": 1,
    "advocate_domain": "customer.example", "advocate_companies": (7,), "friend_email": "tom.berg@prospect.example",
    "friend_name": "Tom Berg", "friend_entity": 2, "friend_domain": "prospect.example", "friend_company": 8,
    "friend_company_name": "Prospect Ltd",
}  # fmt: skip


def found(**more: Any) -> dict[str, str]:
    return {f.rule: f.verdict for f in examine(Case(**HONEST | more))}


def test_an_honest_sign_up_is_left_alone() -> None:
    assert found() == {}


def test_there_is_one_file_per_rule_and_each_speaks_of_itself() -> None:
    names = [rule.__module__.rsplit(".", 1)[1] for rule in RULES]
    assert len(names) == len(set(names)) == 15


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("ortiz.maya@private.example", "M O"),  # the words turned round
        ("mayaortiz@private.example", ""),  # without the dot
        ("maya-ortiz2@private.example", ""),  # with a number
        ("mortiz@private.example", "Tom Berg"),  # an initial, and somebody else's name
        ("x99@private.example", "Ortiz Maya"),  # the name turned round
        ("x99@private.example", "Máya  ORTIZ"),  # accents and case
        ("x99@private.example", "Maya Ortis"),  # one letter off
        ("m.a.y.a.ortiz+friend@private.example", ""),  # dots and a tag
    ],
)
def test_the_advocates_own_name_elsewhere_is_held(email: str, name: str) -> None:
    assert found(friend_email=email, friend_name=name, friend_domain="private.example") == {"similar_name": "hold"}


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("pablo.ortiz@prospect.example", "Pablo Ortiz"),  # a relative
        ("mortiz@prospect.example", "Marta Ortiz"),  # a relative with the same initial, under a name of her own
        ("maya@prospect.example", "Maya Lindt"),  # a first name is anybody's
        ("maya.lindt@prospect.example", "Maya Lindt"),
        ("info@prospect.example", ""),
        ("ortega@prospect.example", "Mia Ortega"),
    ],
)
def test_relatives_and_namesakes_are_spared(email: str, name: str) -> None:
    assert "similar_name" not in found(friend_email=email, friend_name=name)


def test_two_shared_mailboxes_named_alike_are_not_one_person() -> None:
    assert not likeness.same_local("support@a.example", "support@b.example")


@pytest.mark.parametrize("address", ["a@mailinator.com", "a@x.mailinator.com", "A@MAILINATOR.COM", "a+b@yopmail.com"])
def test_throw_away_addresses_are_held(address: str) -> None:
    assert is_disposable(address)


def test_the_list_of_throw_away_domains_is_there_and_names_no_ordinary_one() -> None:
    assert len(DOMAINS) > 5_000
    for host in ("gmail.com", "outlook.com", "prospect.example", "com", "siemens.com"):
        assert not is_disposable(f"a@{host}")


@pytest.mark.parametrize(
    ("domain", "verdict"),
    [
        ("custorner.example", "hold"),  # rn for m
        ("cust0mer.example", "hold"),
        ("cus-tomer.example", "hold"),
        ("custmoer.example", "hold"),  # two letters swapped
        ("customers.example", "hold"),
        ("xn--custmer-cpf.example", "hold"),  # a Greek omicron, as registrars write it
        ("customer.test", "note"),  # another ending: companies own several
        ("customs.example", None),
        ("consumer.example", None),
        ("customer.example", None),
    ],
)
def test_domains_that_imitate_the_advocates(domain: str, verdict: str | None) -> None:
    assert found(friend_domain=domain).get("lookalike_domain") == verdict


def test_short_and_numbered_domains_are_no_imitation() -> None:
    assert likeness.looks_like("abd.example", "abc.example") is None
    assert likeness.looks_like("studio55.example", "studio54.example") is None


def test_our_own_people_are_insiders_but_not_everybody_at_a_mail_provider() -> None:
    assert found(own_domains=("customer.example",))["insider"] == "hold"
    assert found(own_domains=("prospect.example",))["insider"] == "hold"
    assert found(own_domains=("gmail.com",), advocate_domain="gmail.com") == {}


def test_a_payee_shared_with_strangers_is_held_with_colleagues_noted() -> None:
    assert found(payee=Payee(("Rita Val",), 2))["duplicate_payee"] == "hold"
    assert found(payee=Payee(("Lee Wong",), 1))["duplicate_payee"] == "note"
    assert found(payee=Payee((), 2, friend=True))["duplicate_payee"] == "hold"
    assert found(payee=Payee((), 1)) == {}


def test_an_office_is_spared_and_a_device_of_two_is_not() -> None:
    assert found(shared=(Shared("network", 40, 30),)) == {}
    assert found(shared=(Shared("device", 6, 5),)) == {}  # the office's tablet
    assert found(shared=(Shared("network", 300, 4),)) == {}  # a carrier's
    assert found(shared=(Shared("network", 2, 1),)) == {"shared_device": "note"}
    assert found(shared=(Shared("device", 2, 1),)) == {"shared_device": "hold"}
    assert found(shared=(Shared("device", 2, 2, both_colleagues=True),)) == {"shared_device": "note"}
    assert found(shared=(Shared("device", 40, 4),)) == {"shared_device": "hold"}  # a device farm is no office


def test_refunds_beyond_chance_are_held_and_bad_luck_is_not() -> None:
    everybody = {"program_won": 400, "program_taken_back": 20}
    assert found(takings=Takings(6, 5, **everybody)) == {"refund_rate": "hold"}
    assert found(takings=Takings(2, 2, **everybody)) == {}  # two are too few
    assert found(takings=Takings(40, 4, **everybody)) == {}
    assert found(takings=Takings(6, 3, program_won=400, program_taken_back=160)) == {}  # where refunds are usual


def test_the_refund_tail_is_a_probability_that_falls_with_each_refund() -> None:
    tails = [refund_rate.tail(Takings(10, k, 200, 10 + k)) for k in range(11)]
    assert tails[0] == pytest.approx(1.0)
    assert tails == sorted(tails, reverse=True)
    assert 0 < tails[-1] < 1e-4


def test_a_code_on_a_coupon_site_has_leaked() -> None:
    assert found(visits=Visits(5, 7.0, (("www.retailmenot.com", 3),)))["code_leak"] == "hold"
    assert found(visits=Visits(5, 7.0, (("www.retailmenot.com", 1),))) == {}
    assert found(visits=Visits(900, 7.0, (), 12))["code_leak"] == "hold"
    assert found(visits=Visits(900, 7.0, (("linkedin.com", 800),), 2)) == {}  # read by many, used by few
    for host in ("linkedin.com", "mail.google.com", "dealroom.co", "teams.microsoft.com"):
        assert not code_leak.is_coupon_site(host)


def test_a_script_is_held_and_a_talk_at_a_conference_is_not() -> None:
    assert found(sign_ups_by_visitor=2) == {"velocity": "hold"}
    assert found(sign_ups_by_advocate=10) == {"velocity": "hold"}
    assert found(pace=Pace(9, 0, 60.0)) == {"velocity": "hold"}
    assert found(pace=Pace(4, 3, 60.0)) == {}
    assert found(pace=Pace(9, 400, 90.0)) == {}  # as many as every day
    assert velocity.tail(Pace(0, 0, 0.0)) < 1.0
