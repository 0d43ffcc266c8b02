"""Take a logged decision and make it again: from its policy, its context and its seed, nothing else."""

from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core.errors import NotFound
from honeyguide.db import Tx
from honeyguide.decisions import tables
from honeyguide.decisions.choose import Choice, choose
from honeyguide.decisions.expert import Context
from honeyguide.decisions.experts.strategy import Strategy
from honeyguide.decisions.policy import Params
from honeyguide.decisions.situation import WAIT, WAITING, Action
from honeyguide.decisions.tables import DecisionRow


class Logged(Struct, frozen=True):
    """A decision with the numbers of its policy: all that a replay needs. `code_hash` is of the code that made it."""

    decision: DecisionRow
    params: Params
    code_hash: str


async def logged(tx: Tx, decision_id: UUID) -> Logged:
    """A decision ready for replay. Raises NotFound."""
    found = (await tables.decisions(tx, [decision_id])).get(decision_id)
    if found is None:
        raise NotFound("There is no such decision.")
    policy = (await tables.policies(tx, [found.policy_version]))[found.policy_version]
    return Logged(found, policy.params, policy.code_hash)


def replay(row: Logged) -> tuple[str, float]:
    """The action and its propensity, made again; equal to the logged ones to the last bit under the same code."""
    choice = replayed(row)
    return choice.action, choice.propensity


def replayed(row: Logged) -> Choice:
    """The whole choice, made again."""
    decision = row.decision
    legal = [_action(a) for a in decision.legal_actions]
    context = Context(decision.context["features"], decision.context["group"], decision.seed)
    return choose(Strategy(row.params), context, legal, row.params.floor)


def _action(stored: dict[str, object]) -> Action:
    if stored["action"] == WAIT:
        return WAITING
    return msgspec.convert({k: v for k, v in stored.items() if k != "action"}, Action)
