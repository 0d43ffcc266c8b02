"""What speaks for and against a referral, as numbers with words: the rules' findings, the shape of the graph, its past. Pure."""

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from honeyguide.outcomes.fraud import likeness, refund_rate
from honeyguide.outcomes.fraud.case import Takings
from honeyguide.outcomes.fraud.conduct import conduct, worth
from honeyguide.outcomes.fraud.known import HARD, Known, Mark, Surroundings
from honeyguide.outcomes.fraud.rings import DENSE, Edge, Ring, hands, rings
from honeyguide.outcomes.terms import Finding

# Rules that say "not a new customer", which is a question of terms and no sign of a lie: they never move the probability.
NOT_NEW = frozenset({"existing_customer", "open_opportunity", "same_company"})
# Told by the graph itself, in more detail; what the score said before is no evidence.
_TOLD = NOT_NEW | {"shared_device", "ring"}
REFUNDS = frozenset(
    {"refunds", "refund_rate", "confirmed", "cleared"}
)  # evidence of what became of it, not of who did it
AT_ONCE_S = 10.0
_TELLING = 1.0
_FADES_S = 60 * 86_400.0  # two months apart, referrals say little of each other
_SOFT = 0.5  # weight of a shared network in a dense block, before it is divided among many


class Evidence(Struct, frozen=True):
    """Numbers by name (see `weights.PRIOR`), the reasons in words, and the part of the graph they rest on."""

    amounts: dict[str, float]
    reasons: tuple[str, ...]
    ring: Ring | None
    edges: tuple[Edge, ...]
    around: tuple[Known, ...]


def edges_of(around: Sequence[Known], web: Surroundings) -> list[Edge]:
    """The graph of these referrals: who referred whom, and what they use that is no office's."""
    made: set[Edge] = set()
    for one in around:
        made.add(Edge("referred", one.advocate.person, one.friend.person))
        for person in (one.advocate.person, one.friend.person):
            for mark in web.marks.get(person, ()):
                users = len(web.users[mark])
                if users < 2 or web.is_office(mark):
                    continue
                if mark.kind in HARD:
                    made.add(Edge("hard", person, mark.node))
                elif not _one_employer(mark, web):
                    made.add(Edge("soft", person, mark.node, _SOFT / math.log2(users)))
    return sorted(made)


def _one_employer(mark: Mark, web: Surroundings) -> bool:
    companies = set(web.users[mark].values())
    return len(companies) == 1 and None not in companies


def gather(web: Surroundings, referral_id: str, findings: Sequence[Finding] = ()) -> Evidence:
    """All evidence about a referral, from what lies around it."""
    known = web.referrals[referral_id]
    around = web.around(referral_id)
    edges = edges_of(around, web)
    hand, found = hands(edges), _rings_at(known, rings(edges))
    amounts: dict[str, float] = {}
    reasons: list[str] = []
    for finding in findings:
        if finding.rule not in _TOLD and finding.verdict != "note":
            amounts[finding.rule] = 1.0
            reasons.append(finding.reason)
    parts = (
        _pair(known, web),
        _shape(known, found, hand),
        _fan(known, around, hand),
        _past(known, around, hand),
        _conduct(known, web),
        _company(known, around, web),
    )
    for part in parts:
        for name, (amount, why) in part.items():
            if amount and name not in amounts:
                amounts[name] = amount
                if why and why not in reasons:
                    reasons.append(why)
    ring = max(found, key=lambda r: (len(r.inner), r.shape), default=None)
    return Evidence(amounts, tuple(reasons), ring, tuple(edges), tuple(around))


Part = dict[str, tuple[float, str]]


def _pair(known: Known, web: Surroundings) -> Part:
    """What friend and advocate share with nobody, or few, between them."""
    part: Part = {}
    a, f = known.advocate, known.friend
    shared = web.common(a.person, f.person)
    kinds = {m.kind for m in shared}
    colleagues = a.company is not None and a.company == f.company
    if kinds & {"payee", "card"}:
        part["payee_pair"] = (1.0, "Friend and advocate are paid into the same account.")
    if kinds & {"device", "phone", "mailbox"}:
        part["device_colleagues" if colleagues else "device_pair"] = (1.0, "Friend and advocate used the same device.")
    if a.email and f.email and likeness.same_local(a.email, f.email):
        part["similar_name"] = (1.0, "The mailboxes of friend and advocate are named alike.")
    return part


_SAID = {
    "coupon_site": "The friend came through a site that collects codes.",
    "open_deal": "Sales were talking to the friend's company before.",
    "cheap": "They bought the cheapest there is.",
    "hasty": "They bought much sooner than others do.",
    "idle": "The friend has not used what they signed up for.",
    "strangers": "Nothing on record ties the two.",
}


def _conduct(known: Known, web: Surroundings) -> Part:
    """How the friend came and what they did."""
    part: Part = {n: (v, _SAID.get(n, "")) for n, v in conduct(known, web.usual).items()}
    if known.clicked_at is not None and 0 <= known.at - known.clicked_at < AT_ONCE_S:
        part["at_once"] = (1.0, "The sign-up came at once after the click.")
    return part


def _company(known: Known, around: Sequence[Known], web: Surroundings) -> Part:
    """How the referrals around it behave, the more the nearer in time."""
    told = [
        (near := math.exp(-abs(k.at - known.at) / _FADES_S), near * worth(conduct(k, web.usual)))
        for k in around
        if k.id != known.id
    ]
    lean = math.fsum(w for _, w in told) / math.sqrt(1.0 + math.fsum(n for n, _ in told))
    if not lean:
        return {}
    why = f"The {_count(len(told), 'referral')} around it behave like invented ones." if lean > _TELLING else ""
    return {"around_worse" if lean > 0 else "around_better": (min(abs(lean), 8.0), why)}


def _rings_at(known: Known, found: Sequence[Ring]) -> list[Ring]:
    pair = (known.advocate.person, known.friend.person)
    return [r for r in found if pair in r.inner]


def _shape(known: Known, found: Sequence[Ring], hand: Mapping[str, str]) -> Part:
    """The rings this referral is an edge of."""
    part: Part = {}
    for ring in found:
        if ring.shape == "one_hand" and len(ring.inner) == 1:
            continue  # the two of the pair, which is weighed as that
        if ring.shape == "one_hand":
            size = math.log2(len(ring.inner))
            why = f"{len(ring.members)} accounts are in one hand and referred each other {_times(len(ring.inner))}."
            part["one_hand"] = (max(part.get("one_hand", (0.0, ""))[0], size), why)
        elif ring.shape == "cycle":
            tied = any(hand.get(m, m) != m or sum(hand.get(o) == m for o in ring.members) > 1 for m in ring.members)
            name = "cycle_tied" if tied else "cycle"
            part[name] = (1.0, f"{len(ring.members)} accounts refer each other in a circle.")
        else:
            why = f"{len(ring.members)} accounts are tied to each other far more than strangers are."
            part["dense"] = (ring.weight / DENSE, why)
    return part


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def _fan(known: Known, around: Sequence[Known], hand: Mapping[str, str]) -> Part:
    """A star: other friends of the advocate are one hand with this one."""
    part: Part = {}
    of = hand.get(known.advocate.person, known.advocate.person)
    mine = [k for k in around if hand.get(k.advocate.person, k.advocate.person) == of and k.id != known.id]
    into = {
        k.friend.person
        for k in mine
        if k.friend.person in hand and hand[k.friend.person] == hand.get(known.friend.person)
    }
    into -= {known.friend.person}
    if into and hand.get(known.friend.person) != of:
        part["fan"] = (math.log2(1 + len(into)), f"{len(into) + 1} friends of this advocate are in one hand.")
    return part


def _past(known: Known, around: Sequence[Known], hand: Mapping[str, str]) -> Part:
    """What became of the other referrals of the same hand, and what reviewers said of them."""
    of = hand.get(known.advocate.person, known.advocate.person)
    mine = [k for k in around if hand.get(k.advocate.person, k.advocate.person) == of and k.id != known.id]
    part: Part = {}
    bad, good = sum(k.verdict == "fraud" for k in mine), sum(k.verdict == "honest" for k in mine)
    if bad:
        part["confirmed"] = (
            math.log2(1 + bad),
            f"{_count(bad, 'referral')} of the same hand {_was(bad)} found to be fraud.",
        )
    if good:
        part["cleared"] = (math.log2(1 + good), "")
    bought = [k for k in (*mine, known) if k.taken_back is not None]
    back = sum(bool(k.taken_back) for k in bought)
    if back >= 2:
        chance = refund_rate.tail(Takings(len(bought), back))
        part["refunds"] = (
            min(-math.log10(max(chance, 1e-6)) / 2, 2.0),
            f"{back} of {len(bought)} deals were taken back.",
        )
    if len({k.advocate.company for k in (*mine, known) if k.advocate.company}) > 1:
        advocates = {k.advocate.person for k in (*mine, known)}
        part["many_accounts"] = (math.log2(len(advocates)), f"{len(advocates)} advocates of different companies are in one hand.")  # fmt: skip
    return part


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _was(n: int) -> str:
    return "was" if n == 1 else "were"
