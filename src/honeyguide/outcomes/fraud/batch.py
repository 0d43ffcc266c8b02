"""Judges many referrals at once, in memory: the same rules, rings and score as for one. Pure; what the benchmark calls."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

from honeyguide.outcomes.fraud import (
    disposable_domain,
    duplicate_payee,
    insider,
    lookalike_domain,
    refund_rate,
    role_inbox,
    same_email,
    shared_device,
    similar_name,
    velocity,
)  # fmt: skip
from honeyguide.outcomes.fraud.case import Pace, Takings
from honeyguide.outcomes.fraud.cases import Counts, case_of
from honeyguide.outcomes.fraud.judging import Costs, Risk, assess
from honeyguide.outcomes.fraud.known import Known, Surroundings
from honeyguide.outcomes.fraud.weights import Weights, stated

_RULES = (
    same_email.check, similar_name.check, insider.check, role_inbox.check, disposable_domain.check, lookalike_domain.check,
    duplicate_payee.check, shared_device.check, refund_rate.check, velocity.check,
)  # fmt: skip
_DAY = 86_400.0
_PAST_DAYS = 90.0


class Judged(Struct, frozen=True):
    """What was made of a referral, by its id: whether to hold it, how probable fraud is, and why."""

    referral: str
    suspicious: bool
    probability: float
    reason: str


class Batch:
    """An index of referrals with the counts of each advocate."""

    def __init__(self, known: Sequence[Known], own_domains: tuple[str, ...] = ()) -> None:
        self.web = Surroundings()
        self.names: dict[str, str] = {}
        self._own = own_domains
        self._times: dict[str, list[float]] = defaultdict(list)
        self._won: dict[str, list[bool]] = defaultdict(list)
        for one in sorted(known, key=lambda k: (k.at, k.id)):
            self.web.add(one)
            self._times[one.advocate.person].append(one.at)
            if one.taken_back is not None:
                self._won[one.advocate.person].append(one.taken_back)
            for party in (one.advocate, one.friend):
                self.names.setdefault(party.person, party.name or party.email)
        self._all = (sum(map(len, self._won.values())), sum(map(sum, self._won.values())))

    def counts(self, one: Known) -> Counts:
        """The counts of a referral's advocate, as of its sign-up where that matters."""
        won, times = self._won[one.advocate.person], self._times[one.advocate.person]
        here, day, past, hour = (bisect_left(times, one.at - d) for d in (0.0, _DAY, _PAST_DAYS * _DAY, _DAY / 24))
        return Counts(
            takings=Takings(len(won), sum(won), *self._all),
            pace=Pace(here - day, day - past, min((one.at - times[0]) / _DAY, _PAST_DAYS)),
            own_domains=self._own, sign_ups_by_advocate=here - hour,
        )  # fmt: skip

    def risk(self, referral_id: str, weights: Weights, costs: Costs) -> Risk:
        """The risk of one referral of the batch."""
        case = case_of(self.web, referral_id, self.counts(self.web.referrals[referral_id]), self.names)
        findings = [f for rule in _RULES if (f := rule(case)) is not None]
        return assess(self.web, referral_id, weights, costs, findings)


def judge_known(
    known: Sequence[Known], weights: Weights | None = None, costs: Costs | None = None, own_domains: tuple[str, ...] = ()
) -> list[Judged]:  # fmt: skip
    """Judge referrals, in the order they come in. The order changes no verdict."""
    batch = Batch(known, own_domains)
    by, at = weights or stated(), costs or Costs()
    judged = []
    for one in known:
        risk = batch.risk(one.id, by, at)
        judged.append(Judged(one.id, risk.hold, risk.probability, " ".join(risk.reasons)))
    return judged
