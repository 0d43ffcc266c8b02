"""A program's file in plain sentences, and what differs between two of them. Every difference is told."""

from collections.abc import Iterator

from msgspec import to_builtins

from honeyguide.core.money import money_text
from honeyguide.programs.file import GroupEntry, OfferEntry, ProgramFile
from honeyguide.programs.rules import KINDS, WHOLE, EarnRule, Tier
from honeyguide.programs.sentences import group_sentence, offer_sentence
from honeyguide.programs.terms import Conditions, Group, Incentive, Offer
from honeyguide.programs.wording import in_sentence

_WHO = {"advocate": "Whoever referred", "friend": "The friend", "parent": "Whoever brought the advocate in"}
_STAGES = {
    "won": "a referred deal is won", "qualified": "a friend becomes a qualified lead", "signed_up": "a friend signs up",
    "renewed": "a friend's contract is renewed",
}  # fmt: skip
_ACTS = {
    "review": "they publish a review", "case_study": "they take part in a case study", "reference_call": "they give a reference call",
    "speaking": "they speak at an event", "content": "they write about us", "introduction": "they introduce somebody",
}  # fmt: skip
_MODELS = {"first": "the first one", "last": "the last one before the friend came", "position": "mostly the first and the last", "split": "everybody in equal parts"}  # fmt: skip
_NAMES: dict[Incentive, str] = {
    "renewal_credit": "a credit of {} on the next renewal", "gift_card": "a gift card of {}", "co_marketing": "{} for joint marketing",
    "coupon": "a discount of {}", "account_credit": "a credit of {} on the account", "donation": "a donation of {}",
}  # fmt: skip
_CARRIED = ("slug", "version")


def sentences_of(file: ProgramFile) -> list[str]:
    """The whole program: each group with what it earns, then what holds for all."""
    return [_whole_group(file, g) for g in file.groups] + [text for _, text in _of_all(file)]


def diff(before: ProgramFile, after: ProgramFile) -> list[str]:
    """Each difference as one sentence, in the order of the later file; empty when both say the same."""
    was, now = dict(_statements(before)), dict(_statements(after))
    found = []
    for key, text in now.items():
        if key not in was:
            found.append(f"New: {text}")
        elif was[key] != text:
            found.append(f"Now: {text} Before: {was[key]}")
    found += [f"Gone: {text}" for key, text in was.items() if key not in now]
    groups = [[g.slug for g in f.groups] for f in (before, after)]
    if groups[0] != groups[1] and sorted(groups[0]) == sorted(groups[1]):
        found.append("The groups are tried in another order.")
    return found + _unsaid(before, after, told=bool(found))


def _unsaid(before: ProgramFile, after: ProgramFile, *, told: bool) -> list[str]:
    """What no sentence stands for."""
    found = []
    for name, words in (
        ("landing", "The page friends see is worded differently."),
        ("accept", "The terms advocates accept are worded differently."),
        ("destination", "Links lead to another page."),
    ):
        if getattr(before.terms, name) != getattr(after.terms, name):
            found.append(words)
    if before.playbook != after.playbook:
        found.append("What is believed about asking differs.")
    if not told and not found and _compared(before) != _compared(after):
        found.append("Details of the file differ that no sentence tells.")
    return found


def _compared(file: ProgramFile) -> dict[str, object]:
    made = {k: v for k, v in to_builtins(file).items() if k not in _CARRIED}
    made["terms"] = {k: v for k, v in made["terms"].items() if k not in ("library", "kind")}
    return made


def changes_money(before: ProgramFile | None, after: ProgramFile) -> bool:
    """May somebody get more, less, sooner or later under `after`? Everything but words, looks and beliefs counts."""
    if before is None:
        return True
    return _paying(before) != _paying(after)


def _paying(file: ProgramFile) -> dict[str, object]:
    made = {k: v for k, v in _compared(file).items() if k not in ("name", "description", "playbook")}
    made["terms"] = {k: getattr(file.terms, k) for k in ("currency", "hold_days", "attribution_days", "budget_minor")}
    made["groups"] = [
        {
            "slug": g.slug, "conditions": to_builtins(g.conditions), "earns": to_builtins(g.earns),
            "offers": [to_builtins(o) | {"label": ""} for o in g.offers],
        }
        for g in file.groups
    ]  # fmt: skip
    made["bounties"] = [to_builtins(b) | {"name": "", "about": ""} for b in file.bounties]
    return made


def _statements(file: ProgramFile) -> Iterator[tuple[str, str]]:
    yield "name", f'It is called "{file.name}".'
    yield "kind", f"It is a program of the kind: {KINDS[file.kind].lower()}."
    if file.description:
        yield "description", f'It is described as "{file.description}".'
    for group in file.groups:
        yield f"group {group.slug}", group_words(group)
        for offer in group.offers:
            yield f"offer {group.slug} {offer.slug}", f"{group.name}: {_offer_line(file, offer)}"
        for rule in group.earns:
            yield f"rule {group.slug} {rule.slug}", f"{group.name}: {rule_words(file, group, rule)}"
    yield from _of_all(file)


def group_words(group: GroupEntry) -> str:
    """Who belongs to the group."""
    return group_sentence(Group(0, 0, group.slug, group.name, group.conditions, 0))


def _offer_line(file: ProgramFile, offer: OfferEntry) -> str:
    size = "" if offer.size == "medium" else f" ({offer.size})"
    return f"{offer.label}{size} is {offer_words(offer, file.terms.currency)}."


def _whole_group(file: ProgramFile, group: GroupEntry) -> str:
    named = {r.offer for r in group.earns} | {r.instead for r in group.earns}
    loose = [o for o in group.offers if o.slug not in named]
    told = [group_words(group), *(rule_words(file, group, r) for r in group.earns)]
    if loose:
        told.append(" Or: ".join(_stored(file, o) for o in loose))
    return " ".join(told)


def _stored(file: ProgramFile, o: OfferEntry) -> str:
    return offer_sentence(
        Offer(
            0, 0, o.slug, o.label, o.incentive, o.amount_minor, o.rate_bp, file.terms.currency, o.cap_minor, 0, o.size
        )
    )


def offer_words(offer: OfferEntry, currency: str) -> str:
    """An offer as the middle of a sentence: `a gift card of €100`, `20 % of what is paid, at most €500`."""
    most = f", at most {money_text(offer.cap_minor, currency)}" if offer.cap_minor is not None else ""
    if offer.incentive == "commission" or offer.rate_bp:
        return f"{_percent(offer.rate_bp)} of what is paid{most}"
    if offer.incentive == "beta_access":
        return "access to what is not released yet"
    if offer.incentive == "points":
        return f"{offer.amount_minor:,} points"
    if offer.incentive == "custom":
        worth = f", worth {money_text(offer.amount_minor, currency)}" if offer.amount_minor else ""
        return f"{offer.label}{worth}"
    return _NAMES[offer.incentive].format(money_text(offer.amount_minor, currency)) + most


def rule_words(file: ProgramFile, group: GroupEntry, rule: EarnRule) -> str:
    """What a rule gives, to whom, and when, as one sentence and its small print."""
    offers = {o.slug: o for o in group.offers}
    offer, currency = offers.get(rule.offer), file.terms.currency
    what = offer_words(offer, currency) if offer else "nothing yet"
    only = in_sentence(rule.when.conditions, currency)
    told = [f"{_WHO[rule.who]} earns {what} when {_when(rule)}{f', if {only}' if only else ''}."]
    if rule.recurring:
        told.append(f"It is earned again with every payment for {rule.recurring.months} months.")
    told += [_tier(rule, t, currency) for t in sorted(rule.tiers, key=lambda t: t.start)]
    if rule.accelerator:
        a = rule.accelerator
        told.append(f"From customer {a.customers} of a {a.per} on it is {a.factor_bp / WHOLE:g} times as much.")
    if rule.parts:
        parts = ", ".join(f"{_percent(p.share_bp)} after {p.due_days} days" for p in rule.parts)
        told.append(f"It becomes due in parts: {parts}.")
    if rule.yearly_parts:
        told.append("It becomes due in equal parts, one for every year of the contract.")
    if rule.expires_days:
        told.append(f"It must be claimed within {rule.expires_days} days.")
    if rule.instead and rule.instead in offers:
        told.append(f"Whoever may not take it gets {offer_words(offers[rule.instead], currency)} instead.")
    return " ".join(told)


def _when(rule: EarnRule) -> str:
    when = rule.when
    if when.act:
        return _ACTS.get(when.act, f'they do this: "{_plain(when.act)}"')
    if when.event:
        return "a friend pays an invoice" if when.event == "invoice.paid" else f'"{_plain(when.event)}" happens'
    return _STAGES.get(when.stage or "", f'a deal reaches the stage "{_plain(when.stage or "")}"')


def _tier(rule: EarnRule, tier: Tier, currency: str) -> str:
    what = _percent(tier.rate_bp) if tier.rate_bp is not None else money_text(tier.amount_minor or 0, currency)
    if rule.tier_by == "revenue":
        return f"What customers pay above {money_text(tier.start, currency)} in all earns {what}."
    return f"From customer {tier.start} on it is {what}."


def _of_all(file: ProgramFile) -> Iterator[tuple[str, str]]:
    terms = file.terms
    yield "hold", f"A reward is held for {terms.hold_days} days after the deal is won, then a person may approve it."
    yield "window", f"A deal counts when it is won within {terms.attribution_days} days of the referral."
    yield "currency", f"Amounts are in {terms.currency}."
    if terms.budget_minor is not None:
        yield "budget", f"It may cost at most {money_text(terms.budget_minor, terms.currency)} a year."
    if file.attribution is not None:
        days = f" Touches count for {file.attribution.window_days} days." if file.attribution.window_days else ""
        whole = (
            "A colleague of the friend counts, too." if file.attribution.company_match else "Only the friend counts."
        )
        yield (
            "attribution",
            f"When several had a part in it, credit goes to {_MODELS[file.attribution.model]}. {whole}{days}",
        )
    if file.priority:
        yield "priority", f"Where programs compete, this is the order: {', then '.join(file.priority)}."
    yield from _joining(file)
    yield from _limits(file)
    yield from _acts(file)


def _joining(file: ProgramFile) -> Iterator[tuple[str, str]]:
    currency = file.terms.currency
    if _some(file.eligibility):
        yield "eligibility", f"Only those may take part where {in_sentence(file.eligibility, currency)}."
    if file.application is not None and file.application.mode == "application":
        at_once = in_sentence(file.application.auto_approve, currency)
        said = f" At once where {at_once}; the others wait for a person." if at_once else " A person decides."
        asked = f" They are asked: {' '.join(file.application.questions)}" if file.application.questions else ""
        why = f" Reasons for a no: {'; '.join(file.application.reasons)}." if file.application.reasons else ""
        yield "application", f"Whoever wants to take part applies.{said}{asked}{why}"


def _some(conditions: Conditions | None) -> bool:
    return conditions is not None and bool(conditions.all or conditions.any)


def _limits(file: ProgramFile) -> Iterator[tuple[str, str]]:
    gifts, currency = file.gift_policy, file.terms.currency
    if gifts is None:
        return
    if gifts.public_sector == "allow":
        yield "public", "People who work for public authorities are given what everybody is given."
    for country, minor in sorted(gifts.limits_minor.items()):
        where = "elsewhere" if country == "*" else f"in {country}"
        yield f"limit {country}", f"A gift to a person is worth {money_text(minor, currency)} at most {where}."
    for name, words in (
        ("no_gifts_countries", "Nobody is given anything for themselves in"),
        ("no_gifts_industries", "Staff of these industries are given nothing for themselves:"),
        ("employers", "These employers do not allow gifts:"),
    ):
        if values := getattr(gifts, name):
            yield name, f"{words} {', '.join(values)}."


def _acts(file: ProgramFile) -> Iterator[tuple[str, str]]:
    for b in file.bounties:
        often = "once" if b.per_advocate == 1 else f"{b.per_advocate} times"
        total = f", {b.total} times in all" if b.total else ""
        proof = {"link": "a link", "text": "a few words", "none": "nothing"}[b.proof]
        about = f" {b.about}" if b.about else ""
        yield (
            f"bounty {b.slug}",
            f'"{b.name}" is rewarded when {_ACTS.get(b.act, "it is done")}, {often} each{total}; {proof} proves it.{about}',
        )
    if file.registration is not None:
        r = file.registration
        seen = "after a person has looked" if r.needs_review else "at once"
        stages = ", ".join(_plain(s) for s in r.stages)
        yield (
            "registration",
            (
                f"A registered deal is protected for {r.protection_days} days, {seen}, and lapses after {r.expires_days}. Stages: {stages}."
            ),
        )
    if file.second_tier is not None:
        yield (
            "second tier",
            f"Whoever brought a partner in earns on what they bring for {file.second_tier.months} months.",
        )


def _plain(word: str) -> str:
    return word.replace("_", " ").replace(".", " ")


def _percent(bp: int) -> str:
    whole, rest = divmod(bp, 100)
    return f"{whole}" + (f".{rest:02d}".rstrip("0") if rest else "") + " %"
