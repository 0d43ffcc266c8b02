"""Signs that a customer may leave: a warning of a system, a contract that ended, words of leaving, money taken back.

Each silences the whole company for a while, because nobody should be asked to recommend what a colleague is giving up.
"""

from datetime import timedelta

from honeyguide.core.ids import entity_id
from honeyguide.inference import Fact, Risk, Subject
from honeyguide.moments.contract import read
from honeyguide.moments.incident import Incident

WARNING_DAYS, CANCELLED_DAYS, LEAVING_DAYS, DOUBTFUL_DAYS, DISPUTE_DAYS = 60, 90, 120, 45, 90
_CALM = frozenset({"low", "none", "healthy", "green", "good", "resolved"})


def words_subject(subject: int) -> int:
    """What the sign in a subject's words hangs on: the subject itself may be an incident for another reason."""
    return entity_id("leaving", str(subject))


def of_words(risk: Risk) -> Incident:
    """Words that speak of leaving, or of looking around."""
    fact = risk.fact
    days = LEAVING_DAYS if risk.label == "leaving" else DOUBTFUL_DAYS
    what = "speaks of leaving" if risk.label == "leaving" else "doubts whether to stay"
    quote = f": “{risk.quote[:120]}”" if risk.quote else ""
    return _made(
        words_subject(risk.subject), "churn_words", fact, risk.person, fact.company,
        f"{fact.ref} {what}{quote} ({fact.at:%Y-%m-%d}).", days,
    )  # fmt: skip


def of_warning(subject: Subject) -> Incident | None:
    """The last warning a system gave, unless it says that all is well again."""
    last = subject.facts[-1]
    level = str(last.props.get("level") or "").strip().lower()
    if level in _CALM:
        return None
    why = str(last.props.get("reason") or "").strip()
    told = f" ({why[:80]})" if why else ""
    return _made(
        subject.id, "churn_risk", last, last.person, last.company,
        f"{last.source.title()} warns that they may leave{told} (since {last.at:%Y-%m-%d}).", WARNING_DAYS,
    )  # fmt: skip


def of_subscription(subject: Subject) -> Incident | None:
    """A contract that was cancelled or paused and has not stood again since."""
    contract = read(subject)
    last = next(
        (f for f in reversed(subject.facts) if f.kind in ("subscription.cancelled", "subscription.paused")), None
    )
    if last is None or contract is None or contract.stands(last.at + timedelta(days=CANCELLED_DAYS)):
        return None
    return _made(
        subject.id, "cancelled", last, contract.person, contract.company,
        f"{last.ref} was {last.kind.partition('.')[2]} on {last.at:%Y-%m-%d}.", CANCELLED_DAYS,
    )  # fmt: skip


def of_dispute(subject: Subject) -> Incident | None:
    """Money that is being taken back through the bank."""
    last = subject.facts[-1]
    if last.kind != "dispute.opened":
        return None
    company = next((f.company for f in subject.facts if f.company is not None), None)
    return _made(
        subject.id, "dispute", last, last.person, company,
        f"{last.ref}: a payment is disputed (since {last.at:%Y-%m-%d}).", DISPUTE_DAYS,
    )  # fmt: skip


def _made(
    subject: int, kind: str, fact: Fact, person: int | None, company: int | None, reason: str, days: int
) -> Incident:
    return Incident(
        subject=subject, kind=kind, record=person, company=company, reason=reason, source=fact.source, ref=fact.ref,
        event_id=fact.event_id, since=fact.at, ends_at=fact.at + timedelta(days=days),
    )  # fmt: skip
