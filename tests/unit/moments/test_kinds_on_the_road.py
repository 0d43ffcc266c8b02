"""The newer kinds from real events down the whole road, and what merges, decisions and time do to them."""

from datetime import datetime
from typing import Any

import pytest

from honeyguide import moments
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef
from honeyguide.db import Database
from tests.unit.inference.story import company, derived, event, hour, person, walk

DAY, YEAR = 24.0, 24 * 365.0
ANA, ACME = person("ana", "hubspot"), company("acme", "hubspot")


async def kinds(db: Database, workspace: int) -> list[str]:
    return sorted(m[1] for m in (await derived(db, workspace))["moments"])


async def pass_days(db: Database, workspace: int, now: datetime) -> int:
    async with db.tx(workspace) as tx:
        return len(await moments.day(tx, now))


def survey(at: float, score: int, who: RecordRef = ANA, **more: Any) -> CanonicalEvent:
    return event(
        "survey.answered", hour(at), who, ACME, source="hubspot", survey="nps", score=score, scale_max=10, **more
    )


async def test_a_score_without_words_is_a_moment_until_they_complain(db: Database, workspace: int) -> None:
    await walk(db, workspace, [survey(0, 10)])
    assert await kinds(db, workspace) == ["survey_promoter"]
    desk = person("ana", "zendesk")
    await walk(
        db, workspace,
        [event("ticket.opened", hour(1), desk, ACME, ticket="1", text="This is unusable, nothing works since noon.")],
    )  # fmt: skip
    found = await derived(db, workspace)
    assert any(e[0] == 17 for e in found["edges"]), "the complaint is believed"
    assert found["moments"] == [], "an hour later, from another system: the same person"


async def test_a_bitter_score_silences_the_company(db: Database, workspace: int) -> None:
    await walk(db, workspace, [survey(0, 1)])
    async with db.tx(workspace) as tx:
        reasons = await moments.incidents(tx, [ACME.id], now=hour(24))
        later = await moments.incidents(tx, [ACME.id], now=hour(24 * 31))
    assert "scored 1/10" in reasons[ACME.id]
    assert later == {}


async def test_praise_in_a_mail_is_a_moment_and_irony_is_none(db: Database, workspace: int) -> None:
    used = event(
        "feature.used",
        hour(0),
        ANA,
        ACME,
        source="hubspot",
        product="dispatch",
        product_name="Dispatch",
        feature="board",
    )

    def mail(at: float, text: str) -> CanonicalEvent:
        return event("sales_email.received", hour(at), ANA, ACME, source="hubspot", text=text, email=f"m{at:g}")

    await walk(db, workspace, [used, mail(1, "Oh great, another outage of Dispatch. Fantastic work.")])
    assert await kinds(db, workspace) == []
    await walk(db, workspace, [mail(2, 'Our boss said "Dispatch is fantastic" but he never opens it.')])
    assert await kinds(db, workspace) == []
    await walk(db, workspace, [mail(24 * 40, "Dispatch is fantastic, we love it.")])
    assert await kinds(db, workspace) == ["praise"]
    (found,) = (await derived(db, workspace))["moments"]
    assert "Dispatch is fantastic" in found[11], "the quote is evidence"


async def test_a_yearly_renewal_and_its_next_one(db: Database, workspace: int) -> None:
    def told(kind: str, at: float) -> CanonicalEvent:
        return event(
            f"subscription.{kind}",
            hour(at),
            None,
            ACME,
            source="stripe",
            subscription="s",
            product="atlas",
            amount_minor=9,
        )

    await walk(db, workspace, [told("started", 0), told("renewed", YEAR)])
    assert await kinds(db, workspace) == ["purchase_euphoria", "renewal"]
    assert await pass_days(db, workspace, hour(YEAR)) == 1
    assert await kinds(db, workspace) == ["anniversary", "purchase_euphoria", "renewal"]
    assert await pass_days(db, workspace, hour(YEAR)) == 0, "the same day twice changes nothing"
    assert await pass_days(db, workspace, hour(2 * YEAR - 20 * DAY)) == 1, "the next renewal is near"
    assert await pass_days(db, workspace, hour(0)) == 0, "time does not go back"
    before = await derived(db, workspace)
    await walk(db, workspace, [told("cancelled", 2 * YEAR - 10 * DAY)])
    gone = {m[1:3] for m in before["moments"]} - {m[1:3] for m in (await derived(db, workspace))["moments"]}
    assert {kind for kind, _ in gone} == {"renewal"}
    assert await pass_days(db, workspace, hour(4 * YEAR)) == 0, "no anniversary of who has left"
    async with db.tx(workspace) as tx:
        assert "was cancelled on" in (await moments.incidents(tx, [ACME.id], now=hour(2 * YEAR)))[ACME.id]


async def test_time_that_passed_before_the_events_came_is_made_up_for(db: Database, workspace: int) -> None:
    await pass_days(db, workspace, hour(YEAR + 5 * DAY))
    started = event(
        "subscription.started", hour(0), None, ACME, source="stripe", subscription="s", product="atlas", amount_minor=9
    )
    await walk(db, workspace, [started])
    assert await kinds(db, workspace) == ["anniversary", "purchase_euphoria"]


async def test_a_champion_moves_and_two_records_of_one_firm_are_no_move(db: Database, workspace: int) -> None:
    def at(firm: RecordRef, time: float, kind: str = "persona.identified", **more: Any) -> CanonicalEvent:
        return event(kind, hour(time), ANA, firm, source="hubspot", **more)

    globex = company("globex", "hubspot")
    desk = [
        event("ticket.opened", hour(5), person("ana", "zendesk"), ACME, ticket="1", text="How do I share a board?"),
        event("ticket.solved", hour(6), person("ana", "zendesk"), ACME, ticket="1"),
        event("ticket.rated", hour(7), person("ana", "zendesk"), ACME, ticket="1", score=5, comment="Excellent support, thank you!"),
    ]  # fmt: skip
    left = event("persona.departed", hour(100 * DAY), ANA, ACME, source="hubspot")
    await walk(db, workspace, [at(ACME, 0), *desk, at(ACME, 40 * DAY), left])
    assert "job_change" not in await kinds(db, workspace)
    await walk(db, workspace, [at(globex, 130 * DAY), at(globex, 170 * DAY)])
    assert "job_change" in await kinds(db, workspace)
    async with db.tx(workspace) as tx:
        moved = [m for m in await moments.of_entity(tx, globex.id) if m.kind == "job_change"]
    assert [m.title for m in moved] == ["Moved from Acme to Globex, somebody who praised us before"]
    # Somebody shows that the two firms are one: both records carry one domain.
    one = RecordRef(
        "company",
        "hubspot",
        "globex",
        (Identifier("domain", "acme.example"),),
        {"name": "Globex", "domain": "acme.example"},
    )
    await walk(db, workspace, [event("company.identified", hour(171 * DAY), None, one, source="hubspot")])
    assert "job_change" not in await kinds(db, workspace)


async def test_signs_of_leaving_anywhere_in_the_company_silence_it(db: Database, workspace: int) -> None:
    ben = person("ben", "hubspot")
    mail = event(
        "sales_email.received", hour(2), ben, ACME, source="hubspot", email="m1",
        text="We hereby cancel our contract at the end of the quarter.",
    )  # fmt: skip
    await walk(db, workspace, [event("persona.identified", hour(0), ANA, ACME, source="hubspot"), survey(1, 10), mail])
    async with db.tx(workspace) as tx:
        (reason,) = (await moments.incidents(tx, [ACME.id], now=hour(3))).values()
    assert "speaks of leaving" in reason
    assert "We hereby cancel our contract" in reason


@pytest.mark.parametrize(("level", "silent"), [("high", True), ("healthy", False)])
async def test_a_warning_silences_until_it_is_called_off(
    db: Database, workspace: int, level: str, silent: bool
) -> None:
    warnings = [
        event("churn.risk_raised", hour(0), None, ACME, source="gainsight", level="medium"),
        event("churn.risk_raised", hour(9), None, ACME, source="gainsight", level=level, reason="usage falls"),
    ]
    await walk(db, workspace, warnings[::-1])
    async with db.tx(workspace) as tx:
        found = await moments.incidents(tx, [ACME.id], now=hour(10))
    assert bool(found) is silent


async def test_money_taken_back_silences_until_it_is_settled(db: Database, workspace: int) -> None:
    opened = event("dispute.opened", hour(0), None, ACME, source="stripe", dispute="d1")
    await walk(db, workspace, [opened])
    async with db.tx(workspace) as tx:
        assert "disputed" in (await moments.incidents(tx, [ACME.id], now=hour(5)))[ACME.id]
    await walk(
        db, workspace, [event("dispute.closed", hour(9), None, ACME, source="stripe", dispute="d1", status="won")]
    )
    async with db.tx(workspace) as tx:
        assert await moments.incidents(tx, [ACME.id], now=hour(10)) == {}


async def test_a_spike_is_found_between_batches_over_all_records_of_a_person(db: Database, workspace: int) -> None:
    twin = person("ana", "product")

    def use(day: int, n: int, who: RecordRef = ANA, feature: str = "board") -> CanonicalEvent:
        at = hour(24 * day + (feature == "map"))
        return event("feature.used", at, who, ACME, source=who.source, product="dispatch", feature=feature, n=n)

    quiet = [use(7 * w + d, 3, feature=f) for w in range(8) for d in (0, 2) for f in ("board", "map")]
    await walk(db, workspace, quiet)
    assert "usage_spike" not in await kinds(db, workspace)
    busy = [use(56 + d, 6 + d, twin, f) for d in range(5) for f in ("board", "map")]
    await walk(db, workspace, busy, batch=3)
    assert "usage_spike" in await kinds(db, workspace)
