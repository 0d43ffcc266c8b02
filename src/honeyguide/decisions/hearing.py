"""Hearing the panel about a decision: opinions to log, and the mixture where somebody was named a challenger.

Without a challenger the policy's own choice stands, bit by bit; the opinions are only logged. With one the distribution is
`sum_e w_e p_e`, each `p_e` with the whole exploration floor, and the action is drawn from that by the decision's seed. A replay
takes the challengers' opinions from the log and the models' own distribution from the policy, and comes to the same bits.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from honeyguide.db import Tx
from honeyguide.decisions import consult, expert_tables, gating, panel, seats
from honeyguide.decisions.choose import Choice, pick, with_floor
from honeyguide.decisions.expert import Context, Expert
from honeyguide.decisions.expert_tables import StoredAnswer
from honeyguide.decisions.experts.language import Language
from honeyguide.decisions.experts.science import Science
from honeyguide.decisions.experts.strategy import Strategy
from honeyguide.decisions.gating import Weights
from honeyguide.decisions.panel import SCIENCE, Opinion
from honeyguide.decisions.policy import Params
from honeyguide.decisions.situation import Action

_MOST_ANSWERS = 2_000


class Panel(Struct, frozen=True):
    """What a hearing needs besides the decision: the weights, and what the language model has answered so far."""

    weights: Weights = Weights()
    answers: Mapping[UUID, StoredAnswer] = {}
    language: bool = False


class Heard(Struct, frozen=True):
    """The choice that stands, and the opinions as they are kept in the decision's context under `experts`."""

    choice: Choice
    experts: list[dict[str, Any]]


async def convene(tx: Tx) -> Panel:
    """The panel of the workspace as it is now."""
    allowed = await consult.language_allowed(tx)
    answers = await expert_tables.latest_answers(tx, _MOST_ANSWERS) if allowed else {}
    return Panel(await gating.weights(tx), answers, allowed)


def hear(
    convened: Panel, context: Context, legal: Sequence[Action], science: Choice, params: Params, *, version: str,
    chance: float | None = None,
) -> Heard:  # fmt: skip
    """Ask everybody. `science` is the policy's own choice over exactly the legal actions; alone, waiting needs no panel."""
    if len(legal) == 1:
        return Heard(science, [])
    models = Science(science.distribution, version=version, reason=science.reason, chance=chance)
    everybody: list[Expert] = [models, Strategy(params), *seats.seated()]
    if convened.language:
        everybody.append(Language(convened.answers))
    said = panel.opinions(context, legal, everybody)
    held = convened.weights.of(context.words.get("segment", ""), context.words.get("stage", ""))
    kept = panel.logged(said, held)
    return Heard(_mixed(said, held, science, params.floor, context.seed), kept)


def heard_again(
    kept: Sequence[Mapping[str, Any]], legal: Sequence[str], science: Choice, floor: float, seed: int
) -> Choice:
    """The choice of a logged decision, from the models' own choice made again and the opinions that were logged."""
    if not kept:
        return science
    said, held = panel.from_log(kept, legal)
    return _mixed(said, held, science, floor, seed)


def _mixed(said: Sequence[Opinion], held: Mapping[str, float], science: Choice, floor: float, seed: int) -> Choice:
    challengers = {o.expert for o in said} & {n for n, w in held.items() if n != SCIENCE and w > 0}
    if not challengers:
        return science
    keys = list(science.distribution)
    full = [
        structs.replace(o, distribution=dict(science.distribution))
        if o.expert == SCIENCE
        else structs.replace(o, distribution=with_floor(o.distribution, keys, floor))
        for o in said
        if o.expert == SCIENCE or o.expert in challengers
    ]
    distribution = panel.mix(full, held)
    action = pick(distribution, seed)
    names = ", ".join(sorted(challengers))
    return Choice(action, distribution[action], distribution, f"{science.reason} With a share for {names}.".strip())


async def logged_of_ask(tx: Tx, ask_id: UUID) -> Mapping[str, Any] | None:
    """What was logged with the decision an ask came from: context, legal actions, distribution, action."""
    found = await expert_tables.decision_of_ask(tx, ask_id)
    return dict(found) if found else None


async def wonder(tx: Tx, convened: Panel, asked: Sequence[tuple[Context, Sequence[Action]]], now: datetime) -> None:
    """Note what the language model was not asked yet, to be asked when there is one. Nothing without consent."""
    if convened.language and asked:
        await consult.language_for(tx, asked, now)
