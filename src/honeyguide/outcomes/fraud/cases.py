"""The Case of a referral from an index: what the rules look at, taken from what lies around it. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from honeyguide.core import normalise
from honeyguide.outcomes.fraud.case import Case, Pace, Payee, Takings, Visits
from honeyguide.outcomes.fraud.known import Surroundings

_MOST_NAMES = 10


class Counts(Struct, frozen=True):
    """What has to be counted beyond what lies around."""

    takings: Takings = Takings()
    visits: Visits = Visits()
    pace: Pace = Pace()
    own_domains: tuple[str, ...] = ()
    own_companies: tuple[str, ...] = ()
    sign_ups_by_visitor: int = 0
    sign_ups_by_advocate: int = 0


def case_of(web: Surroundings, referral_id: str, counts: Counts, names: dict[str, str]) -> Case:
    """A case as far as an index tells; `names` are of people, by their key."""
    one = web.referrals[referral_id]
    a, f = one.advocate, one.friend
    colleagues = a.company is not None and a.company == f.company
    return Case(
        advocate_name=a.name or a.email, advocate_email=a.email, advocate_entity=0, advocate_domain=normalise.work_domain(a.email),
        advocate_companies=(), friend_email=f.email, friend_name=f.name, friend_entity=None,
        friend_domain=normalise.work_domain(f.email), friend_company=None, friend_company_name="",
        shared=tuple(web.shared(m, colleagues) for m in web.common(a.person, f.person)),
        payee=_payee(web, a.person, f.person, names), takings=counts.takings, visits=counts.visits, pace=counts.pace,
        own_domains=counts.own_domains,
        advocate_is_ours=a.company in counts.own_companies, friend_is_ours=f.company in counts.own_companies, sign_ups_by_visitor=counts.sign_ups_by_visitor,
        sign_ups_by_advocate=counts.sign_ups_by_advocate,
    )  # fmt: skip


def _payee(web: Surroundings, advocate: str, friend: str, names: dict[str, str]) -> Payee | None:
    """Who is paid where the advocate is."""
    accounts = [m for m in web.marks.get(advocate, ()) if m.kind in ("payee", "card")]
    if not accounts:
        return None
    people = {p: c for m in accounts for p, c in web.users[m].items()}
    others: Sequence[str] = sorted(p for p in people if p not in (advocate, friend))
    shown = tuple(sorted(names.get(p) or p for p in others))[:_MOST_NAMES]
    return Payee(shown, len(set(people.values())), friend in people)
