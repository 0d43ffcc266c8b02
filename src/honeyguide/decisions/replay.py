"""Take logged decisions and make them again: from policy, context and seed, nothing else."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core.errors import NotFound
from honeyguide.db import Tx
from honeyguide.decisions import science_choice, tables
from honeyguide.decisions.choose import Choice, choose
from honeyguide.decisions.expert import Context
from honeyguide.decisions.experts.strategy import Strategy
from honeyguide.decisions.hearing import heard_again
from honeyguide.decisions.policy import BRAIN, Params
from honeyguide.decisions.science import Described
from honeyguide.decisions.science_choice import Asked, ready
from honeyguide.decisions.situation import WAIT, WAITING, Action
from honeyguide.decisions.tables import DecisionRow


class Logged(Struct, frozen=True):
    """A decision with the numbers of its policy: all that a replay needs. `code_hash` is of the code that made it."""

    decision: DecisionRow
    params: Params
    code_hash: str
    kind: str = ""
    snapshot: bytes = b""


async def logged(tx: Tx, decision_id: UUID) -> Logged:
    """A decision ready for replay. Raises NotFound."""
    found = await logged_many(tx, [decision_id])
    if not found:
        raise NotFound("There is no such decision.")
    return found[0]


async def logged_many(tx: Tx, ids: Sequence[UUID]) -> list[Logged]:
    """Decisions ready for replay, in the order of the ids; those that are unknown or erased are left out."""
    rows = await tables.decisions(tx, ids)
    known = await tables.policies(tx, {r.policy_version for r in rows.values()})
    held = {i: await tables.with_snapshot(tx, p) for i, p in known.items()}
    found = [rows[i] for i in ids if i in rows and "erased" not in rows[i].context]
    return [
        Logged(r, p.params, p.code_hash, p.kind, p.snapshot) for r in found for p in [held[r.policy_version]]
    ]  # fmt: skip


def replay(row: Logged) -> tuple[str, float]:
    """The action and its propensity, made again; equal to the logged ones to the last bit under the same code."""
    choice = replayed(row)
    return choice.action, choice.propensity


def replayed(row: Logged) -> Choice:
    """The whole choice, made again."""
    return replay_many([row])[0]


def replay_many(rows: Sequence[Logged]) -> list[Choice]:
    """The choices, made again; decisions of one policy and one day together, which is faster and gives the same bits."""
    found: dict[int, Choice] = {}
    rounds: dict[tuple[bytes, int], list[int]] = {}
    for line, row in enumerate(rows):
        asks = [a for a in row.decision.legal_actions if a["action"] != WAIT]
        if row.kind != BRAIN:
            found[line] = _by_strategy(row)
        elif not asks:
            found[line] = Choice(WAIT, 1.0, {WAIT: 1.0}, "Nothing but waiting is allowed.")
        else:
            rounds.setdefault((row.snapshot, row.decision.context["round"]), []).append(line)
    for (snapshot, seed), lines in rounds.items():
        asked = [asked_of(rows[line].decision) for line in lines]
        for line, made in zip(lines, science_choice.decide(ready(snapshot), asked, seed), strict=True):
            found[line] = _heard(rows[line], made.choice)
    return [found[line] for line in range(len(rows))]


def _heard(row: Logged, science: Choice) -> Choice:
    """The choice with the panel's opinions as they were logged."""
    decision = row.decision
    legal = [a["action"] for a in decision.legal_actions]
    return heard_again(decision.context.get("experts", []), legal, science, row.params.floor, decision.seed)


def asked_of(decision: DecisionRow) -> Asked:
    """The question to the brain as it was logged."""
    return Asked(
        described_of(decision.context),
        decision.context["group"],
        tuple(a["action"] for a in decision.legal_actions if a["action"] != WAIT),
        decision.seed,
    )


def described_of(context: dict[str, Any]) -> Described:
    """A situation as it was described when it was decided about."""
    ahead = context["ahead"]
    return Described(context["words"], context["numbers"], ahead["rates"], ahead["days"], ahead["asks"])


def _by_strategy(row: Logged) -> Choice:
    decision = row.decision
    legal = [_action(a) for a in decision.legal_actions]
    context = Context(decision.context["features"], decision.context["group"], decision.seed)
    return choose(Strategy(row.params), context, legal, row.params.floor)


def _action(stored: dict[str, object]) -> Action:
    if stored["action"] == WAIT:
        return WAITING
    return msgspec.convert({k: v for k, v in stored.items() if k != "action"}, Action)
