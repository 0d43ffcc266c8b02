"""The three questions about one person: why them, what to offer, when. Nothing is written as a decision here."""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, structs

from honeyguide import graph, moments, programs
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.core.terms import Evidence
from honeyguide.db import Tx
from honeyguide.decisions import guardrails, journey_tables, reading, telling
from honeyguide.decisions.decide import ensure_policy, judge_all
from honeyguide.decisions.holdout import HOLDOUT, arm_of, salt_of
from honeyguide.decisions.journey import day, stages_of
from honeyguide.decisions.judged import Judged
from honeyguide.decisions.readiness_words import Readiness, readiness_of
from honeyguide.decisions.situation import WAIT, Contacts, Situation
from honeyguide.moments import StoredMoment
from honeyguide.programs.journey import STAGE_NAMES

_OPEN = 5_000
_YEAR = timedelta(days=365)
_PAST = 200


class Person(Struct, frozen=True):
    """Whom it is about."""

    id: int
    name: str
    title: str
    company: int | None
    company_name: str


class Reason(Struct, frozen=True):
    """One sentence with what shows it."""

    sentence: str
    evidence: tuple[Evidence, ...]


class WhyThem(Struct, frozen=True):
    """Why (or why not) to ask this person: the stage, the readiness, and the sentences for and against."""

    person: Person
    stage: str
    readiness: Readiness | None
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]


class Option(Struct, frozen=True):
    """One way to ask: its offer, how it is told, what it is worth an ask, and how likely it would be drawn."""

    offer: str
    channel: str
    tone: str
    value: str
    value_minor: int
    probability: float


class BestOffer(Struct, frozen=True):
    """What to offer, why, and the other ways. `basis`: `open` (the moment that is open), `last` (as if their last moment came again)
    or `none` (no moment of theirs is known: only what their group is offered). `blocked`: what stands in the way now.
    """

    person: Person
    offer: str
    channel: str
    because: str
    basis: str
    moment: str
    options: tuple[Option, ...]
    blocked: tuple[str, ...]


class BestMoment(Struct, frozen=True):
    """When to ask: `at` is "now", a time in ISO 8601 before which we may not, or None (no date is known, or never).

    `past` counts their moments of the last year by kind.
    """

    person: Person
    at: str | None
    until: str | None
    because: str
    moment: str
    past: dict[str, int]


class _Found(Struct, frozen=True):
    person: Person
    open: tuple[StoredMoment, ...]
    past: tuple[StoredMoment, ...]


async def why_for(tx: Tx, persona: int, now: datetime | None = None) -> WhyThem:
    """What speaks for and against asking this person. Raises NotFound."""
    at = now or clock.now()
    found = await _found(tx, persona, at)
    ident = found.person.id
    ready = (await readiness_of(tx, [ident], at)).get(ident)
    stage = (await stages_of(tx, [ident], at)).get(ident)
    good = [
        Reason(telling.moment_sentence(m.title, m.occurred_at, at), tuple(_evidence(e) for e in m.evidence[:1]))
        for m in found.open[:3]
    ]
    good += [Reason(c.text, c.evidence) for c in (ready.contributions if ready else ()) if c.weight > 0]
    bad = [Reason(c.text, c.evidence) for c in (ready.contributions if ready else ()) if c.weight < 0]
    if stage is not None:
        (bad if stage.stage == "dormant" else good).append(
            Reason(f"{STAGE_NAMES[stage.stage]}: {stage.why}", stage.evidence)
        )
    for sentence in await _obstacles(tx, found, at):
        bad.insert(0, Reason(sentence, ()))
    return WhyThem(found.person, stage.stage if stage else "", ready, tuple(good), tuple(bad))


async def offer_for(tx: Tx, persona: int, now: datetime | None = None) -> BestOffer:
    """What to offer this person and why. Raises NotFound."""
    at = now or clock.now()
    found = await _found(tx, persona, at)
    basis, situation = await _situation(tx, found, at)
    if situation is None:
        return await _by_group(tx, found.person)
    judged = judge_all([situation], await ensure_policy(tx))[0]
    options = sorted(_options(judged), key=lambda o: (-o.value_minor, o.offer, o.channel, o.tone))
    blocked = tuple(dict.fromkeys(why for _, why in judged.blocked))
    group = telling.group_sentence(situation.group.reason)
    if not options:  # nothing is allowed: what it would be, and what stands in the way
        best = judged.best
        worth = judged.expected["values_minor"].get(best.key, judged.expected["value_minor"])
        because = f"{group} It would be worth {telling.about(worth, best.currency)} an ask by what we believe today."
        return BestOffer(found.person, best.label, best.channel, because, basis, situation.moment.title, (), blocked)
    first = options[0]
    only = "The only way to ask that is allowed now, worth" if len(options) == 1 else None
    because = f"{group} {only or f'Of the {len(options)} ways to ask that are allowed now it is worth most,'} {first.value} an ask by what we believe today."
    if first.value_minor <= 0:
        because = f"{group} By what we believe today no ask is worth its cost now: waiting is better."
    return BestOffer(
        found.person, first.offer, first.channel, because, basis, situation.moment.title, tuple(options), blocked
    )


async def moment_for(tx: Tx, persona: int, now: datetime | None = None) -> BestMoment:
    """When to ask this person. Raises NotFound."""
    at = now or clock.now()
    found = await _found(tx, persona, at)
    past: dict[str, int] = {}
    for m in found.past:
        if at - m.occurred_at <= _YEAR:
            past[m.kind] = past.get(m.kind, 0) + 1
    contacts = await reading.contacts_of(tx, found.person.id, found.person.company, at)
    free, budget = telling.free_again(contacts, at)
    obstacles = await _obstacles(tx, found, at)
    if not found.open:
        because, moment = _no_moment(found, past), found.past[0].title if found.past else ""
        because += _usual(sum((await moments.rates(tx, [found.person.id], at)).get(found.person.id, ())))
        if obstacles:
            because = f"{obstacles[0]} {because}"
        until_free = free.isoformat() if free is not None and free > at and not obstacles else None
        return BestMoment(found.person, until_free, None, f"{budget} {because}".strip(), moment, past)
    best = found.open[0]
    pull = (
        f"{telling.moment_sentence(best.title, best.occurred_at, at)} The window closes on {day(best.window_ends_at)}."
    )
    if obstacles:
        return BestMoment(
            found.person, None, best.window_ends_at.isoformat(), f"Not now: {obstacles[0]} {pull}", best.title, past
        )
    if free is None or free > at:
        return BestMoment(
            found.person, free.isoformat() if free else None, best.window_ends_at.isoformat(), f"Not now: {budget} {pull}",
            best.title, past,
        )  # fmt: skip
    return BestMoment(found.person, "now", best.window_ends_at.isoformat(), f"Now: {pull}", best.title, past)


def _usual(rate: float) -> str:
    """How often a moment comes, when that is often enough to be waited for."""
    days = 1 / rate if rate > 0 else 0.0
    return f" For somebody like them one comes about every {days:.0f} days." if 1 <= days <= _YEAR.days else ""


def _no_moment(found: _Found, past: dict[str, int]) -> str:
    """That no moment is open, and what is known of earlier ones."""
    if not found.past:
        return "No moment of theirs is known yet; wait for the first one."
    last, many = found.past[0], sum(past.values())
    text = (
        f"No moment of theirs is open; wait for the next one. The last was: {last.title}, on {day(last.occurred_at)}."
    )
    if many > 1:
        text += f" They had {many} in the last 365 days."
    return text


async def _found(tx: Tx, persona: int, at: datetime) -> _Found:
    node = (await graph.nodes(tx, [persona])).get(persona)
    if node is None or node.kind != "persona":
        raise NotFound("There is no such persona in this workspace.")
    firm = (await journey_tables.employers(tx, [node.id], at)).get(node.id)
    named = (await graph.nodes(tx, [firm])).get(firm) if firm is not None else None
    person = Person(
        node.id,
        node.name or node.key,
        str(node.props.get("title") or ""),
        firm,
        (named.name or named.key) if named else "",
    )
    standing = [
        m
        for m in await moments.open(tx, at, _OPEN)
        if m.persona == node.id and at - m.occurred_at <= guardrails.LOOK_BACK
    ]
    standing.sort(key=lambda m: (-m.strength_now, m.window_ends_at, m.id))
    past = [
        m
        for m in await moments.of_entity(tx, node.id, now=at, limit=_PAST)
        if m.persona == node.id and m.occurred_at <= at
    ]
    return _Found(person, tuple(standing), tuple(past))


async def _obstacles(tx: Tx, found: _Found, at: datetime) -> list[str]:
    """What forbids asking whatever the moment."""
    firm = found.person.company
    told = []
    if firm is not None:
        reason = (await moments.incidents(tx, [firm], now=at)).get(firm)
        if reason:
            told.append(f"Nobody at {found.person.company_name} is asked while this is open: {reason}")
    ready = (await readiness_of(tx, [found.person.id], at)).get(found.person.id)
    if ready is not None and ready.barred:
        told.append(ready.barred)
    cluster = f"company:{firm}" if firm is not None else f"persona:{found.person.id}"
    if arm_of(salt_of(tx.workspace_id), cluster, (await ensure_policy(tx)).params.holdout_bp) == HOLDOUT:
        told.append("They are held out for good and never asked, so that what asking causes can be measured.")
    return told


async def _situation(tx: Tx, found: _Found, at: datetime) -> tuple[str, Situation | None]:
    """The open moment's situation; else the last one's, as if the same happened now."""
    chosen = found.open[:1] or found.past[:1]
    if not chosen:
        return "none", None
    terms = await reading.terms_in_force(tx)
    made = await reading.situations(tx, [chosen[0].id], terms, at)
    if not made:
        return "none", None
    situation = structs.replace(made[0], contacts=_without_open(made[0].contacts))
    if found.open:
        return "open", situation
    happening = situation.moment
    window = happening.window_ends_at - happening.occurred_at
    again = structs.replace(happening, occurred_at=at, window_ends_at=at + window)
    return "last", structs.replace(situation, moment=again)


def _without_open(contacts: Contacts) -> Contacts:
    """An ask that waits for its approval is no reason not to say what to offer."""
    return structs.replace(contacts, open_ask=False, open_at_company="")


def _options(judged: Judged) -> list[Option]:
    values = judged.expected["values_minor"]
    return [
        Option(
            a.label, a.channel, a.tone, telling.about(values[a.key], a.currency), values[a.key],
            round(judged.choice.distribution.get(a.key, 0.0), 4),
        )
        for a in judged.legal
        if a.key != WAIT and a.key in values
    ]  # fmt: skip


async def _by_group(tx: Tx, person: Person) -> BestOffer:
    """What the group of a person is offered, when no moment of theirs is known."""
    terms = await reading.terms_in_force(tx)
    held = await graph.nodes(tx, [i for i in (person.id, person.company) if i is not None])
    firm = held.get(person.company) if person.company is not None else None
    group = programs.choose_group(
        terms.groups, programs.group_facts(held[person.id].props, firm.props if firm is not None else None)
    )
    offers = terms.offers.get(group.id, ())
    because = f"{telling.group_sentence(group.reason)} No moment of theirs is known yet, so nothing tells these apart."
    return BestOffer(person, " or ".join(o.label for o in offers), "", because, "none", "", (), ())


def _evidence(said: dict[str, Any]) -> Evidence:
    return Evidence(
        str(said.get("source", "")), str(said.get("record", "")), str(said.get("quote", "")), str(said.get("inferrer", "")),
        float(said.get("confidence", 0.0)), str(said.get("event_id", "")), str(said.get("at", "")),
    )  # fmt: skip
