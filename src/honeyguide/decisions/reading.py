"""Reads everything decisions look at, for many moments at once: a fixed number of queries whatever the batch."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide import graph, inference, moments, programs
from honeyguide.core import clock
from honeyguide.db import Row, Tx, workspace
from honeyguide.decisions import policy_tables, surroundings, tables
from honeyguide.decisions.barring import ineligible, not_given
from honeyguide.decisions.messages import details_of
from honeyguide.decisions.policy_tables import Look
from honeyguide.decisions.science import Catalogue, catalogue_of
from honeyguide.decisions.situation import Contacts, Detail, Firm, Happening, Neighbours, Person, Signal, Situation
from honeyguide.decisions.surroundings import Surroundings
from honeyguide.decisions.tables import DecisionRow
from honeyguide.graph.kinds import EDGE
from honeyguide.moments import StoredMoment
from honeyguide.programs import Group, Offer, Program
from honeyguide.programs.file import ProgramFile
from honeyguide.programs.journey import segment_of, vertical_of

_SIGNALS = {"praised": "praised", "complained_of": "complained", "referred": "referred", "power_user_of": "power_user"}
_YEAR = timedelta(days=365)
TOMORROW = timedelta(hours=20)  # a day less the time a worker may be late
_QUIET = ("quiet", "do_not_contact")


class Terms(Struct, frozen=True):
    """The program asks are made for, with its groups and their offers."""

    program: Program
    groups: list[Group]
    offers: dict[int, tuple[Offer, ...]]
    file: ProgramFile

    @property
    def library(self) -> str:
        """The library's program whose beliefs hold for it."""
        return "customer-referrals"


async def terms_in_force(tx: Tx) -> Terms:
    """The live program; the library's own is installed when the workspace has none."""
    program = await programs.live_program(tx) or await programs.ensure_program(tx)
    offers: dict[int, list[Offer]] = defaultdict(list)
    for offer in await programs.offers(tx):
        offers[offer.group_id].append(offer)
    file = (await programs.terms_at(tx, program.id, clock.now())).file
    return Terms(program, await programs.groups(tx, program.id), {k: tuple(v) for k, v in offers.items()}, file)


def catalogue(terms: Terms) -> Catalogue:
    """What may be offered under the terms."""
    slugs = {g.id: g.slug for g in terms.groups}
    return catalogue_of({slugs[k]: found for k, found in terms.offers.items() if k in slugs})


async def situations(
    tx: Tx, ids: Collection[UUID], terms: Terms, now: datetime, *, without_ask: UUID | None = None
) -> list[Situation]:
    """The situations of these moments as known at `now`, in the order of `ids`; moments that are gone are left out.

    `without_ask` is left out of the contact budget: an ask does not stand in its own way.
    """
    found = await moments.by_ids(tx, ids, now)
    people = {m.persona for m in found.values() if m.persona is not None}
    firms = {m.company for m in found.values() if m.company is not None}
    known = _Known(
        now=now,
        workspace=(await workspace(tx)).name,
        nodes=await graph.nodes(tx, people | firms),
        roles=await inference.roles_of(tx, people, now),
        jobs=await _jobs(tx, people),
        signals=await _signals(tx, people, now),
        details=await details_of(tx, people, now),
        contacts=await _contacts(tx, people, firms, now, without_ask),
        incidents=await moments.incidents(tx, firms, now=now),
        last=await tables.last_looks(tx, list(found)),
        looks=await policy_tables.looks(tx, list(found)),
        around=await surroundings.surroundings(tx, people, now),
        terms=terms,
    )
    return [_situation(tx.workspace_id, found[i], known) for i in ids if i in found]


class _Known(Struct, frozen=True):
    now: datetime
    workspace: str
    nodes: Mapping[int, graph.Node]
    roles: Mapping[int, inference.Role]
    jobs: Mapping[int, list[Row]]
    signals: Mapping[int, tuple[Signal, ...]]
    details: Mapping[int, tuple[Detail, ...]]
    contacts: "_Asked"
    incidents: Mapping[int, str]
    last: Mapping[UUID, DecisionRow]
    looks: Mapping[UUID, Look]
    around: Surroundings
    terms: Terms


def _situation(workspace_id: int, moment: StoredMoment, known: _Known) -> Situation:
    person = _person(moment, known)
    firm = _firm(moment, known)
    node = known.nodes.get(moment.persona) if moment.persona is not None else None
    carried = node.props if node else None
    company = firm.facts if firm else {}
    group = programs.choose_group(known.terms.groups, programs.group_facts(carried, firm.facts if firm else None))
    last, look, around, who = known.last.get(moment.id), known.looks.get(moment.id), known.around, moment.persona or 0
    made = Situation(
        workspace_id=workspace_id,
        workspace=known.workspace,
        now=known.now,
        moment=Happening(
            moment.id, moment.kind, moment.title, moment.strength, moment.occurred_at, moment.window_ends_at,
            moment.half_life_hours, moment.evidence,
        ),
        person=person,
        firm=firm,
        group=group,
        offers=known.terms.offers.get(group.id, ()),
        contacts=known.contacts.of(moment.persona, moment.company, known.now),
        incident=known.incidents.get(moment.company, "") if moment.company is not None else "",
        signals=known.signals.get(moment.persona, ()) if moment.persona is not None else (),
        details=known.details.get(moment.persona, ()) if moment.persona is not None else (),
        looks=max(last.look if last else 0, look.looks if look else 0),
        last_blocked=tuple((b["action"], b["reason"]) for b in last.blocked) if last else (),
        settled=_settled(last, look, known.now),
        stage=around.stages.get(who, ""),
        segment=segment_of(firm.facts if firm else {}),
        vertical=vertical_of(firm.facts if firm else {}),
        rates=around.rates.get(who, ()),
        neighbours=around.neighbours.get(who, Neighbours()),
        glow=around.glow(who, moment.id, known.now),
        ineligible=ineligible(known.terms.file, company, carried or {}, person.seniority if person else ""),
        not_given=not_given(known.terms.file, known.terms.offers.get(group.id, ()), company, carried or {}),
    )  # fmt: skip
    return around.with_steps(made, programs.load(known.terms.library).playbook.factors["share"].base)


def _settled(last: DecisionRow | None, look: Look | None, now: datetime) -> bool:
    """Was the moment decided about with a choice, and is it not to be looked at again now?"""
    if look is None or look.outcome == "nothing":
        return last is not None and len(last.legal_actions) > 1
    return look.outcome == "asked" or look.at > now - TOMORROW


def _person(moment: StoredMoment, known: _Known) -> Person | None:
    if moment.persona is None:
        return None
    node = known.nodes.get(moment.persona)
    props: Mapping[str, Any] = node.props if node else {}
    role = known.roles.get(moment.persona)
    own = moment.company_record is None or moment.record != moment.company_record
    about_person = moment.persona_because == ""
    return Person(
        id=moment.persona,
        record_id=moment.record if about_person and own else moment.persona,
        name=_text(props.get("name")),
        email=_text(props.get("email")),
        title=_text(props.get("title")),
        seniority=role.seniority if role else "",
        consent_email=_flag(props.get("consent_email")),
        consent_inapp=_flag(props.get("consent_inapp")),
        departed=_departed(known.jobs.get(moment.persona, []), moment.company, known.now),
        quiet=any(_flag(props.get(name)) for name in _QUIET),
        first_seen_at=node.first_seen_at if node else None,
    )


def _firm(moment: StoredMoment, known: _Known) -> Firm | None:
    if moment.company is None:
        return None
    node = known.nodes.get(moment.company)
    props: dict[str, Any] = dict(node.props) if node else {}
    return Firm(
        id=moment.company,
        record_id=moment.company_record if moment.company_record is not None else moment.company,
        name=_text(props.get("name")) or (node.name if node else ""),
        facts=props,
        quiet=any(_flag(props.get(name)) for name in _QUIET),
    )


def _departed(jobs: list[Row], company: int | None, now: datetime) -> bool:
    """Did the person leave the company the moment is about (or, when it is about none, every company we know of)?"""
    here = [j for j in jobs if company is None or j["dst"] == company]
    return bool(here) and all(j["valid_to"] is not None and j["valid_to"] <= now for j in here)


async def _jobs(tx: Tx, people: Collection[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in await tx.rows(
        "select src, dst, valid_to from edge_works_at where workspace_id = $1 and src = any($2::bigint[])",
        tx.workspace_id, list(people),
    ):  # fmt: skip
        found[row["src"]].append(row)
    return found


async def _signals(tx: Tx, people: Collection[int], now: datetime) -> dict[int, tuple[Signal, ...]]:
    """Praise, complaints, referrals and power use the graph holds at `now`, each with its surest assertion."""
    rows = await tx.rows(
        "select r.entity_id, a.kind, count(distinct a.dst) as n, "
        "(array_agg(jsonb_build_object('source', a.source, 'record', a.source_ref, 'quote', a.quote, "
        "'inferrer', a.inferrer || '@' || a.inferrer_version, 'confidence', a.confidence, "
        "'event_id', coalesce(a.event_id::text, ''), 'at', to_jsonb(a.valid_from)) "
        "order by a.confidence desc, a.valid_from desc, a.id))[1] as best "
        "from record r join assertion a on a.workspace_id = r.workspace_id and a.src = r.id "
        "where r.workspace_id = $1 and r.entity_id = any($2::bigint[]) and a.kind = any($3::smallint[]) "
        "and a.supports and not a.ends and a.retracted_at is null and a.valid_from <= $4 "
        "and (a.valid_to is null or a.valid_to > $4) group by r.entity_id, a.kind order by r.entity_id, a.kind",
        tx.workspace_id, list(people), [EDGE[k] for k in _SIGNALS], now,
    )  # fmt: skip
    names = {EDGE[kind]: name for kind, name in _SIGNALS.items()}
    found: dict[int, list[Signal]] = defaultdict(list)
    for r in rows:
        found[r["entity_id"]].append(Signal(names[r["kind"]], float(r["n"]), r["best"]))
    return {person: tuple(signals) for person, signals in found.items()}


class _Asked(Struct, frozen=True):
    """Our own asks to these people and companies, by entity."""

    people: Mapping[int, list[Row]]
    firms: Mapping[int, list[Row]]
    came: Mapping[int, list[datetime]]

    def of(self, person: int | None, firm: int | None, now: datetime) -> Contacts:
        """What the contact budget counts: open asks, those that were approved or sent, and reminders of them."""
        own = self.people.get(person, []) if person is not None else []
        there = self.firms.get(firm, []) if firm is not None else []
        own_made = [r["at"] for r in own if r["state"] in ("approved", "sent")]
        own_heard = own_made + [at for r in own for at in r["reminded"]]
        firm_made = [
            at for r in there if r["state"] in ("approved", "sent") and r["entity_id"] != person
            for at in (r["at"], *r["reminded"])
        ]  # fmt: skip
        hoped = [(r["at"], r["hope"]) for r in own if r["state"] == "sent" and r["hope"] is not None]
        left = [r for r in own if r["not_now_reason"] == tables.OPTED_OUT]
        # `honeyguide` itself blocks suggestions whose guardrails changed; only what delivery refused counts here.
        refused = [r for r in own if r["state"] == "blocked" and r["decided_by"] not in (None, "honeyguide")]
        waiting = [r for r in there if r["state"] == "suggested" and r["entity_id"] != person]
        return Contacts(
            open_ask=any(r["state"] in ("suggested", "approved") for r in own),
            open_at_company=(waiting[0]["name"] or "somebody") if waiting else "",
            last_to_person=max(own_heard, default=None),
            last_to_company=max(firm_made, default=None),
            within_year=sum(1 for at in own_heard if at > now - _YEAR),
            ever=len(own_made),
            opted_out_at=left[0]["at"] if left else None,
            stopped=(refused[-1]["note"] or "") if refused else "",
            stopped_at=refused[-1]["at"] if refused else None,
            misses=surroundings.misses(own_made, self.came.get(person or 0, []), now),
            leaning=surroundings.leaning_of(hoped, self.came.get(person or 0, []), now),
            worn=surroundings.worn(own_heard, now),
            year_began=min((at for at in own_heard if at > now - _YEAR), default=None),
        )


# What an ask was expected to bring, without what was thought of this very person: that is what `leaning` is about.
_HOPE = (
    "select 1 / (1 + exp(h.own - ln(h.chance / (1 - h.chance)))) as hope from (select (e.expected->'share'->>0)::float8 as chance, "
    "coalesce((select sum((t.term->>'x')::float8 * (t.term->>'mean')::float8) from jsonb_array_elements(e.expected->'terms') as t(term) "
    "where t.term->>'name' = 'leaning'), 0) as own from decision e where e.workspace_id = k.workspace_id "
    "and e.id = a.decision_id and a.state = 'sent' offset 0) h where h.chance > 0 and h.chance < 1"
)


async def _contacts(
    tx: Tx, people: Collection[int], firms: Collection[int], now: datetime, without: UUID | None
) -> _Asked:
    """Asks that count, by persona entity and by company entity."""
    # Lateral, one row at a time: without statistics (a young workspace) the planner's own choice is thousands of times slower.
    sql = (
        "select k.entity_id as key, p.entity_id, coalesce(n.name, '') as name, a.state, a.note, a.decided_by, "
        "a.not_now_reason, coalesce(a.decided_at, a.created_at) as at, d.hope, "
        "array(select f.changed_at from ask_follow_up f where f.workspace_id = a.workspace_id and f.ask_id = a.id "
        "and f.state in ('queued', 'sent') order by f.number) as reminded from record k "
        "cross join lateral (select * from ask a where a.workspace_id = k.workspace_id and a.{column} = k.id offset 0) a "
        "cross join lateral (select p.entity_id from record p where p.workspace_id = k.workspace_id "
        "and p.id = a.record_id limit 1) p "
        "left join lateral (select n.name from node n where n.workspace_id = k.workspace_id and n.id = p.entity_id limit 1) n "
        f"on true left join lateral ({_HOPE}) d on true "
        "where k.workspace_id = $1 and k.entity_id = any($2::bigint[]) "
        "and (a.state in ('suggested', 'approved', 'sent', 'blocked') or a.not_now_reason = 'opted_out') "
        "and ($3::uuid is null or a.id <> $3) order by a.created_at, a.id"
    )
    grouped: list[dict[int, list[Row]]] = []
    for column, keys in (("record_id", people), ("company_record_id", firms)):
        by_key: dict[int, list[Row]] = defaultdict(list)
        for row in await tx.rows(sql.format(column=column), tx.workspace_id, list(keys), without):
            by_key[row["key"]].append(row)
        grouped.append(by_key)
    return _Asked(grouped[0], grouped[1], await surroundings.referred_at(tx, people, now))


async def contacts_of(tx: Tx, person: int, firm: int | None, now: datetime) -> Contacts:
    """What the contact budget counts for one person, with no moment in sight."""
    asked = await _contacts(tx, [person], [] if firm is None else [firm], now, None)
    return asked.of(person, firm, now)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
