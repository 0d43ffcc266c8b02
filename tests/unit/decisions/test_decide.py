"""From open moments to decisions and suggested asks, against the real schema."""

from datetime import timedelta

import pytest

from honeyguide import decisions
from honeyguide.core.errors import Conflict
from honeyguide.db import Database
from honeyguide.decisions import tables
from tests.unit.decisions import world
from tests.unit.decisions.world import NOW


async def test_a_moment_becomes_one_decision_and_one_ask(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx, segment="enterprise", employees=900)
        ana = await world.persona(tx, "ana", firm)
        await world.signal(tx, "praised", ana, 77, "You saved our week")
        when = await world.moment(tx, ana, firm)
        assert await decisions.decide(tx, NOW) == 1
        assert await decisions.decide(tx, NOW) == 0
        row = (await tables.last_looks(tx, [when]))[when]
        page = await decisions.queue(tx)
        if row.action == "wait":  # a few in a thousand; then nobody is asked, and that is the test
            assert page.total == 0
            return
        assert page.total == 1
        shown = page.rows[0]
        assert shown.persona.name == "Ana Lima"
        assert shown.persona.seniority == "vp"
        assert shown.offer.group == "enterprise"
        assert shown.offer.incentive in ("renewal_credit", "beta_access")
        assert 0 < shown.interval[0] < shown.score < shown.interval[1] < 100
        by_label = {w.label: w for w in shown.why}
        assert by_label["Praised us"].evidence.quote == "You saved our week"
        assert by_label["Support success"].evidence.record == "Zendesk #48211"
        assert "Never asked before." in shown.reason
        assert sum(row.distribution.values()) == pytest.approx(1)
        assert row.propensity == row.distribution[row.action]
        detail = await decisions.get_ask(tx, (await tables.asks_of_moments(tx, [when]))[when].id)
        assert "Ana" in detail.subject + detail.body
        assert "{{ link }}" in detail.body
        assert {a["action"] for a in detail.legal_actions} == set(row.distribution)
        assert decisions.replay(await decisions.logged(tx, row.id)) == (row.action, row.propensity)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"email": None}, "No e-mail address is known"),
        ({"email": "info@firm.example"}, "shared inbox"),
        ({"consent_email": None}, "has not given consent"),
        ({"consent_email": False}, "has withdrawn consent"),
        ({"do_not_contact": True}, "not to be contacted"),
    ],
)
async def test_email_needs_an_address_and_consent(
    db: Database, workspace: int, change: dict[str, object], says: str
) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx)
        when = await world.moment(tx, await world.persona(tx, "ana", firm, **change), firm)
        await decisions.decide(tx, NOW)
        row = (await tables.last_looks(tx, [when]))[when]
        assert not any(key.endswith("/email") for key in row.distribution)
        assert any(b["action"].endswith("/email") and says in b["reason"] for b in row.blocked)


async def test_an_incident_at_the_company_silences_everybody_there(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx)
        when = await world.moment(tx, await world.persona(tx, "ana", firm), firm)
        await world.incident(tx, firm)
        await decisions.decide(tx, NOW)
        row = (await tables.last_looks(tx, [when]))[when]
        assert row.distribution == {"wait": 1.0}
        assert "Zendesk #9 is escalated" in row.blocked[0]["reason"]
        assert "Zendesk #9" in row.reason
        assert (await decisions.queue(tx)).total == 0
        assert await decisions.who(tx, NOW) == []


async def test_what_stood_in_the_way_goes_and_the_moment_is_looked_at_again(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx)
        ana = await world.persona(tx, "ana", firm, consent_email=None)
        when = await world.moment(tx, ana, firm)
        assert await decisions.decide(tx, NOW) == 1
        later = NOW + timedelta(hours=1)
        assert await decisions.decide(tx, later) == 0  # looked again, nothing new, nothing written
        await tx.run(
            "update node set props = $3 where workspace_id = $1 and id = $2",
            workspace, ana, {"name": "Ana Lima", "email": "ana@firm.example", "consent_email": True},
        )  # fmt: skip
        assert await decisions.decide(tx, later) == 1
        row = (await tables.last_looks(tx, [when]))[when]
        assert row.look == 2
        assert any(key.endswith("/email") for key in row.distribution)


async def test_somebody_who_left_is_not_asked(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx)
        ana = await world.persona(tx, "ana")
        await world.edge(tx, "works_at", ana, firm, ended=NOW - timedelta(days=2))
        when = await world.moment(tx, ana, firm)
        await decisions.decide(tx, NOW)
        row = (await tables.last_looks(tx, [when]))[when]
        assert row.action == "wait"
        assert "no longer works" in row.blocked[0]["reason"]


async def test_one_open_ask_per_person_and_company(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx)
        people = [await world.persona(tx, name, firm) for name in ("ana", "bea", "cleo")]
        for n, who in enumerate([*people, people[0]]):
            await world.moment(tx, who, firm, strength=0.5 + n / 10, key=str(n))
        assert await decisions.decide(tx, NOW) == 4
        assert (await decisions.queue(tx)).total <= 1
        states = await tx.rows("select blocked from decision where workspace_id = $1", workspace)
        said = " ".join(b["reason"] for r in states for b in r["blocked"])
        assert "is already open" in said


async def test_the_holdout_is_decided_about_and_never_asked(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.held_out(tx)
        whens = [
            await world.moment(tx, await world.persona(tx, f"p{n}", firm, name="Bea Costa"), firm) for n in range(5)
        ]
        assert await decisions.decide(tx, NOW) == 5
        rows = await tables.last_looks(tx, whens)
        assert {r.arm for r in rows.values()} == {"holdout"}
        assert any(r.action != "wait" for r in rows.values())
        assert (await decisions.queue(tx, decisions.Filters(state=""))).total == 0
        assert await decisions.who(tx, NOW) == []


async def test_a_company_without_people_names_what_is_missing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx, "company", name="Company_17")
        when = await world.moment(tx, firm, firm)
        await decisions.decide(tx, NOW)
        row = (await tables.last_looks(tx, [when]))[when]
        says = "No contact is known at Company_17. Import contacts with an e-mail to ask."
        assert row.blocked[0]["reason"] == says
        assert row.record_id == firm
        found = await decisions.who(tx, NOW)
        assert [(r["persona"], r["missing"], r["message"]) for r in found] == [(None, says, None)]
        assert found[0]["company"] == {"id": str(firm), "name": "Company_17"}
        assert found[0]["evidence"][0]["record"] == "Zendesk #48211"
        assert found[0]["offer"].startswith("Gift card €")


async def test_who_answers_before_anything_is_decided_and_for_history(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for n in range(6):
            firm = await world.treated(tx, f"f{n}")
            await world.moment(
                tx, await world.persona(tx, f"p{n}", firm, name="Bea Costa"), firm, strength=0.3 + n / 10
            )
        found = await decisions.who(tx, NOW)
        scores = [r["score"] for r in found]
        assert len(found) >= 4
        assert scores == sorted(scores, reverse=True)
        assert all(r["message"]["body"] and r["missing"] is None for r in found)
        assert await tx.value("select count(*) from decision where workspace_id = $1", workspace) == 0
        years_later = NOW + timedelta(days=900)
        assert await decisions.who(tx, years_later) == []
        then = await decisions.who(tx, years_later, as_of="data")
        assert [r["persona"] for r in then] == [r["persona"] for r in found]
        assert {r["as_of"] for r in then} == {NOW.isoformat()}
        assert await decisions.decide(tx, NOW) == 6
        assert [r["persona"] for r in await decisions.who(tx, NOW)] == [r["persona"] for r in found]


async def _one_ask(db: Database, workspace: int) -> tuple[object, int]:
    async with db.tx(workspace) as tx:
        for n in range(40):
            firm = await world.treated(tx, f"f{n}", segment="enterprise")
            ana = await world.persona(tx, f"ana{n}", firm, name="Ana Lima")
            await world.moment(tx, ana, firm)
            await decisions.decide(tx, NOW)
            asks = await tables.suggested(tx, 10)
            if asks:
                return asks[0], firm
    raise AssertionError("waiting was drawn forty times")


async def test_approve_once_with_edits_and_another_offer(db: Database, workspace: int) -> None:
    ask, _ = await _one_ask(db, workspace)
    assert isinstance(ask, decisions.AskRow)
    async with db.tx(workspace) as tx:
        detail = await decisions.get_ask(tx, ask.id)
        other = next(o for o in detail.offers if o["id"] != ask.offer_id)
        approved = await decisions.approve(
            tx, ask.id, "ana@us.example", decisions.Edits(subject="Hello\nBcc: x", offer_id=other["id"]), NOW
        )
        assert (approved.state, approved.offer_id, approved.subject) == ("approved", other["id"], "Hello Bcc: x")
        assert ("beta" in approved.body) == (other["incentive"] == "beta_access")
        with pytest.raises(Conflict, match=r"already approved by ana@us\.example"):
            await decisions.not_now(tx, ask.id, "bo@us.example", "other")
        await decisions.mark_sent(tx, ask.id)
        assert (await decisions.get_ask(tx, ask.id)).row.state == "sent"
        assert [h["action"] for h in (await decisions.get_ask(tx, ask.id)).history] == ["ask.approved"]


async def test_approve_refuses_when_the_window_is_over_or_the_company_is_unhappy(db: Database, workspace: int) -> None:
    ask, firm = await _one_ask(db, workspace)
    assert isinstance(ask, decisions.AskRow)
    async with db.tx(workspace) as tx:
        with pytest.raises(Conflict, match="window of this ask is over"):
            await decisions.approve(tx, ask.id, "ana", None, ask.window_ends_at)
        await world.incident(tx, firm)
        with pytest.raises(Conflict) as refused:
            await decisions.approve(tx, ask.id, "ana", None, NOW)
        assert "Zendesk #9 is escalated" in refused.value.detail
        assert await decisions.expire(tx, NOW) == 1
        closed = await tables.ask(tx, ask.id)
        assert closed is not None
        assert (closed.state, "Zendesk #9" in (closed.note or "")) == ("blocked", True)


async def test_expire_closes_windows_and_moments_no_longer_believed(db: Database, workspace: int) -> None:
    first, _ = await _one_ask(db, workspace)
    assert isinstance(first, decisions.AskRow)
    async with db.tx(workspace) as tx:
        assert await decisions.expire(tx, NOW) == 0
        await tx.run("delete from moment where workspace_id = $1 and id = $2", workspace, first.moment_id)
        assert await decisions.expire(tx, NOW) == 1
        closed = await tables.ask(tx, first.id)
        assert closed is not None
        assert closed.state == "expired"
        assert "no longer believed" in (closed.note or "")


async def test_not_now_keeps_the_reason_and_the_person_may_be_asked_again(db: Database, workspace: int) -> None:
    ask, firm = await _one_ask(db, workspace)
    assert isinstance(ask, decisions.AskRow)
    async with db.tx(workspace) as tx:
        declined = await decisions.not_now(tx, ask.id, "bo", "bad_timing", "on holiday", NOW)
        assert (declined.state, declined.not_now_reason, declined.note) == ("declined", "bad_timing", "on holiday")
        when = await world.moment(tx, ask.record_id, firm, key="second", kind="purchase_euphoria")
        await decisions.decide(tx, NOW)
        assert len((await tables.last_looks(tx, [when]))[when].distribution) > 1


async def test_the_contact_budget_counts_asks(db: Database, workspace: int) -> None:
    ask, firm = await _one_ask(db, workspace)
    assert isinstance(ask, decisions.AskRow)
    async with db.tx(workspace) as tx:
        await decisions.approve(tx, ask.id, "ana", None, NOW)
        await decisions.mark_sent(tx, ask.id)
        for days, key, says in ((20, "a", "we leave 21 days"), (22, "b", "leaves 60 days between asks"), (62, "c", "")):
            at = NOW + timedelta(days=days)
            own = await world.moment(tx, ask.record_id, firm, key=key, at=at)
            await decisions.decide(tx, at + timedelta(hours=1))
            said = " ".join(b["reason"] for b in (await tables.last_looks(tx, [own]))[own].blocked)
            assert says in said
            assert bool(says) == bool(said)
        colleague = await world.persona(tx, "zoe", firm)
        at = NOW + timedelta(days=13)
        theirs = await world.moment(tx, colleague, firm, at=at)
        await tx.run("update ask set state = 'expired' where workspace_id = $1 and state = 'suggested'", workspace)
        await decisions.decide(tx, at + timedelta(hours=1))
        assert "A colleague was asked" in (await tables.last_looks(tx, [theirs]))[theirs].blocked[0]["reason"]


async def test_no_workspace_sees_anothers_decisions(db: Database, workspace: int, other_workspace: int) -> None:
    await _one_ask(db, workspace)
    async with db.tx(other_workspace) as tx:
        assert (await decisions.queue(tx, decisions.Filters(state=""))).total == 0
        assert await decisions.who(tx, NOW) == []


async def test_somebody_who_opted_out_is_never_suggested_again(db: Database, workspace: int) -> None:
    ask, firm = await _one_ask(db, workspace)
    assert isinstance(ask, decisions.AskRow)
    async with db.tx(workspace) as tx:
        await decisions.approve(tx, ask.id, "ana", None, NOW)
        await decisions.mark_sent(tx, ask.id)
        await decisions.mark_opted_out(tx, ask.id, NOW + timedelta(days=1))
        at = NOW + timedelta(days=400)
        later = await world.moment(tx, ask.record_id, firm, at=at)
        await decisions.decide(tx, at + timedelta(hours=1))
        row = (await tables.last_looks(tx, [later]))[later]
        assert row.distribution == {"wait": 1.0}
        assert "to stop" in row.blocked[0]["reason"]


async def test_what_delivery_refused_is_not_suggested_again_at_once(db: Database, workspace: int) -> None:
    ask, firm = await _one_ask(db, workspace)
    assert isinstance(ask, decisions.AskRow)
    async with db.tx(workspace) as tx:
        await decisions.approve(tx, ask.id, "ana", None, NOW)
        await decisions.mark_blocked(tx, ask.id, "This person has withdrawn consent to e-mail.")
        assert (await decisions.get_ask(tx, ask.id)).row.state == "blocked"
        for days, silent in ((2, True), (22, False)):
            at = NOW + timedelta(days=days)
            again = await world.moment(tx, ask.record_id, firm, at=at, key=str(days))
            await decisions.decide(tx, at + timedelta(hours=1))
            row = (await tables.last_looks(tx, [again]))[again]
            assert (row.distribution == {"wait": 1.0}) is silent
            assert silent is any("withdrawn consent" in b["reason"] for b in row.blocked)
