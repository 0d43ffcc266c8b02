"""Who is asked about a text, and when it stops: rules, then the embedding head, then at most one language model.

Rules and the embedding head are asked of every text (milliseconds). Then one plan is made: for every text the language
model whose answer is expected to be worth more than it costs, or none. A text has one place in the plan, the plan is
carried out once, and one call carries all questions of the text, so there is at most one model call per text by
construction. Whoever cannot be reached leaves its texts waiting; the others' answers stand meanwhile.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct, field, structs

from honeyguide.core import clock
from honeyguide.core.errors import TooMuch, Unavailable
from honeyguide.inference.contract import Answer, Item, Provider, Question, QuestionSet, Usage
from honeyguide.inference.curves import Curves, price
from honeyguide.inference.injection import marks
from honeyguide.inference.port import Tier
from honeyguide.inference.question_sets import asked_of
from honeyguide.inference.rules import Rules
from honeyguide.inference.stacking import LANGUAGE_MODELS, combine, tempered
from honeyguide.inference.verdicts import Verdict, sound, verdict

log = logging.getLogger(__name__)
Calibrator = Callable[[Mapping[str, float]], Mapping[str, float]]
Calibration = Mapping[tuple[str, str, str], Calibrator]  # (set, question, tier)
Known = Mapping[str, Sequence[Answer]]  # question of the joint set -> answers that are known already
_CHARS_PER_TOKEN = 3.5
_ANSWER_TOKENS = 30  # per question and text
# What a text costs where the provider cannot say: CPU milliseconds of the local model, of the embedding.
_CPU_MS: dict[Tier, float] = {"embedding": 6.0, "local_model": 400.0}
_UNPROVEN = 0.9
UNANSWERED = "unanswered"
_PLANNED: tuple[Tier, ...] = ("local_model", "hosted_model")


class Purse(Protocol):
    """Who keeps the budget. Asked before anything is spent, told afterwards what it was."""

    async def reserve(self, provider: str, tier: Tier, wanted: Sequence[Usage]) -> int:
        """How many of these (from the first) may be spent; they are counted as spent from now on."""
        ...

    async def settle(self, provider: str, tier: Tier, reserved: Sequence[Usage], spent: Sequence[Usage]) -> None:
        """What was really spent in the place of what was reserved."""
        ...


class Unlimited:
    """A purse without a bottom, for evaluation and tests."""

    async def reserve(self, provider: str, tier: Tier, wanted: Sequence[Usage]) -> int:
        """Everything."""
        return len(wanted)

    async def settle(self, provider: str, tier: Tier, reserved: Sequence[Usage], spent: Sequence[Usage]) -> None:
        """Nothing is kept."""


class Outages:
    """Who could not be reached, and until when nobody tries again: half a minute, doubling up to a quarter of an hour."""

    def __init__(self) -> None:
        self._until: dict[Tier, tuple[datetime, int]] = {}

    def until(self, tier: Tier) -> datetime | None:
        """When the tier may be asked again; None when it may now."""
        at, _ = self._until.get(tier, (None, 0))
        return at if at is not None and at > clock.now() else None

    def failed(self, tier: Tier) -> None:
        """It could not be reached."""
        _, times = self._until.get(tier, (None, 0))
        self._until[tier] = (clock.now() + timedelta(seconds=min(900.0, 30.0 * 2 ** min(times, 6))), times + 1)

    def answered(self, tier: Tier) -> None:
        """It is back."""
        self._until.pop(tier, None)


class Considered(Struct):
    """What became of one text: answers per question of the joint set, which are new, and why it has to wait (if it has)."""

    answers: dict[str, list[Answer]]
    fresh: list[tuple[Answer, float]] = field(default_factory=list)
    waits: str = ""
    called: Tier | None = None
    failed: bool = False
    until: datetime | None = None


class Cascade:
    """The tiers that are at hand, cheapest first. `providers` need not hold any: rules are always asked."""

    def __init__(
        self, providers: Mapping[Tier, Provider], *, calibration: Calibration | None = None,
        curves: Curves | None = None, purse: Purse | None = None, outages: Outages | None = None,
    ) -> None:  # fmt: skip
        self._providers = dict(providers)
        self._calibration = calibration or {}
        self._curves = curves or Curves()
        self._purse = purse or Unlimited()
        self._outages = outages or Outages()
        self._rules = Rules()

    @property
    def signature(self) -> str:
        """Which tiers are at hand, and what stands behind them: part of how a text was asked."""
        found = sorted(self._providers.items())
        return " ".join(f"{tier}:{getattr(p, 'model', '') or p.name}" for tier, p in found if tier != "rule") or "rules"

    def stands(self, answer: Answer) -> bool:
        """Whether a logged answer need not be asked for again: heads that have learnt since speak anew, models do not."""
        provider = self._providers.get(answer.tier)
        return (
            answer.tier in LANGUAGE_MODELS
            or provider is None
            or answer.model == getattr(provider, "model", answer.model)
        )

    def asked(self, kind: str) -> str:
        """How texts of this kind are asked now: versions of the sets and tiers."""
        return f"{' '.join(s.task for s in asked_of(kind))} | {self.signature}"

    async def decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        """One combined answer per question and item, as any provider gives them. For one set; asks as `consider` does."""
        considered = await self.consider(questions, items)
        return [
            {q.id: _as_answer(self.weigh(q, item, found.answers.get(q.id, ()))) for q in questions.questions}
            for item, found in zip(items, considered, strict=True)
        ]

    def weigh(self, question: Question, item: Item, answers: Sequence[Answer]) -> Verdict:
        """What these answers to a question say together."""
        return verdict(question, item.text, answers, marks(item.text))

    async def consider(
        self, questions: QuestionSet, items: Sequence[Item], known: Sequence[Known] | None = None
    ) -> list[Considered]:
        """Ask the tiers about texts of one kind; what is `known` is not asked again."""
        found = [Considered({q: list(a) for q, a in k.items()}) for k in known or [{}] * len(items)]
        await self._ask_all(self._rules, questions, items, found)
        statistic = self._providers.get("embedding")
        if statistic is not None:
            try:
                await self._ask_all(statistic, questions, items, found)
            except (Unavailable, TooMuch) as e:
                log.warning("%s could not answer: %s", statistic.name, e.sentence())
                for one in found:
                    one.waits = one.waits or e.title
        for tier, places in self._plan(questions, items, found).items():
            await self._call(tier, questions, items, found, places)
        return found

    async def _ask_all(
        self, provider: Provider, questions: QuestionSet, items: Sequence[Item], found: Sequence[Considered]
    ) -> None:
        """Ask a cheap tier what it has not answered yet, one shipped set at a time."""
        for part, names in _parts(questions):
            open_ = [
                i for i, f in enumerate(found) if any(not _has(f, names[q.id], provider.tier) for q in part.questions)
            ]
            if not open_:
                continue
            answers = await provider.decide(part, [items[i] for i in open_])
            for i, given in zip(open_, answers, strict=True):
                for ident, answer in given.items():
                    self._take(questions, items[i], found[i], names[ident], answer, provider.tier)

    def _plan(
        self, questions: QuestionSet, items: Sequence[Item], found: Sequence[Considered]
    ) -> dict[Tier, list[int]]:
        """Each text's one language model, if any is worth asking: tier -> places of its texts."""
        plan: dict[Tier, list[int]] = {}
        prices = {t: self._estimates(t, questions, items) for t in _PLANNED if t in self._providers and items}
        for i, (item, one) in enumerate(zip(items, found, strict=True)):
            worth = [
                (self._gain(t, questions, one) - price(usage[i].cpu_ms, usage[i].cost_micros), t)
                for t, usage in prices.items()
                if self._may_see(t, item) and not _heard(one)
            ]
            best = max(worth, default=(0.0, None))
            if best[0] > 0 and best[1] is not None:
                plan.setdefault(best[1], []).append(i)
        return plan

    def _may_see(self, tier: Tier, item: Item) -> bool:
        """Whether the workspace lets this kind of text go to that tier (a provider without `kinds` is on the premises)."""
        kinds = getattr(self._providers[tier], "kinds", None)
        return kinds is None or item.kind in kinds

    def _gain(self, tier: Tier, questions: QuestionSet, found: Considered) -> float:
        return sum(
            self._curves.gain(q, tier, max(combine([*q.options], found.answers.get(q.id, ())).values()))
            for q in questions.questions
        )

    def _estimates(self, tier: Tier, questions: QuestionSet, items: Sequence[Item]) -> list[Usage]:
        """What asking about each text will cost: its share of the provider's own estimate, else from lengths."""
        cpu = _CPU_MS.get(tier, 0.0)
        own = getattr(self._providers[tier], "estimate", None)
        if own is not None:
            said, n = own(questions, items), len(items)
            share = Usage(-(-said.tokens_in // n), -(-said.tokens_out // n), cpu, -(-said.cost_micros // n))
            return [share] * n
        out = _ANSWER_TOKENS * len(questions.questions)
        return [Usage(round((len(i.text) + _length(questions)) / _CHARS_PER_TOKEN), out, cpu, 0) for i in items]

    async def _call(
        self, tier: Tier, questions: QuestionSet, items: Sequence[Item], found: Sequence[Considered], places: list[int]
    ) -> None:
        """Ask one language model about its texts of the plan, all questions in one go, within the budget."""
        provider = self._providers[tier]
        if (until := self._outages.until(tier)) is not None:
            for i in places:
                found[i].waits, found[i].until = "away", until
            return
        wanted = self._estimates(tier, questions, [items[i] for i in places])
        granted = await self._purse.reserve(provider.name, tier, wanted)
        for i in places[granted:]:
            found[i].waits = "budget"
        asked = places[:granted]
        if not asked:
            return
        answers = await self._answered(tier, questions, [items[i] for i in asked], wanted[:granted])
        for i in asked:
            found[i].failed = isinstance(answers, str)
            found[i].waits = answers if isinstance(answers, str) else found[i].waits
            found[i].until = self._outages.until(tier)
        if isinstance(answers, str):
            return
        for i, given in zip(asked, answers, strict=False):
            found[i].called = tier
            if not given:
                found[i].waits, found[i].failed = UNANSWERED, True
            for ident, answer in given.items():
                self._take(questions, items[i], found[i], ident, answer, tier)

    async def _answered(
        self, tier: Tier, questions: QuestionSet, items: Sequence[Item], reserved: Sequence[Usage]
    ) -> list[dict[str, Answer]] | str:
        """The model's answers, or why there are none. What it really cost is put in the place of what was reserved."""
        provider = self._providers[tier]
        answers: list[dict[str, Answer]] = []
        try:
            answers = await provider.decide(questions, items)
        except (Unavailable, TooMuch) as e:
            self._outages.failed(tier)
            return e.title
        finally:
            spent = [_sum(a.usage for a in given.values()) for given in answers]
            wasted = getattr(provider, "take_wasted", None)  # calls that brought no usable answer cost, too
            spent += [wasted()] if wasted is not None else []
            await self._purse.settle(provider.name, tier, reserved, spent)
        self._outages.answered(tier)
        return answers

    def _take(
        self, questions: QuestionSet, item: Item, one: Considered, ident: str, answer: Answer, tier: Tier
    ) -> None:
        """Note an answer, calibrated. What tier it is of is ours to say, not the answer's.

        One that is no vote (a label of its own, no probability, words that are not in the text) is noted without its
        figures and places, so that it stays none: the log keeps places only, and would read other words at them.
        """
        question = next((q for q in questions.questions if q.id == ident), None)
        if question is None or _has(one, ident, tier):
            return
        before = max(combine([*question.options], one.answers.get(ident, ())).values())
        given = structs.replace(answer, question=ident, tier=tier)
        if sound(question, item.text, given):
            calibrate = self._calibration.get((*_split(questions, ident), tier))
            probs = calibrate(given.probs) if calibrate else _humble(given.probs, tier)
            given = structs.replace(given, probs=dict(probs))
        else:
            given = structs.replace(given, probs={}, logits=None, evidence=(), flags=(*given.flags, "refused"))
        one.answers.setdefault(ident, []).append(given)
        one.fresh.append((given, before))


def _parts(questions: QuestionSet) -> list[tuple[QuestionSet, dict[str, str]]]:
    """The shipped sets a joint set is made of, with plain question id -> its id there; any other set is its own part."""
    if not all("." in q.id for q in questions.questions):
        return [(questions, {q.id: q.id for q in questions.questions})]
    return [(s, {q.id: f"{s.name}.{q.id}" for q in s.questions}) for s in asked_of(questions.name)]


def _humble(probs: Mapping[str, float], tier: Tier) -> Mapping[str, float]:
    """A language model whose figures nobody has calibrated is never surer than `_UNPROVEN`."""
    return tempered(probs, _UNPROVEN) if tier in LANGUAGE_MODELS else probs


def _split(questions: QuestionSet, ident: str) -> tuple[str, str]:
    name, dot, plain = ident.partition(".")
    return (name, plain) if dot else (questions.name, ident)


def _heard(one: Considered) -> bool:
    """Whether a language model has had its say already: it gets one."""
    return any(a.tier in LANGUAGE_MODELS for given in one.answers.values() for a in given)


def _has(one: Considered, ident: str, tier: Tier) -> bool:
    return any(a.tier == tier for a in one.answers.get(ident, ()))


def _length(questions: QuestionSet) -> int:
    return sum(len(q.instructions) + sum(len(k) + len(v) for k, v in q.options.items()) for q in questions.questions)


def _sum(usages: Iterable[Usage]) -> Usage:
    total = Usage()
    for u in usages:
        total = Usage(
            total.tokens_in + u.tokens_in, total.tokens_out + u.tokens_out, total.cpu_ms + u.cpu_ms,
            total.cost_micros + u.cost_micros,
        )  # fmt: skip
    return total


def _as_answer(found: Verdict) -> Answer:
    return Answer(
        question=found.question.id, probs=found.probs, provider="cascade", tier=found.tier, model=found.model,
        evidence=found.evidence, flags=tuple(sorted({*found.flags} | ({"review"} if found.hold else set()))),
    )  # fmt: skip
