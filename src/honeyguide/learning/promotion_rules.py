"""The rules of promotion: a step rises on evidence only, one level at a time, and falls at once.

Up: the always-valid lower bound of the difference to the incumbent lies above zero, every guard (opt-out, complaint, spend)
is known to be within its limit, enough companies have been measured, people have decided about enough of its suggestions,
and it has stood long enough at the level below. Down, to 0: the whole interval lies below zero, or a guard's estimate is
over its limit: a guard beats any value. What is missing is said in plain words. Pure.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Protocol

from msgspec import Struct

from honeyguide.decisions.autonomy import SHARED_MOST, WHOLE
from honeyguide.decisions.labels import Tally

# Before a step may be at this level: companies measured, and days at the level below.
COMPANIES = (0, 30, 100, 300, 1_000)
DAYS = (0, 0, 14, 28, 56)
DECIDED, APPROVED_SHARE = 20, 0.5
TRAIL, LANGUAGE_UP_TO = 4, 2
_GUARDS = {"opt_out": ("Opt-outs", "of 100 asks"), "complaint": ("Complaints", "of 100 asks")}


class Bound(Protocol):
    """A guard of the evidence: estimate (None: unknown), the bound that holds at every look, the limit."""

    @property
    def estimate(self) -> float | None: ...
    @property
    def upper(self) -> float: ...
    @property
    def limit(self) -> float: ...


class Proof(Protocol):
    """What `learning.evidence_for` says about a step."""

    @property
    def n(self) -> int: ...
    @property
    def estimate(self) -> float | None: ...
    @property
    def lower(self) -> float | None: ...
    @property
    def upper(self) -> float | None: ...
    @property
    def why(self) -> str: ...
    @property
    def guards(self) -> Mapping[str, Bound]: ...


class Missing(Struct, frozen=True):
    """What stands between a step and its next level, in plain words; `have` and `need` where it is a number."""

    text: str
    have: float | None = None
    need: float | None = None


class Known(Struct, frozen=True):
    """Everything a verdict about a step rests on."""

    step: str
    level: int
    stopped: bool
    since: datetime | None
    proof: Proof
    tally: Tally
    language: bool = False
    trail: int = 0


def missing(known: Known, now: datetime) -> list[Missing]:
    """What is missing for the level above the present one; empty when the step may rise. Pure."""
    target = known.level + 1
    if target > 4:
        return [Missing("It is at the highest level.")]
    if known.step == WHOLE and target > SHARED_MOST:
        return [Missing(f"The whole program goes up to level {SHARED_MOST}; above it a step earns its own.")]
    found = [Missing("It is stopped; resume it first.")] if known.stopped else []
    found += _people(known) if target == 1 else []
    found += _patience(known, target, now)
    found += _proven(known.proof, target)
    found += [one for name, guard in sorted(known.proof.guards.items()) if (one := _guarded(name, guard))]
    found += [] if known.proof.guards else [Missing("Its guards (opt-outs, complaints, spend) are not measured yet.")]
    if known.language and target > LANGUAGE_UP_TO and known.trail < TRAIL:
        found.append(
            Missing(
                f"A language model has a say here and was judged off-policy on {known.trail} days; {TRAIL} are needed.",
                known.trail, TRAIL,
            )
        )  # fmt: skip
    return found


def _people(known: Known) -> list[Missing]:
    tally = known.tally
    if tally.seen < DECIDED:
        return [
            Missing(
                f"People have decided about {tally.seen} of its suggestions; {DECIDED} are needed.", tally.seen, DECIDED
            )
        ]
    share = (tally.approved + tally.edited) / tally.seen
    if share < APPROVED_SHARE:
        return [
            Missing(
                f"People approved {100 * share:.0f} of 100 of its suggestions; at least {100 * APPROVED_SHARE:.0f} are needed.",
                round(share, 4), APPROVED_SHARE,
            )
        ]  # fmt: skip
    return []


def _patience(known: Known, target: int, now: datetime) -> list[Missing]:
    need = DAYS[target]
    if known.since is None:
        return []
    have = (now - known.since) / timedelta(days=1)
    if have >= need:
        return []
    return [Missing(f"It has been at level {known.level} for {int(have)} days; {need} are needed.", int(have), need)]


def _proven(proof: Proof, target: int) -> list[Missing]:
    if proof.n < COMPANIES[target]:
        return [
            Missing(
                f"{proof.n:,} companies have been measured; {COMPANIES[target]:,} are needed.",
                proof.n,
                COMPANIES[target],
            )
        ]
    if proof.lower is None or proof.upper is None or not isfinite(proof.lower):
        return [Missing(proof.why or "Nothing can be said about its effect yet.", None, 0.0)]
    if proof.lower > 0:
        return []
    return [
        Missing(
            "It must be proven that asking brings more referrals: the difference lies between "
            f"{100 * proof.lower:+.1f} and {100 * proof.upper:+.1f} points, and all of it must be above zero.",
            proof.lower, 0.0,
        )
    ]  # fmt: skip


def _guarded(name: str, guard: Bound) -> Missing | None:
    if guard.upper <= guard.limit:
        return None
    what, unit, shown = _words(name)
    known = f"may be as high as {shown(guard.upper)}" if isfinite(guard.upper) else "cannot be bounded yet"
    return Missing(
        f"{what} {known} {unit}; the limit is {shown(guard.limit)}.",
        guard.upper if isfinite(guard.upper) else None, guard.limit,
    )  # fmt: skip


def _words(name: str) -> tuple[str, str, Callable[[float], str]]:
    """What a guard is called, its unit, and how its numbers are shown: rates of 100, money in the workspace's currency."""
    if name in _GUARDS:
        return *_GUARDS[name], lambda value: f"{100 * value:,.1f}"
    return "Reward money", "per qualified referral", lambda value: f"{value / 100:,.2f}"


def harmed(proof: Proof) -> str:
    """Why a step must fall, or an empty text: it is proven worse than the incumbent, or a guard has tripped. Pure."""
    for name, guard in sorted(proof.guards.items()):
        if guard.estimate is not None and not guard.estimate <= guard.limit:
            what, unit, shown = _words(name)
            verb = "are" if name in _GUARDS else "is"
            return f"{what} {verb} at {shown(guard.estimate)} {unit}; the limit is {shown(guard.limit)}."
    if proof.upper is not None and proof.upper < 0:
        return f"Asking by this step brings fewer referrals: between {100 * (proof.lower or 0):+.1f} and {100 * proof.upper:+.1f} points."
    return ""


def numbers(proof: Proof) -> dict[str, Any]:
    """The evidence as it is signed into the history."""
    return {
        "n": proof.n, "estimate": proof.estimate, "lower": proof.lower, "upper": proof.upper,
        "guards": {name: {"estimate": g.estimate, "upper": g.upper, "limit": g.limit} for name, g in proof.guards.items()},
    }  # fmt: skip
