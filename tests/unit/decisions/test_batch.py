"""The batch and the single decision are the same model: equal to rounding."""

from datetime import UTC, datetime

import numpy as np
import pytest

from honeyguide import programs
from honeyguide.decisions.batch import Columns, score
from honeyguide.decisions.candidates import action_of
from honeyguide.decisions.features import action_features
from honeyguide.decisions.judge import expected_value
from honeyguide.decisions.policy import Policy, code_hash, playbook_prior
from honeyguide.decisions.propensity import belief, terms_of
from honeyguide.decisions.situation import CHANNELS, SENIORITIES
from honeyguide.programs import Offer, offer_key
from honeyguide.programs.catalogue import GroupEntry

FILE = programs.load("customer-referrals")
PRIOR = playbook_prior("customer-referrals")
POLICY = Policy(1, PRIOR.kind, code_hash(), PRIOR.params, None, 0, "t", datetime(2026, 1, 1, tzinfo=UTC), None)
MOMENTS = ["support_success", "purchase_euphoria", "product_milestone", "other"]
NUMBERS = ("strength", "staleness", "past_asks", "praised", "complained", "power_user", "referred", "tenure")


@pytest.mark.parametrize("group", FILE.groups, ids=lambda g: g.slug)
def test_batch_equals_one_by_one(group: GroupEntry) -> None:
    rng = np.random.default_rng(5)
    size = 60
    seniorities = [*SENIORITIES, "unknown"]
    columns = Columns(
        group.slug,
        {"moment": MOMENTS, "seniority": seniorities},
        {"moment": rng.integers(0, len(MOMENTS), size), "seniority": rng.integers(0, len(seniorities), size)},
        {name: rng.random(size) * (rng.random(size) < 0.5) for name in NUMBERS},
    )
    offers = [
        Offer(n, 1, o.slug, o.label, o.incentive, o.amount_minor, o.rate_bp, "EUR", o.cap_minor, n)
        for n, o in enumerate(group.offers)
    ]
    actions = [action_of(o, c, tone) for o in offers for c in CHANNELS for tone in ("brief", "warm")]
    found = score(columns, actions, POLICY.params)
    for n in range(size):
        features = {
            f"moment:{MOMENTS[columns.codes['moment'][n]]}": 1.0,
            f"seniority:{seniorities[columns.codes['seniority'][n]]}": 1.0,
            f"group:{offer_key(group.slug)}": 1.0,
            **{name: float(values[n]) for name, values in columns.numbers.items()},
        }
        values = [expected_value(a, group.slug, features, POLICY) for a in actions]
        assert found.value[n] == pytest.approx(max(values), rel=1e-12)
        best = actions[found.best[n]]
        assert expected_value(best, group.slug, features, POLICY) == pytest.approx(max(values), rel=1e-12)
        share = belief(terms_of(POLICY.params.factors["share"], action_features(features, best)))
        assert [found.share[n], found.low[n], found.high[n]] == pytest.approx(
            [share.mean, share.low, share.high], rel=1e-12
        )
