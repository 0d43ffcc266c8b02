"""moments: who is delighted, since when, for how long, and why; and where nobody may ask.

Contract: `step` renews the moments and incidents of everything a batch touched, each from the whole set of its facts, so
order and batching play no part; a moment whose ground is gone goes. `statistics` and `settle` do the same for what is counted,
`day` for what time makes. Every moment carries evidence that names the source's own record, a strength in (0, 1], a window
and a half-life. A moment of a company keeps the company's record; who speaks for it is found when it is read. `incidents`
gives the account veto.

What people say of moments (`dispute`, `affirm`) and what outcomes teach (`learn`) is laid over them when they are read.
"""

from honeyguide.moments.daily import day
from honeyguide.moments.feedback import (
    NOT_NOW_REASONS,
    Quality,
    affirm,
    count_rates,
    dispute,
    half_lives,
    learn,
    precision,
    quality,
    rates,
)
from honeyguide.moments.kinds import KINDS
from honeyguide.moments.learned import Beta, HalfLife, Sample
from honeyguide.moments.lists import Filter, count, listed
from honeyguide.moments.moment import VERSION, Moment, fade
from honeyguide.moments.reading import (
    StoredMoment,
    by_ids,
    incident_rows,
    incidents,
    of_entity,
    speakers_for,
)
from honeyguide.moments.reading import open_moments as open
from honeyguide.moments.steps import detect, incident_of, statistics, step
from honeyguide.moments.use import settle

__all__ = [
    "KINDS", "NOT_NOW_REASONS", "VERSION", "Beta", "Filter", "HalfLife", "Moment", "Quality", "Sample", "StoredMoment",
    "affirm", "by_ids", "count", "count_rates", "day", "detect", "dispute", "fade", "half_lives", "incident_of",
    "incident_rows", "incidents", "learn", "listed", "of_entity", "open", "precision", "quality", "rates", "settle",
    "speakers_for", "statistics", "step",
]  # fmt: skip
