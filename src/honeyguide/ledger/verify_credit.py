"""The outside checker's second source: what the log of deals and the attribution say must have been earned, against the rewards.

It does not compute amounts of programs again (that would be the code under test): it asks that every share of credit has
its reward or a written refusal, that every reward of a conversion is somebody's whom the credit names, and that no
commission exceeds the deal it is a share of.
"""

from honeyguide.db import Tx

_SHOWN = 20
_CHECKS: tuple[tuple[str, str], ...] = (
    (
        "The conversion {id} of deal {deal} was won for {amount_minor} {currency}; no fact of the log says so.",
        "select c.id, c.deal, c.amount_minor, c.currency from conversion c where c.workspace_id = $1 and not exists "
        "(select 1 from deal_fact f where f.workspace_id = $1 and f.event_id = c.event_id and (f.deal = c.deal or exists "
        "(select 1 from sale_name n where n.workspace_id = $1 and (f.deal in (n.name, n.deal) or c.deal in (n.name, n.deal)))))",
    ),
    (
        "The credit of advocate {advocate_id} for conversion {conversion_id} has neither a reward nor a written refusal.",
        "select t.advocate_id, t.conversion_id from attribution t where t.workspace_id = $1 "
        "and not exists (select 1 from reward r where r.workspace_id = $1 and r.conversion_id = t.conversion_id) "
        "and not exists (select 1 from audit_entry a where a.workspace_id = $1 and a.action = 'reward.refused' "
        "and a.subject = 'conversion:' || t.conversion_id)",
    ),
    (
        "The rewards {label} for conversion {conversion_id} earned {earned} {currency}, more than the deal's {amount_minor}.",
        "select min(r.label) as label, r.conversion_id, sum(r.wanted_minor - r.reversed_minor) as earned, r.currency, c.amount_minor from reward r "
        "join conversion c on c.workspace_id = r.workspace_id and c.id = r.conversion_id and c.currency = r.currency "
        "where r.workspace_id = $1 and r.incentive = 'commission' and r.beneficiary = 'advocate' and r.part = 0 "
        "and r.state not in ('reversed', 'expired') "
        "group by r.conversion_id, r.currency, c.amount_minor having sum(r.wanted_minor - r.reversed_minor) > c.amount_minor and c.amount_minor > 0",
    ),
)


async def check_credit(tx: Tx) -> list[str]:
    """What rewards and credit do not say alike."""
    problems: list[str] = []
    for sentence, sql in _CHECKS:
        problems += [sentence.format(**dict(r)) for r in await tx.rows(f"{sql} limit {_SHOWN}", tx.workspace_id)]
    return problems
