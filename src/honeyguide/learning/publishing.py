"""Putting a version of a program in force, with what it says about attribution: the court's policy follows the file."""

from datetime import datetime

from honeyguide import outcomes, programs
from honeyguide.db import Tx
from honeyguide.outcomes.attribution import PRIORITY, AttributionPolicy
from honeyguide.programs import Program, Version


async def publish(tx: Tx, program: Program, number: int, actor: str, at: datetime, note: str = "") -> Version:
    """As `programs.versions.publish`; when it is in force at once, its attribution is, too."""
    return await _followed(
        tx, program, await programs.versions.publish(tx, program, number, actor, at, note), actor, at
    )


async def confirm(tx: Tx, program: Program, number: int, actor: str, at: datetime) -> Version:
    """As `programs.versions.confirm_publish`, and its attribution is in force."""
    return await _followed(
        tx, program, await programs.versions.confirm_publish(tx, program, number, actor, at), actor, at
    )


async def roll_back(tx: Tx, program: Program, number: int, actor: str, at: datetime) -> Version:
    """As `programs.versions.roll_back`; when it is in force at once, its attribution is, too."""
    return await _followed(tx, program, await programs.versions.roll_back(tx, program, number, actor, at), actor, at)


async def _followed(tx: Tx, program: Program, made: Version, actor: str, at: datetime) -> Version:
    said = made.file.attribution
    if made.state != "live" or made.live_from != at or said is None:
        return made
    policy = AttributionPolicy(
        model=said.model, window_days=said.window_days or made.file.terms.attribution_days, company_match=said.company_match,
        priority=tuple((channel,) for channel in made.file.priority) if made.file.priority else PRIORITY,  # type: ignore[misc]
    )  # fmt: skip
    standing = await outcomes.policy_versions(tx, program.id)
    if standing and _same(standing[0].policy, policy):
        return made
    reason = f"Version {made.version} of {made.file.name} says so."
    await outcomes.set_policy(tx, program.id, policy, actor=actor, reason=reason, now=at)
    return made


def _same(one: AttributionPolicy, other: AttributionPolicy) -> bool:
    return (one.model, one.window_days, one.company_match, one.priority) == (
        other.model, other.window_days, other.company_match, other.priority
    )  # fmt: skip
