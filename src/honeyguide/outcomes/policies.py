"""The attribution policy in force at a time: the workspace's, each program's own, and what the program's terms say.

A version holds from its `valid_from` on and is never changed; for a conversion counts what held when it happened. So
what was credited under one policy is not touched by the next one, unless somebody runs it anew (`rerun`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, structs

from honeyguide import programs
from honeyguide.core.errors import BadInput
from honeyguide.db import Row, Tx, audit
from honeyguide.outcomes import policy_rows
from honeyguide.outcomes.attribution import CHANNELS, PRIORITY, AttributionPolicy, Channel
from honeyguide.programs.versions import all_versions

EVERYWHERE = 0


class PolicyVersion(Struct, frozen=True):
    """A policy with where and since when it holds, who set it and why."""

    program_id: int
    valid_from: datetime
    policy: AttributionPolicy
    reason: str
    created_by: str
    created_at: datetime


class Policies(Struct, frozen=True):
    """Every version of every program, and what the programs' own terms say: enough for any conversion."""

    versions: tuple[PolicyVersion, ...]
    windows: Mapping[int, int]
    channels: Mapping[int, Channel]

    def at(self, moment: datetime) -> dict[int, AttributionPolicy]:
        """The policy of each program at a time. Priority is the workspace's; a program's own model, window and company
        match come before the workspace's.
        """
        place = self._newest(EVERYWHERE, moment)
        found: dict[int, AttributionPolicy] = {}
        for program_id, days in self.windows.items():
            own = self._newest(program_id, moment)
            if own is not None:
                ranks = place.priority if place is not None else own.priority
                found[program_id] = structs.replace(own, priority=ranks)
            elif place is not None:
                found[program_id] = place
            else:
                found[program_id] = AttributionPolicy(window_days=days)
        return found

    def _newest(self, program_id: int, moment: datetime) -> AttributionPolicy | None:
        able = [v for v in self.versions if v.program_id == program_id and v.valid_from <= moment]
        return max(able, key=lambda v: (v.valid_from, v.policy.version)).policy if able else None


async def policies(tx: Tx) -> Policies:
    """Everything that says how conversions are attributed in this workspace."""
    found = await programs.programs(tx)
    of_files = [v for p in found for v in await _of_files(tx, p)]
    return Policies(
        (*of_files, *(_version(r) for r in await policy_rows.versions(tx))),
        {p.id: p.terms.attribution_days for p in found},
        {p.id: channel_of(p) for p in found},
    )


async def _of_files(tx: Tx, program: programs.Program) -> list[PolicyVersion]:
    """What the program's own versions say about attribution, from when each was in force on."""
    found = []
    for one in await all_versions(tx, program):
        said, at = one.file.attribution, one.live_from
        if at is None or (said is None and not one.file.priority):
            continue
        days = said.window_days if said is not None and said.window_days else one.file.terms.attribution_days
        policy = AttributionPolicy(
            version=one.version, model=said.model if said else "last", window_days=days,
            company_match=said.company_match if said else True, priority=_ranks_of(one.file.priority),
        )  # fmt: skip
        found.append(PolicyVersion(program.id, at, policy, one.note, one.confirmed_by or one.published_by, at))
    return found


def _ranks_of(order: Sequence[str] | None) -> tuple[tuple[Channel, ...], ...]:
    """An order of channels, each a rank of its own; the usual order without one."""
    known = tuple((c,) for named in order or () for c in CHANNELS if c == named)
    return known or PRIORITY


def channel_of(program: programs.Program) -> Channel:
    """Which kind of program this is where programs compete: one of partners is an affiliate program."""
    kind = str(getattr(program.terms, "kind", "") or "")
    return "affiliate" if kind in ("partner_commission", "second_tier", "deal_registration") else "referral"


async def policy_versions(tx: Tx, program_id: int | None = None) -> list[PolicyVersion]:
    """The versions somebody set, newest first."""
    return [_version(r) for r in await policy_rows.versions(tx, program_id)]


async def set_policy(
    tx: Tx, program_id: int, policy: AttributionPolicy, *, actor: str, reason: str, now: datetime,
    valid_from: datetime | None = None,
) -> PolicyVersion:  # fmt: skip
    """Set another version for a program, or for the workspace (`EVERYWHERE`). From `valid_from` on (now without one).

    Nothing that was credited moves: run it anew (`rerun`) when it should. Raises BadInput, NotFound.
    """
    policy.check()
    if not reason.strip():
        raise BadInput("A change of the attribution policy needs a reason.", "Advocates may ask for it.")
    if program_id != EVERYWHERE:
        await programs.program(tx, program_id)
    await policy_rows.lock(tx)
    version = structs.replace(policy, version=await policy_rows.newest(tx, program_id) + 1)
    values: dict[str, Any] = structs.asdict(version) | {
        "program_id": program_id, "valid_from": valid_from or now, "reason": reason.strip(), "created_by": actor,
        "created_at": now, "priority": [list(rank) for rank in version.priority],
    }  # fmt: skip
    await policy_rows.insert(tx, values)
    await audit.write(
        tx, actor, "attribution.policy", f"program:{program_id}", {"version": version.version, "reason": reason.strip()}
    )
    return PolicyVersion(program_id, valid_from or now, version, reason.strip(), actor, now)


def _version(row: Row) -> PolicyVersion:
    policy = AttributionPolicy(
        version=row["version"], model=row["model"], window_days=row["window_days"], company_match=row["company_match"],
        priority=_ranks(row["priority"]), first_bp=row["first_bp"], last_bp=row["last_bp"],
    )  # fmt: skip
    return PolicyVersion(
        row["program_id"], row["valid_from"], policy, row["reason"], row["created_by"], row["created_at"]
    )


def _ranks(value: Sequence[Sequence[Channel]]) -> tuple[tuple[Channel, ...], ...]:
    return tuple(tuple(rank) for rank in value)


def policy_sentence(policy: AttributionPolicy) -> str:
    """The policy for people."""
    model = {
        "first": "the first touch takes the whole credit",
        "last": "the last touch takes the whole credit",
        "split": "every advocate with a touch gets the same part",
        "position": f"the first touch gets {policy.first_bp / 100:g} %, the last {policy.last_bp / 100:g} %, those between share the rest",
    }[policy.model]
    ranks = ", then ".join(" and ".join(rank) for rank in policy.priority)
    company = (
        "a colleague's touch counts where the customer has none"
        if policy.company_match
        else "only the customer's own touches count"
    )
    return f"Within {policy.window_days} days {model}; {company}. Order of programs: {ranks}."
