"""Milestones: reported ones, counted ones, the first month as a power user."""

from datetime import UTC, date, datetime, timedelta

from honeyguide.core.ids import content_id
from honeyguide.inference import Subject
from honeyguide.inference.signals import signals_of
from honeyguide.moments import detect
from honeyguide.moments.moment import spoken
from honeyguide.moments.product_milestone import DayOfUse, PowerMonth, crossings, of_power_months, of_uses
from tests.unit.inference.story import company, event, hour, person

ANA, ACME = person("ana"), company("acme")


def day(n: int, uses: int) -> DayOfUse:
    on = date(2026, 3, 1) + timedelta(days=n)
    return DayOfUse(on, uses, datetime(2026, 3, 1, 15, tzinfo=UTC) + timedelta(days=n), content_id(str(n)))


def test_a_milestone_the_product_reports() -> None:
    said = [
        event(
            "usage.milestone", hour(n), ANA, ACME, source="product", product="atlas", milestone="100 reports", value=100
        )
        for n in (5, 2)
    ]
    found = signals_of(said)
    (moment,) = detect(
        Subject.of(found[0].subject, found[0].subject_kind, found[0].subject_key, [s.fact for s in found])
    )
    assert (moment.title, moment.record, moment.company) == ("Reached 100 reports in Atlas", ANA.id, ACME.id)
    assert moment.occurred_at == hour(2)


def test_thresholds_are_crossed_once_in_the_order_of_time() -> None:
    days = [day(0, 9), day(1, 1), day(2, 500), day(3, 489), day(4, 1), day(5, 5000)]
    assert [(t, total, d.day.day) for t, total, d in crossings(days)] == [(10, 10, 2), (100, 510, 3), (1000, 1000, 5)]
    assert crossings(reversed(days)) == crossings(days)
    assert crossings([day(0, 9)]) == []


def test_one_day_can_cross_them_all() -> None:
    moments = of_uses(1, 2, 3, "atlas", [day(0, 4000)])
    assert [m.title for m in moments] == [
        "Used atlas for the 10th time", "Used atlas for the 100th time", "Used atlas for the 1,000th time",
    ]  # fmt: skip
    assert len({m.id for m in moments}) == 3
    assert moments[0].strength < moments[1].strength < moments[2].strength
    assert moments[2].evidence[0].record == "4,000 uses of atlas up to 2026-03-01"
    assert moments[2].company == 2


def test_the_first_month_as_a_power_user() -> None:
    def month(of: str, confidence: float = 0.9) -> PowerMonth:
        at = datetime.fromisoformat(f"{of}-09T12:00:00+00:00")
        return PowerMonth(
            1,
            7,
            "atlas",
            of,
            confidence,
            f"use of atlas in {of}: 9 active days",
            "statistic:usage@1",
            at,
            content_id(of),
        )

    (moment,) = of_power_months([month("2026-04"), month("2026-03"), month("2026-05")])
    assert moment.title == "First month as a power user of atlas"
    assert moment.occurred_at.month == 3
    assert moment.evidence[0].record == "use of atlas in 2026-03: 9 active days"
    assert of_power_months([month("2026-03", 0.6)])[0].strength < moment.strength


def test_slugs_are_spoken_with_capitals_and_names_are_left_alone() -> None:
    assert [spoken(s) for s in ("route-planning", "crm_sync", "iPad app", "ATLAS", "")] == [
        "Route Planning", "Crm Sync", "iPad app", "ATLAS", "",
    ]  # fmt: skip
