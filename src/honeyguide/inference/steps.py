"""The step of the road: facts in, whole beliefs of every touched subject out; and the statistics between batches."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from honeyguide import graph
from honeyguide.core.ids import entity_id
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Tx
from honeyguide.graph.facts import NodeFact
from honeyguide.graph.kinds import NODE
from honeyguide.graph.state import state_nodes
from honeyguide.identity import IdentityChanges
from honeyguide.inference import activity_tables, mention_tables, reading_tables, readings, reviews, tables
from honeyguide.inference.guard import Refused, admit, known_to
from honeyguide.inference.looked_up import LOOKED_UP, answers, proposals, subject_id
from honeyguide.inference.looked_up import SOURCE as LOOKED_UP_SOURCE
from honeyguide.inference.port import Author, Fact, Inferrer, Proposal, Subject, Tier, signature
from honeyguide.inference.power import MonthOfUse, PowerUse, power_users, reached_on
from honeyguide.inference.registry import INFERRERS
from honeyguide.inference.signals import Signal, clean, signals_of
from honeyguide.inference.texts import READ
from honeyguide.inference.title_seen import titles_seen
from honeyguide.inference.titles import ROLES, role_name
from honeyguide.inference.usage import activity_of

log = logging.getLogger(__name__)


class Usage:
    """Signs what `power` computes."""

    name = "usage"
    version = "1"
    tier: Tier = "statistic"
    kinds = frozenset({"power_user_of"})


USAGE = Usage()
_HISTORY = timedelta(days=7)


async def step(
    tx: Tx, events: Sequence[CanonicalEvent], identity: IdentityChanges, changes: graph.GraphChanges | None = None
) -> set[int]:
    """Take in what the events show and renew every belief about the subjects they touch. No model is called.

    Returns the touched subjects: ticket, deal, subscription, order, invoice and milestone ids, and the record ids
    of persons seen with a title, and whatever a decision or a new name made to be judged anew.
    """
    signals = signals_of(events)
    touched = await tables.keep_signals(tx, signals)
    looked_up = answers(events)
    people = await tables.keep_titles(tx, titles_seen(e for e in events if e.source != LOOKED_UP_SOURCE))
    await _count(tx, events, identity)
    tickets = {s.subject for s in signals if s.subject_kind == "ticket"} & touched
    subjects = await tables.load_subjects(tx, tickets) | await tables.load_titles(tx, people)
    await infer(tx, subjects, [i for i in INFERRERS if i.name != readings.PRAISE.name])
    await _believe_looked_up(tx, looked_up)
    written = {s.subject for s in signals if s.subject_kind in READ} & touched
    again = await reviews.take_in(tx, events) | await mention_tables.named_again(tx, identity, changes)
    await readings.renew(tx, written | again, _lanes(signals, events))
    return touched | people | again


async def _believe_looked_up(tx: Tx, events: Sequence[CanonicalEvent]) -> None:
    """What enrichers told of people, each answer a subject of its own."""
    beliefs: dict[int, list[graph.Assertion]] = {}
    for event in events:
        known = {r.id for r in event.records()} | ROLES.keys()
        title = str(event.person.traits.get("title", "")) if event.person else ""
        ident = subject_id(event)
        for proposal in proposals(event):
            result = admit(proposal, clean(title), inferrer=LOOKED_UP, subject=ident, known=known)
            if isinstance(result, Refused):
                log.warning("an enricher told %s and was refused: %s", proposal.label, result.reason)
            else:
                beliefs.setdefault(ident, []).append(result)
    if beliefs:
        await state_nodes(tx, _roles(a for found in beliefs.values() for a in found))
        await graph.replace(tx, signature(LOOKED_UP), beliefs)


def _lanes(signals: Sequence[Signal], events: Sequence[CanonicalEvent]) -> dict[int, int]:
    """What came long after it happened is history, and read after what happens now."""
    old = {str(e.event_id) for e in events if e.received_at - e.at > _HISTORY}
    return {s.subject: reading_tables.HISTORY for s in signals if str(s.fact.event_id) in old}


async def _count(tx: Tx, events: Sequence[CanonicalEvent], identity: IdentityChanges) -> None:
    counts = activity_of(events)
    await activity_tables.add_activity(tx, counts)
    await activity_tables.mark_months(tx, {(c.product, c.day.replace(day=1)) for c in counts})
    if identity.moved:
        left = set(identity.previous.values()) | set(identity.moved.values())
        await activity_tables.mark_months_of(tx, left)


async def infer(tx: Tx, subjects: Mapping[int, Subject], inferrers: Sequence[Inferrer]) -> None:
    """Let every inferrer say all it believes about its subjects; the graph keeps the difference."""
    for inferrer in inferrers:
        beliefs = {
            ident: admitted(inferrer, subject, inferrer.infer(subject))
            for ident, subject in subjects.items()
            if subject.kind == inferrer.reads
        }
        if not beliefs:
            continue
        await state_nodes(tx, _roles(a for found in beliefs.values() for a in found))
        await graph.replace(tx, signature(inferrer), beliefs)


def admitted(author: Author, subject: Subject, proposals: Iterable[Proposal]) -> list[graph.Assertion]:
    """The proposals the guard lets through. What it refuses is a defect of the inferrer and is logged without its words."""
    known = known_to(subject)
    out = []
    for proposal in proposals:
        text = subject.text(proposal.fact.event_id, proposal.quote.name) if proposal.quote else ""
        result = admit(proposal, text, inferrer=author, subject=subject.id, known=known)
        if isinstance(result, Refused):
            log.warning("%s proposed %s and was refused: %s", author.name, proposal.label[:40], result.reason)
        else:
            out.append(result)
    return out


def _roles(assertions: Iterable[graph.Assertion]) -> list[NodeFact]:
    """The roles somebody holds, as nodes: dated by the facts that show them, so that order plays no part."""
    found: list[NodeFact] = []
    for a in assertions:
        if a.dst in ROLES and a.event_id is not None:
            key = ROLES[a.dst]
            found.append(NodeFact(a.dst, NODE["role"], key, a.last, a.event_id, {"name": role_name(key)}))
            found.append(NodeFact(a.dst, NODE["role"], key, a.valid_from, a.event_id, {}))
    return found


async def statistics(tx: Tx, now: datetime, limit: int = 24) -> set[int]:
    """Judge the months whose activity changed: who is a power user of what, given everybody's final counts.

    `limit` (product, month) pairs at a time; call again until it returns an empty set. Returns the record ids whose
    standing may have changed (for `moments.statistics`). No result depends on `now`: months are judged the same
    whenever it is done.
    """
    while months := await activity_tables.take_months(tx, limit):
        changed = await _judge_months(tx, months)
        if changed:
            return changed
    return set()


async def _judge_months(tx: Tx, months: list[tuple[int, date]]) -> set[int]:
    loaded = await activity_tables.load_months(tx, months)
    found = {key: _power_users(loaded.use[key]) for key in months}
    reached = await activity_tables.last_of_day(
        tx, [(p.use.entity, key[0], reached_on(p.use)) for key, powers in found.items() for p in powers]
    )
    beliefs: dict[int, list[graph.Assertion]] = {}
    for (product, month), powers in found.items():
        subject = month_subject(product, month)
        beliefs[subject] = []
        for power in powers:
            at, event = reached[power.use.entity, product, reached_on(power.use)]
            proposal = _power_proposal(power, product, month, loaded.names.get(product, "the product"))
            proposal.detail.update(reached_at=at.isoformat(), reached_event=str(event))
            known = {power.use.record, *loaded.names}
            result = admit(proposal, "", inferrer=USAGE, subject=subject, known=known)
            if isinstance(result, Refused):
                log.warning("usage proposed %s and was refused: %s", proposal.label, result.reason)
            else:
                beliefs[subject].append(result)
    before = await activity_tables.standing(tx, beliefs.keys(), signature(USAGE))
    await graph.replace(tx, signature(USAGE), beliefs)
    return before | {a.src for found_now in beliefs.values() for a in found_now}


def month_subject(product: int, month: date) -> int:
    """What the statistics of one product and month are kept under."""
    return entity_id("usage_month", str(product), month.isoformat())


def _power_users(population: list[MonthOfUse]) -> list[PowerUse]:
    """People are measured against people and company totals against company totals."""
    kinds = sorted({use.kind for use in population})
    return [p for kind in kinds for p in power_users([use for use in population if use.kind == kind])]


def _power_proposal(power: PowerUse, product: int, month: date, name: str) -> Proposal:
    use = power.use
    counted = f"{use.days} active days, {use.features} features, {use.uses:,} uses"
    ref = f"use of {name} in {month:%Y-%m}: {counted}, rank {power.rank} of {power.population}"
    return Proposal(
        label="power_user_of",
        src=use.record,
        dst=product,
        confidence=power.confidence,
        fact=Fact(use.last_event, "feature.used", use.last_at, "usage", ref),
        valid_from=datetime.combine(use.days_active[0], datetime.min.time(), tzinfo=use.last_at.tzinfo),
        last_seen_at=use.last_at,
        detail={
            "month": f"{month:%Y-%m}",
            "days": use.days,
            "features": use.features,
            "uses": use.uses,
            "rank": power.rank,
            "population": power.population,
        },
        key=f"{month:%Y-%m}",
    )
