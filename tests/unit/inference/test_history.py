"""A record that tells its whole history at once: every fact is kept, once, however often it is told and in any order."""

import itertools
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database
from honeyguide.graph.facts import facts_of
from honeyguide.graph.nodes import fold
from honeyguide.inference import read_ticket, tables
from honeyguide.inference.signals import signals_of
from tests.properties.worlds import event, persona

START = datetime(2026, 3, 1, tzinfo=UTC)
ANA = persona("desk", "ana")


def _history(version: int) -> list[CanonicalEvent]:
    """Opened, solved, open again, solved again: four events of one row."""
    row = event(version, "ticket.opened", START, ANA, ticket="8").event_id
    steps = ("ticket.opened", "ticket.solved", "ticket.reopened", "ticket.solved")
    told = [event(0, kind, START + timedelta(days=n), ANA, ticket="8") for n, kind in enumerate(steps)]
    return [msgspec.structs.replace(e, event_id=row) for e in told]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
async def test_every_fact_is_kept_once(db: Database, workspace: int, order: tuple[int, ...]) -> None:
    first, again = _history(1), _history(2)
    async with db.tx(workspace) as tx:
        touched = await tables.keep_signals(tx, signals_of([first[n] for n in order]))
        touched |= await tables.keep_signals(tx, signals_of([again[n] for n in reversed(order)]))
        assert await tables.keep_signals(tx, signals_of(first)) == set()
        subject = (await tables.load_subjects(tx, touched))[next(iter(touched))]
    assert [f.kind for f in subject.facts] == ["ticket.opened", "ticket.solved", "ticket.reopened", "ticket.solved"]
    ticket = read_ticket(subject)
    assert ticket is not None
    assert ticket.solved is not None
    assert (ticket.is_open, ticket.solved.at, ticket.hours) == (False, START + timedelta(days=3), 72.0)


def test_what_came_back_is_open_until_it_is_solved_again() -> None:
    history = _history(1)
    for part, status in ((history[:3], "open"), (history, "solved")):
        for order in itertools.permutations(part):
            folded = fold([f for e in order for f in facts_of(e).nodes], {})
            assert {n.props["status"] for n in folded.values()} == {status}
