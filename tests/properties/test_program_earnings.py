"""Earnings for any checked file, fact and history: total, deterministic, exact, never more than was agreed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from honeyguide.programs import Fact, SoFar, earnings, weigh
from honeyguide.programs.catalogue import ProgramFile, from_yaml, problems, read, to_yaml
from tests.unit.programs.files import source

MONEY = st.integers(0, 10**12)
BP = st.integers(1, 10_000)
AT = datetime(2024, 2, 29, 12, tzinfo=UTC)


@st.composite
def leaves(draw: st.DrawFn) -> dict[str, Any]:
    fact = draw(st.sampled_from(["amount", "employees", "segment", "partner", "event.plan", "graph.uses"]))
    if fact in ("amount", "employees", "graph.uses"):
        return {
            "fact": fact,
            "op": draw(st.sampled_from(["at_least", "at_most", "is"])),
            "value": draw(st.integers(0, 1000)),
        }
    if fact == "partner":
        return {"fact": fact, "op": "is", "value": draw(st.booleans())}
    return {
        "fact": fact,
        "op": draw(st.sampled_from(["one_of", "none_of"])),
        "value": draw(st.lists(st.sampled_from("abc"), min_size=1)),
    }


CLAUSES = st.recursive(
    leaves(),
    lambda inner: st.builds(lambda a, b: {"all": a, "any": b}, st.lists(inner, min_size=1, max_size=2), st.lists(inner, max_size=2)),
    max_leaves=5,
)  # fmt: skip


@st.composite
def rules(draw: st.DrawFn, number: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "slug": f"r{number}", "offer": draw(st.sampled_from(["share", "fixed", "card"])),
        "who": draw(st.sampled_from(["advocate", "friend", "parent"])),
        "when": draw(st.sampled_from([{"stage": "won"}, {"stage": "qualified"}, {"act": "review"}, {"event": "invoice.paid"}])),
    }  # fmt: skip
    if draw(st.booleans()):
        made["when"] = {**made["when"], "conditions": {"all": draw(st.lists(CLAUSES, max_size=2))}}
    if draw(st.booleans()):
        made["tier_by"] = draw(st.sampled_from(["customers", "revenue"]))
        starts = draw(st.lists(st.integers(1, 10**9), unique=True, max_size=3))
        made["tiers"] = [{"from": s, "rate_bp": draw(BP)} for s in starts]
    if draw(st.booleans()):
        made["accelerator"] = {"customers": draw(st.integers(1, 5)), "factor_bp": draw(st.integers(10_000, 30_000))}
    if draw(st.booleans()):
        first = draw(st.integers(1, 9_999))
        made["parts"] = [{"share_bp": first, "due_days": 0}, {"share_bp": 10_000 - first, "due_days": 365}]
    elif draw(st.booleans()):
        made["yearly_parts"] = True
    if draw(st.booleans()):
        made["recurring"] = {"months": draw(st.integers(1, 36))}
    if draw(st.booleans()):
        made["instead"] = "give"
    return made


@st.composite
def files(draw: st.DrawFn) -> ProgramFile:
    offers = [
        {"slug": "share", "label": "Share", "incentive": "commission", "rate_bp": draw(BP), "cap_minor": draw(st.none() | st.integers(1, 10**9))},
        {"slug": "fixed", "label": "Credit", "incentive": "account_credit", "amount_minor": draw(st.integers(1, 10**9))},
        {"slug": "card", "label": "Card", "incentive": "gift_card", "amount_minor": draw(st.integers(1, 10**6))},
        {"slug": "give", "label": "Gift", "incentive": "donation", "amount_minor": draw(st.integers(1, 10**6))},
    ]  # fmt: skip
    earns = [draw(rules(n)) for n in range(draw(st.integers(0, 4)))]
    more = {"second_tier": {}, "gift_policy": {"limits_minor": {"*": draw(st.integers(0, 10**6))}}}
    made = read(source(earns, offers, **more))
    assert problems(made) == []
    return made


FACTS = st.builds(
    lambda kind, amount, currency, months, number, share, country, days: Fact(
        kind=kind[0], stage=kind[1], at=AT + timedelta(days=days), amount_minor=amount, currency=currency if amount is not None else None,
        contract_months=months, number=number, customer_since=AT, share_bp=share, company={"segment": "a", "employees": 500, "country": country},
        attributes={"event.plan": "b", "graph.uses": 3}, receivers={"advocate": {"country": country, "public_sector": country == "GOV"}},
    ),
    st.sampled_from([("stage", "won"), ("stage", "qualified"), ("act", "review"), ("invoice.paid", "")]), st.none() | MONEY,
    st.sampled_from(["EUR", "USD"]), st.none() | st.integers(0, 120), st.integers(1, 40), st.integers(0, 10_000),
    st.sampled_from(["DE", "", "GOV"]), st.integers(0, 1500),
)  # fmt: skip
HISTORIES = st.builds(
    lambda customers, revenue, quarter, parent: SoFar(customers=customers, revenue_minor=revenue, in_period={"quarter": quarter}, parent=parent),
    st.integers(0, 10_000), MONEY, st.integers(0, 9), st.booleans(),
)  # fmt: skip


@given(files(), FACTS, HISTORIES)
def test_never_more_than_agreed_and_parts_add_up(file: ProgramFile, fact: Fact, so_far: SoFar) -> None:
    found = weigh(file, "all", fact, so_far)
    assert list(found.earned) == earnings(file, "all", fact, so_far)
    offers = {o.slug: o for o in file.groups[0].offers}
    keys = [(e.rule, e.role) for e in found.earned]
    assert len(keys) == len(set(keys))  # the permanent key of a reward is never given twice
    for earning in found.earned:
        assert type(earning.money.minor) is int
        assert earning.money.minor >= 0
        assert all(p.minor > 0 for p in earning.parts)
        if earning.parts:
            assert sum(p.minor for p in earning.parts) == earning.money.minor
        cap = offers[earning.offer_slug].cap_minor
        if cap is not None and earning.money.currency == file.terms.currency:
            assert earning.money.minor <= cap
        assert earning.how
    assert all(n.why for n in found.passed)


@given(files(), FACTS, HISTORIES)
def test_a_file_that_was_written_and_read_earns_the_same(file: ProgramFile, fact: Fact, so_far: SoFar) -> None:
    again = from_yaml(to_yaml(file))
    assert again == file
    assert earnings(again, "all", fact, so_far) == earnings(file, "all", fact, so_far)


@given(files(), FACTS, HISTORIES, st.lists(st.integers(1, 5_000), min_size=1, max_size=4))
def test_shares_of_a_credit_never_add_up_to_more_than_the_whole(
    file: ProgramFile, fact: Fact, so_far: SoFar, cuts: list[int]
) -> None:
    # A gift's limit is for what one person gets: a part may be allowed where the whole is not.
    file, fact = structs.replace(file, gift_policy=None), _with(fact, 10_000, receivers={})
    scale = sum(cuts)
    shares = [c * 10_000 // scale for c in cuts]
    whole: dict[tuple[str, str], int] = {
        (e.rule, e.role): e.money.minor for e in earnings(file, "all", _with(fact, 10_000), so_far)
    }
    parts: dict[tuple[str, str], int] = {}
    for share in shares:
        for e in earnings(file, "all", _with(fact, share), so_far):
            parts[e.rule, e.role] = parts.get((e.rule, e.role), 0) + e.money.minor
    assert all(minor <= whole[key] for key, minor in parts.items())


def _with(fact: Fact, share: int, **more: Any) -> Fact:
    return structs.replace(fact, share_bp=share, **more)


@given(
    st.lists(st.tuples(st.integers(1, 10**6), BP), min_size=1, max_size=4, unique_by=lambda t: t[0]),
    MONEY,
    MONEY,
    MONEY,
)
def test_revenue_steps_do_not_care_how_a_sum_is_paid(
    steps: list[tuple[int, int]], before: int, one: int, two: int
) -> None:
    tiers = [{"from": start, "rate_bp": rate} for start, rate in steps]
    offers = [{"slug": "share", "label": "Share", "incentive": "commission", "rate_bp": 500}]
    file = read(
        source(
            [{"slug": "r", "when": {"stage": "won"}, "offer": "share", "tiers": tiers, "tier_by": "revenue"}], offers
        )
    )

    def paid(minor: int, at: int) -> int:
        fact = Fact(stage="won", at=AT, amount_minor=minor, currency="EUR")
        return sum(e.money.minor for e in earnings(file, "all", fact, SoFar(revenue_minor=at)))

    apart, whole = paid(one, before) + paid(two, before + one), paid(one + two, before)
    assert apart <= whole <= apart + 1  # two roundings instead of one
