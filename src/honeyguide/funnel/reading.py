"""How a consumer reads rows of the log: decoded by their sources, held against the tracking plans, written down."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct, field

from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Row, Tx
from honeyguide.funnel import catalogue, mappings, plan_tables, plans
from honeyguide.funnel.decode import decode
from honeyguide.funnel.decode.arrived import LogRow
from honeyguide.funnel.events import Undecodable
from honeyguide.funnel.letters import PLAN
from honeyguide.funnel.plans import TrackingPlan, Violation
from honeyguide.funnel.sources import Source, load_sources

DECODE = "decode"


class PutAside(Exception):
    """A row that does not go on: the stage that stopped it, its reason code and a sentence."""

    def __init__(self, stage: str, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.stage, self.reason, self.detail = stage, reason, detail


class Reader(Struct):
    """Reads rows of one transaction. `violated` collects what broke a plan that only warns."""

    sources: dict[int, Source]
    plans: dict[int, TrackingPlan]
    violated: dict[tuple[int, Violation], list[tuple[datetime, UUID]]] = field(default_factory=dict)

    def events(self, row: LogRow) -> list[CanonicalEvent]:
        """The events of a row. Raises PutAside when it cannot be read, or its source's plan keeps it back."""
        source = self.sources[row["source_id"]]
        try:
            events = decode(row, source)
        except Undecodable as e:
            raise PutAside(DECODE, e.reason, str(e)) from e
        plan = self.plans.get(source.id)
        if plan is None:
            return events
        broken = plans.check(plan, row["body"], events)
        if broken and plan.mode == "quarantine":
            raise PutAside(PLAN, broken[0].reason, " ".join(b.sentence for b in broken))
        for one in broken:
            self.violated.setdefault((source.id, one), []).append((row["received_at"], row["event_id"]))
        return events


async def open_reader(tx: Tx) -> Reader:
    """The sources and plans as they are now."""
    return Reader(await load_sources(tx), await plans.active_plans(tx))


async def note(tx: Tx, reader: Reader, rows: Sequence[Row]) -> None:
    """Write down what the road has read: shapes, cost, mapping versions, violations. Rows of one lane, in log order."""
    await catalogue.note_shapes(tx, rows)
    await catalogue.note_cost(tx, rows)
    await mappings.note_versions(tx, rows, reader.sources)
    found = []
    for (source_id, one), seen in reader.violated.items():
        times = [at for at, _ in seen]
        sample = min(ident for _, ident in seen)
        found.append((source_id, one.rule, one.prop, one.problem, len(seen), min(times), max(times), sample))
    await plan_tables.add_violations(tx, found)
