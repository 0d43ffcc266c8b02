"""Taking part: applications, who brought whom in, bounties with proof and review, registered deals and their protection."""

from datetime import timedelta
from typing import Any

import pytest

from honeyguide import ledger, programs
from honeyguide.core.errors import BadInput, Conflict, Forbidden, NotFound
from honeyguide.db import Database, Tx
from honeyguide.outcomes.acts import review_act
from honeyguide.programs import Advocate, Program, bounties, partner_tables, partners, registrations
from honeyguide.programs.catalogue import load, parse, plain
from tests.unit.programs.test_versions import AT, SAM, later, published


async def somebody(tx: Tx, made: Program, number: int, *, accepted: bool = True) -> Advocate:
    group = (await programs.groups(tx, made.id))[0]
    found, _ = await programs.ensure_advocate(
        tx, number, f"Person {number}", f"p{number}@firm{number}.example", made, group
    )
    return await programs.accept_terms(tx, found.id, AT) if accepted else found


def partner_file(**more: Any) -> programs.ProgramFile:
    return parse({**plain(load("partner-commission")), **more})


async def apply(tx: Tx, made: Program, number: int, answers: list[str], **facts: Any) -> Any:
    return await partners.apply(
        tx, made, number, f"P {number}", f"p{number}@firm{number}.example", facts, answers, later(1)
    )


ANSWERS = ["Small firms.", "On our website."]


async def test_who_meets_the_conditions_is_in_at_once_and_a_person_decides_the_rest(
    db: Database, workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, partner_file())
        at_once = await apply(tx, made, 1, ANSWERS, partner=True)
        assert (at_once.state, at_once.decided_by) == ("approved", "honeyguide")
        assert (await programs.advocate(tx, at_once.advocate_id)).name == "P 1"
        waits = await apply(tx, made, 2, ANSWERS, segment="bakery")
        assert (waits.state, waits.advocate_id) == ("waiting", None)
        assert await apply(tx, made, 2, ["other", "words"], partner=True) == waits
        with pytest.raises(BadInput, match="needs a reason"):
            await partners.decide(tx, waits.id, "rejected", " ", SAM, later(2))
        no = await partners.decide(tx, waits.id, "rejected", "We could not tell who you are.", SAM, later(2))
        assert await partners.decide(tx, waits.id, "rejected", "x", SAM, later(3)) == no
        with pytest.raises(Conflict):
            await partners.decide(tx, waits.id, "approved", "", SAM, later(3))
        # Somebody who was rejected may apply again.
        again = await partners.apply(tx, made, 2, "P 2", "p2@firm2.example", {"partner": True}, ANSWERS, later(9))
        assert again.state == "approved"
        with pytest.raises(BadInput, match="Not every question"):
            await apply(tx, made, 3, ["One."], partner=True)


async def test_who_is_not_eligible_reads_why(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        eligible = {"all": [{"fact": "country", "op": "one_of", "value": ["DE", "AT"]}]}
        made = await published(tx, partner_file(eligibility=eligible))
        no = await apply(tx, made, 1, ANSWERS, partner=True, country="FR")
        assert no.state == "rejected"
        assert no.reason == 'Only those may take part where the company\'s country is one of "DE" or "AT".'
        assert (await apply(tx, made, 2, ANSWERS, partner=True, country="de")).state == "approved"
        await programs.versions.set_state(tx, made, "paused", SAM)
        with pytest.raises(Conflict, match="Nobody can join"):
            await apply(tx, await programs.program(tx, made.id), 3, ANSWERS, partner=True, country="de")


async def test_who_brought_whom_in_is_set_once_and_is_no_circle(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, partner_file())
        one, two, three = [await somebody(tx, made, n) for n in (1, 2, 3)]
        parent = await programs.set_parent(tx, two.id, one.id, SAM, AT)
        assert await programs.set_parent(tx, two.id, one.id, SAM, later(5)) == parent
        await programs.set_parent(tx, three.id, two.id, SAM, AT)
        for child, above in ((one, one), (one, two), (one, three)):
            with pytest.raises(BadInput):
                await programs.set_parent(tx, child.id, above.id, SAM, AT)
        with pytest.raises(Conflict):
            await programs.set_parent(tx, three.id, one.id, SAM, AT)
        file = partner_file()
        assert programs.earns_for_parent(file, parent, later(700))
        assert not programs.earns_for_parent(file, parent, AT + timedelta(days=731))
        assert not programs.earns_for_parent(file, parent, later(-1))
        assert not programs.earns_for_parent(load("advocacy"), parent, later(1))
        other = await published(tx, load("advocacy"))
        with pytest.raises(BadInput, match="different programs"):
            await programs.set_parent(tx, (await somebody(tx, other, 9)).id, one.id, SAM, AT)


async def test_an_act_is_handed_in_looked_at_and_rewarded_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, load("advocacy"))
        maya, zoe = await somebody(tx, made, 1), await somebody(tx, made, 2)
        link = "https://reviews.example/42"
        sent = await bounties.submit(tx, made, "review", maya, link, later(1))
        assert await bounties.submit(tx, made, "review", maya, f" {link} ", later(2)) == sent
        with pytest.raises(Conflict, match="as often as"):
            await bounties.submit(tx, made, "review", maya, "https://reviews.example/43", later(2))
        with pytest.raises(Conflict, match="same link"):
            await bounties.submit(tx, made, "review", zoe, link, later(2))
        with pytest.raises(Forbidden):
            await review_act(tx, sent.id, "approved", "", "P1+x@firm1.example", later(3))
        await review_act(tx, sent.id, "approved", "", SAM, later(3))
        await review_act(tx, sent.id, "approved", "", SAM, later(4))
        (reward,) = await ledger.rewards(tx, advocate_id=maya.id)
        assert (reward.amount_minor, reward.incentive, reward.hold_until) == (2_500, "gift_card", later(15))
        assert (await ledger.verify(tx)).problems == []
        with pytest.raises(Conflict):
            await review_act(tx, sent.id, "rejected", "no", SAM, later(5))


async def test_what_may_not_be_taken_goes_out_as_a_donation(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, load("advocacy"))
        sent = await bounties.submit(tx, made, "review", await somebody(tx, made, 1), "https://r.example/1", later(1))
        await review_act(tx, sent.id, "approved", "", SAM, later(2), {"public_sector": True})
        (reward,) = await ledger.rewards(tx)
        assert (reward.incentive, reward.amount_minor) == ("donation", 2_500)


async def test_a_rejected_act_may_be_tried_again(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, load("advocacy"))
        maya = await somebody(tx, made, 1)
        sent = await bounties.submit(tx, made, "review", maya, "https://r.example/1", later(1))
        await review_act(tx, sent.id, "rejected", "It is not there.", SAM, later(2))
        again = await bounties.submit(tx, made, "review", maya, "https://r.example/1", later(3))
        assert (again.number, again.state) == (2, "waiting")
        assert await ledger.rewards(tx) == []
        quiet = await somebody(tx, made, 2, accepted=False)
        with pytest.raises(Conflict, match="not accepted"):
            await bounties.submit(tx, made, "review", quiet, "https://r.example/2", later(3))
        with pytest.raises(NotFound):
            await bounties.submit(tx, made, "dance", maya, "https://r.example/2", later(3))


@pytest.mark.parametrize(
    "proof", ["", "javascript:alert(1)", "https://", "http://a b", "https://me@x.example", "x" * 4001, "//r.example"]
)
async def test_what_is_no_proof_is_refused(db: Database, workspace: int, proof: str) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, load("advocacy"))
        with pytest.raises(BadInput):
            await bounties.submit(tx, made, "review", await somebody(tx, made, 1), proof, later(1))


async def test_a_registered_company_is_protected_from_others(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, load("deal-registration"))
        one, two = await somebody(tx, made, 1), await somebody(tx, made, 2)
        deal = await registrations.register_deal(tx, made, one, "Cobalt", "https://www.Cobalt.com/about", later(1))
        assert (deal.domain, deal.state, deal.stage) == ("cobalt.com", "waiting", "registered")
        assert await registrations.register_deal(tx, made, one, "Cobalt", "cobalt.com", later(2)) == deal
        with pytest.raises(Conflict, match="is registered already"):
            await registrations.register_deal(tx, made, two, "Cobalt", "sales.cobalt.com", later(2))
        # Only what a person accepted is credited.
        assert await registrations.holder_of(tx, made.id, "cobalt.com", later(3)) is None
        with pytest.raises(Conflict):
            await registrations.stage_deal(tx, deal.id, "qualified", SAM, "", later(3))
        await registrations.accept_deal(tx, deal.id, True, "", SAM, later(3))
        held = await registrations.holder_of(tx, made.id, "eu.cobalt.com", later(3))
        assert held is not None
        assert held.advocate_id == one.id
        assert await registrations.holder_of(tx, made.id, "cobalt.com", later(91)) is None
        await registrations.stage_deal(tx, deal.id, "qualified", SAM, "", later(9))
        with pytest.raises(BadInput):
            await registrations.stage_deal(tx, deal.id, "dreaming", SAM, "", later(9))
        # After the protection another partner may take it up, and the first has lapsed.
        taken = await registrations.register_deal(tx, made, two, "Cobalt", "cobalt.com", later(92))
        assert taken.advocate_id == two.id
        assert [m["state"] for m in await registrations.history(tx, deal.id)] == ["waiting", "open", "open", "expired"]


async def test_a_registration_is_won_rejected_or_lapses(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, load("deal-registration"))
        one = await somebody(tx, made, 1)
        won, no, old = [
            await registrations.register_deal(tx, made, one, d, f"{d}.com", later(1)) for d in ("won", "no", "old")
        ]
        await registrations.accept_deal(tx, won.id, True, "", SAM, later(2))
        closed = await registrations.stage_deal(tx, won.id, "won", SAM, "", later(3))
        assert closed.state == "won"
        with pytest.raises(Conflict):
            await registrations.stage_deal(tx, won.id, "qualified", SAM, "", later(4))
        with pytest.raises(BadInput):
            await registrations.accept_deal(tx, no.id, False, "", SAM, later(2))
        await registrations.accept_deal(tx, no.id, False, "We are talking to them.", SAM, later(2))
        assert await registrations.expire_deals(tx, later(180)) == 0
        assert await registrations.expire_deals(tx, later(181)) == 1
        assert await registrations.expire_deals(tx, later(181)) == 0
        assert [m["state"] for m in await registrations.history(tx, old.id)] == ["waiting", "expired"]
        await registrations.register_deal(
            tx, made, one, "won", "won.com", later(200)
        )  # a new deal with a former customer


async def test_an_erasure_leaves_nothing_of_a_person(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made, acts, deals = [
            await published(tx, load(s)) for s in ("partner-commission", "advocacy", "deal-registration")
        ]
        await apply(tx, made, 1, ANSWERS, segment="bakery")
        sent = await bounties.submit(tx, acts, "case-study", await somebody(tx, acts, 1), "I am Person 1.", later(1))
        await registrations.register_deal(
            tx,
            deals,
            await somebody(tx, deals, 2),
            "F",
            "firm1.com",
            later(1),
            contact="Person 1",
            contact_email="p1@firm1.example",
        )
        assert await partners.forget(tx, [1], ["P1@firm1.example"]) == 3
        assert await partners.forget(tx, [1], ["P1@firm1.example"]) == 0
        left = await partner_tables.submission(tx, sent.id)
        assert left is not None
        assert left.proof == ""
