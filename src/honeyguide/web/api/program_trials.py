"""Trying rules on the past, and writing conditions: as fields, as a sentence, and with the names this workspace has."""

from time import monotonic
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from msgspec import ValidationError, convert, to_builtins

from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.learning import attributes, simulation
from honeyguide.programs import conditions, versions, wording
from honeyguide.programs.catalogue import too_deep
from honeyguide.programs.terms import Conditions
from honeyguide.web.api.program_shapes import Name, SimulateForm, SimulationOut, simulation_out
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import In, Out, Words

router = APIRouter()
Reader = Annotated[Principal, needs("programs.read")]
Looker = Annotated[Principal, needs("money.read")]  # it names advocates
Writer = Annotated[Principal, needs("programs.write")]
AT_ONCE_S = 2.0  # what is not done by then, the worker goes on with


@router.post("/api/programs/{program}/simulate")
async def simulate_program(program: Name, body: SimulateForm, who: Writer) -> SimulationOut:
    """Replay the last months through a version. Nothing is posted; what takes longer goes on by itself."""
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        run_id = await simulation.start(tx, found, body.version, body.months, who.actor, clock.now())
    until = monotonic() + AT_ONCE_S
    while monotonic() < until and await simulation.step(who.db, who.workspace_id, run_id):
        pass
    return await _simulation(program, run_id, who)


@router.get("/api/programs/{program}/simulations/{simulation_id}")
async def simulation_of(program: Name, simulation_id: UUID, who: Looker) -> SimulationOut:
    """How far a simulation is, and what it found."""
    return await _simulation(program, simulation_id, who)


async def _simulation(program: str, run_id: UUID, who: Principal) -> SimulationOut:
    async with who.tx() as tx:
        found = await versions.find(tx, program)
        run, result = await simulation.simulation(tx, found, run_id)
    return simulation_out(run, result, found.terms.currency)


class AttributeOut(Out):
    """A name conditions can use here."""

    name: str
    words: str
    kind: str
    seen: int | None
    examples: list[str]


class AttributesOut(Out):
    """Every name there is, and the comparisons."""

    rows: list[AttributeOut]
    comparisons: dict[str, str]


@router.get("/api/program-attributes")
async def program_attributes(who: Reader) -> AttributesOut:
    """Which attributes of companies, people, deals and the graph exist in this workspace. No value of a person is shown."""
    async with who.tx() as tx:
        found = await attributes.attributes(tx)
    return AttributesOut(
        rows=[AttributeOut(name=a.name, words=a.words, kind=a.kind, seen=a.seen, examples=list(a.examples)) for a in found],
        comparisons={str(name): words for name, words in wording.COMPARISONS.items()},
    )  # fmt: skip


class ConditionsForm(In):
    """Conditions as fields or as a sentence."""

    conditions: dict[str, Any] | None = None
    sentence: Words | None = None
    currency: Annotated[str, "ISO 4217"] = "EUR"


class ConditionsOut(Out):
    """The same both ways, what is wrong, and which names nothing here has."""

    conditions: dict[str, Any]
    sentence: str
    problems: list[str]
    unknown: list[str]


@router.post("/api/program-conditions")
async def check_conditions(body: ConditionsForm, who: Reader) -> ConditionsOut:
    """Turn conditions into a sentence or a sentence into conditions, and say what would not work here. Nothing is kept."""
    made = _conditions(body)
    async with who.tx() as tx:
        known = await attributes.attributes(tx)
    return ConditionsOut(
        conditions=to_builtins(made), sentence=wording.in_sentence(made, body.currency),
        problems=conditions.problems(made, "Conditions"), unknown=attributes.unknown(known, made),
    )  # fmt: skip


def _conditions(body: ConditionsForm) -> Conditions:
    if body.sentence is not None:
        return wording.read_sentence(body.sentence, body.currency)
    if too_deep(body.conditions):
        raise BadInput("The conditions are nested too deep.")
    try:
        return convert(body.conditions or {}, Conditions)
    except ValidationError as e:
        raise BadInput("The conditions are not of the documented form.", str(e)[:500]) from e
