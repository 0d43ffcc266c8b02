"""support_success: somebody's problem was solved and they said so.

Stands on the belief `resolved_for`: the log-odds of its grounds, for and against, weighed as the graph weighs them.
Without a good rating there is no moment, however fast the answer: silence is not delight.
"""

from math import exp, log

from honeyguide.inference import FAST_HOURS, Proposal, Subject, Support, Ticket, read_ticket
from honeyguide.moments.moment import Moment, evidence_of, make

KIND = "support_success"
_SUPPORT = Support()
_ENOUGH = 0.7  # belief below this is a mixed story, not a success
_HOURS = 168.0


def detect(subject: Subject) -> list[Moment]:
    """One moment per ticket that is solved, rated 4 or 5 and, all grounds weighed, believed to have gone well."""
    ticket = read_ticket(subject)
    if ticket is None or ticket.score is None or ticket.rated is None or ticket.solved is None:
        return []
    grounds = _SUPPORT.infer(subject)
    belief = believed(grounds)
    record = ticket.requester if ticket.requester is not None else ticket.company
    if ticket.score < 4 or ticket.is_open or belief < _ENOUGH or record is None:
        return []
    at = max(ticket.rated.at, ticket.solved.at)
    return [
        make(
            KIND,
            f"ticket:{subject.key}",
            subject=subject.id,
            record=record,
            company=ticket.company,
            strength=_strength(ticket, belief),
            title=title(ticket),
            fact=ticket.rated,
            hours=_HOURS,
            occurred_at=at,
            evidence=[
                evidence_of(p.fact, f"rule:support@{_SUPPORT.version}", p.confidence, p.quote.words if p.quote else "")
                for p in grounds
                if p.supports
            ]
            + [evidence_of(ticket.solved, f"rule:support@{_SUPPORT.version}", belief)],
        )
    ]


def believed(grounds: list[Proposal]) -> float:
    """What the graph will believe: the log-odds of the surest ground for, less those of the surest against.

    One inferrer reading one ticket is one witness, so grounds of a side do not add up.
    """
    odds = {True: 0.0, False: 0.0}
    for p in grounds:
        odds[p.supports] = max(odds[p.supports], log(p.confidence / (1 - p.confidence)))
    return 1 / (1 + exp(odds[False] - odds[True])) if grounds else 0.0


def _strength(ticket: Ticket, belief: float) -> float:
    """From the rating, the priority and the speed; what spoke against it takes away."""
    strength = 0.75 if ticket.score == 5 else 0.55
    strength += {"urgent": 0.15, "high": 0.08}.get(ticket.priority, 0.0)
    hours = ticket.hours
    if hours is not None and hours <= FAST_HOURS[ticket.priority] / 2:
        strength += 0.1
    return strength * belief


def title(ticket: Ticket) -> str:
    """For people: `Rated 5/5 on an urgent ticket, solved in 3 hours`."""
    kind = {"urgent": "an urgent", "high": "a high-priority"}.get(ticket.priority, "a")
    head = f"Rated {ticket.score}/5 on {kind} ticket"
    hours = ticket.hours
    if hours is None or hours > 48:
        return head
    if hours < 1:
        return f"{head}, solved within the hour"
    return f"{head}, solved in {round(hours)} {'hour' if round(hours) == 1 else 'hours'}"
