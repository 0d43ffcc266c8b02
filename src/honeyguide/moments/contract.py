"""The story of one subscription, from the set of its events: when it began, who holds it, when it stood, when it was renewed."""

from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from honeyguide.inference import Fact, Subject

# A period shorter than this is a bill that is paid, not a decision to stay.
DECISION_DAYS = 80
_OPENS = frozenset({"subscription.started", "subscription.renewed", "subscription.resumed", "subscription.expanded"})
_CLOSES = frozenset({"subscription.cancelled", "subscription.paused"})


class Renewal(Struct, frozen=True):
    """A contract that was extended, after `days` since it began or was extended before; None when that is not known."""

    fact: Fact
    before: Fact | None
    days: int | None


class Contract(Struct, frozen=True):
    """What the events of one subscription add up to. `spells` are the times it stood; the last may be open."""

    subject: Subject
    facts: tuple[Fact, ...]
    since: datetime
    spells: tuple[tuple[datetime, datetime | None], ...]
    renewals: tuple[Renewal, ...]

    @property
    def company(self) -> int | None:
        """The company's record, the first one named."""
        return next((f.company for f in self.facts if f.company is not None), None)

    @property
    def person(self) -> int | None:
        """The person's record, the first one named."""
        return next((f.person for f in self.facts if f.person is not None), None)

    def stands(self, at: datetime) -> bool:
        """Whether the contract stood at this time."""
        return any(start <= at and (end is None or at < end) for start, end in self.spells)

    def after(self, kinds: frozenset[str] | set[str], start: datetime, end: datetime) -> Fact | None:
        """The first event of these kinds in (start, end]."""
        return next((f for f in self.facts if f.kind in kinds and start < f.at <= end), None)


def read(subject: Subject) -> Contract | None:
    """Fold the events of a subscription; None when it has none, or nothing was ever paid for."""
    facts = tuple(f for f in subject.facts if f.kind.startswith("subscription."))
    paid = [f for f in facts if f.kind in _OPENS and not is_free(f)]
    if subject.kind != "subscription" or not paid:
        return None
    return Contract(
        subject=subject,
        facts=facts,
        since=min(began(f) for f in paid),
        spells=tuple(_spells(facts)),
        renewals=tuple(_renewals(facts)),
    )


def is_free(fact: Fact) -> bool:
    """A trial or a zero amount is nothing bought."""
    return fact.props.get("amount_minor") in (0, "0") or fact.props.get("is_trial") in (True, "true", "True")


def began(fact: Fact) -> datetime:
    """When what the event tells began: sources that are connected later say so beside the time of the event (`since`)."""
    raw = fact.props.get("since")
    if not isinstance(raw, str):
        return fact.at
    try:
        said = datetime.fromisoformat(raw)
    except ValueError:
        return fact.at
    said = said if said.tzinfo else said.replace(tzinfo=UTC)
    return min(said, fact.at)


def _spells(facts: tuple[Fact, ...]) -> list[tuple[datetime, datetime | None]]:
    found: list[tuple[datetime, datetime | None]] = []
    for fact in facts:
        is_open = bool(found) and found[-1][1] is None
        if fact.kind in _OPENS and not is_open:
            # What stood before had ended then, whatever the source says of the beginning.
            found.append((max(began(fact), found[-1][1] or fact.at) if found else began(fact), None))
        elif fact.kind in _CLOSES and is_open:
            found[-1] = (found[-1][0], fact.at)
        elif fact.kind in _CLOSES and not found:
            found.append((fact.at, fact.at))
    return found


def _renewals(facts: tuple[Fact, ...]) -> list[Renewal]:
    found: list[Renewal] = []
    before: Fact | None = None
    for fact in facts:
        if fact.kind == "subscription.renewed":
            if before is not None and fact.at - before.at < timedelta(days=1):
                continue  # the same payment, told twice
            found.append(Renewal(fact, before, (fact.at - before.at).days if before else None))
        if fact.kind in ("subscription.started", "subscription.renewed"):
            before = fact
    return found


def decisions(contract: Contract) -> list[Renewal]:
    """The renewals that were a decision to stay: none of a monthly bill. The first one known counts when the next is not
    so near that it is a bill, too.
    """
    found = []
    for n, renewal in enumerate(contract.renewals):
        following = contract.renewals[n + 1].days if n + 1 < len(contract.renewals) else None
        days = renewal.days if renewal.days is not None else following
        if days is None or days >= DECISION_DAYS:
            found.append(renewal)
    return found


def plus_months(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")


def midnight(day: date) -> datetime:
    """The beginning of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
