"""Each canonical event and the edges it states by itself."""

from typing import Any

import pytest

from honeyguide.core.terms import RecordRef
from honeyguide.graph.facts import facts_of, node_of
from honeyguide.graph.kinds import EDGE_NAME
from tests.properties.worlds import START, company, event, persona

ANA, ACME = persona("s", "1"), company("s", "7")
CRM = node_of("product", "crm")


def edges(
    kind: str, person: RecordRef | None = ANA, firm: RecordRef | None = ACME, **props: Any
) -> set[tuple[str, int, int, bool]]:
    found = facts_of(event(1, kind, START, person, firm, source="s", **props)).assertions
    assert len({a.id for a in found}) == len(found)
    return {(EDGE_NAME[a.kind], a.src, a.dst, a.ends) for a in found}


WORKS = ("works_at", ANA.id, ACME.id, False)


def test_a_person_with_a_company_works_there() -> None:
    assert edges("custom") == {WORKS}
    assert edges("custom", firm=None) == set()
    assert edges("custom", person=None) == set()


def test_a_departure_ends_it() -> None:
    assert edges("persona.departed") == {("works_at", ANA.id, ACME.id, True)}
    assert edges("persona.departed", left_company_ref="7") == {("works_at", ANA.id, ACME.id, True)}
    assert edges("persona.departed", left_company_ref="8") == {("works_at", ANA.id, company("s", "8").id, True), WORKS}


def test_usage() -> None:
    reports = node_of("feature", "crm/reports")
    assert edges("feature.used", product="crm", feature="reports") == {
        WORKS, ("uses", ANA.id, CRM, False), ("uses", ACME.id, CRM, False), ("adopted", ACME.id, CRM, False),
        ("uses", ANA.id, reports, False),
    }  # fmt: skip
    assert edges("feature.used", None, product="crm", feature="reports") == {
        ("uses", ACME.id, CRM, False), ("adopted", ACME.id, CRM, False), ("uses", ACME.id, reports, False),
    }  # fmt: skip
    assert edges("usage.milestone", None, None, product="crm") == set()


@pytest.mark.parametrize("kind", ["ticket.opened", "ticket.solved", "ticket.rated", "ticket.escalated"])
def test_tickets(kind: str) -> None:
    ticket = node_of("ticket", "s:T1")
    assert edges(kind, ticket="T1") == {WORKS, ("opened", ANA.id, ticket, False), ("opened", ACME.id, ticket, False)}
    assert edges(kind, None, ticket="T1") == {("opened", ACME.id, ticket, False)}  # tables of companies only


def test_a_comment_does_not_make_its_author_the_requester() -> None:
    assert edges("ticket.commented", firm=None, ticket="T1") == set()
    (node,) = facts_of(event(1, "ticket.commented", START, ANA, source="s", ticket="T1")).nodes
    assert node.props == {}


def test_deals() -> None:
    deal = node_of("deal", "s:D1")
    assert edges("deal.created", None, deal="D1") == {("evaluated", ACME.id, deal, False)}
    assert edges("deal.won", None, deal="D1", product="crm") == {("bought", ACME.id, CRM, False)}
    owner = node_of("role", "owner:s:olga")
    assert ("owns_account", owner, ACME.id, False) in edges("deal.stage_changed", deal="D1", owner="Olga")


def test_subscriptions_end_by_stream() -> None:
    own = node_of("subscription", "s:S1")
    assert edges("subscription.started", None, subscription="S1", product="crm") == {
        ("subscribed_to", ACME.id, CRM, False), ("subscribed_to", ACME.id, own, False),
    }  # fmt: skip
    assert edges("subscription.cancelled", None, subscription="S1") == {("subscribed_to", ACME.id, own, True)}
    assert ("renewed", ACME.id, CRM, False) in edges("subscription.renewed", None, subscription="S1", product="crm")


def test_referrals() -> None:
    bob = persona("s", "2")
    found = facts_of(event(1, "signup.completed", START, ANA, None, others=(bob,), source="s")).assertions
    assert [(EDGE_NAME[a.kind], a.src, a.dst) for a in found] == [("referred", bob.id, ANA.id)]
    assert edges("signup.completed", firm=None, advocate_record_id=str(bob.id)) == {("referred", bob.id, ANA.id, False)}
    assert edges("signup.completed", firm=None) == set()


def test_every_assertion_carries_its_event() -> None:
    made = facts_of(event(3, "deal.won", START, ANA, ACME, source="s", deal="D1"))
    assert all(a.event_id == event(3, "x", START, ANA).event_id and a.source_ref == "s #3" for a in made.assertions)


def _node(kind: str, **props: Any) -> dict[str, Any]:
    (node,) = facts_of(event(1, kind, START, ANA, ACME, source="s", **props)).nodes
    return node.props


def test_a_break_changes_the_subscription_and_ends_nothing() -> None:
    assert edges("subscription.paused", None, subscription="S1", product="crm") == set()
    assert _node("subscription.paused", subscription="S1")["status"] == "paused"
    own = node_of("subscription", "s:S1")
    assert ("subscribed_to", ACME.id, own, False) in edges("subscription.resumed", None, subscription="S1")
    assert _node("subscription.contracted", subscription="S1", seats=3)["status"] == "active"


def test_money_that_goes_back_changes_the_status_of_its_order_only() -> None:
    paid = facts_of(
        event(1, "purchase.completed", START, ANA, ACME, source="s", order="O1", amount_minor=900, currency="EUR")
    ).nodes
    (refund,) = facts_of(
        event(
            2, "refund.issued", START, ANA, ACME, source="s", order="O1", amount_minor=300, currency="EUR", partial=True
        )
    ).nodes
    assert refund.id == paid[0].id
    assert refund.props == {"status": "partly refunded"}
    assert _node("refund.issued", order="O1", amount_minor=900)["status"] == "refunded"
    assert _node("refund.issued", invoice="I1")["status"] == "refunded"
    assert _node("dispute.opened", order="O1", reason="fraudulent") == {"status": "disputed", "reason": "fraudulent"}
    assert _node("dispute.closed", order="O1", status="lost")["status"] == "dispute lost"
    assert facts_of(event(1, "refund.issued", START, ANA, ACME, source="s", amount_minor=5)).nodes == []


def test_an_order_before_and_after_it_is_paid() -> None:
    assert _node("order.created", order="O1", amount_minor=900, currency="EUR")["status"] == "open"
    assert _node("order.cancelled", order="O1")["status"] == "cancelled"
    assert "status" not in _node("order.fulfilled", order="O1")
    assert _node("charge.failed", order="O1", amount_minor=5)["status"] == "payment failed"
    assert edges("order.created", order="O1") == {WORKS}
    assert edges("checkout.started", order="O1") == {WORKS}
    assert ("evaluated", ACME.id, CRM, False) in edges("trial.ended", product="crm")
