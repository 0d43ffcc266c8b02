"""What is wrong with a program's file, in sentences. An empty list: it can be published."""

from collections import Counter
from collections.abc import Iterable

from honeyguide.programs import conditions
from honeyguide.programs.file import GroupEntry, OfferEntry, ProgramFile, standard_playbook
from honeyguide.programs.playbook import FACTORS, TONES, Playbook
from honeyguide.programs.rules import WHOLE, EarnRule
from honeyguide.programs.terms import Incentive

STAGES = ("signed_up", "qualified", "won", "renewed")
CHANNELS = ("affiliate", "referral", "coupon")
NEEDS_AMOUNT: frozenset[Incentive] = frozenset(
    {"gift_card", "renewal_credit", "co_marketing", "account_credit", "donation", "points"}
)
_MOST = 2**53  # minor units; what JSON can carry exactly
_MOST_DAYS = 3_650


def problems(file: ProgramFile) -> list[str]:
    """Everything that keeps the file from being published."""
    found = [] if sum(g.conditions.default for g in file.groups) == 1 else ["Exactly one group must be the default."]
    found += [f"Two groups are called {s}." for s in _twice(g.slug for g in file.groups)]
    found += _of_terms(file)
    for group in file.groups:
        found += _of_group(file, group)
    found += _of_rest(file)
    if file.playbook != standard_playbook():
        found += _of_playbook(file.playbook, file.groups)
    return list(dict.fromkeys(found))


def _of_terms(file: ProgramFile) -> list[str]:
    terms = file.terms
    found = [] if file.name.strip() else ["The program needs a name."]
    if len(terms.currency) != 3 or not (terms.currency.isascii() and terms.currency.isupper()):
        found.append("The currency is three capital letters, like EUR.")
    if not 0 <= terms.hold_days <= 365:
        found.append("A reward waits between 0 and 365 days.")
    if not 1 <= terms.attribution_days <= _MOST_DAYS:
        found.append(f"A deal counts within 1 to {_MOST_DAYS} days.")
    if terms.budget_minor is not None and terms.budget_minor <= 0:
        found.append("A budget is more than nothing.")
    return found


def _of_group(file: ProgramFile, group: GroupEntry) -> list[str]:
    name = group.name.strip() or group.slug
    found = [] if group.name.strip() else [f"The group {group.slug} needs a name."]
    if not group.offers:
        found.append(f"The group {group.slug} has no offer.")
    if not group.conditions.default:
        if not group.conditions.all and not group.conditions.any:
            found.append(f"{name}: say who belongs to it.")
        found += conditions.problems(group.conditions, name, conditions.COMPANY)
    found += [f"{name}: two offers are called {s}." for s in _twice(o.slug for o in group.offers)]
    found += [f"{name}: two rules are called {s}." for s in _twice(r.slug for r in group.earns)]
    for offer in group.offers:
        found += _of_offer(offer)
    offers = {o.slug: o for o in group.offers}
    for rule in group.earns:
        found += _of_rule(file, name, rule, offers)
    return found


def _of_offer(offer: OfferEntry) -> list[str]:
    found = []
    if offer.incentive == "commission" and not 0 < offer.rate_bp <= WHOLE:
        found.append(f"The commission {offer.slug} needs a rate between 1 and 10000 basis points.")
    if offer.incentive in NEEDS_AMOUNT and offer.amount_minor <= 0 and not offer.rate_bp:
        found.append(f"The offer {offer.slug} needs an amount.")
    if not 0 <= offer.rate_bp <= WHOLE or not 0 <= offer.amount_minor < _MOST:
        found.append(f"The offer {offer.slug} has an amount that is out of range.")
    if offer.cap_minor is not None and not 0 < offer.cap_minor < _MOST:
        found.append(f"The limit of the offer {offer.slug} must be more than nothing.")
    return found


def _of_rule(file: ProgramFile, name: str, rule: EarnRule, offers: dict[str, OfferEntry]) -> list[str]:
    where = f"{name}, {rule.slug}"
    found = [
        f"{where}: there is no offer {slug}." for slug in (rule.offer, rule.instead) if slug and slug not in offers
    ]
    named = [w for w in (rule.when.stage, rule.when.act, rule.when.event) if w]
    if len(named) != 1:
        found.append(f"{where}: say one thing that makes it due: a stage, an act, or an event.")
    if rule.when.stage and rule.when.stage not in _stages(file):
        found.append(f"{where}: there is no stage {rule.when.stage}.")
    found += conditions.problems(rule.when.conditions, where)
    if rule.when.conditions.default:
        found.append(f"{where}: a rule has no default; leave its conditions out.")
    if rule.recurring is not None and not 1 <= rule.recurring.months <= 1_200:
        found.append(f"{where}: it is earned again for 1 to 1200 months.")
    if rule.expires_days is not None and not 1 <= rule.expires_days <= _MOST_DAYS:
        found.append(f"{where}: it can be claimed for 1 to {_MOST_DAYS} days.")
    if rule.who == "parent" and file.second_tier is None and file.kind != "second_tier":
        found.append(f"{where}: the program has no second tier.")
    return found + _of_steps(where, rule) + _of_parts(where, rule)


def _stages(file: ProgramFile) -> set[str]:
    return {*STAGES, *(file.registration.stages if file.registration else ())}


def _of_steps(where: str, rule: EarnRule) -> list[str]:
    found = [f"{where}: two steps start at {n}." for n in _twice(t.start for t in rule.tiers)]
    for tier in rule.tiers:
        if tier.start < 1:
            found.append(f"{where}: a step starts at 1 or later.")
        if (tier.rate_bp is None) == (tier.amount_minor is None):
            found.append(f"{where}: a step needs a rate or an amount.")
        if tier.rate_bp is not None and not 0 <= tier.rate_bp <= WHOLE:
            found.append(f"{where}: the rate of a step lies between 0 and 10000 basis points.")
        if tier.amount_minor is not None and not 0 <= tier.amount_minor < _MOST:
            found.append(f"{where}: the amount of a step is out of range.")
    if rule.tier_by == "revenue" and any(t.rate_bp is None for t in rule.tiers):
        found.append(f"{where}: steps of revenue need rates.")
    faster = rule.accelerator
    if faster is not None and (faster.customers < 1 or not WHOLE <= faster.factor_bp <= 10 * WHOLE):
        found.append(f"{where}: an accelerator multiplies by 1 to 10, from a first customer on.")
    return found


def _of_parts(where: str, rule: EarnRule) -> list[str]:
    found = []
    if rule.parts and sum(p.share_bp for p in rule.parts) != WHOLE:
        found.append(f"{where}: the parts must add up to the whole (10000 basis points).")
    if any(p.share_bp <= 0 or not 0 <= p.due_days <= _MOST_DAYS for p in rule.parts):
        found.append(f"{where}: a part is more than nothing and due within {_MOST_DAYS} days.")
    if rule.parts and rule.yearly_parts:
        found.append(f"{where}: either parts of its own, or one for every year of the contract.")
    return found


def _of_rest(file: ProgramFile) -> list[str]:
    found = conditions.problems(file.eligibility, "Who may take part", (*conditions.COMPANY, *conditions.PERSON))
    applying = file.application
    if applying is not None:
        found += conditions.problems(
            applying.auto_approve, "Who is let in at once", (*conditions.COMPANY, *conditions.PERSON)
        )
    window = file.attribution.window_days if file.attribution is not None else None
    if window is not None and not 1 <= window <= _MOST_DAYS:
        found.append(f"The window of attribution is 1 to {_MOST_DAYS} days.")
    found += [f"There is no channel {c} to give priority." for c in file.priority or () if c not in CHANNELS]
    found += [f"Two bounties are called {s}." for s in _twice(b.slug for b in file.bounties)]
    acts = {r.when.act for g in file.groups for r in g.earns if r.when.act}
    for bounty in file.bounties:
        if bounty.act not in acts:
            found.append(f"The bounty {bounty.slug} earns nothing: no rule pays for it.")
        if bounty.per_advocate < 1 or (bounty.total is not None and bounty.total < 1):
            found.append(f"The bounty {bounty.slug} must be possible at least once.")
    if file.registration is not None:
        found += _of_registration(file)
    gifts = file.gift_policy
    if gifts is not None and any(v < 0 for v in gifts.limits_minor.values()):
        found.append("A limit on gifts is not less than nothing.")
    return found


def _of_registration(file: ProgramFile) -> list[str]:
    rules = file.registration
    if rules is None:
        return []
    found = []
    if len(rules.stages) < 2 or len(set(rules.stages)) != len(rules.stages):
        found.append("Deal registration needs two stages or more, each once.")
    if not 1 <= rules.protection_days <= _MOST_DAYS or not 1 <= rules.expires_days <= _MOST_DAYS:
        found.append(f"A registered deal is protected, and lapses, after 1 to {_MOST_DAYS} days.")
    return found


def _of_playbook(playbook: Playbook, groups: list[GroupEntry]) -> list[str]:
    found = [f"The playbook has no factor {name}." for name in FACTORS if name not in playbook.factors]
    found += [f"The base of {n} must lie between 0 and 1." for n, f in playbook.factors.items() if not 0 < f.base < 1]
    found += [
        f"The tone of {key} must be one of {', '.join(TONES)}."
        for key, tone in playbook.tone.items()
        if tone not in TONES
    ]
    found += [
        f"The playbook's {table} does not name the group {group.slug}."
        for group in groups
        for table in ("margin_minor", "first_year_minor", "goodwill_minor")
        if group.slug not in getattr(playbook.economics, table)
    ]
    return found if "default" in playbook.tone else [*found, "The playbook names no default tone."]


def _twice(values: Iterable[object]) -> list[object]:
    return [v for v, n in Counter(values).items() if n > 1]
