"""The same history tried on the past and credited as it happened: the same cents, whatever conditions look at."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from honeyguide import graph, identity, ledger, outcomes
from honeyguide.core.ids import new_id
from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.db import Database, Tx
from honeyguide.funnel import append, internal_source, own_event
from honeyguide.learning import simulation
from honeyguide.programs.catalogue import ProgramFile
from tests.unit.outcomes.paying import invoice, under
from tests.unit.outcomes.town import AT, BROWSER, Town, company, days, event, logged, person, won
from tests.unit.programs.files import commission, gift, program, rule

TOM, IDA, KIM = FRIENDS = ("tom@prospect.example", "ida@second.example", "kim@third.example")
FIRMS: dict[str, dict[str, Any]] = {
    TOM: {"employees": 900, "industry": "Logistics", "country": "Germany"},
    IDA: {"employees": 40, "industry": "Hospitals", "country": "France"},
    KIM: {"employees": 5_000, "industry": "Ministry", "country": "Austria"},
}
PEOPLE: dict[str, dict[str, Any]] = {TOM: {"seniority": "vp"}, IDA: {"seniority": "manager"}, KIM: {"seniority": "vp"}}


def where(**condition: Any) -> dict[str, Any]:
    return {"stage": "won", "conditions": {"all": [condition]}}


def file_of(*rules: dict[str, Any], **more: Any) -> ProgramFile:
    offers = [
        commission(2000),
        {**commission(500), "slug": "less"},
        gift(),
        {**gift(4_000), "slug": "credit", "incentive": "account_credit"},
    ]
    return program(list(rules), offers, **more)


def firm(email: str) -> RecordRef:
    found = company(email.partition("@")[2])
    return structs.replace(found, traits={**found.traits, **FIRMS.get(email, {})})


def who(email: str) -> RecordRef:
    found = person(email, ext_id=f"hs-{email}", name=email.partition("@")[0].title())
    return structs.replace(found, traits={**found.traits, **PEOPLE.get(email, {})})


async def live(tx: Tx, events: Sequence[CanonicalEvent]) -> None:
    """A batch through identity, the graph and outcomes, as the road carries it."""
    await graph.step(tx, events, await identity.step(tx, events))
    await outcomes.step(tx, events)


async def history(tx: Tx, town: Town, maya: dict[str, Any]) -> None:
    """Three friends come through Maya and buy; what is known of them is known before."""
    advocate, hers = person("maya@customer.example", ext_id="hs-maya@customer.example"), company("customer.example")
    await live(
        tx,
        [
            event(
                "persona.identified",
                days(-50),
                who=advocate,
                firm=structs.replace(hers, traits={**hers.traits, **maya}),
            )
        ],
    )
    await live(tx, [event("persona.identified", days(-9), who=who(f), firm=firm(f)) for f in FRIENDS])
    for n, friend in enumerate(FRIENDS):
        touch = await outcomes.record_touch(tx, town.link, "click", agent=BROWSER, visitor=new_id(), at=days(n - 0.1))
        await outcomes.sign_up(tx, town.link.code, friend, friend.title(), touch.visitor, days(n))
    await live(tx, await logged(tx))
    bought = [won(10 + n, 100_000 * (n + 1) + 7, f"d{n}", who=who(f), firm=firm(f)) for n, f in enumerate(FRIENDS)]
    paid = [invoice(f"in_{n}", 12 + 9 * n, 33_333, f) for n, f in enumerate((TOM, IDA, TOM, KIM, TOM))]
    await live(tx, [*bought, *paid])


CASES = {
    "size": file_of(rule(when=where(fact="employees", op="at_least", value=500))),
    "who signed": file_of(rule(when=where(fact="seniority", op="is", value="vp")), rule("less", slug="s", when=where(fact="person.seniority", op="is", value="manager"))),
    "country": file_of(rule(when=where(fact="country", op="one_of", value=["Germany", "Austria"]))),
    "her own industry": file_of(rule("card", instead="credit"), gift_policy={"no_gifts_industries": ["hospitals"]}),
    "friends who may not": file_of(rule("card", who="friend", instead="credit"), gift_policy={"no_gifts_industries": ["hospitals"]}),
    "steps and invoices": file_of(
        rule(slug="w", tiers=[{"from": 2, "rate_bp": 2500}]),
        rule("less", slug="i", when={"event": "invoice.paid"}, recurring={"months": 6}, tiers=[{"from": 2, "rate_bp": 900}]),
    ),
    "revenue of invoices": file_of(
        rule(when={"event": "invoice.paid"}, recurring={"months": 6}, tier_by="revenue", tiers=[{"from": 50_000, "rate_bp": 300}])
    ),
}  # fmt: skip
MAYA: dict[str, dict[str, Any]] = {"her own industry": {"industry": "Private hospitals"}}


@pytest.mark.parametrize("case", sorted(CASES))
async def test_what_the_simulator_honours_the_credit_honours(db: Database, workspace: int, case: str) -> None:
    async with db.tx(workspace) as tx:
        town = await under(tx, CASES[case])
        await history(tx, town, MAYA.get(case, {}))
        tried = await simulation.simulate(tx, town.program, CASES[case], 12, AT + timedelta(days=200))
        given = [r for r in await ledger.rewards(tx) if r.program_id == town.program.id]
        assert sum(r.issued_minor for r in given) == tried.cost_minor
        assert tried.cost_minor > 0
        kinds: dict[str, int] = {}
        for r in given:
            kinds[r.incentive] = kinds.get(r.incentive, 0) + 1
        assert kinds == tried.gifts
        assert (await ledger.verify(tx)).ok


async def test_a_public_servant_earns_no_commission(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await under(tx, file_of(rule()))
        await history(tx, town, {"public_sector": True})
        assert await ledger.rewards(tx) == []
        said = await tx.rows("select reason from attribution where workspace_id = $1", workspace)
        assert all("public authority" in r["reason"] for r in said)


async def test_what_the_deal_says_of_its_contract_counts(db: Database, workspace: int) -> None:
    when = {"stage": "won", "conditions": {"all": [{"fact": "contract_months", "op": "at_least", "value": 24}]}}
    async with db.tx(workspace) as tx:
        town = await under(tx, program([rule(when=when, yearly_parts=True)], [commission(2000)]))
        touch = await outcomes.record_touch(tx, town.link, "click", agent=BROWSER, visitor=new_id(), at=days(-1))
        await outcomes.sign_up(tx, town.link.code, TOM, "Tom", touch.visitor, AT)
        for n, months in enumerate((36, 12)):
            told = own_event(
                f"won {n}", "deal.won", days(9 + n), person=who(TOM),
                props={"deal": f"d{n}", "amount_minor": 90_000, "currency": "EUR", "contract_months": months},
            )  # fmt: skip
            await append(tx, await internal_source(tx), [told])
        await live(tx, await logged(tx))
        assert [r.issued_minor for r in await ledger.rewards(tx)] == [6_000] * 3
