"""A playbook as sentences people can check and edit; each sentence says which fields it stands for."""

from collections.abc import Sequence

from msgspec import Struct

from honeyguide.programs.playbooks.audience import audience_in_words, stop_in_words
from honeyguide.programs.playbooks.layers import sources
from honeyguide.programs.playbooks.step import Channel, FollowUp, Kind, Length, Lift, OfferChoice, Playbook, Step, Tone
from honeyguide.programs.terms import Incentive

KIND_WORDS: dict[Kind, str] = {
    "purchase_euphoria": "they have just bought", "support_success": "our support has just helped them",
    "product_milestone": "they reach a milestone in the product", "renewal": "they have just renewed",
    "praise": "they praise us", "survey_promoter": "they give us a top score in a survey",
    "usage_spike": "their use rises", "anniversary": "it is an anniversary with us",
    "job_change": "they start a new job",
}  # fmt: skip
TONE_WORDS: dict[Tone, str] = {
    "brief": "brief", "warm": "warm", "partner": "collegial", "enthusiastic": "enthusiastic", "formal": "formal",
}  # fmt: skip
_LENGTHS: dict[Length, str] = {"short": "in a few lines", "full": "at full length"}
_CHANNELS: dict[Channel, str] = {"email": "by e-mail", "inapp": "in the product"}
_INCENTIVES: dict[Incentive, str] = {
    "commission": "commission", "renewal_credit": "renewal credit", "beta_access": "beta access", "gift_card": "gift card",
    "co_marketing": "co-marketing fund", "coupon": "discount", "account_credit": "account credit", "donation": "donation",
    "points": "number of points", "custom": "reward of our own",
}  # fmt: skip
_TIMES = {1: "once", 2: "twice"}


class Said(Struct, frozen=True):
    """A sentence and the fields of the step it speaks of."""

    fields: tuple[str, ...]
    sentence: str


def told(step: Step) -> list[Said]:
    """A step, sentence by sentence."""
    whom = audience_in_words(step.audience)
    said = [
        Said(("moments", "audience"), f"When {_list([KIND_WORDS[k] for k in step.moments], 'or')}: ask{f', if {whom}' if whom else ''}."),
        Said(("offers",), f"Offer {offers_in_words(step.offers)}."),
        Said(("tones", "lengths", "channels"), _words(step)),
        Said(("cadence",), _cadence(step)),
        Said(("follow_up",), _follow_up(step.follow_up)),
    ]  # fmt: skip
    if step.stop:
        said.append(Said(("stop",), f"It stops {_list([stop_in_words(r) for r in step.stop], 'and')}."))
    said.append(Said(("lift",), lift_sentence(step.lift)))
    if step.why:
        said.append(Said(("why",), step.why))
    return said


def sentences(step: Step) -> list[str]:
    """A step in plain sentences."""
    return [s.sentence for s in told(step)]


def playbook_sentences(playbook: Playbook) -> list[str]:
    """A whole playbook in plain sentences: the goal, then each step."""
    return [playbook.goal, *(f"{s.title}. {' '.join(sentences(s))}" for s in playbook.steps)]


def lift_sentence(lift: Lift) -> str:
    """What is expected, how sure anybody is, and where it comes from."""
    low, mean, high = (_of_100(v) for v in (lift.low, lift.mean, lift.high))
    return f"Of 100 people asked, {mean} should share because of it ({low} to {high}). {source_text(lift.source)}"


def source_text(source: str) -> str:
    """The source of an expectation in words."""
    known = sources().get(source)
    return known.text if known else f"Stated by this workspace: {source.rstrip('.')}."


def offers_in_words(offers: Sequence[OfferChoice]) -> str:
    """`a small or medium renewal credit, or beta access`."""
    return _list([_offer(o) for o in offers], "or", comma=True)


def _offer(choice: OfferChoice) -> str:
    if choice.incentive == "beta_access":
        return "beta access"
    return f"a {_list([*choice.sizes], 'or')} {_INCENTIVES[choice.incentive]}"


def _words(step: Step) -> str:
    tones = _list([TONE_WORDS[t] for t in step.tones], "or")
    article = "an" if tones[0] in "aeiou" else "a"
    lengths = _list([_LENGTHS[n] for n in step.lengths], "or")
    return f"Write {article} {tones} message, {lengths}, {_list([_CHANNELS[c] for c in step.channels], 'or')}."


def _cadence(step: Step) -> str:
    most = step.cadence.per_year
    often = "once a year" if most == 1 else "twice a year" if most == 2 else f"{most} times a year"
    return f"Ask the same person at most {often}, with at least {step.cadence.gap_days} days in between."


def _follow_up(follow: FollowUp | None) -> str:
    if follow is None:
        return "Send no reminder."
    often = _TIMES.get(follow.most, f"{follow.most} times")
    tone = TONE_WORDS[follow.tone]
    article = "an" if tone[0] in "aeiou" else "a"
    return f"Without an answer, send {article} {tone} reminder {_CHANNELS[follow.channel]} after {follow.after_days} days, {often} at most."


def _of_100(share: float) -> str:
    hundred = 100 * share
    return f"{hundred:.0f}" if hundred >= 1 else f"{hundred:.1f}"


def _list(parts: Sequence[str], word: str, *, comma: bool = False) -> str:
    if len(parts) <= 1:
        return parts[0] if parts else "nothing"
    return f"{', '.join(parts[:-1])}{',' if comma or len(parts) > 2 else ''} {word} {parts[-1]}"
