"""What conditions and gift rules may look at: the customer, the person, the advocate, the graph, and what was told of the deal.

Crediting and trying rules on the past ask the same functions, so that a condition holds in both or in neither.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from honeyguide import programs
from honeyguide.db import Row, Tx
from honeyguide.funnel import PutAside, logged_events, open_reader
from honeyguide.outcomes import known_rows
from honeyguide.outcomes.deals import Deal, fact_of
from honeyguide.outcomes.terms import DealFact, Referral

_PERSON = ("title", "seniority", "department", "country", "email", "no_gifts", "public_sector")
_MOST_FACTS = 50


class Around(Struct, frozen=True):
    """What is known around a fact, by the names conditions use. `receivers`: of each beneficiary what decides about gifts."""

    company: dict[str, Any]
    attributes: dict[str, Any]
    receivers: dict[str, dict[str, Any]]


def around(
    advocate: Row | None, friend: Row | None, parent: Row | None, firm: Mapping[str, Any] | None, edges: Mapping[str, int]
) -> Around:  # fmt: skip
    """From the rows of `known_rows`. `firm`: the company the friend signed up for, before the one they work at."""
    company = dict(firm or _company(friend))
    person = _person(friend)
    attributes: dict[str, Any] = {f"graph.{kind}": n for kind, n in edges.items()}
    attributes |= {f"advocate.{name}": value for name, value in _person(advocate).items()}
    attributes |= {f"person.{name}": value for name, value in person.items()}
    if "seniority" in person:
        attributes["seniority"] = person["seniority"]
    receivers = {"advocate": receiver(advocate), "friend": company | _own(person)}
    return Around(company, attributes, receivers | ({"parent": receiver(parent)} if parent is not None else {}))


def receiver(known: Row | None) -> dict[str, Any]:
    """What is known of a person and their employer that decides about gifts."""
    return _company(known) | _own(_person(known))


def _own(person: Mapping[str, Any]) -> dict[str, Any]:
    return {k: person[k] for k in _PERSON if k in person}


def _person(known: Row | None) -> dict[str, Any]:
    return dict(known["person"] or {}) if known else {}


def _company(known: Row | None) -> dict[str, Any]:
    return dict(known["company"] or {}) if known else {}


async def around_credit(
    tx: Tx, referral: Referral, advocate: programs.Advocate, parent: programs.Advocate | None
) -> Around:
    """What is known now around the credit an advocate has for a friend."""
    records = {advocate.record_id, referral.friend_record_id, *({parent.record_id} if parent else ())}
    people = await known_rows.people(tx, sorted(records))
    firm = referral.friend_company_record_id
    firms = await known_rows.companies(tx, [firm]) if firm is not None else {}
    edges = await known_rows.edges(tx, [advocate.record_id])
    return around(
        people.get(advocate.record_id), people.get(referral.friend_record_id), people.get(parent.record_id) if parent else None,
        firms.get(firm) if firm is not None else None, edges.get(advocate.record_id, {}),
    )  # fmt: skip


async def told_of(tx: Tx, deal: Deal, facts: Sequence[DealFact]) -> dict[str, Any]:
    """What the events of a deal said of it up to its win or payment, the later word over the earlier.

    From the log: what was taken out of it, for an erasure, is not known any more.
    """
    counted = deal.counted
    if counted is None:
        return {}
    ids = [f.event_id for f in facts if f.at <= counted.at][-_MOST_FACTS:]
    reader = await open_reader(tx)
    reader.plans.clear()  # what a plan keeps back is no fact here
    said: dict[str, Any] = {}
    for row in await logged_events(tx, ids):
        try:
            events = reader.events(row)
        except PutAside:
            continue
        for event in events:
            if fact_of(event) is not None:
                said |= {k: v for k, v in event.props.items() if isinstance(v, str | int | float | bool)}
    return said


def of_event(said: Mapping[str, Any]) -> dict[str, Any]:
    """The names conditions have for what was told: `event.plan`, and the plain `product`."""
    plain = {"product": said["product"]} if said.get("product") not in (None, "") else {}
    return {f"event.{name}": value for name, value in said.items()} | plain


def months_of(said: Mapping[str, Any]) -> int | None:
    """For how many months the contract runs, where the deal says so."""
    months = said.get("contract_months")
    return months if type(months) is int and 0 < months <= 1_200 else None
