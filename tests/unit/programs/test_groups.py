"""Groups: typed conditions, plain reasons, never an error on odd facts."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from honeyguide import programs
from honeyguide.core.errors import BadInput
from honeyguide.programs import Group
from honeyguide.programs.catalogue import load, parse
from honeyguide.programs.groups import choose_group, in_words
from honeyguide.programs.install import group_facts
from honeyguide.programs.terms import Condition, Conditions, Program

GROUPS = [
    Group(n, 1, g.slug, g.name, g.conditions, n) for n, g in enumerate(load("customer-referrals").groups, start=1)
]


@pytest.mark.parametrize(
    ("company", "slug", "because"),
    [
        ({"segment": "Enterprise"}, "enterprise", "segment is Enterprise"),
        ({"employees": 1240}, "enterprise", "employees is 1,240 (at least 500)"),
        ({"employees": "1,240"}, "enterprise", "employees is 1,240"),
        ({"employees": 499, "segment": "smb"}, "small-business", "no other group's conditions hold"),
        ({"employees": 9000, "plan": "partner"}, "partner", "plan is partner"),
        ({"partner": "yes"}, "partner", "marked as a partner"),
        ({"partner": False, "segment": "enterprise"}, "enterprise", "segment is enterprise"),
        ({"employees": "many", "segment": None}, "small-business", "no other group's"),
        ({"employees": True}, "small-business", "no other group's"),
        (None, "small-business", "no company is known"),
    ],
)
def test_group_and_reason(company: dict[str, Any] | None, slug: str, because: str) -> None:
    found = choose_group(GROUPS, company)
    assert found.slug == slug
    assert because in found.reason


def test_position_decides_between_two_that_fit() -> None:
    swapped = [Group(1, 1, g.slug, g.name, g.conditions, -g.position) for g in GROUPS if not g.conditions.default]
    assert choose_group(swapped, {"segment": "enterprise", "plan": "partner"}).slug == "enterprise"


def test_all_and_any_together() -> None:
    both = Conditions(
        all=[Condition("employees", "at_least", 10)], any=[Condition("plan", "is", "a"), Condition("plan", "is", "b")]
    )
    fits = [Group(1, 1, "x", "X", both, 0), Group(2, 1, "d", "D", Conditions(default=True), 1)]
    assert choose_group(fits, {"employees": 10, "plan": "b"}).slug == "x"
    assert choose_group(fits, {"employees": 9, "plan": "b"}).slug == "d"
    assert choose_group(fits, {"employees": 10, "plan": "c"}).slug == "d"


def test_no_default_group_is_said() -> None:
    with pytest.raises(BadInput, match="no default group"):
        choose_group([g for g in GROUPS if not g.conditions.default], {})


def test_facts_of_the_company_beat_those_the_person_carries() -> None:
    assert group_facts({"segment": "partner"}, {"segment": "enterprise"}) == {"segment": "enterprise"}
    assert group_facts({"segment": "partner"}, {"segment": ""}) == {"segment": "partner"}
    assert group_facts({"name": "Ana"}, None) is None


def test_sentences_say_groups_offers_and_terms() -> None:
    file = load("customer-referrals")
    program = Program(1, file.slug, file.name, "live", file.terms, 1, datetime(2026, 1, 1, tzinfo=UTC))
    offers = {
        g.id: [
            programs.Offer(
                n, g.id, o.slug, o.label, o.incentive, o.amount_minor, o.rate_bp, "EUR", o.cap_minor, n, o.size
            )
            for n, o in enumerate(entry.offers)
        ]
        for g, entry in zip(GROUPS, file.groups, strict=True)
    }
    told = programs.sentences(program, GROUPS, offers)
    assert told[0].startswith(
        "Partners: a company that is marked as a partner, or whose segment is partner, agency or reseller, "
        "or whose plan is partner. "
    )
    assert "15 % of what a referred customer pays in the first year, at most €5,000 per customer." in told[0]
    assert "€1,500 off the next renewal" in told[1]
    assert " Or: Access to beta features" in told[1]
    assert told[2].startswith(
        "Small business: everybody no other group fits. A gift card of €100 for each referred customer."
    )
    assert "Or: A gift card of €50 for each referred customer." in told[2]
    assert "30 days" in told[3]
    assert "180 days" in told[4]


def test_in_words() -> None:
    assert in_words(Condition("employees", "at_least", 1500)) == "whose number of employees is at least 1,500"
    assert in_words(Condition("plan", "one_of", ["a", "b"])) == "whose plan is a or b"


def _source() -> dict[str, Any]:

    made = msgspec.to_builtins(load("customer-referrals"))
    assert isinstance(made, dict)
    return made


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda s: s["groups"].pop(), "Exactly one group must be the default"),
        (lambda s: s["groups"][0]["offers"].clear(), "has no offer"),
        (lambda s: s["groups"][0]["offers"][0].update(rate_bp=0), "needs a rate"),
        (lambda s: s["groups"][2]["offers"][0].update(amount_minor=0), "needs an amount"),
        (lambda s: s["playbook"]["factors"].pop("win"), "no factor win"),
        (lambda s: s["playbook"]["tone"].pop("default"), "no default tone"),
        (lambda s: s["groups"][2]["offers"][1].update(size="huge"), "huge"),
        (lambda s: s["groups"][0]["conditions"]["any"].append({"fact": "mood", "op": "is", "value": 1}), "mood"),
        (lambda s: s["groups"][0]["conditions"].update(code="import os"), "code"),
    ],
)
def test_a_spoilt_file_is_refused_with_the_reason(spoil: Any, says: str) -> None:
    source = _source()
    parse(source)
    spoil(source)
    with pytest.raises(BadInput) as refused:
        parse(source)
    assert says in refused.value.sentence()
