"""A playbook over the last days: who would have been asked, by which step, what stood in the way, and what to expect.

Nothing is sent and nothing is stored. The moments of the people who stand in the playbook's cell are taken in the order
they came; the contact budget is spent as it goes, and asks made before the first day count. Stage and incidents are those
of the day; consent, addresses, jobs and what the graph holds of a person are known only as they are today. How many would have shared is a
forecast from beliefs, and its interval says how little is known.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from msgspec import Struct, field, structs

from honeyguide import moments, programs
from honeyguide.core import clock
from honeyguide.core.ids import content_id, seed_of
from honeyguide.db import Tx
from honeyguide.decisions import guardrails, reading
from honeyguide.decisions.barring import barred
from honeyguide.decisions.candidates import action_of
from honeyguide.decisions.dry_run_beliefs import Range, believed_of, two_beliefs
from honeyguide.decisions.dry_run_reading import Asked, asks_between, moments_between
from honeyguide.decisions.features import action_features, shared_features
from honeyguide.decisions.holdout import HOLDOUT, arm_of, salt_of
from honeyguide.decisions.journey import only_stages
from honeyguide.decisions.messages import compose
from honeyguide.decisions.policy import HOLDOUT_BP
from honeyguide.decisions.propensity import FACTORS, belief, draw, terms_of
from honeyguide.decisions.situation import Action, Contacts, Situation
from honeyguide.decisions.step_facts import step_facts
from honeyguide.decisions.value import net_value, price_of
from honeyguide.programs.journey import segment_of, vertical_of
from honeyguide.programs.playbooks import Playbook, Playbooks, Step, offers_for, steps_for, stopped

_BATCH, _MOST, _DRAWS, _SHOWN = 500, 20_000, 400, 200
_YEAR = timedelta(days=365)
_DECIDED_AFTER = timedelta(hours=1)  # a moment is decided about soon after it came


class WouldAsk(Struct, frozen=True):
    """An ask that would have been made. `share`: how probable it is that the person shares, in per cent."""

    persona: str
    name: str
    company: str
    moment: str
    title: str
    at: datetime
    step: str
    offer: str
    channel: str
    tone: str
    share: float


class StepRun(Struct, frozen=True):
    """What one step would have done. Cost in minor units of the program's currency.

    `shares` is the forecast from person, moment, offer and channel; `believed` what the step's own expectation comes to.
    """

    slug: str
    title: str
    asks: int
    people: int
    shares: Range
    cost_minor: int
    believed: Range = Range(0.0, 0.0, 0.0)


class Veto(Struct, frozen=True):
    """What stood in the way, how often, and one case in words."""

    what: str
    times: int
    example: str


class DryRun(Struct, frozen=True):
    """The whole answer. `candidates` are moments of people in the cell; each is asked, refused, held out, or left alone."""

    slug: str
    since: datetime
    until: datetime
    days: int
    candidates: int
    asks: int
    people: int
    held_out: int
    not_worth_it: int
    shares: Range
    cost_minor: int
    cost_high_minor: int
    currency: str
    by_step: list[StepRun]
    vetoes: list[Veto]
    asked: list[WouldAsk]
    notes: list[str] = field(default_factory=list)
    believed: Range = Range(0.0, 0.0, 0.0)


class _Ask(Struct, frozen=True):
    situation: Situation
    step: Step
    action: Action
    row: dict[str, float]


class _Books(Struct):
    """What was asked so far, to people and at companies."""

    people: dict[int, list[datetime]]
    firms: dict[int, list[tuple[datetime, int]]]

    def contacts(self, person: int | None, firm: int | None, now: datetime) -> Contacts:
        own = self.people.get(person, []) if person is not None else []
        there = [at for at, who in self.firms.get(firm, []) if who != person] if firm is not None else []
        return Contacts(
            last_to_person=max(own, default=None), last_to_company=max(there, default=None),
            within_year=sum(1 for at in own if at > now - _YEAR), ever=len(own),
        )  # fmt: skip

    def write(self, one: Asked) -> None:
        self.people.setdefault(one.person, []).append(one.at)
        if one.company is not None:
            self.firms.setdefault(one.company, []).append((one.at, one.person))


class _Run(Struct):
    """A run under way."""

    playbook: Playbook
    books: _Books
    candidates: int = 0
    held_out: int = 0
    not_worth_it: int = 0
    asks: list[_Ask] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def refuse(self, what: str, example: str) -> None:
        self.refused[what] += 1
        self.examples.setdefault(what, example)


async def dry_run(
    tx: Tx, playbook: Playbook, days: int = 90, now: datetime | None = None, *, any_stage: bool = False
) -> DryRun:
    """What the playbook would have done in the last `days` (1 to 365). The same data gives the same answer.

    A person is in the cell when their stage on the day of the moment is the playbook's; with `any_stage` everybody of the
    segment and vertical is, and a note says so.
    """
    until = now or clock.now()
    since = until - timedelta(days=days)
    terms = await reading.terms_in_force(tx)
    ids = await moments_between(tx, since, until, _MOST)
    run = _Run(playbook, _Books({}, {}))
    beliefs = programs.load("customer-referrals").playbook
    for begin in range(0, len(ids), _BATCH):
        found = await reading.situations(tx, ids[begin : begin + _BATCH], terms, until)
        mine = await _in_cell(tx, [s for s in found if _in_market(s, playbook)], None if any_stage else playbook.stage)
        if begin == 0 or mine:
            await _remember(tx, run.books, mine, since)
        vetoed = await _incidents(tx, mine)
        for situation in mine:
            _consider(run, _as_it_was(situation, run.books, vetoed), beliefs)
    return _told(run, terms.program.terms.currency, since, until, days, beliefs, any_stage, len(ids) == _MOST)


def _in_market(situation: Situation, playbook: Playbook) -> bool:
    facts = situation.firm.facts if situation.firm else {}
    return (segment_of(facts), vertical_of(facts)) == (playbook.segment, playbook.vertical)


async def _in_cell(tx: Tx, found: Sequence[Situation], stage: str | None) -> list[Situation]:
    """Those whose person was in this stage on the day of the moment; where nobody is known, nobody's stage speaks against."""
    if stage is None:
        return list(found)
    was: dict[tuple[int, str], str] = {}
    for day, some in _by_day(found).items():
        people = {s.person.id for s in some if s.person}
        at = max(s.moment.occurred_at for s in some) + _DECIDED_AFTER
        was |= {(p, day): known.stage for p, known in (await only_stages(tx, people, at)).items()}
    return [s for s in found if s.person is None or was.get((s.person.id, _day(s))) == stage]


async def _remember(tx: Tx, books: _Books, found: Sequence[Situation], since: datetime) -> None:
    """Asks really made in the year before the first day; those made since then are what the run replaces."""
    people = {s.person.id for s in found if s.person} - books.people.keys()
    firms = {s.firm.id for s in found if s.firm} - books.firms.keys()
    for one in await asks_between(tx, people, firms, since - _YEAR, since):
        books.write(one)


async def _incidents(tx: Tx, found: Sequence[Situation]) -> dict[tuple[int, str], str]:
    """What was open at each company on the day of each moment."""
    told: dict[tuple[int, str], str] = {}
    for day, some in _by_day(found).items():
        at = max(s.moment.occurred_at for s in some) + _DECIDED_AFTER
        firms = {s.firm.id for s in some if s.firm}
        told |= {(firm, day): why for firm, why in (await moments.incidents(tx, firms, now=at)).items()}
    return told


def _by_day(found: Sequence[Situation]) -> dict[str, list[Situation]]:
    by_day: dict[str, list[Situation]] = defaultdict(list)
    for s in found:
        by_day[_day(s)].append(s)
    return by_day


def _day(situation: Situation) -> str:
    return f"{situation.moment.occurred_at:%Y-%m-%d}"


def _as_it_was(situation: Situation, books: _Books, vetoed: Mapping[tuple[int, str], str]) -> Situation:
    at = situation.moment.occurred_at + _DECIDED_AFTER
    person, firm = situation.person, situation.firm
    day = _day(situation)
    return structs.replace(
        situation, now=at, incident=vetoed.get((firm.id, day), "") if firm else "",
        contacts=structs.replace(
            books.contacts(person.id if person else None, firm.id if firm else None, at),
            opted_out_at=situation.contacts.opted_out_at,
        ),
    )  # fmt: skip


def _consider(run: _Run, situation: Situation, beliefs: programs.Playbook) -> None:
    run.candidates += 1
    if arm_of(salt_of(situation.workspace_id), situation.cluster, HOLDOUT_BP) == HOLDOUT:
        run.held_out += 1
        return
    facts = step_facts(situation)
    playbook = run.playbook
    steps = steps_for(
        Playbooks({playbook.slug: playbook}),
        playbook.stage,
        playbook.segment,
        playbook.vertical,
        situation.moment.kind,
        facts,
    )
    open_steps = [s for s in steps if stopped(s, facts) is None]
    if not open_steps:
        why = stopped(steps[0], facts) if steps else f"No step is for {situation.moment.kind}."
        run.refuse("The step's own rules", why or "")
        return
    step = open_steps[0]
    refusals = {c: guardrails.blocked(situation, c) for c in step.channels}
    free = [c for c in step.channels if refusals[c] is None]
    if not free:
        run.refuse(_category(situation), str(refusals[step.channels[0]]))
        return
    _ask(run, situation, step, free, beliefs)


def _ask(run: _Run, situation: Situation, step: Step, channels: Sequence[str], beliefs: programs.Playbook) -> None:
    """Choose the action worth most at the means, and write the ask down when it is worth more than silence."""
    shared, group = shared_features(situation), situation.group.slug
    actions = [
        action_of(o, c, step.tones[0], step.lengths[0], step.slug)
        for o in offers_for(step, situation.offers)
        for c in channels
        if barred(situation, o.slug) is None
    ]
    if not actions:
        why = next((w for o in situation.offers if (w := barred(situation, o.slug))), "")
        run.refuse("No offer", why or f"The group {situation.group.name} has no offer.")
        return
    rows = [action_features(shared, a) for a in actions]
    worth = [_worth(a, row, group, beliefs) for a, row in zip(actions, rows, strict=True)]
    best = max(range(len(actions)), key=lambda n: (worth[n], -n))
    written = compose(situation, actions[best], step, run.playbook)
    if isinstance(written, str):
        run.refuse("Words", written)
    elif worth[best] <= 0:
        run.not_worth_it += 1
    elif situation.person is not None:
        run.asks.append(_Ask(situation, step, actions[best], rows[best]))
        run.books.write(Asked(situation.person.id, situation.firm.id if situation.firm else None, situation.now))


def _worth(action: Action, row: Mapping[str, float], group: str, beliefs: programs.Playbook) -> float:
    means = [belief(terms_of(beliefs.factors[name], row)).mean for name in FACTORS]
    return net_value(price_of(action, group, beliefs.economics), *means)


def _category(situation: Situation) -> str:
    """What kind of obstacle it was, in the order the guardrails look."""
    person, firm, contacts = situation.person, situation.firm, situation.contacts
    if person is None:
        return "Nobody known there"
    if person.departed:
        return "Left the company"
    if person.quiet or (firm is not None and firm.quiet):
        return "Marked as quiet"
    if situation.incident:
        return "Something open at the company"
    if contacts.opted_out_at:
        return "Opted out"
    if guardrails.missing(situation, "email") and guardrails.missing(situation, "inapp"):
        return "No consent or address"
    if contacts.last_to_person or contacts.last_to_company or contacts.within_year:
        return "Contact budget"
    return "No consent or address for the step's channel"


def _told(
    run: _Run, currency: str, since: datetime, until: datetime, days: int, beliefs: programs.Playbook, any_stage: bool, cut: bool
) -> DryRun:  # fmt: skip
    drawn = _draws(run, beliefs)
    cost, high = _costs(run.asks, drawn, beliefs)
    notes = ["Everybody of the segment and vertical was taken, whatever their stage."] if any_stage else []
    notes += [f"Only the first {_MOST:,} moments were looked at."] if cut else []
    steps = {a.step.slug: a.step for a in run.asks}
    believed = believed_of([a.step.lift for a in run.asks])
    notes += [two_beliefs(believed)] if run.asks else []
    return DryRun(
        slug=run.playbook.slug, since=since, until=until, days=days, candidates=run.candidates, asks=len(run.asks),
        people=len({a.situation.person.id for a in run.asks if a.situation.person}), held_out=run.held_out,
        not_worth_it=run.not_worth_it, shares=_range(drawn), cost_minor=cost, cost_high_minor=high, currency=currency,
        by_step=[_step_run(step, run.asks, drawn, beliefs) for step in steps.values()],
        vetoes=[Veto(what, n, run.examples[what]) for what, n in run.refused.most_common()],
        asked=[_would(a, beliefs) for a in run.asks[:_SHOWN]], notes=notes, believed=believed,
    )  # fmt: skip


def _draws(run: _Run, beliefs: programs.Playbook) -> Any:
    """Who shares, in each of many drawn worlds: beliefs about the world are drawn once per world, then each person."""
    rng = np.random.default_rng(seed_of(content_id("dry-run", run.playbook.slug, str(len(run.asks)))))
    if not run.asks:
        return np.zeros((0, _DRAWS))
    chances = draw(beliefs.factors["share"], [a.row for a in run.asks], rng, _DRAWS)
    return (rng.random(chances.shape) < chances).astype(float)


def _range(drawn: Any) -> Range:
    if not len(drawn):
        return Range(0.0, 0.0, 0.0)
    total = drawn.sum(axis=0)
    return Range(round(float(total.mean()), 2), float(np.quantile(total, 0.05)), float(np.quantile(total, 0.95)))


def _costs(asks: Sequence[_Ask], drawn: Any, beliefs: programs.Playbook) -> tuple[int, int]:
    """What it would have cost: every message, and what is due for those who win; the mean and the 95th percentile."""
    contact = len(asks) * beliefs.economics.contact_minor
    if not asks:
        return 0, 0
    due = np.array([_due(a, beliefs) for a in asks])
    total = (drawn * due[:, None]).sum(axis=0)
    return round(contact + float(total.mean())), round(contact + float(np.quantile(total, 0.95)))


def _due(ask: _Ask, beliefs: programs.Playbook) -> float:
    """What is due for a share on average, through qualifying and winning."""
    qualify, win = (belief(terms_of(beliefs.factors[name], ask.row)).mean for name in ("qualify", "win"))
    return qualify * win * price_of(ask.action, ask.situation.group.slug, beliefs.economics).due_on_win


def _step_run(step: Step, asks: Sequence[_Ask], drawn: Any, beliefs: programs.Playbook) -> StepRun:
    places = [n for n, a in enumerate(asks) if a.step.slug == step.slug]
    mine = [asks[n] for n in places]
    cost, _ = _costs(mine, drawn[places], beliefs)
    people = {a.situation.person.id for a in mine if a.situation.person}
    return StepRun(
        step.slug,
        step.title,
        len(mine),
        len(people),
        _range(drawn[places]),
        cost,
        believed_of([a.step.lift for a in mine]),
    )


def _would(ask: _Ask, beliefs: programs.Playbook) -> WouldAsk:
    situation, person = ask.situation, ask.situation.person
    share = belief(terms_of(beliefs.factors["share"], ask.row)).mean
    return WouldAsk(
        persona=str(person.id) if person else "", name=person.name if person else "",
        company=situation.firm.name if situation.firm else "", moment=situation.moment.kind, title=situation.moment.title,
        at=situation.moment.occurred_at, step=ask.step.slug, offer=ask.action.label, channel=ask.action.channel,
        tone=ask.action.tone, share=round(100 * share, 1),
    )  # fmt: skip
