"""The tests any expert must pass, runnable by anybody: `honeyguide expert check package.module:Name`, or in a test
`assert conformance.problems(MyExpert()) == []`.

It asks the expert about some hundred made-up situations, sparse and odd ones included, and checks what the port promises.
"""

import math
import time
from collections.abc import Iterator, Sequence
from types import MappingProxyType

import msgspec
import numpy as np

from honeyguide.decisions.expert import Context, Expert, Proposal
from honeyguide.decisions.panel import QUOTE_LENGTH, REASON_LENGTH, checked
from honeyguide.decisions.seats import unfit
from honeyguide.decisions.situation import CHANNELS, SENIORITIES, WAITING, Action
from honeyguide.programs.journey import SEGMENTS, STAGES, VERTICALS

SITUATIONS = 120
_SLOW_S = 0.05
_SUM = 1e-6
_MOMENTS = ("support_success", "purchase_euphoria", "product_milestone", "renewal", "praise", "something_new")
_INCENTIVES = ("gift_card", "commission", "renewal_credit", "beta_access", "something_new")


def problems(expert: object, seed: int = 1) -> list[str]:
    """What is wrong with an expert, each in one sentence; empty when it may sit on the panel."""
    if reason := unfit(expert, {}):
        return [reason]
    if not isinstance(expert, Expert):
        return ["It is no expert."]
    found: dict[str, None] = {}
    times = []
    for context, legal in situations(seed):
        before = msgspec.json.encode((dict(context.features), dict(context.words), dict(context.numbers)))
        began = time.perf_counter()
        try:
            first = expert.propose(context, legal)
            times.append(time.perf_counter() - began)
            again = expert.propose(context, legal)
        except Exception as failure:  # noqa: BLE001  # whatever it raises is the finding
            found[f"It fails on a legal situation: {type(failure).__name__}: {failure}"] = None
            continue
        found |= dict.fromkeys(wrong(expert, first, context, legal))
        if _bits(first) != _bits(again):
            found["The same context gives another proposal the second time: it must be deterministic."] = None
        if msgspec.json.encode((dict(context.features), dict(context.words), dict(context.numbers))) != before:
            found["It changes the context it was given."] = None
    if times and sorted(times)[len(times) // 2] > _SLOW_S:
        found[f"It takes {1000 * sorted(times)[len(times) // 2]:.0f} ms; a decision has 5 ms, all in all."] = None
    return list(found)


def wrong(expert: Expert, said: object, context: Context, legal: Sequence[Action]) -> list[str]:
    """What is wrong with one proposal."""
    if not isinstance(said, Proposal):
        return ["It does not answer with a Proposal."]
    found = []
    keys, values = [a.key for a in legal], list(said.distribution.values())
    if set(said.distribution) != set(keys):
        found.append("Its distribution is not over exactly the legal actions.")
    if not all(isinstance(v, int | float) and math.isfinite(v) and v >= 0 for v in values):
        found.append("A probability is negative or no number.")
    elif abs(math.fsum(values) - 1) > _SUM:
        found.append("Its probabilities do not sum to 1.")
    if not isinstance(said.reason, str) or not said.reason.strip() or len(said.reason) > REASON_LENGTH:
        found.append(f"Its reason is empty or longer than {REASON_LENGTH} characters.")
    if any(len(str(e.get("quote", ""))) > QUOTE_LENGTH for e in said.evidence):
        found.append(f"A quote is longer than {QUOTE_LENGTH} characters.")
    kept = checked(expert.name, expert.version, said, context, legal)
    if kept and any("evidence" in d for d in kept.dropped):
        found.append("It cites evidence it was not given (cite an id of the context, or `expert:<its name>`).")
    if said.chance is not None and not 0 <= said.chance <= 1:
        found.append("Its chance does not lie between 0 and 1.")
    return found


def situations(seed: int, count: int = SITUATIONS) -> Iterator[tuple[Context, list[Action]]]:
    """Made-up situations: the first has nothing to choose and nothing known, others are full."""
    yield Context({}, "", 0), [WAITING]
    rng = np.random.default_rng(seed)
    for n in range(1, count):
        offers = [_offer(rng, m) for m in range(int(rng.integers(0, 5)))]
        words = {
            "stage": str(rng.choice(STAGES)), "segment": str(rng.choice(SEGMENTS)), "vertical": str(rng.choice(VERTICALS)),
            "seniority": str(rng.choice(SENIORITIES)), "moment": str(rng.choice(_MOMENTS)), "step": f"step-{n % 7}",
        }  # fmt: skip
        words = {k: v for k, v in words.items() if rng.random() < 0.85}
        numbers = (
            {"strength": float(rng.random()), "past_asks": float(rng.integers(0, 9))} if rng.random() < 0.8 else {}
        )
        evidence = [
            {"id": f"e{m}", "source": "zendesk", "record": f"Zendesk #{m}", "quote": "Great help!"} for m in range(2)
        ]
        features = {f"moment:{words.get('moment', 'none')}": 1.0, "strength": float(rng.normal())}
        yield (
            Context(MappingProxyType(features), "partner", int(rng.integers(0, 2**62)), MappingProxyType(words),
                    MappingProxyType(numbers), evidence),
            [*{a.key: a for a in offers}.values(), WAITING],
        )  # fmt: skip


def _offer(rng: np.random.Generator, number: int) -> Action:
    return Action(
        offer=f"offer-{number}", offer_id=number + 1, channel=str(rng.choice(CHANNELS)),
        tone=str(rng.choice(("brief", "warm", "partner", "formal"))), label=f"Offer {number}",
        incentive=str(rng.choice(_INCENTIVES)), amount_minor=int(rng.integers(0, 200_000)), rate_bp=0, cap_minor=None,
        currency="EUR",
    )  # fmt: skip


def _bits(said: object) -> bytes:
    """A proposal to the last bit; what is no proposal equals nothing but itself."""
    if not isinstance(said, Proposal):
        return repr(said).encode()
    numbers = [(k, float(v).hex() if isinstance(v, int | float) else repr(v)) for k, v in said.distribution.items()]
    return repr((sorted(numbers), said.reason, said.chance, said.evidence)).encode()
