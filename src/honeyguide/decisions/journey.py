"""Where each customer stands on the journey, from what the graph and the contract's own events show.

The rules are tried in order and the first that holds decides: somebody whose contract ended is dormant whatever else was
true, somebody who brought others in is an advocate, then what is happening to the contract, then what is happening with
the product. `why` is a sentence made of the facts that decided, and `evidence` names the records that show them.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from msgspec import Struct

from honeyguide import graph
from honeyguide.core.terms import Evidence
from honeyguide.db import Tx
from honeyguide.decisions import journey_tables
from honeyguide.decisions.journey_facts import Facts, Seen
from honeyguide.graph.beliefs import EdgeKey
from honeyguide.programs import journey

YEAR = timedelta(days=365.25)
ONBOARDING = timedelta(days=60)
RENEWAL_BEFORE, RENEWAL_AFTER = timedelta(days=60), timedelta(days=30)
EXPANDED = timedelta(days=90)
ADVOCATE = timedelta(days=365)
SILENT = timedelta(days=90)
VALUE = timedelta(days=180)


class Stage(Struct, frozen=True):
    """A stage of the journey, why in a sentence, and what shows it."""

    stage: journey.Stage
    why: str
    evidence: tuple[Evidence, ...] = ()


def stage_for(facts: Facts) -> tuple[journey.Stage, str]:
    """The stage these facts show, and why in a sentence."""
    stage, why, _ = _decided(facts)
    return stage, why


async def stages_of(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, Stage]:
    """The stage of each of these personas with its evidence, in a fixed number of queries. Unknown ids are absent."""
    decided = {p: _decided(facts) for p, facts in (await journey_tables.facts_of(tx, personas, now)).items()}
    wanted = {seen.edge for _, _, seen in decided.values() if seen is not None and seen.edge is not None}
    grounds = await graph.grounds(tx, wanted)
    return {p: Stage(stage, why, _shown(seen, grounds)) for p, (stage, why, seen) in decided.items()}


async def only_stages(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, Stage]:
    """As `stages_of`, without looking evidence up: for passes over everybody."""
    decided = {p: _decided(facts) for p, facts in (await journey_tables.facts_of(tx, personas, now)).items()}
    return {p: Stage(stage, why) for p, (stage, why, _) in decided.items()}


def evidence_of(ground: graph.Ground) -> Evidence:
    """What an edge rests on most, as evidence."""
    return Evidence(
        ground.source, ground.source_ref, ground.quote, ground.inferrer, round(ground.confidence, 3), ground.event_id,
        ground.at.isoformat(),
    )  # fmt: skip


def _shown(seen: Seen | None, grounds: dict[EdgeKey, graph.Ground]) -> tuple[Evidence, ...]:
    if seen is None:
        return ()
    if seen.evidence is not None:
        return (seen.evidence,)
    found = grounds.get(seen.edge) if seen.edge is not None else None
    return (evidence_of(found),) if found is not None else ()


def _decided(f: Facts) -> tuple[journey.Stage, str, Seen | None]:
    return _gone(f) or _advocate(f) or _contract(f) or _product(f)


def _gone(f: Facts) -> tuple[journey.Stage, str, Seen | None] | None:
    if f.cancelled is not None and (f.contract is None or f.contract.at <= f.cancelled.at):
        return "dormant", f"The contract was cancelled on {day(f.cancelled.at)}.", f.cancelled
    if f.uses and f.active is not None and f.now - f.active.at >= SILENT:
        return "dormant", f"Nothing was seen of them since {day(f.active.at)}.", f.active
    return None


def _advocate(f: Facts) -> tuple[journey.Stage, str, Seen | None] | None:
    if f.referred is not None and f.now - f.referred.at <= ADVOCATE:
        return "advocacy", f"Brought {f.referred.what or 'somebody'} in on {day(f.referred.at)}.", f.referred
    return None


def _contract(f: Facts) -> tuple[journey.Stage, str, Seen | None] | None:
    if f.expanded is not None and f.now - f.expanded.at <= EXPANDED:
        return "expansion", f"Their contract grew on {day(f.expanded.at)}.", f.expanded
    if f.contract is None:
        return None
    turns = round((f.now - f.contract.at) / YEAR)
    anniversary = f.contract.at + turns * YEAR
    if turns < 1 or not -RENEWAL_AFTER <= anniversary - f.now <= RENEWAL_BEFORE:
        return None
    if f.renewed is not None and abs(f.renewed.at - anniversary) <= RENEWAL_BEFORE:
        return "renewal", f"Their contract was renewed on {day(f.renewed.at)}.", f.renewed
    if anniversary >= f.now:
        return (
            "renewal",
            f"Their contract, begun on {day(f.contract.at)}, turns {turns} on {day(anniversary)}.",
            f.contract,
        )
    return None


def _product(f: Facts) -> tuple[journey.Stage, str, Seen | None]:
    if f.value is not None and f.now - f.value.at <= VALUE:
        return "value", f"{f.value.what[:1].upper()}{f.value.what[1:]} on {day(f.value.at)}.", f.value
    if f.since is not None and f.now - f.since.at < ONBOARDING:
        return "onboarding", f"A customer since {day(f.since.at)}.", f.since
    if f.since is not None:
        return "adoption", f"A customer since {day(f.since.at)}; no sign of value reached of late.", f.since
    return "onboarding", "Nothing is known of a purchase or of use yet.", None


def day(at: datetime) -> str:
    """A date as people write it."""
    return f"{at.day} {at:%B %Y}"
