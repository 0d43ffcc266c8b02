"""Reminders: covered by the approval, sent once while nothing came of the ask, cancelled with a reason, never a decision."""

import asyncio
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from msgspec import Struct, structs

from honeyguide import decisions, outcomes, programs
from honeyguide.app import following
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.core.ids import content_id
from honeyguide.db import Database, Tx, change_settings
from honeyguide.decisions import follow_up, readiness_tables, reading, tables
from honeyguide.decisions.candidates import action_of
from honeyguide.decisions.follow_up_tables import FollowUpRow
from honeyguide.decisions.messages import LINK, Draft, disclosure, remind
from honeyguide.decisions.situation import CHANNELS, TONES
from honeyguide.delivery import ConsentRow, find_message, send_due, withdraw
from honeyguide.delivery.tables import add_consents
from honeyguide.learning import training_tables
from honeyguide.programs.playbooks import FollowUp, Stop
from honeyguide.settings import Settings
from honeyguide.web.approve import approve
from tests.unit.decisions import world
from tests.unit.decisions.world import NOW
from tests.unit.delivery.test_sending import BASE, Recorder, token_of

DAY = timedelta(days=1)
LEAD = "mo@acme.example"


class Asked(Struct):
    """An ask and the world around it."""

    ask: UUID
    who: int
    firm: int
    moment: UUID
    letters: Recorder


async def consent(tx: Tx, address: str, state: str = "granted", at: datetime = NOW) -> None:
    said = content_id("consent", address, state, at.isoformat())
    await add_consents(tx, [ConsentRow(said, address, "email", state, "event:test", said, at)])


async def suggested(tx: Tx, prefix: str = "f", segment: str = "mid_market") -> Asked:
    """An ask by e-mail under a step of the library that names a reminder."""
    await change_settings(tx, {"quiet_hours": "none"})
    for n in range(40):
        firm = await world.treated(tx, f"{prefix}{n} ", segment=segment)
        who = await world.persona(tx, f"{prefix}{n}p", firm, name="Ana Lima")
        await consent(tx, f"{prefix}{n}p@firm.example")
        when = await world.moment(tx, who, firm, kind="product_milestone")
        await decisions.decide(tx, NOW)
        made = (await tables.asks_of_moments(tx, [when])).get(when)
        if made is not None and made.channel == "email" and await follow_up.of_ask(tx, made.id, NOW):
            return Asked(made.id, who, firm, when, Recorder())
    raise AssertionError("no ask was suggested")


async def sent(db: Database, workspace: int, *, follow_ups: bool = True, prefix: str = "f") -> Asked:
    """The same, approved by a person and sent."""
    async with db.tx(workspace) as tx:
        one = await suggested(tx, prefix)
        edits = decisions.Edits(follow_ups=follow_ups)
        _, message = await approve(tx, one.ask, LEAD, edits, base_url=BASE, now=NOW)
        assert message.state == "queued", message.blocked_reason
    assert await send_due(db, workspace, one.letters, NOW) == 1
    return one


async def pass_days(db: Database, workspace: int, settings: Settings, one: Asked, days: float) -> int:
    """The worker's pass so many days later; returns how many letters went."""
    now = NOW + days * DAY
    await following.remind(db, workspace, settings, now)
    return await send_due(db, workspace, one.letters, now, overtaken=following.overtaken)


async def rows_of(db: Database, workspace: int, ask: UUID) -> list[FollowUpRow]:
    async with db.tx(workspace) as tx:
        return await follow_up.of_ask(tx, ask, NOW)


async def link_of(tx: Tx, one: Asked) -> programs.Link:
    row = await tables.ask(tx, one.ask)
    assert row is not None
    code = one.letters.letters[0].text.split("/r/")[1].split()[0]
    link = await programs.find_link(tx, code)
    assert link is not None
    return link


async def test_an_approval_covers_the_reminder_and_it_goes_once(
    db: Database, workspace: int, settings: Settings
) -> None:
    one = await sent(db, workspace)
    (planned,) = await rows_of(db, workspace, one.ask)
    assert (planned.state, planned.due_at) == ("planned", NOW + planned.after_days * DAY)
    assert await pass_days(db, workspace, settings, one, planned.after_days - 0.1) == 0
    assert await pass_days(db, workspace, settings, one, planned.after_days) == 1
    assert await pass_days(db, workspace, settings, one, planned.after_days) == 0
    assert await pass_days(db, workspace, settings, one, planned.after_days + 30) == 0
    first, second = one.letters.letters
    assert second.to == first.to
    assert "eminder" in second.subject
    assert "10 March" in second.text
    assert first.text.split("/r/")[1].split()[0] == second.text.split("/r/")[1].split()[0]  # the same link
    said = "please say that you may receive a reward"
    assert (said in second.text) == (said in first.text)
    assert token_of(second) != token_of(first)
    assert "We will not remind you of this again." in second.text
    assert [r.state for r in await rows_of(db, workspace, one.ask)] == ["sent"]
    async with db.tx(workspace) as tx:
        row = await tables.ask(tx, one.ask)
        assert row is not None
        assert row.state == "sent"


async def test_without_the_approval_of_reminders_none_goes(db: Database, workspace: int, settings: Settings) -> None:
    one = await sent(db, workspace, follow_ups=False)
    assert await pass_days(db, workspace, settings, one, 20) == 0
    (row,) = await rows_of(db, workspace, one.ask)
    assert (row.state, row.reason) == ("off", f"Switched off by {LEAD}.")


async def test_an_ask_approved_before_there_were_reminders_gets_none(
    db: Database, workspace: int, settings: Settings
) -> None:
    one = await sent(db, workspace)
    async with db.tx(workspace) as tx:
        await tx.run("delete from ask_follow_up where workspace_id = $1", workspace)
    assert await pass_days(db, workspace, settings, one, 20) == 0


async def test_a_person_switches_reminders_off_and_on(db: Database, workspace: int, settings: Settings) -> None:
    async with db.tx(workspace) as tx:
        waits = await suggested(tx)
        assert [r.state for r in await follow_up.switch(tx, waits.ask, False, LEAD, NOW)] == ["off"]
        assert [r.state for r in await follow_up.of_ask(tx, waits.ask, NOW)] == ["off"]
        await approve(tx, waits.ask, LEAD, decisions.Edits(), base_url=BASE, now=NOW)
        assert [r.state for r in await follow_up.of_ask(tx, waits.ask, NOW)] == ["off"]  # said before, holds after
    assert await send_due(db, workspace, waits.letters, NOW) == 1
    assert await pass_days(db, workspace, settings, waits, 15) == 0
    async with db.tx(workspace) as tx:
        (on,) = await follow_up.switch(tx, waits.ask, True, LEAD, NOW)
        assert (on.state, on.reason) == ("planned", "")
        acts = await tx.rows(
            "select action from audit_entry where workspace_id = $1 and action like 'follow_up.%'", workspace
        )
        assert sorted(r["action"] for r in acts) == ["follow_up.off", "follow_up.on"]
        with pytest.raises(NotFound):
            await follow_up.switch(tx, uuid4(), True, LEAD, NOW)
    assert await pass_days(db, workspace, settings, waits, 15) == 1


async def test_a_declined_ask_has_nothing_to_switch(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        one = await suggested(tx)
        await decisions.not_now(tx, one.ask, LEAD, "bad_timing", now=NOW)
        with pytest.raises(Conflict):
            await follow_up.switch(tx, one.ask, False, LEAD, NOW)


BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "method", "after", "goes"),
    [(BROWSER, "POST", timedelta(minutes=5), False), (BROWSER, "GET", DAY, False), (BROWSER, "GET", timedelta(minutes=5), True),
     ("Mimecast scanner bot", "GET", DAY, True), (BROWSER, "POST", -DAY, True)],
)  # fmt: skip
async def test_a_click_by_a_person_cancels_and_a_machine_does_not(
    db: Database, workspace: int, settings: Settings, agent: str, method: str, after: timedelta, goes: bool
) -> None:
    one = await sent(db, workspace)
    async with db.tx(workspace) as tx:
        await outcomes.record_touch(tx, await link_of(tx, one), "click", agent=agent, method=method, at=NOW + after)
    assert await pass_days(db, workspace, settings, one, 15) == goes
    (row,) = await rows_of(db, workspace, one.ask)
    assert (row.state, "followed the link" in row.reason) == (("sent", False) if goes else ("cancelled", True))


async def test_a_share_between_queueing_and_sending_cancels(db: Database, workspace: int, settings: Settings) -> None:
    one = await sent(db, workspace)
    now = NOW + 15 * DAY
    assert await following.remind(db, workspace, settings, now) == 1
    assert [r.state for r in await rows_of(db, workspace, one.ask)] == ["queued"]
    async with db.tx(workspace) as tx:
        await outcomes.invite(tx, await link_of(tx, one), "friend@new.example", now)
    assert await send_due(db, workspace, one.letters, now, overtaken=following.overtaken) == 0
    (row,) = await rows_of(db, workspace, one.ask)
    assert row.state == "cancelled"
    async with db.tx(workspace) as tx:
        states = await tx.rows("select state from message where workspace_id = $1 and follow_up = 1", workspace)
    assert [r["state"] for r in states] == ["blocked"]


async def test_an_opt_out_cancels_at_once(db: Database, workspace: int, settings: Settings) -> None:
    one = await sent(db, workspace)
    async with db.tx(workspace) as tx:
        await find_message(tx, token_of(one.letters.letters[0]))
        await withdraw(tx, token_of(one.letters.letters[0]), NOW + DAY)
    (row,) = await rows_of(db, workspace, one.ask)
    assert (row.state, row.reason) == ("cancelled", "The person asked us to stop.")
    assert await pass_days(db, workspace, settings, one, 15) == 0


async def test_an_opt_out_from_the_reminder_is_one_of_the_ask(db: Database, workspace: int, settings: Settings) -> None:
    one = await sent(db, workspace)
    assert await pass_days(db, workspace, settings, one, 15) == 1
    async with db.tx(workspace) as tx:
        await withdraw(tx, token_of(one.letters.letters[1]), NOW + 16 * DAY)
        row = await tables.ask(tx, one.ask)
        assert row is not None
        assert row.not_now_reason == tables.OPTED_OUT


@pytest.mark.parametrize(
    ("what", "reason"),
    [("incident", "Something is open"), ("quiet", "not to be contacted"), ("retracted", "no longer believed"),
     ("consent", "withdrawn consent"), ("colleague", "A colleague was written to"), ("complained", "has complained"),
     ("left", "no longer works"), ("offer", "offer is not made")],
)  # fmt: skip
async def test_what_speaks_against_it_when_it_is_due_is_its_reason(
    db: Database, workspace: int, settings: Settings, what: str, reason: str
) -> None:
    one = await sent(db, workspace)
    async with db.tx(workspace) as tx:
        await _happens(tx, one, what)
    assert await pass_days(db, workspace, settings, one, 15) == 0
    (row,) = await rows_of(db, workspace, one.ask)
    assert row.state == "cancelled"
    assert reason in row.reason
    assert "Ana" not in row.reason


async def _happens(tx: Tx, one: Asked, what: str) -> None:
    if what == "incident":
        await world.incident(tx, one.firm)
    elif what == "quiet":
        await tx.run(
            "update node set props = props || '{\"quiet\": true}' where workspace_id = $1 and id = $2",
            tx.workspace_id,
            one.who,
        )
    elif what == "retracted":
        await tx.run("delete from moment where workspace_id = $1 and id = $2", tx.workspace_id, one.moment)
    elif what == "consent":
        await consent(tx, one.letters.letters[0].to, "withdrawn", NOW + DAY)
    elif what == "complained":
        await world.signal(tx, "complained_of", one.who, one.firm, "Too slow.")
    elif what == "left":
        await tx.run(
            "update edge set valid_to = $3 where workspace_id = $1 and src = $2 and dst = $4",
            tx.workspace_id,
            one.who,
            NOW + DAY,
            one.firm,
        )
    elif what == "offer":
        await tx.run("update offer set retired_at = $2 where workspace_id = $1", tx.workspace_id, NOW)
    else:
        await tx.run(
            "insert into message (workspace_id, id, ask_id, record_id, company_record_id, channel, to_address, subject, html, text, "
            "unsubscribe_digest, state, created_at) values ($1, $2, $3, 77, $4, 'email', 'c@firm.example', 's', '', '', '\\x01', 'sent', $5)",
            tx.workspace_id, uuid4(), uuid4(), one.firm, NOW + 5 * DAY,
        )  # fmt: skip


async def test_a_reminder_is_a_contact_but_no_decision(db: Database, workspace: int, settings: Settings) -> None:
    one = await sent(db, workspace)
    async with db.tx(workspace) as tx:
        decided = await tx.value("select count(*) from decision where workspace_id = $1", workspace)
    assert await pass_days(db, workspace, settings, one, 15) == 1
    now = NOW + 20 * DAY
    async with db.tx(workspace) as tx:
        assert await tx.value("select count(*) from decision where workspace_id = $1", workspace) == decided
        (logged,) = [r for r in await training_tables.asks(tx, now) if r["id"] == one.ask]
        assert logged["at"] == NOW  # one line of the log, at the time of the ask itself
        contacts = await reading.contacts_of(tx, one.who, one.firm, now)
        assert contacts.last_to_person == NOW + 15 * DAY
        assert (contacts.within_year, contacts.ever) == (2, 1)
        assert contacts.worn > 1.5
        wear = await readiness_tables.asked(tx, [one.who], now)
        assert sorted(r["days"] for r in wear) == pytest.approx([5.0, 20.0])


async def test_a_stop_calls_back_the_reminders_of_what_ran_alone(
    db: Database, workspace: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HONEYGUIDE_SECRET_KEY", "A" * 43 + "=")
    one = await sent(db, workspace)
    async with db.tx(workspace) as tx:
        await tx.run(
            "insert into autonomy_release (workspace_id, ask_id, step, level, head, outcome, reason, at) "
            "values ($1, $2, 'x', 1, 0, 'released', '', $3)", workspace, one.ask, NOW,
        )  # fmt: skip
        await decisions.stop(tx, LEAD, NOW + DAY)
    assert await pass_days(db, workspace, settings, one, 15) == 0
    (row,) = await rows_of(db, workspace, one.ask)
    assert row.state == "cancelled"
    assert "was stopped" in row.reason
    async with db.tx(workspace) as tx:
        kept = await tables.ask(tx, one.ask)
        assert kept is not None
        assert kept.state == "sent"


async def test_two_workers_send_it_once(db: Database, workspace: int, settings: Settings) -> None:
    one = await sent(db, workspace)
    now = NOW + 15 * DAY
    await asyncio.gather(*(following.remind(db, workspace, settings, now) for _ in range(4)))
    await asyncio.gather(*(send_due(db, workspace, one.letters, now, overtaken=following.overtaken) for _ in range(3)))
    assert len(one.letters.letters) == 2
    async with db.tx(workspace) as tx:
        assert await tx.value("select count(*) from message where workspace_id = $1 and follow_up > 0", workspace) == 1


async def test_one_that_cannot_be_delivered_says_so_and_names_nobody(
    db: Database, workspace: int, settings: Settings
) -> None:
    one = await sent(db, workspace)
    await following.remind(db, workspace, settings, NOW + 15 * DAY)
    broken = Recorder(BadInput(f"No mailbox {one.letters.letters[0].to}."))
    assert await send_due(db, workspace, broken, NOW + 15 * DAY, overtaken=following.overtaken) == 0
    (row,) = await rows_of(db, workspace, one.ask)
    assert (row.state, row.reason) == ("cancelled", "Its message could not be delivered.")


async def test_one_that_is_two_weeks_late_does_not_go(db: Database, workspace: int, settings: Settings) -> None:
    one = await sent(db, workspace)
    assert await pass_days(db, workspace, settings, one, 60) == 0
    (row,) = await rows_of(db, workspace, one.ask)
    assert "could not go within 14 days" in row.reason


async def test_the_second_reminder_is_due_after_the_first_and_says_it_is_the_last(
    db: Database, workspace: int, settings: Settings
) -> None:
    async with db.tx(workspace) as tx:
        one = await suggested(tx)
        await approve(tx, one.ask, LEAD, decisions.Edits(), base_url=BASE, now=NOW)
        row = await tables.ask(tx, one.ask)
        (seen,) = await reading.situations(tx, [one.moment], await reading.terms_in_force(tx), NOW, without_ask=one.ask)
        assert row is not None
        twice = structs.replace(seen.steps[0], follow_up=FollowUp(5, "formal", "email", 2))
        await follow_up.plan(tx, row, twice, LEAD, NOW)
    assert await send_due(db, workspace, one.letters, NOW) == 1
    assert await pass_days(db, workspace, settings, one, 6) == 1  # the worker was a day late
    assert await pass_days(db, workspace, settings, one, 10.9) == 0
    assert await pass_days(db, workspace, settings, one, 11) == 1
    first, second = (letter.text for letter in one.letters.letters[1:])
    assert "once more at most" in first
    assert "will not remind you of this again" in second
    assert "On 10 March we asked you" in second


async def test_a_step_that_stops_with_the_window_says_before_that_none_goes(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        one = await suggested(tx)
        row = await tables.ask(tx, one.ask)
        (seen,) = await reading.situations(tx, [one.moment], await reading.terms_in_force(tx), NOW, without_ask=one.ask)
    assert row is not None
    step = structs.replace(seen.steps[0], stop=[Stop("window_over")], follow_up=FollowUp(10, "brief", "email"))
    (outlasts,) = follow_up.covered(row, step, LEAD, NOW)
    assert (outlasts.state, "window ends before" in outlasts.reason) == ("cancelled", True)
    (within,) = follow_up.covered(row, structs.replace(step, follow_up=FollowUp(3, "brief", "email")), LEAD, NOW)
    assert within.state == "planned"
    sent_row = structs.replace(row, state="sent")
    later = structs.replace(seen, now=row.window_ends_at)
    assert "window is over" in (follow_up.against(sent_row, within, later, "", later.now) or "")
    rule = structs.replace(within, stop=[Stop("asks_without_share", 2)])
    assert follow_up.against(sent_row, rule, seen, "", NOW) is None
    asked = structs.replace(seen, contacts=structs.replace(seen.contacts, ever=2))
    assert follow_up.against(sent_row, rule, asked, "", NOW) == "This step stops after 2 asks without a share."


async def test_every_tone_and_channel_says_that_it_reminds(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        one = await suggested(tx)
        (seen,) = await reading.situations(tx, [one.moment], await reading.terms_in_force(tx), NOW, without_ask=one.ask)
    offer = next(o for o in seen.offers)
    for tone, channel, number in product(TONES, CHANNELS, (1, 2)):
        written = remind(seen, action_of(offer, channel, tone), NOW, number, 2)
        assert isinstance(written, Draft)
        assert "eminder" in written.subject
        assert "remind" in written.body
        assert written.body.count(LINK) == 1
        assert written.disclosure in written.body
        assert bool(written.disclosure) == bool(disclosure(offer.incentive))
        assert ("again" if number == 2 else "once more") in written.body
    assert seen.person is not None
    nameless = structs.replace(seen, person=structs.replace(seen.person, name=""))
    assert "first name" in str(remind(nameless, action_of(offer, "email", "warm"), NOW, 1, 1))
