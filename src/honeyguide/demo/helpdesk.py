"""The helpdesk's side: Zendesk event webhooks. A ticket is a small conversation that follows its company's story."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from honeyguide.demo import phrases, writing
from honeyguide.demo.cast import HISTORY, Cast, Company, Person, role_inbox
from honeyguide.demo.clocks import office_hours
from honeyguide.demo.event import ZENDESK, DemoEvent, ident, stamp
from honeyguide.demo.issues_en import ENGLISH, Issue
from honeyguide.demo.writing import Slots

_ACCOUNT = 14_553_901
_PRIORITIES = {
    0: ("low", "normal", "normal"),
    1: ("normal", "normal", "high"),
    2: ("high", "high", "urgent"),
    3: ("urgent", "urgent", "high"),
}
_SOLVE_HOURS = {"low": (4, 60), "normal": (3, 40), "high": (1.5, 18), "urgent": (0.6, 7)}
_WEEKS = HISTORY.days // 7
FIRST_NUMBER = 38_200


@dataclass(slots=True)
class Plan:
    """How a ticket goes: hours from opening to each step; None means it does not happen."""

    issue: Issue
    priority: str
    follow_up: float | None
    escalated: float | None
    solved: float | None
    rated: float | None
    score: int


def week(cast: Cast, number: int, begin: datetime) -> Iterator[DemoEvent]:
    """The tickets opened in one week; their later steps may fall into the weeks after."""
    rng = Random(f"{cast.seed}:tickets:{number}")
    pace = (0.72 + 0.5 * min(number, _WEEKS) / _WEEKS) * len(cast.companies) / 428
    weights = [_weight(company, begin + timedelta(days=3)) for company in cast.companies]
    writers = rng.choices(cast.companies, weights, k=max(1, round(49 * pace)))
    opened = [(office_hours(rng, begin, company.timezone), company) for company in writers]
    opened.sort(key=lambda pair: (pair[0], pair[1].key))
    for index, (at, company) in enumerate(opened):
        staff = [p for p in company.staff(at) if not p.came_from or p.since < at]
        if not company.active(at) or not staff:
            continue
        person = rng.choices(staff, [_writes(p) for p in staff])[0]
        yield from ticket(cast, rng, FIRST_NUMBER + number * 400 + index, person, at, plan(rng, person, at))
    if number % 6 == 2:
        yield from _injected(cast, rng, number, begin)


def _weight(company: Company, at: datetime) -> float:
    if not company.active(at):
        return 0.0
    size = 0.6 + len(company.people) / 6
    return size * (2.6 if company.troubled(at) else 1.5 if company.arc == "new" else 1.0)


def _writes(person: Person) -> float:
    return {"power": 4.0, "regular": 3.0, "casual": 1.0, "none": 0.5}[person.activity]


def plan(rng: Random, person: Person, at: datetime) -> Plan:
    """What becomes of a ticket, by how the company is doing."""
    troubled = person.company.troubled(at)
    issue = writing.choose_issue(rng, person)
    priority = rng.choice(_PRIORITIES[issue.severity])
    low, high = _SOLVE_HOURS[priority]
    if troubled and rng.random() < 0.55:
        solve = rng.uniform(30, 260)
        escalated = rng.uniform(10, 70) if rng.random() < 0.4 else None
        if escalated is not None:
            priority = "urgent" if issue.severity >= 2 else "high"
            solve = max(solve, escalated + rng.uniform(20, 300))
        score = rng.choice((1, 1, 2, 2, 3, 4))
    else:
        solve = low + (high - low) * rng.random() ** 2
        escalated = rng.uniform(0.3, 0.7) * solve if rng.random() < 0.015 else None
        score = rng.choice((5, 5, 5, 5, 4, 4, 3) if solve < high / 2 else (5, 4, 4, 4, 3, 3, 2))
    answers = 0.5 if score in (1, 5) else 0.28
    forgotten = escalated is None and priority in ("low", "normal") and rng.random() < 0.03
    return Plan(
        issue, priority,
        rng.uniform(0.2, 0.8) * (escalated or solve) if rng.random() < (0.45 if troubled else 0.2) else None,
        escalated,
        None if forgotten else solve,
        solve + rng.uniform(0.1, 20) if rng.random() < answers and not forgotten else None,
        score,
    )  # fmt: skip


def ticket(cast: Cast, rng: Random, number: int, person: Person, opened: datetime, course: Plan) -> Iterator[DemoEvent]:
    """The webhooks of one ticket from opening to rating."""
    agent = rng.choice(phrases.AGENTS)
    hours = round(course.solved) if course.solved else 4
    slots = Slots(rng, person, agent, hours)
    upset = person.company.troubled(opened) and course.issue.severity > 0 and rng.random() < 0.55
    temper = "cross" if upset else person.temper
    subject = writing.subject_line(slots, course.issue, temper)
    body = writing.first_message(slots, course.issue, person, temper)
    desk = _Desk(cast, number, person, opened, subject, body, course.priority, _sender(rng, person, course.issue))
    yield desk.event(opened, "ticket.created", "new", {})
    if course.follow_up is not None:
        at = opened + timedelta(hours=course.follow_up)
        yield desk.event(
            at, "ticket.comment_added", "open", {"comment": desk.comment(writing.follow_up(slots, person))}
        )
    if course.escalated is not None:
        at = opened + timedelta(hours=course.escalated)
        said = slots.pick(phrases.ESCALATIONS)
        change = {"tags_added": ["escalated"], "tags_removed": [], "comment": desk.comment(said)}
        yield desk.event(at, "ticket.tags_changed", "open", change)
    if course.solved is None:
        return
    at = opened + timedelta(hours=course.solved)
    said = writing.answer(slots, course.issue, person, agent)
    change = {"previous": "OPEN", "current": "SOLVED", "comment": desk.comment(said, agent)}
    yield desk.event(at, "ticket.status_changed", "solved", change)
    if course.rated is not None:
        at = opened + timedelta(hours=max(course.rated, course.solved + 0.1))
        rating: dict[str, Any] = {"score": course.score}
        if comment := writing.verdict(slots, person, course.score):
            rating["comment"] = comment
        yield desk.event(at, "ticket.csat_response_received", "solved", {"satisfaction_rating": rating})


def _sender(rng: Random, person: Person, issue: Issue) -> str:
    """Most write from their own mailbox, a few from a shared or a private one."""
    if rng.random() < 0.05 or (issue.product == "billing" and rng.random() < 0.3):
        return role_inbox(rng, person.company)
    return person.private_email if person.private_email and rng.random() < 0.25 else person.email


class _Desk:
    """One ticket as the helpdesk describes it in every webhook about it."""

    def __init__(
        self,
        cast: Cast,
        number: int,
        person: Person,
        opened: datetime,
        subject: str,
        body: str,
        priority: str,
        sender: str,
    ) -> None:
        self.cast, self.number, self.person, self.opened = cast, number, person, opened
        self.subject, self.body, self.priority, self.sender = subject, body, priority, sender
        self.steps = 0
        shared = sender.split("@", 1)[1] == person.company.domain and sender != person.email
        self.requester_id = person.company.zendesk + 9 if shared else person.zendesk
        self.requester_name = sender.split("@", 1)[0].title() if shared else person.name

    def comment(self, said: str, agent: str = "") -> dict[str, Any]:
        """A public comment by the requester, or by an agent of ours."""
        author = (
            {"name": agent, "is_staff": True} if agent else {"id": str(self.requester_id), "name": self.requester_name}
        )
        return {"body": said, "is_public": True, "author": author}

    def event(self, at: datetime, name: str, status: str, change: dict[str, Any]) -> DemoEvent:
        """One webhook."""
        self.steps += 1
        company = self.person.company
        payload = {
            "id": ident(self.cast.seed, "zendesk", self.number, self.steps), "type": f"zen:event-type:{name}",
            "time": stamp(at), "account_id": _ACCOUNT, "zendesk_event_version": "2022-11-06",
            "subject": f"zen:ticket:{self.number}",
            "detail": {
                "id": str(self.number), "subject": self.subject, "description": self.body, "priority": self.priority.upper(),
                "status": status.upper(), "created_at": stamp(self.opened), "updated_at": stamp(at),
                "requester_id": str(self.requester_id), "submitter_id": str(self.requester_id),
                "requester": {"id": str(self.requester_id), "name": self.requester_name, "email": self.sender},
                "organization_id": str(company.zendesk),
                "organization": {"id": str(company.zendesk), "name": company.everyday, "domain_names": [company.domain]},
                "via": {"channel": "email"},
            },
            "event": change,
        }  # fmt: skip
        return DemoEvent(at, ZENDESK, payload)


def _injected(cast: Cast, rng: Random, number: int, begin: datetime) -> Iterator[DemoEvent]:
    """Now and then somebody writes to the machine instead of to us."""
    at = begin + timedelta(days=rng.uniform(0, 5), hours=rng.uniform(7, 16))
    candidates = [p for p in cast.people if p.works_at(at) and p.company.active(at)]
    person = rng.choice(candidates)
    subject, body = phrases.INJECTIONS[(number // 6) % len(phrases.INJECTIONS)]
    slots = Slots(rng, person)
    desk = _Desk(
        cast, FIRST_NUMBER + number * 400 + 290, person, at, slots.fill(subject), slots.fill(body), "normal", person.email
    )  # fmt: skip
    yield desk.event(at, "ticket.created", "new", {})
    change = {
        "previous": "NEW",
        "current": "SOLVED",
        "comment": desk.comment("Thank you, we read this as a person would. Closed.", phrases.AGENTS[0]),
    }
    yield desk.event(at + timedelta(hours=rng.uniform(1, 9)), "ticket.status_changed", "solved", change)


def rescue(rng: Random, person: Person, solved: float, rated: float) -> Plan:
    """A ticket that turned out well: urgent, solved within hours, rated five by somebody who cares."""
    issue = writing.choose_issue(rng, person, severity=(2, 3))
    if issue.severity < 2:
        issue = rng.choice([i for i in ENGLISH if i.severity >= 2 and i.product == "dispatch"])
    priority = "urgent" if issue.severity == 3 or rng.random() < 0.6 else "high"
    follow_up = solved * 0.4 if rng.random() < 0.3 else None
    return Plan(issue, priority, follow_up, None, solved, rated, 5)


def standing_escalation(rng: Random, person: Person, escalated: float) -> Plan:
    """A ticket that is escalated and still open."""
    issue = writing.choose_issue(rng, person, severity=(2, 3))
    return Plan(issue, "urgent", escalated * 0.5, escalated, escalated + rng.uniform(90, 200), None, 1)
