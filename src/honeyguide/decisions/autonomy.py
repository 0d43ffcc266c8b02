"""Earned autonomy: which playbook steps may ask without a person, how much of it, and how that is stopped.

Level 0 suggests and a person approves; 1, 2 and 3 let 10, 50 and 95 % of the asks run alone, chosen by a digest of the ask,
so that who is tried does not depend on who looks; 4 may besides change a budget within the bounds a person set. The rest
of the asks stay with people at every level. What runs alone passes the same checks as what a person approves, at that
minute. A level counts only while the act that set it is signed by this installation: what somebody wrote into the
database is level 0. Raising needs a grant (`learning.promotion`); lowering and stopping need nobody.

The program as a whole (`WHOLE`) has a level too, earned by the proof over all its asks: narrow steps of a company with a few
hundred customers never see enough of their own. A step without a level of its own follows it up to `SHARED_MOST`, once people
have decided about `TRUSTED_AFTER` of its suggestions and approved half; a step that was lowered or stopped does not.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.core.errors import BadInput, Conflict, Forbidden, HoneyguideError
from honeyguide.db import Tx
from honeyguide.decisions import autonomy_history, autonomy_tables, follow_up_tables
from honeyguide.decisions.autonomy_history import Seal
from honeyguide.decisions.autonomy_tables import HistoryRow
from honeyguide.decisions.follow_up_tables import CANCELLED, PLANNED

LEVELS = (0, 1, 2, 3, 4)
SHARES = (0.0, 0.10, 0.50, 0.95, 0.95)
ACTOR = "autonomy:"
BUDGETS = ("asks_per_day",)
WHOLE, SHARED_MOST, TRUSTED_AFTER, TRUSTED_SHARE = "*", 2, 5, 0.5
_AGAIN = timedelta(minutes=10)
_LOOK = 500
_log = logging.getLogger(__name__)
Approve = Callable[[Tx, UUID, str, datetime], Awaitable[bool]]


class Grant(Struct, frozen=True):
    """The right to raise one step by one level, with the numbers it rests on (`learning.promotion` makes them)."""

    step: str
    level: int
    evidence: dict[str, Any]


class Standing(Struct, frozen=True):
    """Where a step stands. `level` is what holds now: 0 while stopped; `kept` is what it returns to."""

    step: str
    level: int
    kept: int
    stopped: bool
    since: datetime | None


class Budget(Struct, frozen=True):
    """A limit of a step, and the bounds within which level 4 may move it."""

    step: str
    name: str
    value: int
    low: int
    high: int


class State(Struct, frozen=True):
    """Everything that holds now. `head` numbers the newest act; `trusted` are the steps that may follow the whole program."""

    steps: Mapping[str, Standing]
    stopped: bool
    ceiling: int
    budgets: Mapping[tuple[str, str], Budget]
    head: int
    trusted: frozenset[str] = frozenset()

    def level(self, step: str) -> int:
        """The level of a step: its own, or the whole program's where it follows that; else 0."""
        found = self.steps.get(step)
        if self.stopped or (found and found.stopped):
            return 0
        return max(found.level if found else 0, self.shared(step))

    def shared(self, step: str) -> int:
        """The level a step has from the whole program; 0 when it does not follow it."""
        whole, own = self.steps.get(WHOLE), self.steps.get(step)
        fallen = own is not None and own.since is not None and own.kept == 0
        if step == WHOLE or whole is None or self.stopped or fallen or step not in self.trusted:
            return 0
        return min(whole.level, SHARED_MOST)

    def alone(self) -> list[str]:
        """The steps some of whose asks run without a person now."""
        return sorted(s for s in {*self.steps, *self.trusted} - {WHOLE} if self.level(s) > 0)


async def state(tx: Tx, seal: Seal | None = None) -> State:
    """What holds now. An act that is not signed by this installation counts as the cautious one: level 0, stopped."""
    rows = await autonomy_tables.newest(tx)
    if not rows:
        return State({}, False, 0, {}, 0)
    seal = seal or Seal.of()
    good = {r.seq for r in rows if autonomy_history.genuine(seal, tx.workspace_id, r)}
    halted = {r.step for r in rows if r.kind == "stop" or (r.kind == "resume" and r.seq not in good)}
    leveled = {r.step: r for r in rows if r.kind in ("up", "down")}
    standing = {}
    for step in sorted({r.step for r in rows if r.step}):
        row = leveled.get(step)
        kept = row.to_level if row and row.seq in good else 0
        held = "" in halted or step in halted
        standing[step] = Standing(step, 0 if held else kept, kept, held, row.at if row else None)
    ceilings = [r.to_level for r in rows if r.kind == "ceiling" and r.seq in good]
    budgets = {
        (r.step, r.evidence["budget"]): Budget(r.step, **{k: r.evidence[k] for k in ("value", "low", "high")},
                                               name=r.evidence["budget"])
        for r in rows if r.kind in ("bounds", "budget") and r.seq in good
    }  # fmt: skip
    trusted: frozenset[str] = frozenset()
    if WHOLE in standing and standing[WHOLE].level > 0:
        trusted = await autonomy_tables.trusted(tx, TRUSTED_AFTER, TRUSTED_SHARE)
    ceiling = ceilings[0] if ceilings else 0
    return State(standing, "" in halted, ceiling, budgets, max(r.seq for r in rows), trusted)


async def levels(tx: Tx, seal: Seal | None = None) -> dict[str, int]:
    """The level of each step that is above 0 now, and of the program as a whole."""
    found = await state(tx, seal)
    return {step: found.level(step) for step in sorted({*found.steps, *found.trusted}) if found.level(step) > 0}


async def steps(tx: Tx) -> list[str]:
    """Every step somebody was decided about, or whose autonomy was changed, by name."""
    return await autonomy_tables.steps(tx)


async def released_since(tx: Tx, since: datetime) -> dict[str, int]:
    """How many asks each step has let run alone since then."""
    return await autonomy_tables.released_since(tx, since)


def runs_alone(level: int, ask_id: UUID) -> bool:
    """Is this ask among those that need no person at this level? What runs at one level runs at every higher one."""
    if not 0 < level < len(SHARES):
        return False
    number = int.from_bytes(hashlib.blake2b(b"autonomy\x1f" + ask_id.bytes, digest_size=8).digest(), "big")
    return number % 10_000 < round(SHARES[level] * 10_000)


async def release(tx: Tx, now: datetime, approve: Approve, *, limit: int = 20, seal: Seal | None = None) -> int:
    """Approve what may run alone, by `approve`: the checked path of a person, with `autonomy:<step>` as the actor.

    Each ask under a savepoint: what the checks refuse stays suggested for a person and is tried again later. Returns how
    many were approved. A stop waits for this transaction, and holds against it from then on.
    """
    await autonomy_tables.lock(tx, alone=False)
    holds = await state(tx, seal)
    alone = holds.alone()
    if not alone:
        return 0
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    spent = await autonomy_tables.released_since(tx, day)
    done = tried = 0
    for one in await autonomy_tables.suggested(tx, alone, now, _LOOK):
        level, cap = holds.level(one.step), holds.budgets.get((one.step, "asks_per_day"))
        if tried >= limit:
            break
        if not runs_alone(level, one.ask_id) or (cap and spent.get(one.step, 0) >= cap.value):
            continue
        tried += 1
        if await _release_one(tx, one, level, holds.head, approve, now):
            spent[one.step] = spent.get(one.step, 0) + 1
            done += 1
    return done


async def _release_one(
    tx: Tx, one: autonomy_tables.Suggested, level: int, head: int, approve: Approve, now: datetime
) -> bool:
    await tx.run("savepoint release_one")
    try:
        if not await autonomy_tables.claim(tx, one, level, head, now):
            await tx.run("release savepoint release_one")
            return False
        went = await approve(tx, one.ask_id, f"{ACTOR}{one.step}", now)
    except Exception as problem:  # noqa: BLE001  # a defect of one ask must not hold up the others
        went = False
        why = problem.sentence() if isinstance(problem, HoneyguideError) else f"It failed: {type(problem).__name__}."
        if not isinstance(problem, HoneyguideError):
            _log.exception("releasing ask %s failed", one.ask_id)
        await tx.run("rollback to savepoint release_one")
        await autonomy_tables.refuse(tx, one, level, head, why, now, now + _AGAIN)
    await tx.run("release savepoint release_one")
    return went


async def held_back(tx: Tx, ask_id: UUID) -> str | None:
    """Why an ask of autonomy may not be sent any more: stopped, or fallen to level 0, since it was released; else None.

    For the sending transaction: holds the lock until its end, so that a stop that has returned is never overtaken.
    """
    await autonomy_tables.lock(tx, alone=False)
    act = await autonomy_tables.called_back(tx, ask_id)
    if act is None:
        return None
    what = "Everything that runs alone" if not act.step else "This step"
    did = "was stopped" if act.kind == "stop" else "fell back to level 0"
    return f"{what} {did} on {act.at:%d %B %Y, %H:%M} UTC; a person decides."


async def give_back(tx: Tx, ask_id: UUID, reason: str) -> bool:
    """Let a person decide about an ask that ran alone and was not sent, and about its reminders. False when it was not one
    any more.
    """
    given = await autonomy_tables.give_back(tx, ask_id, reason)
    if given:
        await follow_up_tables.drop(tx, ask_id, (PLANNED, CANCELLED))
    return given


async def raise_level(
    tx: Tx, grant: Grant, actor: str, now: datetime, *, note: str = "", seal: Seal | None = None
) -> HistoryRow:
    """Raise a step by one level. Raises Forbidden when the grant's own numbers do not allow it, Conflict when it has moved."""
    _earned(grant)
    await autonomy_tables.lock(tx, alone=True)
    seal = seal or Seal.of()
    holds = await state(tx, seal)
    kept = holds.steps[grant.step].kept if grant.step in holds.steps else 0
    if holds.stopped or (grant.step in holds.steps and holds.steps[grant.step].stopped):
        raise Conflict("Autonomy is stopped here.", "Nothing rises while it is.", advice="Resume it first.")
    if grant.level != kept + 1:
        raise Conflict(
            f"This step is at level {kept} now.", f"The grant was for level {grant.level}.", advice="Look again."
        )
    return await autonomy_history.append(
        tx, seal, kind="up", step=grant.step, levels=(kept, grant.level), actor=actor, at=now, note=note,
        evidence=grant.evidence,
    )  # fmt: skip


def _earned(grant: Grant) -> None:
    """A second look at the numbers: whoever hands in a grant cannot raise a step that has not earned it."""
    lower, guards = grant.evidence.get("lower"), grant.evidence.get("guards")
    proven = isinstance(lower, int | float) and not isinstance(lower, bool) and lower > 0
    kept = isinstance(guards, Mapping) and bool(guards) and all(_within(g) for g in guards.values())
    if not grant.step or not 1 <= grant.level <= 4 or not proven or not kept:
        raise Forbidden(
            "This step has not earned a higher level.",
            "The difference to the incumbent must lie above zero with its whole interval, and every guard below its limit.",
        )


def _within(guard: object) -> bool:
    if not isinstance(guard, Mapping):
        return False
    upper, limit = guard.get("upper"), guard.get("limit")
    return isinstance(upper, int | float) and isinstance(limit, int | float) and upper <= limit


async def lower_level(
    tx: Tx, step: str, level: int, actor: str, now: datetime, *, note: str = "",
    evidence: Mapping[str, Any] | None = None, seal: Seal | None = None,
) -> HistoryRow | None:  # fmt: skip
    """Lower a step, always allowed, at once. None when it is there already. Raises BadInput for a level above the present."""
    await autonomy_tables.lock(tx, alone=True)
    seal = seal or Seal.of()
    holds = await state(tx, seal)
    kept = holds.steps[step].kept if step in holds.steps else 0
    if not 0 <= level <= 4 or level > kept:
        raise BadInput(f"Level {level} is not below {kept}.", "Raising takes evidence.")
    if level == kept:
        return None
    return await autonomy_history.append(
        tx, seal, kind="down", step=step, levels=(kept, level), actor=actor, at=now, note=note, evidence=evidence
    )


async def stop(tx: Tx, actor: str, now: datetime, *, step: str = "", note: str = "", seal: Seal | None = None) -> bool:
    """Stop one step, or everything. When this has committed nothing of it is sent any more, not even what was approved."""
    return await _switch(tx, "stop", actor, now, step, note, seal)


async def resume(
    tx: Tx, actor: str, now: datetime, *, step: str = "", note: str = "", seal: Seal | None = None
) -> bool:
    """Lift a stop: levels hold again. What was called back stays with people."""
    return await _switch(tx, "resume", actor, now, step, note, seal)


async def _switch(tx: Tx, kind: str, actor: str, now: datetime, step: str, note: str, seal: Seal | None) -> bool:
    await autonomy_tables.lock(tx, alone=True)
    seal = seal or Seal.of()
    rows = [r for r in await autonomy_tables.newest(tx) if r.step == step and r.kind in ("stop", "resume")]
    now_stopped = bool(rows) and (
        rows[0].kind == "stop" or not autonomy_history.genuine(seal, tx.workspace_id, rows[0])
    )
    if now_stopped == (kind == "stop"):
        return False
    await autonomy_history.append(tx, seal, kind=kind, step=step, levels=(0, 0), actor=actor, at=now, note=note)
    return True


async def set_ceiling(tx: Tx, level: int, actor: str, now: datetime, *, seal: Seal | None = None) -> None:
    """How high steps may rise without a person moving them (0: not at all, a person moves each)."""
    if level not in LEVELS:
        raise BadInput(f"There is no level {level}.", "Levels are 0 to 4.")
    await autonomy_tables.lock(tx, alone=True)
    seal = seal or Seal.of()
    before = (await state(tx, seal)).ceiling
    if before != level:
        await autonomy_history.append(tx, seal, kind="ceiling", step="", levels=(before, level), actor=actor, at=now)


async def set_bounds(tx: Tx, budget: Budget, actor: str, now: datetime, *, seal: Seal | None = None) -> None:
    """A person sets a budget of a step and the bounds within which level 4 may move it. Raises BadInput."""
    if budget.name not in BUDGETS or not budget.step or not 0 <= budget.low <= budget.value <= budget.high <= 10**12:
        raise BadInput(
            "These bounds cannot stand.", f"A budget is one of {', '.join(BUDGETS)}, with 0 <= low <= value <= high."
        )
    await autonomy_tables.lock(tx, alone=True)
    seal = seal or Seal.of()
    await _write_budget(tx, seal, "bounds", budget, actor, now, await state(tx, seal), {})


async def change_budget(
    tx: Tx, step: str, name: str, value: int, actor: str, now: datetime, *, why: str, seal: Seal | None = None
) -> Budget:
    """Autonomy moves a budget: level 4 only, within the bounds only. Raises Forbidden."""
    await autonomy_tables.lock(tx, alone=True)
    seal = seal or Seal.of()
    holds = await state(tx, seal)
    held = holds.budgets.get((step, name))
    if holds.level(step) < 4:
        raise Forbidden("Only level 4 may change a budget.", f"This step is at level {holds.level(step)}.")
    if held is None or isinstance(value, bool) or not held.low <= value <= held.high:
        bounds = f"They are {held.low:,} to {held.high:,}." if held else "Nobody has set any for this step."
        raise Forbidden(f"{value} lies outside the bounds.", bounds)
    moved = Budget(step, name, value, held.low, held.high)
    if moved != held:
        await _write_budget(tx, seal, "budget", moved, actor, now, holds, {"from": held.value, "why": why})
    return moved


async def _write_budget(
    tx: Tx, seal: Seal, kind: str, b: Budget, actor: str, now: datetime, holds: State, more: dict[str, Any]
) -> None:
    level = holds.level(b.step)
    evidence = {"budget": b.name, "value": b.value, "low": b.low, "high": b.high} | more
    await autonomy_history.append(
        tx, seal, kind=kind, step=b.step, levels=(level, level), actor=actor, at=now, evidence=evidence
    )
