"""The panel: what every expert proposes about one decision, checked, and mixed by weights. Pure.

An expert is not trusted. Keys that are not legal are dropped, numbers that are none count as zero, words are cut to
length, and evidence that was not given to it (or is not a line of its own table) is left out and counted. An expert that
fails has no opinion; it never stops a decision.
"""

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from honeyguide.decisions.expert import Context, Expert, Proposal
from honeyguide.decisions.situation import Action

REASON_LENGTH, MOST_EVIDENCE, QUOTE_LENGTH = 400, 8, 300
SCIENCE = "science"
_OWN_FIELDS = ("source", "record", "quote", "confidence", "inferrer")
_log = logging.getLogger(__name__)


class Opinion(Struct, frozen=True):
    """What one expert proposes: a distribution over exactly the legal actions, in their order.

    `chance` is its forecast that the favourite is shared, if it made one; `dropped` says what of its answer was not taken.
    """

    expert: str
    version: str
    distribution: dict[str, float]
    reason: str
    evidence: list[dict[str, Any]]
    chance: float | None = None
    dropped: tuple[str, ...] = ()

    @property
    def favourite(self) -> str:
        """The action it would rather take; of equal ones the first legal one."""
        return max(self.distribution, key=lambda key: self.distribution[key])


class Dissent(Struct, frozen=True):
    """An expert whose favourite is another action than the one the panel leans to."""

    expert: str
    favourite: str
    probability: float
    panel: str
    reason: str


def opinions(context: Context, legal: Sequence[Action], experts: Sequence[Expert]) -> list[Opinion]:
    """The checked opinion of each expert, in their order; an expert that fails or proposes nothing legal has none."""
    found, names = [], set()
    for expert in experts:
        if expert.name in names:
            continue
        names.add(expert.name)
        try:
            said = checked(expert.name, expert.version, expert.propose(context, legal), context, legal)
        except Exception as problem:  # noqa: BLE001  # somebody else's code: its defect is its own
            _log.warning("expert %s has no opinion: %s: %s", expert.name, type(problem).__name__, problem)
            continue
        if said is not None:
            found.append(said)
    return found


def checked(name: str, version: str, proposal: Proposal, context: Context, legal: Sequence[Action]) -> Opinion | None:
    """A proposal as an opinion that can be used; None when it has no mass on any legal action."""
    keys = [a.key for a in legal]
    dropped = [f"{key[:80]} is not legal" for key in list(proposal.distribution)[:MOST_EVIDENCE] if key not in keys]
    mass, odd = _mass(proposal.distribution, keys)
    total = math.fsum(mass)
    if total <= 0:
        return None
    if odd:
        dropped.append(f"{odd} probabilities were no probabilities")
    evidence, unknown = _cited(name, proposal.evidence, context.evidence)
    if unknown:
        dropped.append(f"{unknown} pieces of evidence nobody gave it")
    return Opinion(
        expert=name,
        version=str(version)[:80],
        distribution={key: m / total for key, m in zip(keys, mass, strict=True)},
        reason=words_of(proposal.reason),
        evidence=evidence,
        chance=_chance(proposal.chance),
        dropped=tuple(dropped[:MOST_EVIDENCE]),
    )


def words_of(text: object, most: int = REASON_LENGTH) -> str:
    """A text of an expert on one line, without control characters, cut to length."""
    shown = "".join(c if c.isprintable() else " " for c in str(text)[: most * 4])
    line = " ".join(shown.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _mass(proposed: Mapping[str, float], keys: Sequence[str]) -> tuple[list[float], int]:
    """The mass on each legal key, each at most 1, and how many numbers could not stand."""
    found, odd = [], 0
    for key in keys:
        value = proposed.get(key, 0.0)
        good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
        odd += not good or value > 1 + 1e-6
        found.append(min(float(value), 1.0) if good else 0.0)
    return found, odd


def _chance(value: object) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value <= 1
    return float(value) if good else None  # type: ignore[arg-type]  # checked above


def _cited(
    name: str, evidence: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], int]:
    """Evidence that may be shown: our own copy of what was cited by id, and lines of the expert's own tables."""
    known = {str(g["id"]): g for g in given if g.get("id")}
    found: list[dict[str, Any]] = []
    unknown = 0
    for one in evidence:
        cited = known.get(str(one.get("id"))) if isinstance(one, Mapping) and one.get("id") else None
        if cited is not None:
            made = dict(cited)
        elif isinstance(one, Mapping) and one.get("source") == f"expert:{name}":
            made = {k: one[k] if k == "confidence" else words_of(one[k], QUOTE_LENGTH) for k in _OWN_FIELDS if k in one}
            made["confidence"] = _chance(made.get("confidence"))
        else:
            unknown += 1
            continue
        if len(found) < MOST_EVIDENCE and made not in found:
            found.append(made)
    return found, unknown


def mix(said: Sequence[Opinion], weights: Mapping[str, float]) -> dict[str, float]:
    """`p = sum_e w_e p_e` over the legal actions. Experts without a weight do not count; weights of those who are silent
    go to science, or without it to the others in proportion. Raises ValueError when nobody who counts has an opinion.
    """
    present = {o.expert: o for o in said}
    held = {e: w for e, w in weights.items() if e in present and math.isfinite(w) and w > 0}
    if not held and SCIENCE in present:
        held = {SCIENCE: 1.0}
    if not held:
        raise ValueError("nobody with a weight has an opinion")
    missing = 1.0 - math.fsum(held.values())
    if SCIENCE in held and missing > 0:
        held[SCIENCE] += missing
    total = math.fsum(held.values())
    keys = list(next(iter(present.values())).distribution)
    return {key: math.fsum(w / total * present[e].distribution[key] for e, w in held.items()) for key in keys}


def dissent(said: Sequence[Opinion], mixed: Mapping[str, float]) -> list[Dissent]:
    """Who would rather do something else than the panel, the strongest first."""
    leans = max(mixed, key=lambda key: mixed[key])
    apart = [
        Dissent(o.expert, o.favourite, o.distribution[o.favourite], leans, o.reason)
        for o in said
        if o.favourite != leans and o.distribution[o.favourite] > o.distribution[leans]
    ]
    return sorted(apart, key=lambda d: (-d.probability, d.expert))


def logged(said: Sequence[Opinion], weights: Mapping[str, float]) -> list[dict[str, Any]]:
    """Opinions as they are kept in the decision's context under `experts`: whole, so that a replay asks nobody."""
    return [
        {
            "expert": o.expert, "version": o.version, "weight": weights.get(o.expert, 0.0), "reason": o.reason,
            "distribution": o.distribution, "favourite": o.favourite, "chance": o.chance, "evidence": o.evidence,
            "dropped": list(o.dropped),
        }
        for o in said
    ]  # fmt: skip


def from_log(kept: Sequence[Mapping[str, Any]], legal: Sequence[str]) -> tuple[list[Opinion], dict[str, float]]:
    """Opinions and weights of a logged decision, ready for `mix`: equal to those it was made with, bit by bit."""
    said = [
        Opinion(
            k["expert"], k["version"], {key: k["distribution"][key] for key in legal}, k["reason"], list(k["evidence"]),
            k["chance"], tuple(k["dropped"]),
        )
        for k in kept
    ]  # fmt: skip
    return said, {k["expert"]: k["weight"] for k in kept if k["weight"] > 0}
