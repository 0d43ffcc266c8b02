"""How one referral behaves by itself: what an invented friend does and a real one does not. Weak signs that add up. Pure."""

import math
from collections.abc import Sequence
from statistics import median

from honeyguide.outcomes.fraud.code_leak import is_coupon_site
from honeyguide.outcomes.fraud.disposable_domain import is_disposable
from honeyguide.outcomes.fraud.known import Known, Usual

_DAY = 86_400.0
IDLE_DAYS, QUIET_DAYS = 1, 3
LEAST = 20  # wins before it is known what is usual

# What each sign is worth in log-odds when it is summed over the others of a group (its own weight is learned: `weights`).
WORTH = {
    "strangers": 0.9, "tied": -2.0, "idle": 1.5, "quiet": 0.5, "active": -0.7, "hasty": 0.5, "patient": -0.5, "cheap": 0.4,
    "unknown_employer": 0.6, "known_employer": -1.0, "taken_back": 1.0, "open_deal": 0.8, "coupon_site": 4.0, "throw_away": 4.0,
}  # fmt: skip


def usual(known: Sequence[Known]) -> Usual | None:
    """What is usual among these; None for too few."""
    prices = [k.price_minor for k in known if k.price_minor > 0]
    days = [(k.won_at - k.at) / _DAY for k in known if k.won_at is not None]
    return Usual(median(prices), max(median(days), 0.01)) if len(prices) >= LEAST and len(days) >= LEAST else None


def conduct(known: Known, of: Usual | None) -> dict[str, float]:
    """The signs of one referral, each with how much of it there is. What is not known gives none."""
    found: dict[str, float] = {}
    if known.ties is not None:
        found["tied" if known.ties else "strangers"] = math.log2(1 + known.ties) if known.ties else 1.0
    if known.active_days is not None:
        days = known.active_days
        found["idle" if days <= IDLE_DAYS else "quiet" if days <= QUIET_DAYS else "active"] = 1.0
    if known.employer_known is not None:
        found["known_employer" if known.employer_known else "unknown_employer"] = 1.0
    if known.taken_back:
        found["taken_back"] = 1.0
    if known.open_deal:
        found["open_deal"] = 1.0
    if known.host and is_coupon_site(known.host):
        found["coupon_site"] = 1.0
    if known.friend.email and is_disposable(known.friend.email):
        found["throw_away"] = 1.0
    return found | _of_the_win(known, of)


def _of_the_win(known: Known, of: Usual | None) -> dict[str, float]:
    """Somebody who buys for the reward buys at once, and the cheapest there is."""
    if of is None or known.won_at is None:
        return {}
    found: dict[str, float] = {}
    slower = math.log2(max((known.won_at - known.at) / _DAY, 0.02) / of.days)
    if slower < -1:
        found["hasty"] = min(-slower - 1, 3.0)
    elif slower > 0:
        found["patient"] = min(slower, 2.0)
    if known.price_minor > 0 and (below := math.log2(of.price_minor / known.price_minor)) > 2:
        found["cheap"] = min(below - 2, 2.0)
    return found


def worth(signs: dict[str, float]) -> float:
    """The signs of a referral in log-odds, for those it stands beside."""
    return math.fsum(WORTH[name] * amount for name, amount in sorted(signs.items()))
