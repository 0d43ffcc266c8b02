"""Measure lift: count, judge, and keep the verdict when it says something new."""

from datetime import datetime
from typing import Any

from honeyguide.db import Tx
from honeyguide.decisions import playbook_prior
from honeyguide.learning import experiments, tables
from honeyguide.learning.lift import METRIC, WINDOW_DAYS, Lift, judge
from honeyguide.learning.sequence import Counts
from honeyguide.learning.tables import Evaluation

_NOTHING = "Nothing has been decided yet, so there is nothing to compare."


async def measure(tx: Tx, now: datetime) -> list[Evaluation]:
    """Compare treated and held-out companies as of `now`; returns what was stored: nothing when nothing has changed.

    Once a day every experiment is looked at, too.
    """
    await experiments.look(tx, now)
    row = await tables.outcomes(tx, now, WINDOW_DAYS)
    if row["treated"] + row["holdout"] + row["young"] == 0:
        return []
    held_out = await tables.share_held_out(tx)
    if held_out is None:
        held_out = playbook_prior("customer-referrals").params.holdout_bp
    treated, holdout = Counts(row["treated"], row["treated_came"]), Counts(row["holdout"], row["holdout_came"])
    lift = judge(treated, holdout, share_held_out=held_out / 10_000, young=row["young"])
    detail = _detail(lift, treated, holdout, row["young"])
    before = await tables.latest(tx, METRIC)
    if before and before.verdict == lift.verdict and before.detail == detail:
        return []
    return [await tables.add(tx, lift, detail, now)]


async def latest(tx: Tx) -> Lift:
    """The newest verdict; before the first one, that there is nothing to compare."""
    found = await tables.latest(tx, METRIC)
    if found is None:
        return Lift("not_enough_yet", _NOTHING, METRIC, 0, 0, None, None, None, None, None, None)
    detail = found.detail
    return Lift(
        verdict=found.verdict,
        sentence=detail["sentence"],
        metric=found.metric,
        n_treated=found.n_treated,
        n_holdout=found.n_holdout,
        rate_treated=detail["rate_treated"],
        rate_holdout=detail["rate_holdout"],
        estimate=found.estimate,
        lower=found.lower,
        upper=found.upper,
        needed=detail["needed"],
        at=found.at.isoformat(),
    )


def _detail(lift: Lift, treated: Counts, holdout: Counts, young: int) -> dict[str, Any]:
    return {
        "sentence": lift.sentence,
        "rate_treated": lift.rate_treated,
        "rate_holdout": lift.rate_holdout,
        "needed": lift.needed,
        "successes_treated": treated.successes,
        "successes_holdout": holdout.successes,
        "young": young,
        "window_days": WINDOW_DAYS,
    }
