"""Tracking plans: which properties the events of a source must have, and of which type.

`off` looks at nothing, `warn` counts what breaks the plan and lets it go on, `quarantine` puts the row into the dead
letters (stage `plan`). A plan is checked where the log is read, never at the door: the log keeps everything, the same
log under the same plan gives the same result, and a row in quarantine can be retried when the plan has changed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct, field

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Row, Tx, audit
from honeyguide.funnel import plan_tables
from honeyguide.funnel.decode.fields import instant
from honeyguide.funnel.events import plain_name
from honeyguide.funnel.sources import load_sources

Mode = Literal["off", "warn", "quarantine"]
PropertyType = Literal["text", "number", "integer", "boolean", "time", "list", "object", "any"]
RULES_MAX, PROPERTIES_MAX = 500, 200
_json = msgspec.json.Decoder()


class PlanEvent(Struct, frozen=True, forbid_unknown_fields=True):
    """What events of a kind (ours, `deal.won`) or a name (the sender's, `Order Completed`) must bring.

    A rule by name looks at what was sent: in `properties`, `traits`, a file's `row`, then at a dotted path. A rule by
    kind looks at the event as we read it first.
    """

    kind: str = ""
    name: str = ""
    required: list[str] = field(default_factory=list)
    types: dict[str, PropertyType] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """How the rule is named in counts and reasons."""
        return self.name or self.kind


class TrackingPlan(Struct, frozen=True):
    """The plan of a source. `updated_at` is None where nobody has set one: its mode is then `off`."""

    mode: Mode
    events: list[PlanEvent]
    updated_at: datetime | None = None
    updated_by: str = ""


class Violation(Struct, frozen=True):
    """One property of one event that breaks the plan."""

    rule: str
    prop: str
    problem: str

    @property
    def reason(self) -> str:
        """The reason of a dead letter: it names the property."""
        return f"{self.problem}: {self.prop}"[:200]

    @property
    def sentence(self) -> str:
        """What is wrong, in words."""
        if self.problem == "missing":
            return f"{self.rule} needs the property {self.prop}, and it is not there."
        return f"The property {self.prop} of {self.rule} is {self.problem}."


class Violated(Struct, frozen=True):
    """How often a source broke its plan in one way."""

    rule: str
    prop: str
    problem: str
    n: int
    first_seen_at: datetime
    last_seen_at: datetime
    sample_event_id: UUID


async def set_plan(tx: Tx, source_id: int, mode: Mode, events: list[PlanEvent], actor: str) -> TrackingPlan:
    """Set the plan of a source; the counts of the plan before are dropped. Raises BadInput, NotFound."""
    if source_id not in await load_sources(tx):
        raise NotFound(f"There is no source {source_id}.")
    _check(events)
    now = clock.now()
    await plan_tables.put_plan(tx, source_id, mode, msgspec.to_builtins(events), now, actor)
    await plan_tables.forget_violations(tx, source_id)
    await audit.write(tx, actor, "source.plan", f"source:{source_id}", {"mode": mode, "rules": len(events)})
    return TrackingPlan(mode, events, now, actor)


async def plan_of(tx: Tx, source_id: int) -> TrackingPlan:
    """The plan of a source; `off` without rules where none was set."""
    row = await plan_tables.plan(tx, source_id)
    return _plan(row) if row is not None else TrackingPlan("off", [])


async def active_plans(tx: Tx) -> dict[int, TrackingPlan]:
    """The plans that are not off, by source."""
    return {row["source_id"]: _plan(row) for row in await plan_tables.plans(tx)}


async def violations(tx: Tx, source_id: int) -> list[Violated]:
    """What breaks the plan of a source, the most frequent first."""
    rows = await plan_tables.violations(tx, source_id)
    return [
        Violated(
            row["rule"], row["property"], row["problem"], row["n"], row["first_seen_at"], row["last_seen_at"],
            row["sample_event_id"],
        )
        for row in rows
    ]  # fmt: skip


def parse_events(raw: Any) -> list[PlanEvent]:
    """Rules from JSON. Raises BadInput that names the place."""
    try:
        return msgspec.convert(raw, list[PlanEvent])
    except msgspec.ValidationError as e:
        raise BadInput("This is not a tracking plan.", f"{e}.", advice="See docs/reference/http.md.") from e


def check(plan: TrackingPlan, body: bytes, events: list[CanonicalEvent]) -> list[Violation]:
    """Everything in which the events of one row break the plan, in the order of the plan. Pure."""
    found: list[Violation] = []
    payload: dict[str, Any] | None = None
    for rule in plan.events:
        for event in events:
            if rule.kind not in ("", event.kind) or (rule.name and rule.name not in _names(event)):
                continue
            payload = _payload(body) if payload is None else payload
            found += _broken(rule, event.props, payload)
    return list(dict.fromkeys(found))


def _names(event: CanonicalEvent) -> tuple[str, str]:
    return event.name, str(event.props.get("name") or "")


def _broken(rule: PlanEvent, props: Mapping[str, Any], payload: dict[str, Any]) -> list[Violation]:
    values = {name: _value(rule, name, props, payload) for name in (*rule.required, *rule.types)}
    there = {name for name, value in values.items() if value not in (None, "")}
    found = [Violation(rule.rule, name, "missing") for name in rule.required if name not in there]
    return found + [
        Violation(rule.rule, name, f"not of type {wanted}")
        for name, wanted in rule.types.items()
        if name in there and not _CHECKS[wanted](values[name])
    ]


def _value(rule: PlanEvent, name: str, props: Mapping[str, Any], payload: dict[str, Any]) -> Any:
    if not rule.name and name in props:
        return props[name]
    places = [payload.get("properties"), payload.get("traits"), payload.get("row"), payload.get("props"), payload]
    sent = (_at(place, name) for place in places if isinstance(place, dict))
    return next((v for v in sent if v is not None), None)


def _at(place: dict[str, Any], name: str) -> Any:
    if name in place:
        return place[name]
    found: Any = place
    for part in name.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def _payload(body: bytes) -> dict[str, Any]:
    try:
        found = _json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "any": lambda _: True,
    "text": lambda v: isinstance(v, str),
    "number": _is_number,
    "integer": lambda v: _is_number(v) and float(v).is_integer(),
    "boolean": lambda v: isinstance(v, bool),
    "time": lambda v: not isinstance(v, bool) and instant(v) is not None,
    "list": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}


def _check(events: list[PlanEvent]) -> None:
    if len(events) > RULES_MAX:
        raise BadInput(f"A plan has at most {RULES_MAX} rules, this one has {len(events)}.")
    for place, event in enumerate(events):
        names = [*event.required, *event.types, event.kind, event.name]
        if not event.rule:
            raise BadInput(f"Rule {place} of the plan names neither a kind nor a name.")
        if len(names) > PROPERTIES_MAX or any(plain_name(n) != n for n in names):
            raise BadInput(
                f"Rule {place} of the plan names too much.", "Names have up to 200 characters, a rule 198 properties."
            )


def _plan(row: Row) -> TrackingPlan:
    return TrackingPlan(
        row["mode"], msgspec.convert(row["events"], list[PlanEvent]), row["updated_at"], row["updated_by"]
    )
