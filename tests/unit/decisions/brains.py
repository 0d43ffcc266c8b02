"""The product's brain at its playbook prior, situations to decide about, and the strategy to compare with. No database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from honeyguide import programs
from honeyguide.core.ids import content_id
from honeyguide.decisions.candidates import action_of
from honeyguide.decisions.judge import judge_many
from honeyguide.decisions.judged import Judged
from honeyguide.decisions.policy import NewPolicy, Policy, brain_prior, code_hash, playbook_prior
from honeyguide.decisions.science import catalogue_of
from honeyguide.decisions.situation import SENIORITIES, Action, Contacts, Firm, Happening, Person, Signal, Situation

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
FILE = programs.load("customer-referrals")
GROUPS = [programs.Group(n, 1, g.slug, g.name, g.conditions, n, f"{g.name}.") for n, g in enumerate(FILE.groups)]
OFFERS = {
    g.slug: tuple(
        programs.Offer(10 * n + m, n, o.slug, o.label, o.incentive, o.amount_minor, o.rate_bp, "EUR", o.cap_minor, m)
        for m, o in enumerate(g.offers)
    )
    for n, g in enumerate(FILE.groups)
}
CATALOGUE = catalogue_of(OFFERS)
_SEGMENT = {"partner": "partner", "enterprise": "enterprise", "small-business": "small_business"}


def stored(new: NewPolicy) -> Policy:
    """A policy as if it had been adopted."""
    return Policy(1, new.kind, code_hash(), new.params, None, 0, "test", NOW, None, new.snapshot, new.challenger)


POLICY = stored(brain_prior("customer-referrals", CATALOGUE))
STRATEGY = stored(playbook_prior("customer-referrals"))


def actions(group: str, tones: Sequence[str], channels: Sequence[str]) -> list[Action]:
    """Every offer of a group in these tones over these channels."""
    return [action_of(o, c, tone) for o in OFFERS[group] for c in channels for tone in tones]


def judged(found: Sequence[Situation], policy: Policy) -> list[Judged]:
    """Each judged by itself."""
    return judge_many(found, policy, FILE.playbook)


def situations(n: int, seed: int = 3, rate: float = 0.0) -> list[Situation]:
    """People who may be asked, with moments up to four days old; `rate` moments a day of each kind are expected."""
    rng = np.random.default_rng(seed)
    return [_situation(k, rng, rate) for k in range(n)]


def _situation(n: int, rng: np.random.Generator, rate: float) -> Situation:
    group = GROUPS[rng.integers(0, len(GROUPS))]
    since = timedelta(hours=float(rng.uniform(0, 100)))
    moment = Happening(
        content_id("moment", str(n)), CATALOGUE.kinds[n % len(CATALOGUE.kinds)], "Rated 5/5", float(rng.uniform(0.3, 1)),
        NOW - since, NOW + timedelta(days=2), 30.0, [],
    )  # fmt: skip
    person = Person(
        n, n, "Ana Lima", "ana@x.example", "VP", SENIORITIES[rng.integers(0, 5)], consent_email=True,
        first_seen_at=NOW - timedelta(days=float(rng.uniform(0, 900))),
    )  # fmt: skip
    signals = tuple(
        Signal(k, float(rng.integers(0, 3)), {}) for k in ("praised", "complained", "referred", "power_user")
    )
    return Situation(
        1, "Tidewater", NOW, moment, person, Firm(n, n, f"Firm {n}"), group, OFFERS[group.slug],
        Contacts(ever=int(rng.integers(0, 2))), signals=signals, segment=_SEGMENT[group.slug], vertical="saas",
        stage="value", rates=tuple((k, rate) for k in CATALOGUE.kinds),
    )  # fmt: skip
