"""What a workspace decided about fraud: what each rule does, and what mistakes cost."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from honeyguide.core.errors import BadInput, Conflict
from honeyguide.db import Tx, audit
from honeyguide.outcomes.fraud import tables
from honeyguide.outcomes.fraud.judging import Costs
from honeyguide.outcomes.terms import Finding

Doing = Literal["off", "note", "hold", "block"]
_MOST_MINOR = 10**12
# What a rule does where the workspace decided nothing. Colleagues who refer each other are mostly honest: that is noted, and only
# further evidence (one device, one account, a pace) holds, by its own rule or in the score.
STATED: dict[str, Doing] = {"same_company": "note"}
_MARKED_FOR = {"payee": "duplicate_payee", "card": "duplicate_payee", "device": "shared_device", "phone": "shared_device",
               "network": "shared_device"}  # fmt: skip


class Policy(msgspec.Struct, frozen=True):
    """`rules`: what a rule does here instead of what it would (off: nothing); `STATED` counts for rules it does not name.
    `costs`: see `judging.Costs`.
    """

    rules: dict[str, Doing] = msgspec.field(default_factory=STATED.copy)
    costs: Costs = Costs()
    version: int = 0


async def policy(tx: Tx) -> Policy:
    """The policy in force; the stated one when nobody decided."""
    found = await tables.newest(tx, "fraud_policy")
    if found is None:
        return Policy()
    rules = STATED | msgspec.convert(found[1].get("rules", {}), dict[str, Doing])
    return Policy(rules, msgspec.convert(found[1]["costs"], Costs), found[0])


async def decide_policy(tx: Tx, wanted: Policy, known_rules: frozenset[str], actor: str, at: datetime) -> Policy:
    """Put a policy in force; `wanted.version` is the one it was made from. Raises BadInput, Conflict when that is not the newest."""
    unknown = sorted(set(wanted.rules) - known_rules)
    if unknown:
        raise BadInput(f"There is no rule {unknown[0]!r}.", f"Rules: {', '.join(sorted(known_rules))}.")
    costs = wanted.costs
    if not all(0 <= v <= _MOST_MINOR for v in (costs.goodwill_minor, costs.review_minor, costs.unknown_minor)):
        raise BadInput("Costs are amounts of zero or more, in minor units.")
    if not 0 < costs.lost_share_bp <= 10_000:
        raise BadInput("The share that is lost is between 1 and 10,000 basis points.")
    standing = await policy(tx)
    if standing.version != wanted.version:
        raise Conflict(
            "The policy was changed meanwhile.", f"It is at version {standing.version}.", advice="Load it again."
        )
    body: dict[str, Any] = {"rules": dict(sorted((STATED | wanted.rules).items())), "costs": msgspec.to_builtins(costs)}
    if not await tables.insert_policy(tx, standing.version + 1, body, actor, at):
        raise Conflict("The policy was changed meanwhile.", advice="Load it again.")
    await audit.write(tx, actor, "fraud.policy", f"policy:{standing.version + 1}", body)
    return Policy(STATED | wanted.rules, costs, standing.version + 1)


def keeps(found: Policy, kind: str) -> bool:
    """Is a mark of this kind of any use here? What is off needs nothing about people."""
    return found.rules.get(_MARKED_FOR[kind]) != "off"


def under(found: Policy, findings: list[Finding]) -> list[Finding]:
    """The findings as this policy wants them: other verdicts, or none."""
    kept = []
    for one in findings:
        doing = found.rules.get(one.rule)
        if doing is None or (doing == "hold" and one.verdict == "note"):
            kept.append(one)  # what a rule only notes is never made a hold by the rule's own policy
        elif doing != "off":
            verdict = "note" if one.verdict == "note" else doing
            kept.append(Finding(one.rule, verdict, one.reason, one.evidence))
    return kept
