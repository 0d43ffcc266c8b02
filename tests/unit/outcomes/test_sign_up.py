"""Signing up: one form, one transaction, one referral per friend, and findings in words."""

import asyncio

import pytest

from honeyguide import outcomes, programs
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.ids import new_id
from honeyguide.db import Database
from honeyguide.outcomes import fraud
from tests.unit.outcomes.town import AT, BROWSER, company, days, deal, event, joins, logged, person, settle, tell, won


async def test_a_sign_up_is_a_referral_and_an_event_of_the_log(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        made = await joins(tx, town)
        assert (made.referral.stage, made.already, made.findings) == ("signed_up", False, [])
        (written,) = await logged(tx)
        assert (written.kind, written.source, written.at) == ("signup.completed", "honeyguide", AT)
        assert written.props["link_code"] == town.link.code
        assert written.props["referral_id"] == str(made.referral.id)
        assert written.person is not None
        assert written.company is not None
        assert written.person.id == made.referral.friend_record_id
        assert written.company.id == made.referral.friend_company_record_id
        assert [r.id for r in written.others] == [town.advocate.record_id]


async def test_the_same_friend_is_one_referral_the_first_sign_up_stays(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        first = await joins(tx, town)
        rival = await settle(tx, email="rival@other.example", name="Rita Val")
        again = await outcomes.sign_up(tx, rival.link.code, "Tom@Prospect.example", "Tom", None, days(1))
        assert again.already
        assert again.referral == first.referral
        assert len(await outcomes.list_referrals(tx)) == 1
        assert len(await logged(tx)) == 1


async def test_two_clicks_at_once_sign_up_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
    together = asyncio.Barrier(4)

    async def click() -> outcomes.SignUp:
        async with db.tx(workspace) as tx:
            await together.wait()
            return await outcomes.sign_up(tx, town.link.code, "tom@prospect.example", "Tom", None, AT)

    made = await asyncio.gather(*(click() for _ in range(4)))
    assert len({m.referral.id for m in made}) == 1
    async with db.tx(workspace) as tx:
        assert len(await outcomes.list_referrals(tx)) == 1
        assert len(await logged(tx)) == 1


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("nonsense", "not_an_email"),
        ("", "not_an_email"),
        ("a@b", "not_an_email"),
        ("tom@gmail.com", "not_a_work_email"),
        ("tom@yahoo.co.uk", "not_a_work_email"),
        ("tom@server.local", "not_a_work_email"),
    ],
)
async def test_only_a_work_e_mail_signs_up_and_the_refusal_says_why(
    db: Database, workspace: int, email: str, code: str
) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        with pytest.raises(BadInput) as refused:
            await outcomes.sign_up(tx, town.link.code, email, "Tom", None, AT)
        assert refused.value.code == code
        assert refused.value.detail
        assert await outcomes.list_referrals(tx) == []


async def test_an_unknown_code_is_said_so_and_a_typed_one_is_understood(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        for code in ("maya-222222", "", "'; drop table link"):
            with pytest.raises(NotFound, match="not valid"):
                await outcomes.sign_up(tx, code, "tom@prospect.example", "Tom", None, AT)
        typed = town.link.code.upper().replace("-", " ")
        assert (
            await outcomes.sign_up(tx, typed, "tom@prospect.example", "", None, AT)
        ).referral.link_id == town.link.id


async def rules(db: Database, workspace: int, email: str, *before: object) -> dict[str, str]:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        for batch in before:
            await tell(tx, [batch])  # type: ignore[list-item]  # events
        made = await outcomes.sign_up(tx, town.link.code, email, "Someone", new_id(), AT)
        assert {f.rule for f in made.findings if f.verdict != "hold"} <= {"same_company"}  # what is only noted
        return {f.rule: f.reason for f in made.findings}


async def test_an_own_mailbox_is_held(db: Database, workspace: int) -> None:
    found = await rules(db, workspace, "Maya+friend@customer.example")
    assert found["same_email"] == "maya+friend@customer.example is Maya Ortiz's own mailbox."
    assert "same_company" in found


async def test_another_address_of_the_same_person_is_held(db: Database, workspace: int) -> None:
    both = person("maya@private.example", ext_id="hs-maya@customer.example")
    found = await rules(db, workspace, "maya@private.example", event("persona.identified", days(-9), who=both))
    assert "one person" in found["same_persona"]


async def test_a_colleague_is_noted_and_not_held(db: Database, workspace: int) -> None:
    found = await rules(db, workspace, "lee@eu.customer.example")
    assert found == {"same_company": "lee@eu.customer.example and Maya Ortiz both belong to customer.example."}
    async with db.tx(workspace) as tx:
        assert await fraud.cases(tx, fraud.Filter(), None, 10) == []


async def test_a_stranger_is_not_held(db: Database, workspace: int) -> None:
    assert await rules(db, workspace, "tom@prospect.example") == {}


async def test_a_customer_is_not_new(db: Database, workspace: int) -> None:
    firm = company("prospect.example", name="Prospect Ltd")
    found = await rules(db, workspace, "tom@prospect.example", won(-20, who=None, firm=firm))
    assert found == {
        "existing_customer": "Not new: Prospect Ltd is a customer since 10 February 2026 (HubSpot deal 77 was won)."
    }


async def test_an_open_opportunity_is_not_new_a_lost_one_is(db: Database, workspace: int, other_workspace: int) -> None:
    firm = company("prospect.example", name="Prospect Ltd")
    opened = deal("created", -20, who=None, firm=firm)
    found = await rules(db, workspace, "tom@prospect.example", opened)
    assert found == {
        "open_opportunity": "Not new: HubSpot deal 77 was open since 10 February 2026, before the sign-up."
    }
    gone = deal("lost", -10, who=None, firm=firm)
    assert await rules(db, other_workspace, "tom@prospect.example", opened, gone) == {}


async def test_a_shared_mailbox_is_held(db: Database, workspace: int) -> None:
    assert list(await rules(db, workspace, "sales@prospect.example")) == ["role_inbox"]


async def test_many_friends_from_one_browser_are_held(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        visitor = (await outcomes.record_touch(tx, town.link, "click", agent=BROWSER, at=days(-1))).visitor
        found = []
        for n in range(3):
            made = await outcomes.sign_up(tx, town.link.code, f"p{n}@firm{n}.example", "", visitor, AT)
            found.append([f.rule for f in made.findings])
        assert found == [[], [], ["velocity"]]


@pytest.mark.parametrize(
    ("agent", "method", "kind"),
    [
        (BROWSER, "GET", "unknown"),
        (BROWSER, "POST", "person"),
        (BROWSER, "HEAD", "scanner"),
        ("", "GET", "scanner"),
        ("curl/8.5", "POST", "scanner"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", "GET", "scanner"),
        ("Mozilla/5.0 Microsoft Office/16.0", "GET", "scanner"),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "GET", "scanner"),
        ("Mozilla/5.0 HeadlessChrome/142.0", "POST", "scanner"),
        ("Unheard-of/1.0", "POST", "unknown"),
    ],
)
def test_machines_are_told_from_people(agent: str, method: str, kind: str) -> None:
    assert outcomes.classify(agent, method) == kind


async def test_a_burst_of_scanners_is_no_person_and_carries_no_credit(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        visitor = new_id()
        for n in range(20):
            await outcomes.record_touch(
                tx, town.link, "click", agent="SafeLinks", visitor=visitor, at=days(-1 + n / 100)
            )
            await outcomes.record_touch(
                tx, town.link, "click", agent=BROWSER, method="HEAD", visitor=visitor, at=days(-1)
            )
        assert (
            await tx.value("select count(*) from touch where workspace_id = $1 and agent <> 'scanner'", workspace) == 0
        )
        assert await outcomes.list_referrals(tx) == []
        made = await outcomes.sign_up(tx, town.link.code, "tom@prospect.example", "", visitor, AT)
        touch = await tx.row(
            "select kind, agent from touch where workspace_id = $1 and id = $2", workspace, made.referral.touch_id
        )
        assert touch is not None
        assert (touch["kind"], touch["agent"]) == ("code", "person"), "the code they sent, not a machine's click"


async def test_a_sign_up_proves_that_the_click_was_a_persons(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        made = await joins(tx, town)
        rows = await tx.rows("select id, kind, agent from touch where workspace_id = $1", workspace)
        assert [(r["id"], r["kind"], r["agent"]) for r in rows] == [(made.referral.touch_id, "click", "person")]


async def test_another_workspace_has_no_such_link(db: Database, workspace: int, other_workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
    async with db.tx(other_workspace) as tx:
        await programs.ensure_program(tx, "customer-referrals")
        with pytest.raises(NotFound):
            await outcomes.sign_up(tx, town.link.code, "tom@prospect.example", "", None, AT)
