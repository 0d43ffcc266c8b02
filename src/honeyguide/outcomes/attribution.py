"""Who gets the credit of a conversion, and in which shares. Pure: a function of touches, policy and conversion.

The steps, each of which can only take touches away, so that the order in which they are given means nothing:

1. out go machines, what came after the conversion, what is older than the program's window, and, where the program
   wants no company match, what only a colleague did;
2. of people and programs the customer's own touches come before a colleague's;
3. of programs that compete, the first rank of the policy's `priority` that has a touch takes the credit, and within a
   rank they are treated as one program; a kind of program in no rank gets none;
4. what one advocate did without another between is one touch, and the model shares out: `first`, `last`, `split` (equal parts for every advocate), `position` (`first_bp` and
   `last_bp` for the two ends, the rest in equal parts between them).

Shares are basis points that sum to 10,000 (largest remainder, ties to the earlier touch), or there are none.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from honeyguide.core.errors import BadInput

Model = Literal["first", "last", "position", "split"]
Channel = Literal["referral", "affiliate", "coupon"]
CHANNELS: tuple[Channel, ...] = ("referral", "affiliate", "coupon")
WHOLE = 10_000
LATER = "The advocate's later touch stands for it."
# A customer's word before a partner's, either before a code that is found on the way to paying.
PRIORITY: tuple[tuple[Channel, ...], ...] = (("referral",), ("affiliate",), ("coupon",))


class AttributionPolicy(Struct, frozen=True, kw_only=True):
    """How a program attributes. `version` 0 is what the program's own terms say; versions are never changed."""

    version: int = 0
    model: Model = "last"
    window_days: int = 180
    company_match: bool = True
    priority: tuple[tuple[Channel, ...], ...] = PRIORITY
    first_bp: int = 4_000
    last_bp: int = 4_000

    def check(self) -> None:
        """Raises BadInput when it says nothing that can be done."""
        ranked = [c for rank in self.priority for c in rank]
        if len(set(ranked)) != len(ranked) or not ranked:
            raise BadInput("Every kind of program stands in one rank at most, and one kind in some rank.")
        if not 1 <= self.window_days <= 3_650:
            raise BadInput("The window is 1 to 3,650 days.")
        if min(self.first_bp, self.last_bp) < 0 or self.first_bp + self.last_bp > WHOLE:
            raise BadInput("First and last together get at most the whole (10,000 basis points).")


class Seen(Struct, frozen=True, kw_only=True):
    """A touch as attribution sees it. `by_person`: the customer's own; otherwise somebody's of their company."""

    id: UUID
    kind: str
    at: datetime
    advocate_id: UUID
    referral_id: UUID
    link_id: UUID
    program_id: int
    channel: Channel = "referral"
    by_person: bool = True
    human: bool = True


class Converted(Struct, frozen=True):
    """What is credited: a conversion by its time."""

    id: UUID
    at: datetime


class Share(Struct, frozen=True):
    """An advocate's part of a conversion, through their last touch of it."""

    advocate_id: UUID
    referral_id: UUID
    link_id: UUID
    program_id: int
    touch_id: UUID
    share_bp: int
    why: str


class Passed(Struct, frozen=True):
    """A touch that did not count, and why in plain words."""

    touch: Seen
    why: str


def attribute(
    touches: Sequence[Seen], policy: AttributionPolicy | Mapping[int, AttributionPolicy], conversion: Converted
) -> tuple[Share, ...]:
    """The shares of a conversion, in the order of the touches they rest on. They sum to 10,000, or there are none.

    With one policy per program, each program's window and company match hold for its touches; priority and model are
    those of the program whose touch came last.
    """
    return settle(touches, policy, conversion)[0]


def settle(
    touches: Sequence[Seen], policy: AttributionPolicy | Mapping[int, AttributionPolicy], conversion: Converted
) -> tuple[tuple[Share, ...], tuple[Passed, ...]]:
    """The shares, and every touch that did not count with the reason."""
    ordered = sorted({t.id: t for t in sorted(touches, key=_key)}.values(), key=_key)
    passed: list[Passed] = []

    def of(touch: Seen) -> AttributionPolicy:
        return policy if isinstance(policy, AttributionPolicy) else policy.get(touch.program_id, AttributionPolicy())

    left = _keep(ordered, passed, lambda t: _why_out(t, of(t), conversion))
    if any(t.by_person for t in left):
        left = _keep(
            left, passed, lambda t: "" if t.by_person else "The customer's own touch comes before a colleague's."
        )
    if not left:
        return (), tuple(passed)
    last = of(left[-1])
    left = _first_rank(left, last.priority, passed)
    if not left:
        return (), tuple(passed)
    rule = of(left[-1])
    left = _runs(left, passed)
    weights = _weights(left, rule)
    passed += [Passed(t, _outdone(rule.model)) for t, w in zip(left, weights, strict=True) if w == 0]
    return _shares(left, weights, rule), tuple(passed)


class Held(Struct, frozen=True):
    """A partner's registration of the company that was won, in force at the win."""

    advocate_id: UUID
    program_id: int
    link_id: UUID
    company: str
    since: datetime
    until: datetime


def protected(
    touches: Sequence[Seen], held: Held, referral_id: UUID, conversion: Converted
) -> tuple[tuple[Share, ...], tuple[Passed, ...]]:
    """The whole credit goes to who registered the company, whatever was touched; the others read why.

    It rests on the partner's last touch before the conversion, else on `referral_id`, by whom the win was known.
    """
    ordered = sorted({t.id: t for t in sorted(touches, key=_key)}.values(), key=_key)
    own = [t for t in ordered if t.advocate_id == held.advocate_id and t.human and t.at <= conversion.at]
    time = f"from {_day(held.since)} until {_day(held.until)}"
    why = f"{held.company} is registered as their deal, protected {time}: the whole credit."
    last = own[-1] if own else None
    share = Share(
        held.advocate_id, last.referral_id if last else referral_id, last.link_id if last else held.link_id,
        held.program_id, last.id if last else referral_id, WHOLE, why,
    )  # fmt: skip
    said = f"{held.company} was another partner's registered deal, protected {time}: nobody else is credited for it."
    others = (t for t in ordered if last is None or t.id != last.id)
    return (share,), tuple(Passed(t, _after(t, conversion) or (LATER if t in own else said)) for t in others)


def _after(touch: Seen, conversion: Converted) -> str:
    if not touch.human:
        return "A machine followed the link."
    return "It came after the conversion." if touch.at > conversion.at else ""


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _key(touch: Seen) -> tuple[datetime, UUID]:
    return touch.at, touch.id


def _keep(touches: Sequence[Seen], passed: list[Passed], why: Callable[[Seen], str]) -> list[Seen]:
    kept = []
    for touch in touches:
        reason = why(touch)
        if reason:
            passed.append(Passed(touch, reason))
        else:
            kept.append(touch)
    return kept


def _why_out(touch: Seen, policy: AttributionPolicy, conversion: Converted) -> str:
    if not touch.human:
        return "A machine followed the link."
    if touch.at > conversion.at:
        return "It came after the conversion."
    if touch.at < conversion.at - timedelta(days=policy.window_days):
        return f"It came more than {policy.window_days} days before the conversion."
    if not touch.by_person and not policy.company_match:
        return "Somebody else of the company: the program counts the customer's own touches only."
    return ""


def _first_rank(touches: list[Seen], priority: Sequence[Sequence[Channel]], passed: list[Passed]) -> list[Seen]:
    for rank in priority:
        inside = [t for t in touches if t.channel in rank]
        if inside:
            passed += [
                Passed(t, f"A touch of the kind {inside[-1].channel} comes before one of the kind {t.channel}.")
                for t in touches if t.channel not in rank
            ]  # fmt: skip
            return inside
    passed += [Passed(t, f"The policy gives programs of the kind {t.channel} no credit.") for t in touches]
    return []


def _runs(touches: list[Seen], passed: list[Passed]) -> list[Seen]:
    """Touches of one advocate with none of another's between are one: a page looked at ten times is one introduction."""
    kept = []
    for touch, after in zip(touches, [*touches[1:], None], strict=True):
        if after is not None and after.advocate_id == touch.advocate_id:
            passed.append(Passed(touch, LATER))
        else:
            kept.append(touch)
    return kept


def _weights(touches: Sequence[Seen], policy: AttributionPolicy) -> list[int]:
    """A weight per touch; what counts is their proportion. The total is never zero."""
    n = len(touches)
    if policy.model == "first" or n == 1:
        return [1] + [0] * (n - 1)
    if policy.model == "last":
        return [0] * (n - 1) + [1]
    if policy.model == "split":  # every advocate the same, on the last of their touches
        final = {t.advocate_id: i for i, t in enumerate(touches)}
        return [1 if final[t.advocate_id] == i else 0 for i, t in enumerate(touches)]
    first, last = policy.first_bp, policy.last_bp
    if n == 2:
        return [first, last] if first + last else [1, 1]
    between = n - 2
    return [first * between, *([WHOLE - first - last] * between), last * between]


def _outdone(model: Model) -> str:
    return {
        "first": "The first touch takes the whole credit.",
        "last": "The last touch takes the whole credit.",
        "split": LATER,
        "position": "The policy gives this position nothing.",
    }[model]


def _shares(touches: Sequence[Seen], weights: Sequence[int], policy: AttributionPolicy) -> tuple[Share, ...]:
    by_advocate: dict[UUID, int] = {}
    last: dict[UUID, Seen] = {}
    for touch, weight in zip(touches, weights, strict=True):
        if weight:
            by_advocate[touch.advocate_id] = by_advocate.get(touch.advocate_id, 0) + weight
            last[touch.advocate_id] = touch
    parts = portions(WHOLE, list(by_advocate.values()))
    return tuple(
        Share(
            t.advocate_id, t.referral_id, t.link_id, t.program_id, t.id, bp, _why(policy, bp, len(by_advocate)),
        )
        for (t, bp) in zip(last.values(), parts, strict=True) if bp
    )  # fmt: skip


def portions(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole parts proportional to `weights` (largest remainder, ties to the earlier): they sum to `total`."""
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("nothing to share by")
    parts = [total * w // whole for w in weights]
    by_rest = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_rest[: total - sum(parts)]:
        parts[i] += 1
    return parts


def _why(policy: AttributionPolicy, bp: int, advocates: int) -> str:
    window = f"within {policy.window_days} days of the conversion"
    if advocates == 1 and policy.model in ("first", "last"):
        return f"{policy.model.capitalize()} touch {window}: the whole credit."
    if advocates == 1:
        return f"Every touch that counts {window} is theirs: the whole credit."
    words = {"split": "shared equally between", "position": "shared by position between"}.get(
        policy.model, "shared between"
    )
    return f"The credit is {words} {advocates} advocates with a touch {window}: {percent(bp)} %."


def percent(bp: int) -> str:
    """Basis points for people: `33.33`, `50`."""
    return f"{bp // 100}" + (f".{bp % 100:02d}".rstrip("0") if bp % 100 else "")
