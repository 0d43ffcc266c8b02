"""A hosted model: any OpenAI-compatible endpoint (also Ollama and vLLM) or Anthropic, by pydantic-ai.

One call carries several texts and all questions about them. Only kinds of text a workspace has agreed to are sent, and
no call begins that would go over the cap. The model chooses labels of a closed set and points at words; code looks the
words up in the text and drops what is not there. Its own confidence is not asked for: an answer counts as much as the
model was right so far (`Trust`), or as much as it agrees with itself when asked twice.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAPIError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    UserError,
)
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from honeyguide.core.errors import TooMuch, Unavailable
from honeyguide.inference.contract import Answer, Item, Question, QuestionSet, Usage
from honeyguide.inference.port import Tier
from honeyguide.inference.providers.letter import TEXT_LENGTH, field_of, form, instructions, texts
from honeyguide.inference.providers.price import TOKENS_PER_ANSWER, Price, shares, tokens_of
from honeyguide.inference.providers.quotes import locate

_NOTHING = Usage()


class Trust(Struct, frozen=True):
    """How much an answer counts before this workspace's reviews have measured it: priors, not measurements.

    `alone`: asked once. Asked twice, with the same label: `agreed`; with two labels: `split`, shared by both. `unquoted`
    is taken off where the label makes an edge and the quote is not in the text.
    """

    alone: float = 0.8
    agreed: float = 0.88
    split: float = 0.9
    unquoted: float = 0.25


class Hosted:
    """The provider of tier `hosted_model`. Answers nothing until `permitting` names the kinds of text that may be sent."""

    name = "hosted"
    tier: Tier = "hosted_model"

    def __init__(
        self, model: Model[Any], price: Price, *, kinds: Iterable[str] = (), cap_micros: int | None = None, batch: int = 8,
        times: int = 1, trust: Trust | None = None, patience_s: float = 60.0,
    ) -> None:  # fmt: skip
        self._model, self._price, self._batch, self._times = model, price, batch, times
        self.kinds, self._cap, self._trust, self._patience_s = (
            frozenset(kinds),
            cap_micros,
            trust or Trust(),
            patience_s,
        )
        self._wasted = _NOTHING

    @property
    def model(self) -> str:
        """Vendor and name, as answers carry it."""
        return f"{self._model.system}:{self._model.model_name}"

    def permitting(self, kinds: Iterable[str], cap_micros: int | None = None) -> "Hosted":
        """The same endpoint for a workspace that lets these kinds of text leave, and spends at most this from now on."""
        return Hosted(
            self._model, self._price, kinds=kinds, cap_micros=cap_micros, batch=self._batch, times=self._times,
            trust=self._trust, patience_s=self._patience_s,
        )  # fmt: skip

    def estimate(self, questions: QuestionSet, items: Sequence[Item]) -> Usage:
        """What answering would take at most; nothing is sent. Items that may not be sent cost nothing."""
        sent = [i for i in items if i.kind in self.kinds]
        calls = -(-len(sent) // self._batch) * self._times
        constant = tokens_of(instructions(questions)) + tokens_of(str(form(questions).model_json_schema()))
        read = calls * constant + self._times * sum(tokens_of(texts([i])) for i in sent)
        written = self._times * len(sent) * (TOKENS_PER_ANSWER * len(questions.questions) + 10)
        return Usage(read, written, 0.0, self._price.cost(read, written))

    def take_wasted(self) -> Usage:
        """What calls without a usable answer have cost since this was last asked: it belongs in the ledger too."""
        wasted, self._wasted = self._wasted, _NOTHING
        return wasted

    async def decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        """Answers in order; nothing for a text that may not be sent or that the model did not answer as asked.

        Raises TooMuch when the next call could go over the cap or the vendor's limit is reached, Unavailable when the
        endpoint is not reached. Answers of calls before that are given; the error comes only when there are none.
        """
        found: list[dict[str, Answer]] = [{} for _ in items]
        sent = [n for n, item in enumerate(items) if item.kind in self.kinds]
        for begin in range(0, len(sent), self._batch):
            places = sent[begin : begin + self._batch]
            try:
                answers = await self._call(questions, [items[n] for n in places])
            except (TooMuch, Unavailable):
                if any(found):
                    return found
                raise
            for place, answer in zip(places, answers, strict=True):
                found[place] = answer
        return found

    async def _call(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        wanted = self.estimate(questions, items)
        if self._cap is not None and wanted.cost_micros > self._cap:
            raise TooMuch(
                "The budget does not allow another call.",
                f"It could cost {wanted.cost_micros / 1e6:.4f}, {max(self._cap, 0) / 1e6:.4f} are left.",
            )
        usage = RunUsage()
        told: list[dict[int, BaseModel]] = []
        try:
            told = [await self._ask(questions, items, usage) for _ in range(self._times)]
        finally:
            spent = self._spent(usage)
            if self._cap is not None:
                self._cap -= spent.cost_micros
            if not any(told):
                self._waste(spent)
        return self._answers(questions, items, told, spent)

    async def _ask(self, questions: QuestionSet, items: Sequence[Item], usage: RunUsage) -> dict[int, BaseModel]:
        """One request, without a second try: text number -> its answers. Empty when the answer has not the asked form."""
        shape = form(questions)
        native = self._model.profile.get("supports_json_schema_output", False)
        agent = Agent(
            self._model, output_type=NativeOutput(shape, strict=True) if native else ToolOutput(shape, strict=True),
            instructions=instructions(questions), retries=0,
        )  # fmt: skip
        room = len(items) * (4 * TOKENS_PER_ANSWER * len(questions.questions) + 50) + 200
        settings = ModelSettings(max_tokens=room, timeout=self._patience_s, max_retries=0, cache={"messages": False})
        try:
            run = await agent.run(texts(items), usage=usage, model_settings=settings)
        except (ModelAPIError, UserError) as e:
            raise refusal(self.model, e) from e
        except AgentRunError:
            return {}
        return {one.n: one for one in run.output.texts if 1 <= one.n <= len(items)}  # type: ignore[attr-defined]

    def _spent(self, usage: RunUsage) -> Usage:
        cost = self._price.cost(usage.input_tokens, usage.output_tokens)
        return Usage(usage.input_tokens, usage.output_tokens, 0.0, cost)

    def _waste(self, spent: Usage) -> None:
        so_far = self._wasted
        self._wasted = Usage(
            so_far.tokens_in + spent.tokens_in, so_far.tokens_out + spent.tokens_out, 0.0,
            so_far.cost_micros + spent.cost_micros,
        )  # fmt: skip

    def _answers(
        self, questions: QuestionSet, items: Sequence[Item], told: list[dict[int, BaseModel]], spent: Usage
    ) -> list[dict[str, Answer]]:
        pairs = [(n, q) for n in range(len(items)) for q in questions.questions if any(n + 1 in t for t in told)]
        found: list[dict[str, Answer]] = [{} for _ in items]
        prompt = hashlib.blake2b(instructions(questions).encode(), digest_size=8).hexdigest()
        for (n, q), usage in zip(pairs, shares(spent, len(pairs)) if pairs else (), strict=True):
            said = [getattr(t[n + 1], field_of(q.id)) for t in told if n + 1 in t]
            found[n][q.id] = self._answer(q, items[n], [(one.label, one.quote) for one in said], prompt, usage)
        return found

    def _answer(self, q: Question, item: Item, said: list[tuple[str, str]], prompt: str, usage: Usage) -> Answer:
        labels = [label for label, _ in said]
        flags = ["too_long"] if len(item.text) > TEXT_LENGTH else []
        spans = [locate(item.text, quote) for label, quote in said if label == labels[0]]
        evidence = next((s for s in spans if s is not None), None)
        trust = self._trust
        sure = trust.alone if len(said) == 1 else trust.agreed if len(set(labels)) == 1 else trust.split
        if evidence is None and labels[0] in q.edges:
            sure -= trust.unquoted
            flags.append("unquoted")
        return Answer(
            q.id, _spread([*q.options], labels, max(sure, 1 / len(q.options))), self.name, self.tier, self.model,
            evidence=(evidence,) if evidence else (), prompt=prompt, flags=tuple(flags), usage=usage,
        )  # fmt: skip


def _spread(options: list[str], chosen: list[str], sure: float) -> dict[str, float]:
    """The chosen labels share what is sure, the others the rest; always over the closed set."""
    named = set(chosen)
    rest = [o for o in options if o not in named]
    sure = sure if rest else 1.0
    return {o: sure / len(named) if o in named else (1 - sure) / len(rest) for o in options}


def refusal(model: str, e: ModelAPIError | UserError) -> Unavailable | TooMuch:
    """What a vendor's error means to whoever waits for an answer."""
    if isinstance(e, ModelQuotaExceededError):
        return Unavailable(
            f"{model} does not answer: the account's quota or credit is used up.", advice="Nothing is lost."
        )
    if isinstance(e, ModelRateLimitError):
        too_much = TooMuch(f"{model} takes no more calls right now.", "Its rate limit is reached.")
        too_much.retry_after = max(1, min(3_600, int(e.retry_after or 30)))
        return too_much
    status = getattr(e, "status_code", None)
    advice = (
        "Check HONEYGUIDE_HOSTED_KEY." if status in (401, 403) else "Texts wait; they are read when it answers again."
    )
    return Unavailable(
        f"{model} does not answer.", f"{type(e).__name__}{f', status {status}' if status else ''}.", advice=advice
    )
