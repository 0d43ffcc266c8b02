"""Judges many referrals at once, in memory: the same rules, rings and score as for one. Pure; what the benchmark calls."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct

from honeyguide.outcomes.fraud import (
    code_leak,
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
from honeyguide.outcomes.fraud.case import Pace, Takings, Visits
from honeyguide.outcomes.fraud.cases import Counts, case_of
from honeyguide.outcomes.fraud.conduct import usual
from honeyguide.outcomes.fraud.judging import Costs, Risk, assess
from honeyguide.outcomes.fraud.known import Known, Mark, MarkKind, Party, Surroundings
from honeyguide.outcomes.fraud.weights import Weights, stated

_RULES = (
    same_email.check, similar_name.check, insider.check, role_inbox.check, disposable_domain.check, lookalike_domain.check,
    duplicate_payee.check, shared_device.check, refund_rate.check, velocity.check, code_leak.check,
)  # fmt: skip
_DAY = 86_400.0
_WEEK = 7 * _DAY
Ours = tuple[tuple[str, ...], tuple[str, ...]]  # our own domains, and the names of our own company
_PAST_DAYS = 90.0


class Judged(Struct, frozen=True):
    """What was made of a referral, by its id: whether to hold it, how probable fraud is, and why."""

    referral: int
    suspicious: bool
    probability: float
    reason: str


class Batch:
    """An index of referrals with the counts of each advocate."""

    def __init__(self, known: Sequence[Known], ours: Ours = ((), ())) -> None:
        self.web = Surroundings()
        self.names: dict[str, str] = {}
        self._ours = ours
        self._seen: dict[str, list[Known]] = defaultdict(list)
        self._times: dict[str, list[float]] = defaultdict(list)
        self._won: dict[str, list[bool]] = defaultdict(list)
        for one in sorted(known, key=lambda k: (k.at, k.id)):
            self.web.add(one)
            self._seen[one.advocate.person].append(one)
            self._times[one.advocate.person].append(one.at)
            if one.taken_back is not None:
                self._won[one.advocate.person].append(one.taken_back)
            for party in (one.advocate, one.friend):
                self.names.setdefault(party.person, party.name or party.email)
        self.web.usual = usual(known)
        self._all = (sum(map(len, self._won.values())), sum(map(sum, self._won.values())))

    def counts(self, one: Known) -> Counts:
        """The counts of a referral's advocate, as of its sign-up where that matters."""
        won, times = self._won[one.advocate.person], self._times[one.advocate.person]
        here, day, past, hour = (bisect_left(times, one.at - d) for d in (0.0, _DAY, _PAST_DAYS * _DAY, _DAY / 24))
        return Counts(
            takings=Takings(len(won), sum(won), *self._all),
            pace=Pace(here - day, day - past, min((one.at - times[0]) / _DAY, _PAST_DAYS)),
            visits=self._visits(one), own_domains=self._ours[0], own_companies=self._ours[1], sign_ups_by_advocate=here - hour,
        )  # fmt: skip

    def _visits(self, one: Known) -> Visits:
        """Where those who came through the advocate within a week of this one came from."""
        near = [k for k in self._seen[one.advocate.person] if abs(k.at - one.at) <= _WEEK]
        hosts = Counter(k.host for k in near if k.host)
        return Visits(len(near), 7.0, tuple(sorted(hosts.items())), len({k.friend.company for k in near}))

    def risk(self, referral_id: str, weights: Weights, costs: Costs) -> Risk:
        """The risk of one referral of the batch."""
        case = case_of(self.web, referral_id, self.counts(self.web.referrals[referral_id]), self.names)
        findings = [f for rule in _RULES if (f := rule(case)) is not None]
        return assess(self.web, referral_id, weights, costs, findings)


class Columns(Protocol):
    """Referrals as columns of equal length, in order of sign-up. Times are seconds; None = not known; other texts are digests."""

    own_company: int
    own_domains: tuple[str, ...]
    referral: list[int]
    advocate: list[int]
    friend: list[int]
    friend_employer: list[int | None]
    deal_opened_at: list[int | None]
    amount_minor: list[int]
    clicked_at: list[int | None]
    signed_up_at: list[int]
    converted_at: list[int | None]
    refunded_minor: list[int]
    reward_minor: list[int]
    active_days: list[int | None]
    ties: list[int | None]
    host: list[str | None]


_MARKS: tuple[tuple[str, MarkKind], ...] = (
    ("payee", "payee"), ("card", "card"), ("device", "device"), ("phone", "phone"), ("ip", "network"),
)  # fmt: skip


def judge_batch(world: Columns) -> list[Judged]:
    """Judge referrals that are given as columns, in their order."""
    known = known_of(world)
    risks = judge_known(known, ours=(tuple(world.own_domains), (str(world.own_company),)))
    return [Judged(int(k.id), (r := risks[k.id]).hold, r.probability, " ".join(r.reasons)) for k in known]


def known_of(world: Columns) -> list[Known]:
    """The referrals of the columns."""
    return [
        Known(
            id=str(world.referral[n]), advocate=_party(world, "advocate", n), friend=_party(world, "friend", n),
            at=float(world.signed_up_at[n]), amount_minor=world.reward_minor[n],
            taken_back=None if world.converted_at[n] is None else world.refunded_minor[n] > 0,
            ties=world.ties[n], active_days=world.active_days[n], host=world.host[n] or "",
            price_minor=world.amount_minor[n], won_at=world.converted_at[n], employer_known=world.friend_employer[n] is not None,
            open_deal=(opened := world.deal_opened_at[n]) is not None and opened < world.signed_up_at[n],
            clicked_at=None if (clicked := world.clicked_at[n]) is None else float(clicked),
        )
        for n in range(len(world.referral))
    ]  # fmt: skip


def _party(world: Any, side: str, n: int) -> Party:
    """One side of the n-th referral; the columns of both sides are named alike."""
    column: Callable[[str], Any] = lambda name: getattr(world, f"{side}_{name}")[n]  # noqa: E731  # read once, below
    employer = column("employer") if column("employer") is not None else column("company")
    return Party(
        person=f"p{getattr(world, side)[n]}", email=column("email"), name=column("name"),
        company=None if employer is None else str(employer),
        marks=tuple(Mark(kind, column(name)) for name, kind in _MARKS if column(name)),
    )  # fmt: skip


def judge_known(
    known: Sequence[Known], weights: Weights | None = None, costs: Costs | None = None, ours: Ours = ((), ())
) -> dict[str, Risk]:
    """The risk of each referral, by its id. The order in which they come changes no verdict."""
    batch = Batch(known, ours)
    by, at = weights or stated(), costs or Costs()
    return {one.id: batch.risk(one.id, by, at) for one in known}
