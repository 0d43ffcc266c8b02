"""Consent: the latest statement wins, in whatever order it arrives; people outrank fields."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.core.ids import content_id
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef
from honeyguide.db import Database
from honeyguide.delivery import ConsentRow, consent_of, consents_in, current_state, step

START = datetime.fromisoformat("2026-03-01T10:00:00+00:00")


def event(name: str, at: datetime, kind: str = "persona.identified", **more: object) -> CanonicalEvent:
    traits = {"email": "ana@example.com"} | ({"consent_email": more["consent"]} if "consent" in more else {})
    person = RecordRef("persona", "crm", "7", (Identifier("email", "ana@example.com"),), traits)
    props = {k: v for k, v in more.items() if k in ("channel", "state")}
    return CanonicalEvent(content_id(name), 1, 1, "crm", name, kind, name, at, at, ref=name, person=person, props=props)


def row(state: str, hours: int, source: str = "trait:crm") -> ConsentRow:
    at = START + timedelta(hours=hours)
    return ConsentRow(content_id(state, str(hours), source), "a@b.co", "email", state, source, None, at)


def test_nobody_said_anything() -> None:
    assert current_state([]) is None
    assert consents_in(event("e", START)) == []


def test_the_latest_by_time_wins_in_any_order() -> None:
    rows = [row("granted", 1), row("withdrawn", 2), row("granted", 3)]
    for order in itertools.permutations(rows):
        assert current_state(order) == "granted"
    assert current_state(rows[:2]) == "withdrawn"


def test_at_the_same_instant_the_withdrawal_wins() -> None:
    assert current_state([row("granted", 1), row("withdrawn", 1)]) == "withdrawn"


@pytest.mark.parametrize("source", ["unsubscribe", "event:hubspot"])
def test_a_field_that_still_says_yes_does_not_undo_what_the_person_said(source: str) -> None:
    assert current_state([row("withdrawn", 1, source), row("granted", 5)]) == "withdrawn"


def test_the_person_can_come_back() -> None:
    assert current_state([row("withdrawn", 1, "unsubscribe"), row("granted", 5, "event:crm")]) == "granted"


@given(st.lists(st.tuples(st.sampled_from(["granted", "withdrawn"]), st.integers(0, 5),
                          st.sampled_from(["trait:a", "event:a", "unsubscribe"])), max_size=7),
       st.randoms(use_true_random=False))  # fmt: skip
def test_any_order_gives_the_same_state(said: list[tuple[str, int, str]], random: object) -> None:
    rows = [row(*s) for s in said]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert current_state(rows) == current_state(shuffled)


def test_ids_depend_on_content_only() -> None:
    first, again = (consents_in(event("e1", START, consent=True)) for _ in range(2))
    assert [r.id for r in first] == [r.id for r in again]
    assert isinstance(first[0].id, UUID)


def test_what_is_not_a_statement_is_ignored() -> None:
    assert consents_in(event("e", START, consent="yes please")) == []
    assert consents_in(event("e", START, "consent.changed", channel="fax", state="granted")) == []


async def test_events_in_any_order_give_the_same_consent(
    db: Database, workspace: int, other_workspace: int, at: Callable[[str], datetime]
) -> None:
    events = [
        event("1", at("2026-01-01"), consent=True),
        event("2", at("2026-02-01"), "consent.changed", channel="email", state="withdrawn"),
        event("3", at("2026-03-01"), consent=True),
        event("4", at("2026-01-15"), consent=False),
    ]
    async with db.tx(workspace) as tx:
        assert await step(tx, events) == 4
        assert await step(tx, events[::-1]) == 0
        assert await consent_of(tx, ["Ana@Example.com"]) == {"ana@example.com": {"email": "withdrawn"}}
    async with db.tx(other_workspace) as tx:
        for one in events[::-1]:
            await step(tx, [one])
        assert await consent_of(tx, ["ana@example.com"]) == {"ana@example.com": {"email": "withdrawn"}}
        assert await consent_of(tx, ["bob@example.com"]) == {}
