"""From statistics to what may be said, per kind of experiment. Pure: a look is stored with its statistics, and computing
it again from them gives the same numbers and the same sentence.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from msgspec import Struct

from honeyguide.learning import lift as rules
from honeyguide.learning.revenue import judge_money
from honeyguide.learning.sequence import Counts, Interval
from honeyguide.learning.totals import Arm

REFUSED = "refused"


class Finding(Struct, frozen=True):
    """What one look says. The estimate has its interval, or there is none of them."""

    n_candidate: int
    n_incumbent: int
    estimate: float | None
    lower: float | None
    upper: float | None
    verdict: str
    sentence: str
    needed: int | None


def of_counts(statistics: Mapping[str, Any], setup: Mapping[str, Any]) -> Finding:
    """Shares of companies with a referral: the whole program, or one step of the playbook."""
    one, zero = Counts(*statistics["candidate"]), Counts(*statistics["incumbent"])
    rule = rules.STEP if setup.get("rule") == "step" else rules.PROGRAM
    found = rules.judge(
        one, zero, share_held_out=float(statistics["share_held_out"]), young=int(statistics["young"]), rule=rule
    )
    interval = _interval(found.estimate, found.lower, found.upper) if rules.may_speak(one, zero, rule) else None
    return _finding(one.units, zero.units, interval, found.verdict, found.sentence, found.needed)


def of_money(statistics: Mapping[str, Any], setup: Mapping[str, Any]) -> Finding:
    """Money per company and 28 days, in minor units."""
    one, zero = Arm(*statistics["candidate"]), Arm(*statistics["incumbent"])
    cap = statistics["cap_minor"]
    found = judge_money(one, zero, int(statistics["wins"]), cap, str(setup["currency"]))
    return _finding(one.companies, zero.companies, found.interval, found.verdict, found.sentence, found.needed)


def of_log(statistics: Mapping[str, Any], setup: Mapping[str, Any]) -> Finding:
    """A policy against another on the log: the difference of doubly robust scores, always valid, or a refusal."""
    rows = int(statistics["rows"])
    refused = str(statistics.get("refused") or "")
    if refused:
        return _finding(rows, rows, None, REFUSED, f"No estimate: {refused}", None)
    interval = _interval(statistics["estimate"], statistics["lower"], statistics["upper"])
    names = f"{setup['candidate']} instead of {setup['incumbent']}"
    if interval is None:
        return _finding(rows, rows, None, rules.TOO_EARLY, f"Not enough yet: {rows:,} decisions are in the log.", None)
    between = f"between {100 * interval.lower:+.2f} and {100 * interval.upper:+.2f} referrals per 100 decisions"
    if interval.lower > 0:
        said, verdict = f"By the log of {rows:,} decisions, {names} brings {between}.", rules.POSITIVE
    elif interval.upper < 0:
        said, verdict = f"By the log of {rows:,} decisions, {names} loses: {between}.", rules.NEGATIVE
    else:
        said = f"Not enough yet: by the log of {rows:,} decisions, {names} may be anything {between}."
        verdict = rules.TOO_EARLY
    return _finding(rows, rows, interval, verdict, said, None)


READ: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Finding]] = {
    "referrals": of_counts,
    "step": of_counts,
    "revenue": of_money,
    "policy": of_log,
}


def _interval(estimate: Any, lower: Any, upper: Any) -> Interval | None:
    if estimate is None or lower is None or upper is None or not isfinite(lower) or not isfinite(upper):
        return None
    return Interval(float(estimate), float(lower), float(upper))


def _finding(
    n: int, against: int, interval: Interval | None, verdict: str, sentence: str, needed: int | None
) -> Finding:
    if interval is None:
        return Finding(n, against, None, None, None, verdict, sentence, needed)
    return Finding(n, against, interval.estimate, interval.lower, interval.upper, verdict, sentence, needed)
