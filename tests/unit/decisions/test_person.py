"""The three questions about one person, and who tells: only what the data holds, and nothing of who is held out."""

from datetime import timedelta

import pytest

from honeyguide import decisions
from honeyguide.core.errors import NotFound
from honeyguide.db import Database
from honeyguide.decisions.situation import Contacts
from honeyguide.decisions.telling import free_again, group_sentence
from tests.unit.decisions.world import NOW, edge, held_out, incident, moment, persona, signal, treated


async def test_who_tells_why_what_and_when(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await treated(tx, segment="enterprise")
        await edge(tx, "bought", firm, 777)
        ana = await persona(tx, "ana", firm)
        await edge(tx, "praised", ana, 900)
        await signal(tx, "praised", ana, 900, quote="Best tool we have.")
        await moment(tx, ana, firm, strength=1.0)
        await decisions.readiness_step(tx, NOW)
        row = (await decisions.who(tx, NOW))[0]
    assert row["why"][0]["sentence"] == "Rated 5/5 on an urgent ticket, 24 hours ago."
    assert row["why"][0]["evidence"]["quote"] == "Great help!"
    praise = next(s for s in row["why"] if "raised us" in s["sentence"])
    assert praise["evidence"]["quote"] == "Best tool we have."
    assert row["what"]["offer"] == row["offer"]
    assert row["what"]["because"].startswith("It is what we offer to Enterprise: segment is enterprise.")
    assert "by what we believe today" in row["what"]["because"] or "to learn" in row["what"]["because"]
    assert row["when"]["at"] == "now"
    assert row["when"]["because"].endswith("They were never asked before.")
    assert row["stage"] == "value"
    assert row["readiness"]["low"] < row["readiness"]["score"] < row["readiness"]["high"]


async def test_without_data_nothing_is_made_up(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await treated(tx)
        ana = await persona(tx, "ana", firm)
        await moment(tx, ana, firm)
        row = (await decisions.who(tx, NOW))[0]
    assert len(row["why"]) == 2  # the moment and the stage, which says that nothing is known
    assert row["readiness"] is None
    assert "Nothing is known" in row["why"][1]["sentence"]


async def test_what_is_missing_is_said_under_when(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await treated(tx)
        await moment(tx, await persona(tx, "ana", firm, email=None), firm)
        row = (await decisions.who(tx, NOW))[0]
        assert row["missing"] is None or "e-mail" in row["missing"]  # in-app may still be open
        await moment(tx, await persona(tx, "ben", await treated(tx, "other"), consent_email=False, consent_inapp=False))
        rows = [r for r in await decisions.who(tx, NOW) if r["missing"]]
    assert rows
    assert rows[0]["when"]["at"] is None
    assert rows[0]["when"]["because"].startswith("Not yet: ")


async def test_filters_leave_who_they_say(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm, other = await treated(tx, segment="enterprise"), await treated(tx, "other")
        for f in (firm, other):
            await edge(tx, "bought", f, 777)
        ana, ben = await persona(tx, "ana", firm), await persona(tx, "ben", other)
        await edge(tx, "praised", ana, 900)
        await moment(tx, ana, firm, strength=1.0)
        await moment(tx, ben, other, kind="product_milestone", strength=1.0)
        await decisions.readiness_step(tx, NOW)

        async def found(**more: str) -> set[str]:
            return {r["persona"]["id"] for r in await decisions.who(tx, NOW, **more)}  # type: ignore[arg-type]

        assert await found() == {str(ana), str(ben)}
        assert await found(segment="enterprise") == {str(ana)}
        assert await found(moment="product_milestone") == {str(ben)}
        assert await found(stage="value") == {str(ana), str(ben)}
        assert await found(stage="dormant") == set()
        assert {r["persona"]["id"] for r in await decisions.who(tx, NOW, personas=[ben])} == {str(ben)}


async def test_when_is_now_while_a_moment_is_open(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await treated(tx)
        ana = await persona(tx, "ana", firm)
        nothing = await decisions.moment_for(tx, ana, NOW)
        assert nothing.at is None
        assert "No moment of theirs is known yet" in nothing.because
        await moment(tx, ana, firm)
        found = await decisions.moment_for(tx, ana, NOW)
        assert found.at == "now"
        assert found.past == {"support_success": 1}
        later = await decisions.moment_for(tx, ana, NOW + timedelta(days=40))
        assert later.at is None
        assert "The last was: Rated 5/5" in later.because
        await incident(tx, firm)
        blocked = await decisions.moment_for(tx, ana, NOW)
        assert blocked.at is None
        assert "Zendesk #9 is escalated" in blocked.because
        with pytest.raises(NotFound):
            await decisions.moment_for(tx, firm, NOW)


async def test_the_held_out_are_not_recommended_by_any_door(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await held_out(tx)
        ana = await persona(tx, "ana", firm)
        await moment(tx, ana, firm)
        assert await decisions.who(tx, NOW) == []
        found = await decisions.moment_for(tx, ana, NOW)
        assert found.at is None
        assert "held out" in found.because
        assert any("held out" in r.sentence for r in (await decisions.why_for(tx, ana, NOW)).reasons_against)


async def test_what_to_offer_rests_on_the_open_the_last_or_no_moment(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await treated(tx, segment="enterprise")
        ana = await persona(tx, "ana", firm)
        none = await decisions.offer_for(tx, ana, NOW)
        assert none.basis == "none"
        assert "Renewal credit" in none.offer
        assert none.options == ()
        await moment(tx, ana, firm)
        opened = await decisions.offer_for(tx, ana, NOW)
        assert opened.basis == "open"
        assert opened.offer == opened.options[0].offer
        assert [o.value_minor for o in opened.options] == sorted((o.value_minor for o in opened.options), reverse=True)
        again = await decisions.offer_for(tx, ana, NOW + timedelta(days=60))
        assert again.basis == "last"
        assert again.options
        quiet = await persona(tx, "quiet", firm, consent_email=False, consent_inapp=False)
        await moment(tx, quiet, firm)
        refused = await decisions.offer_for(tx, quiet, NOW)
        assert refused.options == ()
        assert any("withdrawn" in why for why in refused.blocked)


async def test_nothing_is_written_by_asking(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await treated(tx)
        ana = await persona(tx, "ana", firm)
        await moment(tx, ana, firm)
        await decisions.who(tx, NOW)
        await decisions.offer_for(tx, ana, NOW)
        await decisions.moment_for(tx, ana, NOW)
        await decisions.why_for(tx, ana, NOW)
        for table in ("decision", "ask", "readiness", "persona_score"):
            assert await tx.value(f"select count(*) from {table} where workspace_id = $1", workspace) == 0, table


def test_the_contact_budget_names_its_day() -> None:
    assert free_again(Contacts(), NOW) == (NOW, "")
    at, why = free_again(Contacts(last_to_person=NOW - timedelta(days=5)), NOW)
    assert at == NOW + timedelta(days=16)
    assert "5 March 2026" in why
    at, _ = free_again(Contacts(last_to_person=NOW - timedelta(days=20), last_to_company=NOW - timedelta(days=1)), NOW)
    assert at == NOW + timedelta(days=13)
    assert free_again(Contacts(opted_out_at=NOW), NOW)[0] is None
    assert free_again(Contacts(within_year=8), NOW)[0] is None
    assert free_again(Contacts(last_to_person=NOW - timedelta(days=90)), NOW)[0] == NOW


def test_the_group_is_told_without_its_rule_book() -> None:
    assert (
        group_sentence("Small business, because no other group's conditions hold.")
        == "It is what we offer to Small business."
    )
    assert (
        group_sentence("Partners, because it is marked as a partner.")
        == "It is what we offer to Partners: it is marked as a partner."
    )
