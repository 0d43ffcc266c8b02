"""Usage spikes: a person who suddenly does more, not a robot, not one export run."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from honeyguide.core.ids import content_id
from honeyguide.moments.usage_spike import FeatureDay, of_days

START = date(2026, 1, 5)
Use = list[tuple[int, int, int]]  # (day, feature, how often)


def days(use: Use) -> list[FeatureDay]:
    out = []
    for day, feature, n in use:
        at = datetime.combine(START + timedelta(days=day), datetime.min.time(), UTC) + timedelta(hours=9 + feature)
        out.append(FeatureDay(at.date(), feature, n, at, UUID(int=content_id("use", f"{day}/{feature}").int)))
    return out


def usual(weeks: int = 8) -> Use:
    """Two features on two days of every week, three times each."""
    return [(7 * w + d, f, 3) for w in range(weeks) for d in (0, 2) for f in (1, 2)]


def busy(start: int, n: int = 8) -> Use:
    """Five days of two features, more often than usual."""
    return [(start + d, f, n + d) for d in range(5) for f in (1, 2)]


def spikes(use: Use) -> list[str]:
    return [m.title for m in of_days(1, 9, "Dispatch", days(use))]


def test_a_busy_week_after_quiet_ones_is_a_spike_once() -> None:
    (moment,) = of_days(1, 9, "Dispatch", days(usual() + busy(56)))
    assert moment.title.startswith("Used Dispatch ")
    assert 0.45 <= moment.strength <= 0.75
    assert "times a usual week" in moment.evidence[0].record
    again = spikes(usual() + busy(56) + busy(63) + busy(70))
    assert len(again) == 1, "the new habit is none"


def test_one_export_run_is_none() -> None:
    assert spikes([*usual(), (57, 3, 5_000)]) == []
    assert spikes([*usual(), (56, 1, 3), (58, 1, 4_000), (58, 2, 3)]) == []


def test_a_robot_is_none() -> None:
    robot = [(56 + d, 3, 900) for d in range(7)]
    assert spikes(usual() + robot) == [], "far beyond any hand"
    clock = [(56 + d, f, 24) for d in range(7) for f in (1, 2)]
    assert spikes(usual() + clock) == [], "day by day the same"
    one_feature = [(56 + d, 1, 20 + d) for d in range(7)]
    assert spikes(usual() + one_feature) == [], "no breadth"


def test_without_knowing_what_is_usual_there_is_none() -> None:
    assert spikes(busy(0)) == []
    assert spikes(usual(2) + busy(14)) == []
    assert spikes([(0, 1, 3), (20, 1, 3), *busy(56)]) == []


def test_a_steady_heavy_user_has_none() -> None:
    assert spikes([(d, f, 30 + d % 5) for d in range(90) for f in (1, 2, 3) if d % 7 < 5]) == []


def test_the_order_of_the_days_plays_no_part() -> None:
    use = days(usual() + busy(56))
    assert of_days(1, 9, "Dispatch", use) == of_days(1, 9, "Dispatch", reversed(use))
