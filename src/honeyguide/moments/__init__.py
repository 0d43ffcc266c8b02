"""moments: who is delighted, since when, for how long, and why; and where nobody may ask.

Contract: `step` renews the moments and incidents of every subject a batch touched, each from the whole set of its
facts, so order and batching play no part; a moment whose ground is gone goes. Kinds: purchase_euphoria,
support_success, product_milestone. Every moment carries evidence that names the source's own record, a strength in
(0, 1], a window and a half-life. A moment of a company keeps the company's record; who speaks for it is found when
it is read. `incidents` gives the account veto.
"""

from honeyguide.moments.accounts import day
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
from honeyguide.moments.steps import KINDS, detect, incident_of, statistics, step
from honeyguide.moments.use import settle

__all__ = [
    "KINDS", "VERSION", "Moment", "StoredMoment", "by_ids", "day", "detect", "fade", "incident_of", "incident_rows", "incidents",
    "of_entity", "open", "settle", "speakers_for", "statistics", "step",
]  # fmt: skip
