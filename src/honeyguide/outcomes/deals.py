"""What the reported events of a deal add up to, and what they mean for a referral. Pure, whatever their order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.core.money import money_text
from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel.sources import INTERNAL
from honeyguide.outcomes.terms import DealFact, DealKind, Finding, Referral, Stage

_KINDS: dict[str, DealKind] = {
    "deal.created": "open", "deal.stage_changed": "open", "deal.won": "won", "deal.lost": "lost",
}  # fmt: skip
STAGES = ("open", "won", "lost")
# A sale is a deal that is won at once. Its key is the invoice's number in whichever system tells of it, so that a refund
# from the bank finds the sale the shop reported.
SALE = "sale:"
WON_BEFORE, OUT_OF_WINDOW, ELSEWHERE, TAKEN_BACK = (
    "won_before_sign_up", "outside_window", "credited_elsewhere", "deal_taken_back",
)  # fmt: skip
OPEN_BEFORE = "open_opportunity"
UNMATCHED, DOUBLED = "refund_unmatched", "payment_told_twice"
# Findings that are computed from the deals each time, and so are taken back when the deals no longer say so.
FROM_DEALS = (WON_BEFORE, OUT_OF_WINDOW, ELSEWHERE, TAKEN_BACK, UNMATCHED, DOUBLED)


_ONE_PAYMENT = timedelta(days=2)
# What an invoice, an order or a refund calls the payment it is about; any of them may be the number another system knows.
_NAMES = ("invoice", "order", "invoice_id", "charge")


class Deal(Struct, frozen=True):
    """A deal as its facts describe it. `won` is its first win, `paid` its first payment; `lost_at` its last loss.

    A deal is won or paid or both: what a shop tells at our own door is a sale, which is both; what a billing system tells
    is a payment, and no second win beside that of the CRM.
    """

    deal: str
    ref: str
    name: str
    amount_minor: int | None
    currency: str | None
    won: DealFact | None
    lost_at: datetime | None
    last: DealFact
    paid: DealFact | None = None

    @property
    def counted(self) -> DealFact | None:
        """The fact that makes it count: the win, else the payment."""
        return self.won or self.paid

    @property
    def is_payment(self) -> bool:
        """Does a rule on payments see it?"""
        return self.paid is not None or (self.won is not None and self.deal.startswith(SALE))

    @property
    def taken_back(self) -> bool:
        """Won first, reported lost later."""
        return self.won is not None and self.lost_at is not None and self.lost_at > self.won.at


class Reached(Struct, frozen=True):
    """A stage a referral reached, and why."""

    stage: Stage
    at: datetime
    event_id: UUID | None
    reason: str


class Standing(Struct, frozen=True):
    """All that the deals say about one referral."""

    reached: list[Reached]
    findings: list[Finding]
    wins: list[Deal]
    taken_back: list[Deal]

    @property
    def now(self) -> Reached | None:
        """The stage it stands in: the last one of the list."""
        return self.reached[-1] if self.reached else None


def fact_of(event: CanonicalEvent) -> DealFact | None:
    """The fact of a deal or a sale in an event; None for other kinds and for what has no id.

    None as well where whoever told it holds no secret (`funnel.trust`): it stays in the log and says nothing of money,
    neither that there is any nor that some came back.
    """
    if not event.moves_money:
        return None
    props = event.props
    key, kind, stage = _about(event, props)
    if kind is None or not key:
        return None
    amount, currency = _amount(props)
    return DealFact(
        event.event_id, key, kind, event.at, amount, currency, str(props.get("name") or ""), stage, event.ref
    )


def _about(event: CanonicalEvent, props: dict[str, Any]) -> tuple[str, DealKind | None, str]:
    """Which deal the event is about, what happened to it, and the stage (or the number of the refund or dispute, or how a
    payment was told).
    """
    if event.kind in _KINDS:
        number = props.get("deal")
        return f"{event.source}:{number}" if number else "", _KINDS[event.kind], str(props.get("stage") or "")
    if event.kind == "purchase.completed" and event.source == INTERNAL:
        told = props.get("sale")
        return f"{SALE}{told}" if told else "", "won", ""
    bill = next((props[n] for n in _NAMES if props.get(n)), None)
    if not bill:
        return "", None, ""
    if event.kind in ("invoice.paid", "purchase.completed"):
        return f"{SALE}{bill}", "paid", f"{'invoice' if event.kind == 'invoice.paid' else 'order'} {event.source}"
    if event.kind == "refund.issued":
        return f"{SALE}{bill}", "refunded", str(props.get("refund") or event.message_id)
    if event.kind in ("dispute.opened", "dispute.closed"):
        ended: DealKind = "dispute_won" if str(props.get("status")) == "won" else "dispute_lost"
        number = str(props.get("dispute") or bill)
        return f"{SALE}{bill}", "disputed" if event.kind == "dispute.opened" else ended, number
    return "", None, ""


def names_of(event: CanonicalEvent) -> list[str]:
    """Every name an event gives the payment it is about, the one its fact stands under first."""
    found = [f"{SALE}{event.props[n]}" for n in _NAMES if event.props.get(n)]
    return list(dict.fromkeys(found)) if event.kind != "purchase.completed" or event.source != INTERNAL else []


def _amount(props: dict[str, Any]) -> tuple[int | None, str | None]:
    minor, currency = props.get("amount_minor"), props.get("currency")
    if type(minor) is not int or minor < 0 or not isinstance(currency, str) or len(currency) != 3:
        return None, None
    return minor, currency.upper()


def read_deal(facts: Sequence[DealFact], grows_days: int | None = None) -> Deal:
    """A deal from all its facts. The amount is the win's, else the newest one told, else the payment's.

    With `grows_days` an amount in the same currency told within so many days after the win counts where it is higher: the
    highest one. What was made smaller is not subtracted here (`given_back`).
    """
    ordered = sorted(facts, key=lambda f: (f.at, f.event_id))
    won = next((f for f in ordered if f.kind == "won"), None)
    paid = next((f for f in ordered if f.kind == "paid"), None)
    told = [f for f in ordered if f.kind in STAGES] or ordered
    price = _price(won, told, ordered)
    if grows_days is not None and won is not None and price is not None:
        price = _highest(price, won, told, timedelta(days=grows_days))
    return Deal(
        deal=ordered[0].deal,
        ref=(won or paid or ordered[0]).ref,
        name=next((f.name for f in reversed(told) if f.name), ""),
        amount_minor=price.amount_minor if price else None,
        currency=price.currency if price else None,
        won=won,
        lost_at=max((f.at for f in ordered if f.kind == "lost"), default=None),
        last=told[-1],
        paid=paid,
    )


def _price(won: DealFact | None, told: Sequence[DealFact], ordered: Sequence[DealFact]) -> DealFact | None:
    if won is not None and won.amount_minor is not None:
        return won
    priced = [f for f in told if f.amount_minor is not None and f.kind in STAGES]
    paid = [f for f in ordered if f.amount_minor is not None and f.kind == "paid"]
    return priced[-1] if priced else paid[0] if paid else None


def _highest(price: DealFact, won: DealFact, told: Sequence[DealFact], window: timedelta) -> DealFact:
    later = [
        f for f in told
        if f.kind in ("open", "won") and f.amount_minor is not None and f.currency == price.currency
        and (f.at, f.event_id) > (won.at, won.event_id) and f.at <= won.at + window
    ]  # fmt: skip
    return max([price, *later], key=lambda f: f.amount_minor or 0)


def open_before(facts: Sequence[DealFact], at: datetime) -> datetime | None:
    """Since when the deal was open, if it was still open at `at`; None otherwise."""
    earlier = sorted((f for f in facts if f.at < at and f.kind in STAGES), key=lambda f: (f.at, f.event_id))
    return earlier[0].at if earlier and earlier[-1].kind == "open" else None


def stand(referral: Referral, deals: Sequence[Sequence[DealFact]], credited: set[str], window_days: int) -> Standing:
    """Where a referral stands by all facts of the deals it may belong to.

    `credited` are the deals whose win or payment, if it counts, is this referral's. A win counts when it comes at or after
    the sign-up and within `window_days` of it; a payment that is credited counts.
    """
    signed_up, closes = referral.created_at, referral.created_at + timedelta(days=window_days)
    findings: list[Finding] = []
    wins: list[Deal] = []
    opened: list[DealFact] = []
    lost: list[DealFact] = []
    running = False
    staged = [[f for f in facts if f.kind in STAGES] for facts in deals]
    for facts in sorted((f for f in staged if f), key=lambda found: found[0].deal):
        deal = read_deal(facts)
        after = [f for f in facts if f.at >= signed_up]
        opened += [f for f in after if f.kind == "open"]
        if since := open_before(facts, signed_up):
            findings.append(
                _note(
                    OPEN_BEFORE,
                    deal,
                    f"Not new: {deal.ref} was open since {day(since)}, before the sign-up.",
                    hold=True,
                )
            )
        if deal.won is not None:
            refusal = _why_not(deal, deal.won, signed_up, closes, window_days, deal.deal in credited)
            if refusal:
                findings.append(refusal)
            else:
                wins.append(deal)
        elif after and deal.last.kind == "lost":
            lost.append(deal.last)
        elif after:
            running = True
    paid = _payments(deals, signed_up, credited)
    findings += _unmatched(deals, signed_up) if paid else []
    findings += _doubled([d for d in (*wins, *paid) if d.is_payment])
    return _stages([*wins, *paid], opened, [] if running else lost, findings)


def _payments(deals: Sequence[Sequence[DealFact]], signed_up: datetime, credited: set[str]) -> list[Deal]:
    """What a billing system told that is this referral's."""
    found = [read_deal(facts) for facts in deals if facts]
    return [d for d in found if d.won is None and d.paid is not None and d.paid.at >= signed_up and d.deal in credited]


def _unmatched(deals: Sequence[Sequence[DealFact]], signed_up: datetime) -> list[Finding]:
    """Refunds and lost disputes of the customer that name no payment we know: perhaps of one that earned."""
    found = [
        f for facts in deals for f in facts
        if f.kind in ("refunded", "dispute_lost") and f.at >= signed_up and read_deal(facts).counted is None
    ]  # fmt: skip
    return [
        Finding(UNMATCHED, "hold", f"{f.ref} names no payment we know: see which one came back.", {"deal": f.deal, "ref": f.ref})
        for f in sorted(found, key=lambda f: (f.at, f.event_id))
    ]  # fmt: skip


def _doubled(payments: Sequence[Deal]) -> list[Finding]:
    """The same amount within two days, told in two ways that share no number: an order and its invoice, a shop and its bank."""
    told = sorted(((d.counted, d) for d in payments if d.counted), key=lambda t: (t[0].at, t[0].event_id))
    return [
        _note(DOUBLED, b, f"{a.ref} and {b.ref} have one amount within two days: perhaps they are one payment.", hold=True)
        for n, (first, a) in enumerate(told) for second, b in told[n + 1 :]
        if second.at - first.at <= _ONE_PAYMENT and first.stage != second.stage
        and a.amount_minor and (a.amount_minor, a.currency) == (b.amount_minor, b.currency)
    ]  # fmt: skip


def _why_not(
    deal: Deal, won: DealFact, signed_up: datetime, closes: datetime, window_days: int, credited: bool
) -> Finding | None:
    if won.at < signed_up:
        said = f"{deal.ref} was won on {day(won.at)}, before the sign-up on {day(signed_up)}: it does not count."
        return _note(WON_BEFORE, deal, said)
    if credited:
        return None
    if won.at > closes:
        said = (
            f"{deal.ref} was won on {day(won.at)}, more than {window_days} days after the sign-up: it does not count."
        )
        return _note(OUT_OF_WINDOW, deal, said)
    return _note(ELSEWHERE, deal, f"{deal.ref} is credited to another referral of the same company.")


def _note(rule: str, deal: Deal, said: str, *, hold: bool = False) -> Finding:
    return Finding(rule, "hold" if hold else "note", said, {"deal": deal.deal, "ref": deal.ref})


def _stages(wins: list[Deal], opened: list[DealFact], lost: list[DealFact], findings: list[Finding]) -> Standing:
    reached: list[Reached] = []
    kept = [d for d in wins if not d.taken_back]
    back = [d for d in wins if d.taken_back]
    if opened:
        first = min(opened, key=lambda f: (f.at, f.event_id))
        reached.append(Reached("qualified", first.at, first.event_id, f"{first.ref}: sales is talking to them."))
    if kept:
        first = min((d.counted for d in kept if d.counted), key=lambda f: (f.at, f.event_id))
        what = "paid" if first.kind == "paid" else "won"
        reached.append(Reached("won", first.at, first.event_id, f"{first.ref} was {what}."))
    elif lost or back:
        last = max([*lost, *(d.last for d in back)], key=lambda f: (f.at, f.event_id))
        reached.append(Reached("lost", last.at, last.event_id, f"{last.ref} was lost."))
    again = [_note(TAKEN_BACK, d, f"{d.ref} was reported lost after it was won.", hold=True) for d in back]
    return Standing(reached, _by_rule(findings + again), wins, back)


def _by_rule(findings: list[Finding]) -> list[Finding]:
    """One finding per rule, whatever the number of deals it speaks of."""
    merged: dict[str, Finding] = {}
    for one in findings:
        before = merged.get(one.rule)
        if before is None:
            merged[one.rule] = Finding(one.rule, one.verdict, one.reason, {"deals": [one.evidence]})
        else:
            deals = [*before.evidence["deals"], one.evidence]
            merged[one.rule] = Finding(one.rule, one.verdict, f"{before.reason} {one.reason}", {"deals": deals})
    return list(merged.values())


def day(at: datetime) -> str:
    """`3 March 2026`."""
    return f"{at.day} {at:%B %Y}"


def price_text(minor: int | None, currency: str | None) -> str:
    """The amount for people, or that none is known."""
    return "amount unknown" if minor is None or currency is None else money_text(minor, currency)
